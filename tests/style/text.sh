#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# text.sh: licence line, blanks, line length, nothing of one particular machine.
source "$(dirname "$0")/tools.sh"

sources=$(c_files)
scripts=$(find bench examples scripts tests data -path '*/cases' -prune -o \( -name '*.sh' -o -name '*.py' \) -print)
texts=$(text_files)

# A PATTERN (of Perl's kind) that none of the files may have.
none() {
  grep -nHP "$1" ${*:3} | complain_of_each "$2"
}

for file in $sources; do
  { read -r licence && read -r paragraph; } <"$file"
  [[ $licence == '/* SPDX-License-Identifier: MIT */' ]] ||
    complain "$file: no SPDX line at its head"
  [[ $paragraph == '/* '* ]] || complain "$file: no paragraph that says what it is"
done
for file in .ci/run $scripts; do
  head -n 2 "$file" | grep -q '^# SPDX-License-Identifier: MIT$' ||
    complain "$file: no SPDX line at its head"
done
for file in $texts; do
  [[ -z $(tail -c 1 "$file") ]] || complain "$file: no newline at its end"
done
none '^.{101,}$' "longer than 100 columns" $sources
none '\b(TODO|FIXME|XXX)\b' "left over" $sources
none '\t' "tab" $(grep -v '\.exact$' <<<"$texts") # which hold what the program prints
none ' $' "trailing blank" $texts
none '\r' "carriage return" $texts
none '(^|[^\w.$}])/(home|root|work|Users)/\w' "path of one machine" $texts
finish
