#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# symbols.sh: each kernel's object has one external symbol, its descriptor, at every ISA level, and
# the program exports what dpk.h offers to plug-ins and nothing else, libdpk.so what all installed
# headers offer. BUILD is the build folder, DPK the program.
source "$(dirname "$0")/tools.sh"

objects=0
for folder in "$BUILD"/CMakeFiles/kernels_*.dir/kernels; do
  level=${folder%.dir/kernels}
  level=${level##*kernels_}
  suffix=_$level
  [[ $level != base ]] || suffix=
  for source in kernels/*/*.c; do
    name=$(basename "$source" .c)
    object=$folder/${source#kernels/}.o
    [[ -f $object ]] || { complain "no object of $source at level $level"; continue; }
    objects=$((objects + 1))
    exported=$(nm --extern-only --defined-only --format=posix "$object" | grep -v -e __asan -e __odr)
    [[ $exported =~ ^dpk_kernel_$name$suffix\ [A-Z] && $(wc -l <<<"$exported") == 1 ]] ||
      complain "$name, level $level, exports: $exported"
  done
done

# offered HEADER…, exports FILE: names of functions.
offered() {
  sed -nE 's/^DPK_API .*\b(dpk_[a-z_]+)\(.*/\1/p' "$@" | sort
}
exports() {
  nm --dynamic --defined-only --format=posix "$1" | sed -nE 's/^([a-z].*) T .*/\1/p' | sort
}
[[ $(offered include/dpk/dpk.h) == *dpk_alloc* ]] || complain "no DPK_API found in dpk.h"
diff <(offered include/dpk/dpk.h) <(exports "$DPK") ||
  complain "what dpk.h offers to plug-ins (<) and $DPK exports (>) differ"
diff <(offered include/dpk/*.h) <(exports "$BUILD/libdpk.so") ||
  complain "what include/dpk offers (<) and libdpk.so exports (>) differ"

((objects > 0)) || complain "no objects found in $BUILD"
finish
