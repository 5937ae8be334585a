#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# demo.sh: builds dpk and blurs one picture by a loop, by threads and by processes.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

want_build_tools
install_wanted

say "Building build/release/dpk"
quietly cmake --preset release
quietly cmake --build --preset release
dpk=build/release/dpk
$dpk --version

declare -A workers
results=$(mktemp --directory)
trap 'rm -r "$results"' EXIT

say "dpk blur data/coast.png OUT.png --sigma=8, by each backend"
for backend in seq omp fork; do
  $dpk blur data/coast.png "$results/$backend.png" --sigma=8 --backend=$backend --stats \
    2>"$results/$backend.stats"
  compute=$(awk '$1 == "compute" { print $2, $3 }' "$results/$backend.stats")
  workers[$backend]=$(sed -n 's/.*backend [a-z]*, \([0-9]* workers*\).*/\1/p' \
    "$results/$backend.stats")
  printf '   %-5s %-11s computed for %s\n' $backend "${workers[$backend]}" "$compute"
done

say "The same bytes?"
for backend in omp fork; do
  cmp "$results/seq.png" "$results/$backend.png"
  echo "   seq.png and $backend.png are identical"
done
for backend in seq omp fork; do
  printf '   %-5s %s\n' $backend "$($dpk blur data/coast.png hash: --sigma=8 --backend=$backend)"
done

say "So small a picture hardly needs two workers. Work worth dividing:"
for backend in seq omp fork; do
  compute=$($dpk mandelbrot null: --width=2000 --height=1500 --backend=$backend --stats 2>&1 |
    awk '$1 == "compute" { print $2, $3 }')
  printf '   mandelbrot, %-5s %-11s computed for %s\n' $backend "${workers[$backend]}" "$compute"
done

say "Next: $dpk help, $dpk list, or a picture of your own:"
echo "   $dpk blur PICTURE.png OUT.png --sigma=8"
