#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# platforms.sh: the sources compile against another C library than glibc, and machines of 32 bits
# are refused in a sentence. CC is the compiler, BUILD the build folder.
source "$(dirname "$0")/tools.sh"
scratch=$(mktemp --directory)
trap 'rm -rf "$scratch"' EXIT

# Of the system's headers only those that are not glibc's.
musl() {
  mkdir "$scratch/include"
  local header
  for header in png.h pngconf.h pnglibconf.h zlib.h xxhash.h linux asm-generic; do
    ln -s "/usr/include/$header" "$scratch/include/$header"
  done
  ln -s "$(dirname "$(find /usr/include -path '*/asm/types.h' | head -n 1)")" "$scratch/include/asm"
  find /usr/include -name zconf.h -exec ln -sf {} "$scratch/include/zconf.h" \;
  find src kernels -name '*.c' | sort |
    xargs --max-args=8 --max-procs="$(nproc)" musl-gcc -std=c17 -D_GNU_SOURCE -Isrc -Iinclude \
      -idirafter "$scratch/include" -fsyntax-only -Werror=implicit-function-declaration \
      -Wno-unknown-pragmas -DDPK_COMPILER='""' -DDPK_OPENMP_VERSION='""' 2>&1
}

bits32() {
  cmake -S . -B "$scratch/32" -DCMAKE_C_COMPILER="${CC:-cc}" -DCMAKE_C_FLAGS=-m32 2>&1
}

skipped=
if command -v musl-gcc >/dev/null; then
  musl | grep 'error' | complain_of_each "against musl's headers"
else
  skipped+=" musl-gcc"
fi
if echo 'int main(void) { return 0; }' | "${CC:-cc}" -m32 -x c -o "$scratch/a.out" - 2>/dev/null; then
  bits32 | grep -q 'dpk needs a machine of 64 bits' || complain "32 bits are not refused"
else
  skipped+=" a compiler for 32 bits"
fi
((complaints > 0)) || [[ -z $skipped ]] || skip "without$skipped"
finish
