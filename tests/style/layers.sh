#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# layers.sh: who may include and call what. (Which folder includes which headers of others is held
# by the build's include directories.)
source "$(dirname "$0")/tools.sh"

# only PATTERN REASON ALLOWED-FILE-PATTERN: what matches in src/ and kernels/ is in these alone.
only() {
  grep -nE "$1" -r src kernels --include='*.[ch]' | grep -vE "^($3):" | complain_of_each "$2"
}

grep -nE '^# *include "' kernels/*.c | grep -v '"dpk.h"' |
  complain_of_each "a kernel includes dpk.h alone"
libc='assert|complex|ctype|errno|fenv|float|inttypes|limits|math|stdalign|stdatomic|stdbool|stddef'
libc+='|stdint|stdlib|stdnoreturn|string|tgmath'
grep -nE '^# *include <' kernels/*.c | grep -vE "<($libc|immintrin)\.h>" |
  complain_of_each "a kernel needs the C library's pure part alone"
grep -nE '\b(malloc|calloc|realloc|free)\(' kernels/*.c |
  complain_of_each "a kernel's memory is the arena's"

only '(\bomp_|<omp\.h>|# *pragma omp (parallel|for|task|critical|atomic|sections))' \
  "OpenMP is the omp backend's" 'src/backends/omp\.c'
only '\bv?fork\(|\bposix_spawn' "processes are started in few places" \
  'src/(backends/fork|core/isolate|compare/(host|whole|report_plot))\.c'
only '\bpng_|<png\.h>' "libpng is the PNG format's" 'src/formats/png[a-z_]*\.[ch]'
only 'XXH|<xxhash' "digests are made in few places" 'src/(formats/hash|core/digest)\.c'
only '<jansson\.h>' "baselines alone are read as JSON" 'src/compare/baseline\.c'
only '\b(v?f?printf|puts|fputs|putchar|fputc|perror)\(' "commands alone print" \
  'src/(main|core/json|compare/(report_[a-z_]+|baseline)|commands/[a-z_]+)\.c' # or to a stream given
only '[^_]\b(exit|abort|quick_exit)\(' "commands alone end the program" \
  'src/(main|commands/[a-z_]+)\.c'
only '# *include "(registry|contract)\.h"' "backends and formats know no registry" \
  'src/(main|commands/.*|compare/.*|contract/.*|core/.*)\.[ch]'
finish
