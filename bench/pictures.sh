#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# pictures.sh [--install] [--runs=N] [PICTURE.png…]: dpk beside other tools that blur PNG files, as
# whole commands from file to file: time, memory, bytes, and whether the others read what dpk wrote.
# Prints Markdown. All commands take turns in each of N rounds, in an order shuffled anew, so that
# what else the machine does hits all alike; the medians of the rounds are compared.
#   --install   installs the other tools first; without it those that are missing are named
#   PICTURE     of 8 bits; if none is given, photographs from a Debian package, which is unpacked
#               in the user's cache folder and not installed
set -euo pipefail
called_from=$PWD
source "$(dirname "${BASH_SOURCE[0]}")/tools.sh"

runs=5
pictures=()
for argument; do
  case $argument in
  --install) install=yes ;;
  --runs=[1-9]*) runs=${argument#*=} ;;
  -*) stop "usage: $0 [--install] [--runs=N] [PICTURE.png…]" ;;
  *) pictures+=("$(cd "$called_from" && realpath "$argument")") ;;
  esac
done

if [[ ${install-} ]]; then
  want hyperfine "takes the times"
  want libvips-tools "vips"
  want graphicsmagick "gm"
  want imagemagick "convert"
  want ffmpeg "ffmpeg"
  want python3-opencv "OpenCV"
  want netpbm "converts the photographs, and reads PNG by libpng"
  want pngcheck "checks PNG files"
  install_wanted >&2
fi
command -v hyperfine >/dev/null || stop "needs hyperfine: --install gets it"
begin
if [[ ${#pictures[@]} == 0 ]]; then
  fetch_pictures
  pictures=("$fetched/"{elephants,wood,wings,stripes}.png)
fi

# What is compared, by name: the command line and, if it is not dpk's, the package it comes from.
declare -A call package

add() {
  package[$1]=$2
  call[$1]=$3
}

workers=$(told "default jobs")
tools=(dpk "dpk seq" "dpk fork" vips "vips filtered" GraphicsMagick ImageMagick ffmpeg OpenCV)
add dpk "" "dpk blur in.png out.png --sigma=2"
add "dpk seq" "" "${call[dpk]} --backend=seq"
add "dpk fork" "" "${call[dpk]} --backend=fork"
add vips libvips-tools "vips gaussblur in.png out.png 2"
add "vips filtered" libvips-tools "vips gaussblur in.png 'out.png[filter=248]' 2"
add GraphicsMagick graphicsmagick "gm convert in.png -blur 0x2 out.png"
add ImageMagick imagemagick "convert in.png -blur 0x2 out.png"
add ffmpeg ffmpeg "ffmpeg -loglevel error -y -i in.png -vf gblur=sigma=2 out.png"
add OpenCV python3-opencv "python3 -c \"import cv2; \
cv2.imwrite('out.png', cv2.GaussianBlur(cv2.imread('in.png', -1), (0, 0), 2))\""

levels=(fast balanced small)
for level in "${levels[@]}"; do
  add "$level" "" "${call[dpk]} --png=$level"
done

# Files as dpk writes them have restart points, so that several workers can read them.
reads=("read by 1" "read by $workers" "read marked by 1" "read marked by $workers")
for count in 1 "$workers"; do
  add "read by $count" "" "dpk invert in.png null: -j$count"
  add "read marked by $count" "" "dpk invert marked.png null: -j$count"
done

# has NAME: whether the tool is there.
has() {
  if [[ $1 == OpenCV ]]; then
    has_opencv
  else
    command -v "${call[$1]%% *}" >/dev/null
  fi
}

# label NAME: with the version after the first word.
label() {
  local tool=${1%% *}
  echo "$tool$(version "$tool")${1#"$tool"}"
}

declare -A ms kib bytes

# measure NAME…: sets ms, kib and bytes of each. Memory and bytes are of runs that are not timed;
# they also see to it that the timed ones find their files in memory.
measure() {
  local name round commands
  for name; do
    rm -f out.png
    kib[$name]=$(eval "peak ${call[$name]}")
    bytes[$name]=$(find . -name out.png -printf %s)
  done
  rm -f round-*.csv
  for ((round = 1; round <= runs; round++)); do
    commands=()
    while read -r name; do
      commands+=(--command-name="$name" "${call[$name]}")
    done < <(shuf --echo "$@")
    quietly hyperfine --shell=none --runs=1 --export-csv=round-$round.csv "${commands[@]}"
  done
  for name; do
    ms[$name]=$(awk -F, -v name="$name" '$1 == name { print $2 * 1000 }' round-*.csv | median)
  done
}

# table TIME BYTES NAME…: measures and prints; columns of ratios are to those of the names given.
table() {
  local time=$1 size=$2 name present=()
  shift 2
  for name; do
    if has "$name"; then
      present+=("$name")
    fi
  done
  measure "${present[@]}"
  echo "| | command | time, ms | × $time | memory, MB | output, bytes | × $size |"
  echo "| --- | --- | ---: | ---: | ---: | ---: | ---: |"
  for name; do
    if ! has "$name"; then
      echo "| $name | not installed: package ${package[$name]} | | | | | |"
      continue
    fi
    # shellcheck disable=SC2016 # the backquotes are Markdown's
    printf '| %s | `%s` |' "$(label "$name")" "${call[$name]}"
    awk -v ms="${ms[$name]}" -v kib="${kib[$name]}" -v bytes="${bytes[$name]}" \
      -v per_ms="${ms[$time]}" -v per_bytes="${bytes[$size]-}" 'BEGIN {
        printf " %.*f | %.2f | %.0f | ", ms < 100, ms, ms / per_ms, kib * 1.024 / 1000
        if (bytes) printf "%d | ", bytes; else printf "| "
        if (bytes && per_bytes) printf "%.2f |\n", bytes / per_bytes; else print "|"
      }'
  done
}

readers=(libpng vips GraphicsMagick ImageMagick ffmpeg OpenCV)
add libpng netpbm "pngtopam out.png"

# read_by READER: the pixels of out.png as bare bytes into the file pixels.
read_by() {
  local alpha=()
  [[ $colours == rgba ]] && alpha=(-alphapam)
  case $1 in
  libpng) pngtopam "${alpha[@]}" out.png | tail --bytes="$(stat --format=%s expected)" >pixels ;;
  vips) vips rawsave out.png pixels ;;
  GraphicsMagick) gm convert out.png -depth 8 "$colours:pixels" ;;
  ImageMagick) convert out.png -depth 8 "$colours:pixels" ;;
  ffmpeg)
    ffmpeg -loglevel error -y -i out.png -f rawvideo -pix_fmt "${colours/%rgb/rgb24}" pixels
    ;;
  OpenCV) # has blue first
    python3 -c "import cv2
image = cv2.imread('out.png', -1)
(image if image.ndim == 2 else image[..., [2, 1, 0, 3][:image.shape[2]]]).tofile('pixels')" ;;
  esac
}

# take PICTURE: makes it in.png, and the pixels of it blurred the file expected, as bare bytes: what
# dpk writes as PAM without the header. Sets title and colours.
take() {
  local width height channels maximum names=([1]=gray [3]=rgb [4]=rgba)
  ln --symbolic --force "$1" in.png
  dpk invert in.png marked.png
  dpk blur in.png out.pam --sigma=2
  read -r width height channels maximum < <(head --lines=5 out.pam | awk '$2 { print $2 }' | xargs)
  [[ $maximum == 255 && ${names[channels]-} ]] || stop "$1: not grey, RGB or RGBA of 8 bits"
  tail --bytes=$((width * height * channels)) out.pam >expected
  colours=${names[channels]}
  title="$(basename "$1"): $width × $height, $colours"
}

# Do others find in dpk's PNG the pixels it should have?
read_back() {
  local reader verdict
  dpk blur in.png out.png --sigma=2
  if command -v pngcheck >/dev/null; then
    echo "- pngcheck: $(pngcheck -q out.png && echo "no errors")"
  else
    echo "- pngcheck: not installed: package pngcheck"
  fi
  for reader in "${readers[@]}"; do
    rm -f pixels
    if ! has "$reader"; then
      verdict="not installed: package ${package[$reader]}"
    elif read_by "$reader" && cmp --quiet pixels expected; then
      verdict="same pixels"
    else
      verdict="OTHER PIXELS"
    fi
    echo "- read back by $reader: $verdict"
  done
}

cat <<END
# From PNG to PNG

$(conditions "$runs")
$(told_of_dpk); $workers workers by default, of $(told "default backend").
END
for picture in "${pictures[@]}"; do
  take "$picture"
  printf '\n### %s\n\n' "$title"
  table dpk vips "${tools[@]}"
  printf '\nHow hard dpk compresses, and how fast it reads:\n\n'
  table balanced balanced "${levels[@]}" "${reads[@]}"
  printf '\n'
  read_back
done
