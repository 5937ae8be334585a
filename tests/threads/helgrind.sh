#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# helgrind.sh: executors of threads under valgrind's helgrind, which is told what atomic operations
# order (helgrind.h). CC is the compiler.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

skip() {
  echo "skipped: $1"
  exit 77
}
command -v valgrind >/dev/null || skip "valgrind is not installed"
compiler=${CC:-cc}
"$compiler" --version | grep -q 'Free Software' ||
  skip "its view of atomic operations is written for gcc"
echo '#include <valgrind/helgrind.h>' | "$compiler" -fsyntax-only -x c - 2>/dev/null ||
  skip "the headers of valgrind are not installed"

scratch=$(mktemp --directory)
trap 'rm -r "$scratch"' EXIT
"$compiler" -std=gnu17 -O1 -g -D_GNU_SOURCE -include tests/threads/helgrind.h -Iinclude -Isrc \
  tests/threads/executor.c src/{executor,workers,machine,base}/*.c -o "$scratch/executor" \
  -lxxhash -lpthread -ldl -lm
valgrind --quiet --tool=helgrind --fair-sched=yes --error-exitcode=1 "$scratch/executor" 1
