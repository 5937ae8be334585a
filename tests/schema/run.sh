#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# run.sh UNIT: what dpk writes as JSON is what the schemas here say. DPK is the program, UNIT that of
# the unit tests, which writes comparisons.
set -euo pipefail
cd "$(dirname "$0")"
python=/usr/bin/python3 # where Debian's packages are, whatever else is in the path
"$python" -c 'import jsonschema' 2>/dev/null || {
  echo "skipped: python3-jsonschema is not installed"
  exit 77
}
folder=$(mktemp --directory)
trap 'rm -r "$folder"' EXIT
data=$PWD/../../data here=$PWD

DPK_TEST_KEEP=$folder "$1" --filter 'export/json*'
"$DPK" compare blur "$data/coast.png" --rounds=2 --json="$folder/compare-measured.json" >"$folder/said"
"$python" validate.py compare.json "$folder"/compare-*.json
"$python" validate.py --strict compare.json "$folder/compare-scaling.json"

"$DPK" info --json >"$folder/info.json"
"$python" validate.py info.json "$folder/info.json"
for kernel in $("$DPK" list kernels | sed -n 's/^  \([a-z0-9-]*\) .*/\1/p'); do
  "$DPK" info --json "$kernel" >"$folder/kernel-$kernel.json"
done
"$python" validate.py kernel.json "$folder"/kernel-*.json

for backend in $("$DPK" list backends | awk '/^  [a-z]/ { print $1 }'); do
  "$DPK" invert "$data/coast.png" null: --backend="$backend" --trace="$folder/trace-$backend.json"
done
"$DPK" mandelbrot null: --width=64 --height=64 -j2 --trace="$folder/trace-whole.json"
"$python" validate.py trace.json "$folder"/trace-*.json

# Many files: done, failed before and while they run, left out, and only planned.
cd "$folder"
mkdir out
cp "$data/coast.png" "$data/grey.png" "$data/rgba.png" .
head -c 3000 coast.png >cut.png
echo words >words.png
"$DPK" invert grey.png --out-dir=out
"$DPK" invert ./*.png --out-dir=out --skip-existing --json >batch-done.json 2>said || (($? == 1))
"$DPK" invert ./*.png --out-dir=new --dry-run --json >batch-planned.json 2>said || (($? == 1))
"$DPK" invert ./*.png --out-dir=new --halt=now,fail=1 --json >batch-halted.json 2>said || (($? == 1))
"$python" "$here/validate.py" "$here/batch.json" batch-*.json
"$python" "$here/validate.py" --strict "$here/batch.json" batch-done.json
