#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# demo.sh: builds dpk and blurs one picture by each backend: a loop, threads, processes.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

case "$*" in
  "") ;;
  -h | --help)
    echo "usage: $0"
    echo "Builds dpk in build/release, installing what is missing for that if it can, and shows that"
    echo "all backends give the same bytes, and how long each takes."
    exit
    ;;
  *) stop "usage: $0 [--help]" ;;
esac

want_build_tools
install_wanted

say "Building build/release/dpk, which takes a minute or two"
quietly cmake --preset release
visibly cmake --build build/release --parallel "$(nproc)"
dpk=build/release/dpk
$dpk --version

declare -A workers
results=$(mktemp --directory)
trap 'rm -r "$results"' EXIT

# The plain loop first: the others are compared with it.
backends=(seq)
for backend in $($dpk list backends | awk '$1 != "seq" && !/\(not here/ { print $1 }'); do
  backends+=("$backend")
done

say "dpk blur data/coast.png OUT.png --sigma=8, by each backend"
for backend in "${backends[@]}"; do
  $dpk blur data/coast.png "$results/$backend.png" --sigma=8 --backend="$backend" --stats \
    2>"$results/$backend.stats"
  compute=$(awk '$1 == "compute" { print $2, $3 }' "$results/$backend.stats")
  workers[$backend]=$(sed -n 's/.*backend [a-z]*, \([0-9]* workers*\).*/\1/p' \
    "$results/$backend.stats")
  printf '   %-5s %-11s computed for %s\n' "$backend" "${workers[$backend]}" "$compute"
done

say "The same bytes?"
for backend in "${backends[@]:1}"; do
  cmp "$results/seq.png" "$results/$backend.png"
  echo "   seq.png and $backend.png are identical"
done
for backend in "${backends[@]}"; do
  printf '   %-5s %s\n' "$backend" \
    "$($dpk blur data/coast.png hash: --sigma=8 --backend="$backend")"
done

say "So small a picture hardly needs two workers. Work worth dividing:"
for backend in "${backends[@]}"; do
  compute=$($dpk mandelbrot null: --width=2000 --height=1500 --backend="$backend" --stats 2>&1 |
    awk '$1 == "compute" { print $2, $3 }')
  printf '   mandelbrot, %-5s %-11s computed for %s\n' "$backend" "${workers[$backend]}" "$compute"
done

say "Next: $dpk help, $dpk list, or a picture of your own:"
echo "   $dpk blur PICTURE.png OUT.png --sigma=8"
