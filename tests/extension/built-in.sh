#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# built-in.sh: one file put into kernels/ of a copy of the tree is a kernel after building, as the
# others are; taken out, it is gone. CC and GENERATOR are the build's.
source "$(dirname "$0")/tools.sh"

cp -r "$tree/CMakeLists.txt" "$tree/include" "$tree/src" "$tree/kernels" .
cmake -S . -B build -G "$GENERATOR" -DCMAKE_C_COMPILER="$CC" -DDPK_WERROR=ON >log
build() {
  cmake --build build --parallel 2 >log 2>&1 || { cat log >&2; return 1; }
}
dpk=build/dpk

build
words="no kernel or command 'threshold'"
refused $dpk threshold coast.png null:

kernel_of_readme >kernels/image/threshold.c
build
$dpk list | grep -c '^  threshold  *black or white, by a level$'
$dpk threshold --help | grep -c '^  --level=N$'
words="--level '256': must be between 0 and 255"
refused $dpk threshold coast.png null: --level=256
all_backends $dpk
$dpk threshold coast.png out.png
$dpk verify threshold

rm kernels/image/threshold.c
build
words="no kernel or command 'threshold'"
refused $dpk threshold coast.png null:
