#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# configure.sh: options of the build are obeyed, in a new folder and in one configured before. CC and
# GENERATOR are the build's.
source "$(dirname "$0")/tools.sh"

# configure OPTION…: the same folder each time. Its commands are in $commands.
commands=build/compile_commands.json
configure() {
  cmake -S "$tree" -B build -G "$GENERATOR" -DCMAKE_C_COMPILER="$CC" "$@" >log 2>&1
}
# refused_by_cmake WORDS OPTION…
refused_by_cmake() {
  if configure "${@:2}" || ! grep -q -e "$1" log; then
    cat log >&2
    return 1
  fi
}

# absent PATTERN: the compiler is told nothing of the kind.
absent() {
  if grep -oE "$1" $commands; then
    return 1
  fi
}

# A library that was found is left out again.
configure
for option in ISAL HWLOC LIBDEFLATE JANSSON; do
  grep -q "DPK_HAVE_$option" $commands || echo "$option is not installed, its switch not tried"
done
configure -DDPK_ISAL=OFF -DDPK_HWLOC=OFF -DDPK_LIBDEFLATE=OFF -DDPK_JANSSON=OFF
absent 'DPK_HAVE_(ISAL|HWLOC|LIBDEFLATE|JANSSON)'

# Levels.
if [[ $(uname -m) == x86_64 ]]; then
  grep -q DPK_ISA_SUFFIX=_v3 $commands && grep -q DPK_ISA_SUFFIX=_v4 $commands
  configure -DDPK_ISA_LEVELS='base;v3'
  grep -q DPK_ISA_SUFFIX=_v3 $commands
  absent 'DPK_ISA_SUFFIX=_v4|DPK_HAVE_V4'
  grep -q 'DPK_ISA_V3\] = &dpk_kernel_blur_v3' build/registry/kernels.c
  refused_by_cmake "must contain 'base'" -DDPK_ISA_LEVELS=v3
fi
configure -DDPK_ISA_LEVELS=base
absent 'DPK_ISA_SUFFIX|DPK_HAVE_V'
refused_by_cmake "'v5' must be one of" -DDPK_ISA_LEVELS='base;v5'
