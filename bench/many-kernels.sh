#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# many-kernels.sh: how long scripts/test.sh takes with many more kernels: in a scratch copy of the
# tree it adds copies of small ones, 45 if nothing else is said, and runs it there.
#
#   bench/many-kernels.sh [COPIES [OPTIONS-OF-TEST.SH…]]
set -euo pipefail
tree=$(cd "$(dirname "$0")/.." && pwd)
copies=${1:-45}
scratch=$(mktemp --directory)
trap 'rm -rf "$scratch"' EXIT
tar --create --directory "$tree" --exclude=./build --exclude=./.git . |
  tar --extract --directory "$scratch"
cd "$scratch"

originals=(image/invert image/grayscale image/sobel image/equalize numeric/sum numeric/scan)
for ((i = 0; i < copies; i++)); do
  original=${originals[i % ${#originals[@]}]}
  name=$(basename "$original")
  sed --null-data -E "s/\nDPK_KERNEL\(\s*$name,/\nDPK_KERNEL(copy_$i,/" "kernels/$original.c" \
    >"kernels/${original%/*}/copy_$i.c"
  ! command -v clang-format >/dev/null || clang-format -i "kernels/${original%/*}/copy_$i.c"
done
echo "$copies copies added"
CCACHE_DIR=$scratch/build/ccache scripts/test.sh "${@:2}"
