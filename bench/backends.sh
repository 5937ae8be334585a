#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# backends.sh [ROUNDS [JOBS]]: what other backends gain over seq, on big inputs, in the compute phase
# alone. The backends take turns in every round, so that what else the machine does hits all alike;
# the medians of the rounds are compared.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

rounds=${1:-9}
jobs=${2:-2}
dpk=${DPK:-build/release/dpk}
backends=(seq)
for backend in $("$dpk" list backends | awk '$1 != "seq" && !/\(not here/ { print $1 }'); do
  backends+=("$backend")
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# matrix FILE SIDE: a square matrix of f32, every element 0.747 (the bytes 3f 3f 3f 3f).
matrix() {
  printf '\x93NUMPY\x01\x00\x76\x00%-117s\n' \
    "{'descr': '<f4', 'fortran_order': False, 'shape': ($2, $2), }" >"$1"
  head --bytes=$(($2 * $2 * 4)) /dev/zero | tr '\0' '?' >>"$1"
}

"$dpk" mandelbrot "$work/big.ppm" --width=6000 --height=4000 --samples=1
matrix "$work/a.npy" 2048

runs=(
  "blur $work/big.ppm null: --sigma=8"
  "blur $work/big.ppm null: --sigma=8 --stream=off"
  "mandelbrot null: --width=1920 --height=1080"
  "matmul $work/a.npy $work/a.npy null:"
)

# compute_ms ARGUMENT…: the compute phase of one run, in milliseconds.
compute_ms() {
  "$dpk" "$@" --stats 2>&1 | awk '$1 == "compute" {
    unit["ns"] = 1e-6; unit["µs"] = 1e-3; unit["ms"] = 1; unit["s"] = 1e3
    print $2 * unit[$3]
  }'
}

median() {
  sort --general-numeric-sort "$1" | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'
}

printf '%-46s' "compute phase, $rounds rounds, -j$jobs"
printf ' %10s' "${backends[@]/%/ ms}"
printf ' %8s' "${backends[@]:1}" | sed 's/$/ (x of seq)\n/'
for run in "${runs[@]}"; do
  rm -f "$work"/*.times
  for ((round = 0; round < rounds; round++)); do
    for backend in $(shuf --echo "${backends[@]}"); do
      # shellcheck disable=SC2086 # a run is several words
      compute_ms $run --backend="$backend" -j "$jobs" >>"$work/$backend.times"
    done
  done
  for backend in "${backends[@]}"; do
    median "$work/$backend.times"
  done | paste -s | awk -v run="${run//$work\//}" '{
    printf "%-46s", run
    for (i = 1; i <= NF; i++) printf " %10.2f", $i
    for (i = 2; i <= NF; i++) printf " %8.2f", $1 / $i
    print "" }'
done
