#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# kills.sh [KILLS [SEED]]: kills that many workers (1000) from outside at random moments, on every
# backend of processes, in streams and in whole runs, of one file and of many, and expects that it
# makes no difference. Prints a table; fails if one run came to other bytes, to another exit code
# than 0, or left something behind. DPK=… names another binary, BACKENDS="fork" fewer backends.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

kills=${1:-1000}
seed=${2:-$RANDOM}
dpk=$(realpath "${DPK:-build/release/dpk}")
killer=$PWD/bench/kills.py
read -ra backends <<<"${BACKENDS:-fork pool}"
work=$(mktemp --directory)
trap 'rm -r "$work"' EXIT
data=$PWD/data
cd "$work"

# Pictures and arrays that take long enough to be hit.
"$dpk" mandelbrot rgb.png --width=2400 --height=1600 --samples=1
"$dpk" pad "$data/coast.png" coast.png --left=900 --right=900 --top=600 --bottom=600
"$dpk" pad "$data/rgb16.png" rgb16.png --left=700 --right=700 --top=700 --bottom=700
"$dpk" invert rgb.png rgb.ppm
python3 - <<'END'
import array, random, struct
for name, shape in ("matrix", (1000, 1200)), ("vector", (2000000,)):
    head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}"
    head = head.ljust(117) + "\n"
    with open(f"{name}.npy", "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode())
        count = shape[0] * (shape[1] if len(shape) > 1 else 1)
        array.array("f", (random.random() for _ in range(count))).tofile(file)
END

mkdir folder
for ((i = 0; i < 24; i++)); do
  "$dpk" mandelbrot folder/small$i.png --width=500 --height=$((300 + i)) --samples=1
done
cp rgb.png folder/large.png

# as NAME COMMAND…: the command on each backend. Deaths may meet the same work again and again.
as() {
  local backend
  for backend in "${backends[@]}"; do
    printf '%s %s\t%s\n' "$backend" "$1" \
      "${*:2} --backend=$backend -j3 --retries=50 --timeout=$timeout"
  done
}

cases() {
  local stream timeout=1
  for stream in on off; do
    as "blur png to png, stream=$stream" "blur coast.png '{out}/o.png' --sigma=50 --stream=$stream"
    as "median ppm to ppm, stream=$stream" "median rgb.ppm '{out}/o.ppm' --radius=3 --stream=$stream"
    as "blur 16-bit to npy, stream=$stream" "blur rgb16.png '{out}/o.npy' --sigma=30 --stream=$stream"
    as "mandelbrot to png, stream=$stream" \
      "mandelbrot '{out}/o.png' --width=1500 --height=1000 --stream=$stream"
    as "sobel png to ppm, static, stream=$stream" \
      "sobel coast.png '{out}/o.ppm' --schedule=static --stream=$stream"
  done
  as "equalize png to png" "equalize rgb.png '{out}/o.png'"
  as "fft of a matrix" "fft matrix.npy '{out}/o.npy'"
  as "sort of a vector" "sort vector.npy '{out}/o.npy'"
  timeout=10 # of a file
  as "blur of many files" "blur $(echo folder/*.png) --out-dir='{out}' --sigma=10"
}

cases | python3 "$killer" "$dpk" "$kills" "$seed"
