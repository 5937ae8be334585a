#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# executors.sh [--install] [--runs=N] [--jobs=N] [--soak=N]: dpk's executor on all its backends
# beside other executors: Python's pools, joblib, GNU parallel, and in C a pool of threads as one
# writes it by hand and OpenMP's tasks. Prints Markdown: what a task costs, empty or of 10 µs, what
# opening and closing a pool costs, what dpk's bars are and whether it passes them, and what is left
# after N tasks. All take turns in each of the runs, in an order shuffled anew, so that what else
# the machine does hits all alike; the medians of the runs are compared.
#   --install   installs the others first; without it those that are missing are named
#   --runs=N    by default 5
#   --jobs=N    workers of each, by default 2
#   --soak=N    tasks of the soak, by default 1000000; 0 for none
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/setup.sh"

program=$(realpath --canonicalize-missing "${DPK:-build/release/dpk}")
sources=$PWD/bench
python=/usr/bin/python3 # the one that has Debian's joblib
runs=5
jobs=2
soak=1000000
for argument; do
  case $argument in
  --install) install=yes ;;
  --runs=[1-9]*) runs=${argument#*=} ;;
  --jobs=[1-9]*) jobs=${argument#*=} ;;
  --soak=[0-9]*) soak=${argument#*=} ;;
  *) stop "usage: $0 [--install] [--runs=N] [--jobs=N] [--soak=N]" ;;
  esac
done

if [[ ${install-} ]]; then
  want python3-joblib "joblib"
  want parallel "GNU parallel"
  install_wanted >&2
fi
[[ -x $python ]] || stop "needs $python: package python3"
compiler=$(first_of ${CC:-} cc gcc clang) || stop "needs a C compiler: package gcc"

work=$(mktemp --directory)
trap 'rm -r "$work"' EXIT
cd "$work"

# Programs in C are built as a user builds them: dpk's against an installed library.
use_library "$program" "$work/installed"
export OMP_NUM_THREADS=$jobs
quietly "$compiler" -std=c17 -O2 "$sources/executors.c" "${flags[@]}" -o executors
quietly "$compiler" -std=c17 -O2 -pthread "$sources/executors_peers.c" -o executors_pthread
"$compiler" -std=c17 -O2 -pthread -fopenmp "$sources/executors_peers.c" -o executors_taskloop \
  2>/dev/null || rm -f executors_taskloop

# What is compared: the command line to which what is to be measured is added, and the package it
# comes from if it may be missing.
declare -A call package
peers=()

add() {
  peers+=("$1")
  package[$1]=$2
  call[$1]=$3
}

for backend in pool fork threads seq; do
  add "dpk $backend" "" "./executors $backend"
done
add "threads by hand, C" "" "./executors_pthread pthread"
add "OpenMP tasks, C" "libomp-dev" "./executors_taskloop taskloop"
add ProcessPoolExecutor "" "$python $sources/executors.py processes"
add ThreadPoolExecutor "" "$python $sources/executors.py threads"
add joblib python3-joblib "$python $sources/executors.py joblib"
add "GNU parallel" parallel "gnu_parallel"

measures=(map chunked submit trip busy-map busy-submit open close)
headings=("map" "map, chunked" "submit + next" "one by one" "10 µs: map" "10 µs: submit" "open"
  "close")

# Jobs are commands here. The cheapest, `true`, is an empty task.
gnu_parallel() {
  local begin count=100
  [[ $1 == open ]] && count=$2
  begin=$(date +%s%N)
  seq "$count" | parallel -j"$2" true
  awk -v ns=$(($(date +%s%N) - begin)) -v count="$count" -v open="$1" \
    'BEGIN { print ns / 1e3 / (open == "open" ? 1 : count) }'
}

# Which peers have nothing that does this.
declare -A lacks=(
  ["GNU parallel"]=" chunked submit trip busy-map busy-submit close "
  [joblib]=" submit trip busy-submit "
  ["OpenMP tasks, C"]=" submit trip busy-submit close "
  ["dpk seq"]=" open close "
)

is_there() {
  case $1 in
  OpenMP*) [[ -x executors_taskloop ]] ;;
  joblib) "$python" -c 'import joblib' 2>/dev/null ;;
  GNU*) has parallel ;;
  esac
}

present=()
for peer in "${peers[@]}"; do
  if is_there "$peer"; then
    present+=("$peer")
  fi
done

median() {
  sort --general-numeric-sort "$1" | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'
}

