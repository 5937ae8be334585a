#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# built-in.sh: one file put into kernels/ of a copy of the tree is a kernel after building, as the
# others are, and no test has to be told: those that could notice pass there. Taken out, it is gone.
# CC and GENERATOR are the build's.
source "$(dirname "$0")/tools.sh"

# All but what others have built; of the ISA levels one, to be quick.
mkdir tree
tar --create --directory "$tree" --exclude=./build --exclude=./.git . | tar --extract --directory tree
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
cmake -S tree -B built -G "$GENERATOR" -DCMAKE_C_COMPILER="$CC" -DCMAKE_BUILD_TYPE=RelWithDebInfo \
  -DDPK_WERROR=ON -DDPK_TESTS=ON -DDPK_ISA_LEVELS=base >log
build() {
  cmake --build built --parallel "$(nproc)" --target "$1" >log 2>&1 || { cat log >&2; return 1; }
}
dpk=built/dpk

build dpk
words="no kernel or command 'threshold'"
refused $dpk threshold coast.png null:

kernel_of_readme >tree/kernels/image/threshold.c
build all
$dpk list | grep -c '^  threshold  *black or white, by a level$'
$dpk threshold --help | grep -c '^  --level=N$'
words="--level '256': must be between 0 and 255"
refused $dpk threshold coast.png null: --level=256
all_backends $dpk
$dpk threshold coast.png out.png
$dpk verify threshold

# Those that read lists of kernels, but for the longest; the contract of this kernel has been checked.
cases=$(cd "$tree/tests/cli/cases" && grep --files-with-matches --extended-regexp \
  '\b(list|help|kernels)\b' ./*.sh | sed --regexp-extended 's,^\./(.*)\.sh$,\1,' |
  grep --invert-match --line-regexp --extended-regexp 'examples|tour|compare-ledger')
ctest --test-dir built --output-on-failure --no-tests=error \
  --tests-regex "^(style\..*|schema|cli\.($(paste --serial --delimiters='|' <<<"$cases")))\$" \
  >log 2>&1 || { grep -v ' Passed ' log >&2; exit 1; }

rm tree/kernels/image/threshold.c
build dpk
words="no kernel or command 'threshold'"
refused $dpk threshold coast.png null:
