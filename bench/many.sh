#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# many.sh [--install] [--runs=N] [PICTURE.png]: many files at once, by dpk and by what else blurs
# folders of PNG files: 60 pictures of half a megapixel, then 1000 small ones and 3 huge ones, by two
# workers. Prints Markdown, and at the end whether dpk keeps what it promises. All commands take
# turns in each of N rounds, in an order shuffled anew; the medians of the rounds are compared.
#   --install   installs the other tools first; without it those that are missing are named
#   PICTURE     of 8 bits and at least 2000 x 1500, from which all others are cut; if none is given,
#               a photograph of 18 megapixels from a Debian package, or, where that cannot be
#               fetched, data/coast.png and its mirror images
set -euo pipefail
export LC_ALL=C.UTF-8
called_from=$PWD
source "$(dirname "${BASH_SOURCE[0]}")/tools.sh"

runs=3 picture=
for argument; do
  case $argument in
  --install) install=yes ;;
  --runs=[1-9]*) runs=${argument#*=} ;;
  -*) stop "usage: $0 [--install] [--runs=N] [PICTURE.png]" ;;
  *) picture=$(cd "$called_from" && realpath "$argument") ;;
  esac
done

if [[ ${install-} ]]; then
  want parallel "runs a command for each file"
  want libvips-tools "vips"
  want graphicsmagick "gm"
  want imagemagick "mogrify"
  want ffmpeg "ffmpeg"
  want python3-opencv "OpenCV"
  want netpbm "converts the photograph"
  install_wanted >&2
fi
coast=$PWD/data/coast.png
begin

# The bars: how many times as fast, which share of workers' time may be idle, and the memory that all
# processes may take. A limit that two huge pictures do not fit in shows that one waits for the other.
tight_mb=24
times_opencv=4 times_vips=10 idle_percent=3 limit_mb=64

# ---------------------------------------------------------------------------------- the pictures

take_picture() {
  if [[ -z $picture ]] && { [[ -d $fetched ]] || (fetch_pictures) >fetch.log 2>&1; }; then
    picture=$fetched/elephants.png
  elif [[ -z $picture ]]; then
    echo "No photograph can be fetched ($(tail --lines=1 fetch.log)): data/coast.png serves." >&2
    dpk pad "$coast" wide.png --right=4872 --edge=mirror
    dpk pad wide.png picture.png --bottom=2660 --edge=mirror
    picture=$work/picture.png
  fi
}

# Sets columns and rows.
measure_picture() {
  dpk invert "$picture" picture.pam
  read -r columns rows < <(awk '/^WIDTH/ { w = $2 } /^HEIGHT/ { print w, $2; exit }' picture.pam)
  rm picture.pam
  ((columns >= 2000 && rows >= 1500)) || stop "$picture: smaller than 2000 x 1500"
}

# Small ones are cut from those of half a megapixel, which are read sooner than the picture.
make_pictures() {
  local i name
  mkdir sixty mixed
  for ((i = 0; i < 60; i++)); do
    name=piece-$(printf %02d "$i").png
    dpk crop "$picture" "sixty/$name" --width=816 --height=612 --no-sync \
      --left=$(((columns - 816) * (i * 7 % 60) / 60)) --top=$(((rows - 612) * i / 60))
  done
  for ((i = 0; i < 1000; i++)); do
    name=piece-$(printf %02d $((i % 60))).png
    dpk crop "sixty/$name" "mixed/small-$(printf %04d "$i").png" --width=320 --height=240 \
      --no-sync --left=$((i * 31 % 496)) --top=$((i * 17 % 372))
  done
  cp "$picture" mixed/huge-0.png
  dpk flip "$picture" mixed/huge-1.png --direction=horizontal
  dpk flip "$picture" mixed/huge-2.png --direction=vertical
}

# ----------------------------------------------------------------------------------- the programs

# What is compared, by name: the command line, where in/ has the pictures and out/ is empty; and, if
# it is not dpk's, its first program and the package that has it.
declare -A call needs package

add() {
  call[$1]=$2
  needs[$1]=${3-}
  package[$1]=${4-}
}

cat >bin/opencv-pool <<'END'
#!/usr/bin/python3
"""opencv-pool WORKERS: blurs in/*.png to out/ in a ProcessPoolExecutor."""
import os
import sys
from concurrent.futures import ProcessPoolExecutor

import cv2

cv2.setNumThreads(1)  # faster here: the workers are as many as the processors


def blur(name):
    picture = cv2.imread("in/" + name, cv2.IMREAD_UNCHANGED)
    cv2.imwrite("out/" + name, cv2.GaussianBlur(picture, (0, 0), 2))


if __name__ == "__main__":
    with ProcessPoolExecutor(int(sys.argv[1])) as pool:
        for _ in pool.map(blur, sorted(os.listdir("in"))):
            pass
END
chmod +x bin/opencv-pool

batch="dpk blur in/*.png --out-dir=out --sigma=2 -j2"
ours=(dpk "dpk fork" "dpk pool" "dpk seq")
add dpk "$batch"
for backend in fork pool seq; do
  add "dpk $backend" "$batch --backend=$backend"
done
add "dpk fork, not synced" "$batch --backend=fork --no-sync"
add "dpk for each" 'for f in in/*.png; do dpk blur $f out/${f##*/} --sigma=2 -j2; done'
add "parallel dpk" "parallel -j2 dpk blur {} out/{/} --sigma=2 -j1 ::: in/*.png" parallel parallel
add OpenCV "opencv-pool 2" python3-opencv python3-opencv
add "parallel vips" "parallel -j2 vips gaussblur {} out/{/} 2 ::: in/*.png" \
  "parallel vips" "parallel and libvips-tools"
add "parallel vips, 1 thread" "VIPS_CONCURRENCY=1 ${call[parallel vips]}" \
  "parallel vips" "parallel and libvips-tools"
add "xargs vips" "printf '%s\0' in/*.png | xargs -0 -P2 -I{} sh -c 'vips gaussblur \$1 out/\${1##*/} 2' - {}" \
  vips libvips-tools
add GraphicsMagick "cd in; gm mogrify -output-directory ../out -blur 0x2 *.png; cd .." gm graphicsmagick
add ImageMagick "mogrify -path out -blur 0x2 in/*.png" mogrify imagemagick
add ffmpeg "ffmpeg -loglevel error -pattern_type glob -i 'in/*.png' -vf gblur=sigma=2 out/%03d.png" \
  ffmpeg ffmpeg

is_there() {
  local program
  for program in ${needs[$1]}; do
    if [[ $program == python3-opencv ]]; then
      has_opencv || return 1
    else
      command -v "$program" >/dev/null || return 1
    fi
  done
}

# ----------------------------------------------------------------------------------- measurements

declare -A ms kib bytes

empty_out() {
  rm -rf out
  mkdir out
}

# timed NAME: ms of one run, without the time for an empty out/.
timed() {
  local begin end
  empty_out
  begin=${EPOCHREALTIME/./}
  eval "${call[$1]}" </dev/null >log 2>&1 || failed "$1"
  end=${EPOCHREALTIME/./}
  echo $(((end - begin) / 1000))
}

failed() {
  cat log >&2
  stop "failed: ${call[$1]}"
}

# check_outputs NAME: every file must be there, and dpk's be what a run for this file alone writes.
check_outputs() {
  local name
  [[ $(find out -type f | wc --lines) == $(find in/ -type f | wc --lines) ]] ||
    stop "not every picture is there: ${call[$1]}"
  [[ $1 == dpk* || $1 == *" dpk" ]] || return 0
  diff --brief --recursive single out >&2 || stop "other bytes than by single runs: ${call[$1]}"
}

# measure NAME…: sets ms, kib and bytes of each. What a run that is not timed has written is checked,
# and it sees to it that the timed ones find their files in memory.
measure() {
  local name round
  for name; do
    empty_out
    printf 'set -e\n%s\n' "${call[$name]}" >command
    kib[$name]=$(peak bash command 2>log) || failed "$name"
    check_outputs "$name"
    bytes[$name]=$(du --bytes --summarize out | cut --fields=1)
    rm -f "$name".ms
  done
  for ((round = 1; round <= runs; round++)); do
    while read -r name; do
      timed "$name" >>"$name.ms"
    done < <(shuf --echo "$@")
  done
  for name; do
    ms[$name]=$(median <"$name.ms")
  done
}

# of_folder FOLDER: the pictures of this folder are in/, and what single runs make of them single/.
of_folder() {
  local file
  ln --symbolic --force --no-dereference "$1" in
  rm -rf single
  mkdir single
  for file in in/*.png; do
    dpk blur "$file" "single/${file##*/}" --sigma=2 --no-sync
  done
}

# label NAME: with the versions of others' programs.
label() {
  local name version=
  name=$1
  case $name in
  *vips*) version=$(version vips) ;;
  OpenCV | GraphicsMagick | ImageMagick | ffmpeg) version=$(version "$name") ;;
  esac
  echo "$name$version"
}

# table NAME…: measures and prints.
table() {
  local name present=()
  for name; do
    if is_there "$name"; then
      present+=("$name")
    fi
  done
  measure "${present[@]}"
  echo "| | command | time, ms | × dpk | memory, MB | output, MB |"
  echo "| --- | --- | ---: | ---: | ---: | ---: |"
  for name; do
    if ! is_there "$name"; then
      echo "| $name | not installed: ${package[$name]} | | | | |"
      continue
    fi
    # shellcheck disable=SC2016 # the backquotes are Markdown's
    printf '| %s | `%s` |' "$(label "$name")" "${call[$name]//|/\\|}"
    awk -v ms="${ms[$name]}" -v kib="${kib[$name]}" -v bytes="${bytes[$name]}" -v dpk="${ms[dpk]}" \
      'BEGIN { printf " %d | %.2f | %.0f | %.1f |\n", ms, ms / dpk, kib * 1.024 / 1000, bytes / 1e6 }'
  done
}

