#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# honesty.sh [TIMES]: whether dpk compare deserves to be believed on this machine.
#   1. A variant compared with itself, TIMES times (40): how often is a difference "proven"?
#   2. A variant measured alone and among five: do hosts disturb each other?
#   3. Whole commands against hyperfine, taking turns: do both see the same time?
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

times=${1:-40}
dpk=$(realpath "${DPK:-build/release/dpk}")
work=$(mktemp --directory)
trap 'rm -r "$work"' EXIT
cd "$work"
"$dpk" mandelbrot picture.png --width=2400 --height=1600 --samples=1

# medians: the median wall time of each variant, in ms, from the CSV of a comparison.
medians() {
  awk -F, 'NR > 1 { print $3 "," $10 / 1e6 }' | sort --field-separator=, --key=1,1 --key=2,2g |
    awk -F, '{ if ($1 != name) { if (count) print name, value[int((count + 1) / 2)]; count = 0 }
      name = $1; value[++count] = $2 } END { print name, value[int((count + 1) / 2)] }'
}

echo "1. A against A, $times times"
for backend in omp fork; do
  proven=0
  for ((i = 0; i < times; i++)); do
    "$dpk" compare blur picture.png --backends=$backend,$backend --budget=4 >said
    ! grep --quiet -E "#2 .*\] +(faster|slower)" said || proven=$((proven + 1))
  done
  echo "   $backend: a difference proven $proven times of $times"
done

echo "2. Alone and among five, medians in ms"
for backend in seq omp fork; do
  "$dpk" compare blur picture.png --backends=$backend --rounds=40 --csv=- | medians >alone
  "$dpk" compare blur picture.png --backends=seq,omp,fork -j 1,2 --rounds=40 --csv=- | medians >five
  awk -v backend=$backend 'NR == FNR { alone[$0 ~ / -j/ ? $1 " " $2 : $1] = $NF; next }
    { name = $0 ~ / -j/ ? $1 " " $2 : $1
      if (name in alone) printf "   %-9s alone %.2f, among five %.2f: %+.1f %%\n", name, alone[name],
        $NF, 100 * ($NF / alone[name] - 1) }' alone five
done

echo "3. Whole commands, medians in ms"
for backend in seq omp fork; do
  rm -f own other
  for ((round = 0; round < 5; round++)); do
    "$dpk" compare blur picture.png out.png --scope=run --backends=$backend --rounds=8 --csv=- |
      awk -F, 'NR > 1 { print $10 / 1e6 }' >>own
    hyperfine --shell=none --warmup=1 --runs=8 --export-csv=hyperfine.csv --style=none \
      "$dpk blur picture.png out.png --backend=$backend" >/dev/null 2>&1
    awk -F, 'NR > 1 { print $4 * 1e3 }' hyperfine.csv >>other
  done
  paste <(sort --general-numeric-sort own | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }') \
    <(sort --general-numeric-sort other | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }') |
    awk -v backend=$backend '{ printf "   %-4s --scope=run %.1f, hyperfine %.1f: %+.1f %%\n", backend,
      $1, $2, 100 * ($1 / $2 - 1) }'
done
