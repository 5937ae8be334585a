#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# layers.sh: who may include and call what. The floors, lowest first, are those of src/floors.txt.
source "$(dirname "$0")/tools.sh"

# only PATTERN REASON ALLOWED-FILE-PATTERN: what matches in src/ and kernels/ is in these alone.
only() {
  grep -nE "$1" -r src kernels --include='*.[ch]' | grep -vE "^($3):" | complain_of_each "$2"
}

# A file includes what lies on its own floor, or on one below.
awk '
  FILENAME == "src/floors.txt" { floor[$1] = FNR; next }
  /^# *include "/ {
    split(FILENAME, here, "/"); split($0, quoted, "\""); split(quoted[2], there, "/")
    if (!(there[1] in floor))
      print FILENAME ": " quoted[2] " is on no floor of src/floors.txt"
    else if (floor[there[1]] > floor[here[2]])
      print FILENAME ": " quoted[2] " is on a higher floor"
  }' src/floors.txt $(find src -mindepth 2 -name '*.[ch]') |
  complain_of_each "the floors of src/floors.txt"

# No two units of src/ (a .c and its .h) need each other.
circles() {
  local pairs
  pairs=$(grep -oE '^# *include "[^"]+"' -r src --include='*.[ch]' |
    sed -E 's#^src/([^:]*)\.[ch]:.*"([^"]*)\.h"#\1 \2#' | awk '$1 != $2' | sort -u)
  tsort <<<"$pairs" 2>&1 >/dev/null | sed -n 's/^tsort: //p' |
    grep -v 'input contains a loop'
}
circles | complain_of_each "a circle of files"

grep -HnE '^# *include "' kernels/*/*.[ch] | while IFS= read -r line; do
  header=${line#*\"}
  header=${header%\"*}
  [[ $header != */* && -f $(dirname "${line%%:*}")/$header ]] || echo "$line"
done | complain_of_each "a kernel includes installed headers and those of its own folder"
libc='assert|complex|ctype|errno|fenv|float|inttypes|limits|math|stdalign|stdatomic|stdbool|stddef'
libc+='|stdint|stdlib|stdnoreturn|string|tgmath'
grep -nE '^# *include <' kernels/{image,numeric}/*.[ch] |
  grep -vE "<($libc|immintrin|dpk/(dpk|image|numeric))\.h>" |
  complain_of_each "a kernel needs the C library's pure part and the headers for kernels alone"
grep -nE '\b(malloc|calloc|realloc|free)\(' kernels/{image,numeric}/*.[ch] |
  complain_of_each "a kernel's memory is the arena's"

only '(\bomp_|<omp\.h>|# *pragma omp (parallel|for|task|critical|atomic|sections))' \
  "OpenMP is the omp backend's" 'src/backends/omp\.c'
only '\bv?fork\(|\bposix_spawn' "processes are started in few places" \
  'src/(workers/children|measure/(host|whole)|report/report_plot)\.c'
only '\bpng_|<png\.h>' "libpng is the PNG format's" 'src/formats/png/[a-z_]*\.[ch]'
only 'XXH|<xxhash' "digests are made in few places" 'src/(formats/hash|base/digest)\.c'
only '<jansson\.h>' "baselines alone are read as JSON" 'src/report/baseline\.c'
only '\b(v?f?printf|puts|fputs|putchar|fputc|perror)\(' "commands alone print" \
  'src/(main|base/(json|table)|report/[a-z_]+|commands/[a-z_]+)\.c' # or to a stream given
only '[^_]\b(exit|abort|quick_exit)\(' "commands alone end the program" \
  'src/(main|commands/[a-z_]+)\.c'
grep -nE '\bgetenv\(' -r src/formats | complain_of_each "a format is told, it reads no environment"
finish
