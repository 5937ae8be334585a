#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# scripts.sh: what scripts/setup.sh makes of a system: which packages are needed, which are not, and
# what happens to a user who cannot install any. The commands of the system are replaced.
source "$(dirname "$0")/tools.sh"
scratch=$(mktemp --directory)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/bin"
for name in bash dirname mktemp cat rm tee env; do
  ln -s "$(command -v $name)" "$scratch/bin"
done

# system HEADERS COMMANDS: a system with a compiler, if one is among the commands, that has these
# headers, and with nothing else.
system() {
  rm -f "$scratch"/bin/{gcc,clang,cmake,ninja,make,pkg-config,gnuplot,sudo,apt-get,dpkg-query,id}
  local name
  for name in $2 dpkg-query id; do
    printf '#!/bin/bash\nexit 0\n' >"$scratch/bin/$name"
    chmod +x "$scratch/bin/$name"
  done
  for name in gcc clang; do
    [[ ! -e $scratch/bin/$name ]] ||
      printf '#!/bin/bash\nread -r line\n[[ " %s " == *" ${line:10:-1} "* ]]\n' "$1" >"$scratch/bin/$name"
  done
  printf '#!/bin/bash\necho 1000\n' >"$scratch/bin/id"
  printf '#!/bin/bash\nexit 1\n' >"$scratch/bin/dpkg-query"
}

# installs: what a user who is not root is told.
installs() {
  CC= PATH=$scratch/bin bash -c 'set -euo pipefail; source scripts/setup.sh; want_build_tools
    install_wanted' 2>&1
}

# expect DESCRIPTION CODE PATTERN…: the code it ends with, and what it says.
expect() {
  local said code=0 pattern
  said=$(installs) || code=$?
  [[ $code == "$2" ]] || complain "$1: exit code $code: $said"
  for pattern in "${@:3}"; do
    grep -q -e "$pattern" <<<"$said" || complain "$1: no '$pattern' in: $said"
  done
}

needed='stdio.h png.h xxhash.h omp.h'
all="$needed hwloc.h isa-l.h libdeflate.h jansson.h"
system "$all" 'gcc cmake ninja pkg-config gnuplot'
[[ -z $(installs) ]] || complain "everything is there: $(installs)"
system "$needed" 'gcc cmake ninja'
expect "only what is optional is missing" 0 'Left out' 'libhwloc-dev' 'gnuplot-nox'
system "$needed" 'clang cmake make apt-get'
expect "clang, make, and a package manager nobody may use" 0 'Left out'
system 'stdio.h omp.h' 'gcc cmake ninja apt-get'
expect "a library is missing" 1 'please install these first.*libpng-dev libxxhash-dev$'
system "$all" 'cmake ninja'
expect "no compiler" 1 'please install these first.* gcc '
system "$all" 'gcc'
expect "no tools" 1 'please install these first.* cmake ninja-build$'

for script in demo test; do
  scripts/$script.sh --help | grep -q '^usage: scripts/' || complain "$script.sh --help"
  ! scripts/$script.sh --wrong 2>&1 | grep -qv usage || complain "$script.sh --wrong"
done
finish
