#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# complete.sh: every file of kernels/, backends/, formats/ and commands/ is known to the program
# and backends are told of in README.md. DPK is the program.
source "$(dirname "$0")/tools.sh"

listed() {
  "$DPK" list "$1" | sed -n 's/^  \([a-z0-9-]*\):\{0,1\} .*/\1/p' | sort
}

# compare KIND FOLDER: a name with an underscore is a helper of its neighbour, but a kernel's.
compare() {
  local names
  names=$(find "$2" -name '*.c' -printf '%f\n' | sed 's/\.c$//')
  if [[ $1 == kernels ]]; then
    names=${names//_/-}
  else
    names=$(grep -v _ <<<"$names")
  fi
  diff <(sort <<<"$names") <(listed "$1") || complain "$2 (<) and dpk list $1 (>) differ"
}

compare kernels kernels
compare backends src/backends
compare formats src/formats
compare commands src/commands

[[ -f README.md ]] || complain "no README.md"
for name in $(listed backends); do
  grep -qF "\`$name\`" README.md || complain "README.md does not mention $name"
done
finish