# measure: the files times/PEER/MEASURE get a line each run, microseconds.
measure() {
  local run peer measure turns=()
  for peer in "${present[@]}"; do
    mkdir --parents "times/$peer"
    for measure in "${measures[@]}"; do
      [[ ${lacks[$peer]-} == *" $measure "* ]] || turns+=("$peer|$measure")
    done
  done
  for ((run = 0; run < runs; run++)); do
    while IFS='|' read -r peer measure; do
      # shellcheck disable=SC2086 # a call is several words
      ${call[$peer]} "$measure" "$jobs" </dev/null >>"times/$peer/$measure" ||
        stop "failed: ${call[$peer]} $measure $jobs"
    done < <(shuf --echo "${turns[@]}")
  done
}

# us PEER MEASURE: the median, in microseconds; nothing if there is none.
us() {
  if [[ -s times/$1/$2 ]]; then
    median "times/$1/$2"
  fi
}

table() {
  local peer measure
  echo "| µs |$(printf ' %s |' "${headings[@]}")"
  echo "| --- |$(printf ' ---: |%.0s' "${headings[@]}")"
  for peer in "${peers[@]}"; do
    printf '| %s |' "$peer"
    if [[ ! -d times/$peer ]]; then
      printf ' not installed: package %s |' "${package[$peer]}"
      printf ' |%.0s' "${headings[@]:1}"
    else
      for measure in "${measures[@]}"; do
        us "$peer" "$measure" | awk '{ printf " %.*f", $1 < 1 ? 3 : $1 < 100 ? 1 : 0, $1 }'
        printf ' |'
      done
    fi
    echo
  done
}

# bar WHAT VALUE UNIT LIMIT least|most: whether the value passes.
bar() {
  awk -v what="$1" -v value="$2" -v unit="$3" -v limit="$4" -v kind="$5" 'BEGIN {
    passes = kind == "least" ? value + 0 >= limit : value + 0 <= limit
    if (value == "")
      printf "- %s, at %s %g %s: not measured\n", what, kind, limit, unit
    else
      printf "- %s: %.4g %s, at %s %g: %s\n", what, value, unit, kind, limit,
        passes ? "passed" : "NOT PASSED" }'
}

ratio() {
  awk -v a="$1" -v b="$2" 'BEGIN { if (b > 0) print a / b }'
}

bars() {
  bar "empty task by map on the pool, chunked" "$(us "dpk pool" chunked)" µs 0.1 most
  bar "empty task by submit + next on the pool" "$(us "dpk pool" submit)" µs 2 most
  bar "opening a pool of $jobs, until each has done a task" "$(us "dpk pool" open)" µs 1000 most
  local kind
  for kind in map submit; do
    bar "tasks of 10 µs by $kind, against ProcessPoolExecutor" \
      "$(ratio "$(us ProcessPoolExecutor busy-$kind)" "$(us "dpk pool" busy-$kind)")" times 40 least
    beyond $kind
  done
}

# beyond KIND: what tasks of 10 µs take beyond those 10 µs, which workers share; and by how many
# times one would be faster than ProcessPoolExecutor who took nothing beyond them.
beyond() {
  awk -v other="$(us ProcessPoolExecutor "busy-$1")" -v own="$(us "dpk pool" "busy-$1")" \
    -v jobs="$jobs" 'BEGIN {
      least = 10 / jobs
      printf "  (a task itself is %.3g µs of it; beyond that are %.3g µs, of ProcessPoolExecutor " \
        "%.3g. Nothing beyond it would be %.3g times.)\n", least, own - least, other - least,
        other / least
    }'
}

machine=$(machine_text)
measure
cat <<END
# Executors

Medians of $runs runs on $machine; $jobs workers each. $("$program" --version), $(
  "$python" --version)$(is_there joblib &&
  "$python" -c 'import joblib; print(", joblib", joblib.__version__)')$(has parallel &&
  parallel --version | sed --quiet '1s/^GNU parallel/, GNU parallel/p').

Microseconds per task: empty ones, by map, one at a time or 1000 (dpk: as many as it finds right);
submitted, and taken as they are completed; submitted and waited for, one by one; tasks that take
10 µs, by map in chunks of each one's own choice, and submitted. Then microseconds of opening, until
each worker has done a task, and of closing. A cell is empty where there is no such thing.

END
table
printf '\n'
bars
if ((soak > 0)); then
  printf '\nWhat is left; memory is that of all processes together.\n\n'
  for backend in pool threads seq; do
    ./executors $backend soak "$jobs" "$soak"
  done
  ./executors fork soak "$jobs" $((soak / 100))
fi
