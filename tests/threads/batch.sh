#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# batch.sh DPK: many files by threads, which join each other's, under the thread sanitizer. DPK is a
# program that has been built with it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$1" mandelbrot "$folder/large.png" --width=1200 --height=900 --backend=seq
"$1" mandelbrot "$folder/other.ppm" --width=900 --height=700 --backend=seq
for i in {1..9}; do
  "$1" mandelbrot "$folder/$i.png" --width=9$i --height=40 --backend=seq
done
for kernel in blur equalize; do
  "$1" "$kernel" "$folder"/*.p?? --out-dir="$folder/$kernel" -j3 --backend=omp
done