# bar WHAT VALUE UNIT least|most BOUND: a line that says whether it is met. Sets missed.
missed=no
bar() {
  local verdict
  verdict=$(awk -v value="$2" -v kind="$4" -v bound="$5" \
    'BEGIN { print (kind == "least" ? value >= bound : value <= bound) ? "met" : "MISSED" }')
  [[ $verdict == met ]] || missed=yes
  echo "- $1: $2 $3, at $4 $5: $verdict"
}

# watched BACKEND LIMIT [PROGRAM]: the batch within a limit of memory in MB, under a program that
# watches it; without, what it tells of itself goes to batch.json.
watched() {
  local words=(dpk blur in/*.png --out-dir=out --sigma=2 -j2 "--backend=$1"
    "--memory-limit=${2}000000")
  if [[ ${3-} ]]; then
    "$3" "${words[@]}"
  else
    "${words[@]}" --json >batch.json
  fi
}

# told_by_batch WHAT: a number from batch.json.
told_by_batch() {
  python3 - "$1" <<'END'
import json
import sys

batch = json.load(open("batch.json"))["totals"]
print({"idle_percent": "%.2f" % (100 * batch["idle"]),
       "memory_mb": "%.1f" % (batch["memory_most"] / 1e6)}[sys.argv[1]])
END
}

ratio() {
  awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'
}

# --------------------------------------------------------------------------------------- the page

take_picture
measure_picture
make_pictures
cat <<END
# Many files

$(conditions "$runs")
$(told_of_dpk).
Each picture is a piece of ${picture##*/}, $columns × $rows. What dpk writes is, byte for byte, what
it writes for each file alone.

### 60 pictures of 816 × 612

END
of_folder sixty
table "${ours[@]}" "dpk fork, not synced" "dpk for each" "parallel dpk" OpenCV "parallel vips" \
  "parallel vips, 1 thread" "xargs vips" GraphicsMagick ImageMagick ffmpeg
declare -A sixty
for name in "${!ms[@]}"; do
  sixty[$name]=${ms[$name]}
done

printf '\n### 1000 pictures of 320 × 240 and 3 of %s × %s\n\n' "$columns" "$rows"
of_folder mixed
table "${ours[@]}" "parallel dpk" OpenCV "parallel vips"

# The 3 huge ones are begun first, so that nobody waits for them at the end; how far that goes, and
# how much memory files in flight take, dpk tells of itself. The memory is also watched from outside.
printf '\n### Idle workers, and memory\n\n'
echo "| | idle, % of workers' time | limit, MB | files in flight, MB | all processes, MB |\
 tight limit, MB | files in flight, MB |"
echo "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
declare -A idle most tight
for backend in omp fork pool; do
  for ((round = 1; round <= runs; round++)); do
    empty_out
    quietly watched "$backend" $limit_mb
    told_by_batch idle_percent
  done >idle
  idle[$backend]=$(median <idle)
  in_flight=$(told_by_batch memory_mb)
  empty_out
  kib=$(watched "$backend" $limit_mb peak)
  most[$backend]=$(awk -v kib="$kib" 'BEGIN { printf "%.0f", kib * 1.024 / 1000 }')
  empty_out
  quietly watched "$backend" $tight_mb
  tight[$backend]=$(told_by_batch memory_mb)
  echo "| dpk $backend | ${idle[$backend]} | $limit_mb | $in_flight | ${most[$backend]} |\
 $tight_mb | ${tight[$backend]} |"
done

printf '\n### What was promised\n\n'
for name in dpk "dpk fork" "dpk pool"; do
  if is_there OpenCV; then
    bar "60 pictures, $name against OpenCV in a ProcessPoolExecutor(2)" \
      "$(ratio "${sixty[OpenCV]}" "${sixty[$name]}")" "times as fast" least $times_opencv
  fi
  if is_there "parallel vips"; then
    bar "60 pictures, $name against parallel -j2 vips" \
      "$(ratio "${sixty[parallel vips]}" "${sixty[$name]}")" "times as fast" least $times_vips
  fi
done
for backend in omp fork pool; do
  bar "1003 pictures, idle workers of $backend" "${idle[$backend]}" % most $idle_percent
  bar "1003 pictures, memory of all processes of $backend" "${most[$backend]}" MB most $limit_mb
  bar "1003 pictures, files in flight of $backend under a tight limit" "${tight[$backend]}" MB \
    most $tight_mb
done
[[ $missed == no ]]
