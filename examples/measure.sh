#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# measure.sh [--runs=N] [--update]: what the ways take, as the programs here print it, in C and in
# Python: items that compute, items that wait, and the four costs. All take turns in each of N runs,
# 5 by default, in an order shuffled anew, and medians are compared. Prints Markdown; with --update
# it goes into README.md, in place of what was there.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/setup.sh"

program=$(realpath --canonicalize-missing "${DPK:-build/release/dpk}")
sources=$PWD/examples
python=${PYTHON:-python3}
runs=5
for argument; do
  case $argument in
  --runs=[1-9]*) runs=${argument#*=} ;;
  --update) update=yes ;;
  *) stop "usage: $0 [--runs=N] [--update]" ;;
  esac
done
has "$python" || stop "needs $python: package python3"
compiler=$(first_of ${CC:-} cc gcc clang) || stop "needs a C compiler: package gcc"

work=$(mktemp --directory)
trap 'rm -r "$work"' EXIT
use_library "$program" "$work/installed"
cd "$work"
for name in loop thread_each process_each pool_submit pool_map; do
  quietly "$compiler" -std=c17 -O2 "$sources/$name.c" "${flags[@]}" -o $name
done
export PYTHONDONTWRITEBYTECODE=1

# Commands are words such as "pool_map threads --sleep=5", in C, or "pool_map.py …", in Python.
execute() {
  local name=$1
  shift
  case $name in
  *.py) "$python" "$sources/python/$name" "$@" ;;
  *) "./$name" "$@" ;;
  esac
}

median() {
  sort --general-numeric-sort | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'
}

# measure COMMAND…: what each printed, in a file of its name, all runs one after the other.
measure() {
  local run command
  rm -rf said
  mkdir said
  for ((run = 0; run < runs; run++)); do
    while read -r command; do
      # shellcheck disable=SC2086 # a command is several words
      execute $command >>"said/$command" || stop "failed: $command"
    done < <(shuf --echo "$@")
  done
}

# ms COMMAND WHAT [each]: the median of one line, or of what an item took.
ms() {
  local column=2
  [[ $2 == in ]] && column=3
  [[ ${3-} ]] && column=4
  awk -v what="$2" -v column=$column '$1 == what { print $column }' "said/$1" | median
}

# row LABEL C-COMMAND PYTHON-COMMAND: starting, items, ending and all of it.
row() {
  local command what
  printf '| %s |' "$1"
  for command in "${@:2}"; do
    for what in starting items ending in; do
      printf ' %.1f |' "$(ms "$command" $what)"
    done
  done
  echo
}

ways() {
  local options=$* labels=() c=() py=() i
  while IFS='|' read -r label in_c in_python; do
    labels+=("$label")
    c+=("$in_c $options")
    py+=("$in_python $options")
  done <<END
a loop|loop|loop.py
a thread for each item|thread_each|thread_each.py
a process for each item|process_each|process_each.py
a pool of threads, submit|pool_submit threads|pool_submit.py threads
a pool of threads, map|pool_map threads|pool_map.py threads
a pool of processes, submit|pool_submit pool|pool_submit.py processes
a pool of processes, map|pool_map pool|pool_map.py processes
END
  measure "${c[@]}" "${py[@]}"
  echo "| \`$options\`, ms | C: starting | items | ending | in all \
| Python: starting | items | ending | in all |"
  echo "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
  for i in "${!labels[@]}"; do
    row "${labels[i]}" "${c[i]}" "${py[i]}"
  done
}

# costs WHAT COMMAND…: what each took, and an item of it.
costs() {
  local command
  measure "${@:2}"
  printf '| %s, ms | an item | starting | ending | in all |\n' "$1"
  echo "| --- | ---: | ---: | ---: | ---: |"
  for command in "${@:2}"; do
    printf '| `%s` | %.2f | %.2f | %.2f | %.1f |\n' "$command" "$(ms "$command" items each)" \
      "$(ms "$command" starting)" "$(ms "$command" ending)" "$(ms "$command" in)"
  done
}

# beside_others COMMAND: while so many loops as there are processors compute, too.
beside_others() {
  local others=() i
  for ((i = 0; i < $(nproc); i++)); do
    ./loop --items=1000000 --work=1 >/dev/null &
    others+=($!)
  done
  costs "$@"
  kill "${others[@]}"
  wait "${others[@]}" 2>/dev/null || true
}

tables() {
  echo "Medians of $runs runs on $(machine_text); $("$program" --version), $("$python" --version)."
  printf '\n### Items that compute\n\n'
  ways --items=40 --work=5 -j2
  printf '\n### Items that wait\n\n'
  ways --items=40 --sleep=5 -j2
  printf '\n### The machine and its load\n\n'
  costs "nothing else to do" "loop --items=20 --work=5" "pool_map --items=20 --work=5 -j2"
  echo
  beside_others "a busy program for each processor" "loop --items=20 --work=5" \
    "pool_map --items=20 --work=5 -j2"
  printf '\n### Starting workers, and ending them\n\n'
  costs "no work" "loop --items=200 --work=0" "thread_each --items=200 --work=0" \
    "process_each --items=200 --work=0" "pool_map --items=200 --work=0 -j2" \
    "thread_each.py --items=200 --work=0" "process_each.py --items=200 --work=0" \
    "pool_map.py --items=200 --work=0 -j2"
  printf '\n### Queueing beyond processors\n\n'
  costs "20 ms each" "pool_map --items=16 --work=20 -j1" "pool_map --items=16 --work=20 -j2" \
    "pool_map --items=16 --work=20 -j16" "pool_map --items=16 --sleep=20 -j2" \
    "pool_map --items=16 --sleep=20 -j16"
}

if [[ ${update-} ]]; then
  tables >measured.md
  sed -i -e '/^<!-- measured/,/^<!-- end/{ //!d; /^<!-- measured/{ r measured.md
    } }' "$sources/README.md"
else
  tables
fi
