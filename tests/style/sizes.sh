#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# sizes.sh: files stay within 500 lines, functions within 60.
source "$(dirname "$0")/tools.sh"

for file in $(c_files); do
  lines=$(wc -l <"$file")
  ((lines <= 500)) || complain "$file: $lines lines, at most 500"
  awk -v file="$file" '
    /^\{$/ { begin = NR }
    /^\}/ && begin {
      if (NR - begin - 1 > 60)
        print file ":" begin ": a function of " NR - begin - 1 " lines"
      begin = 0
    }' "$file"
done | complain_of_each "too long"
finish
