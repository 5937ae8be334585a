# SPDX-License-Identifier: MIT
# tools.sh: what pictures.sh and many.sh share, sourced by them: dpk and the other programs under the
# names that people type, photographs, medians, and what is said of the machine. They work in a
# folder of their own, which is gone when they end.
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/setup.sh"

meter=$PWD/bench/peak.py
program=$(realpath --canonicalize-missing "${DPK:-build/release/dpk}")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/dpk-bench
fetched=$cache/pictures

# Goes to a folder for the files of this run. Other programs may have the names of dpk and python3,
# too: meant are the one that was built and the one that has Debian's OpenCV.
begin() {
  [[ -x $program ]] ||
    stop "no program $program: cmake --preset release && cmake --build --preset release makes it"
  [[ -x /usr/bin/python3 ]] || stop "needs /usr/bin/python3: package python3"
  mkdir --parents "$cache"
  work=$(mktemp --directory --tmpdir="$cache")
  trap 'rm -r "$work"' EXIT
  cd "$work"
  mkdir bin
  PATH=$work/bin:$PATH
  ln --symbolic "$meter" bin/peak
  ln --symbolic "$program" bin/dpk
  ln --symbolic /usr/bin/python3 bin/python3
  local name
  for name in convert mogrify; do
    link_first $name $name-im6.q16 $name-im7.q16
  done
}

# link_first NAME PROGRAM…: the first of these programs that there is.
link_first() {
  local found
  found=$(first_of "${@:2}") || true
  [[ -z $found ]] || ln --symbolic "$(command -v "$found")" "bin/$1"
}

# Three photographs, of 18 and 5 megapixels in colour and of 4 in grey, and a drawing with alpha:
# elephants, wood, wings and stripes, from a Debian package that is not installed.
fetch_pictures() {
  local from=unpacked/usr/share/backgrounds/mate
  [[ ! -d $fetched ]] || return 0
  command -v pnmtopng >/dev/null || stop "needs netpbm to convert photographs: --install gets it"
  quietly apt-get download mate-backgrounds
  dpkg-deb --extract mate-backgrounds_*.deb unpacked
  mkdir fetched
  jpegtopnm -quiet $from/abstract/Elephants_5640x3172.jpg | pnmtopng -quiet >fetched/elephants.png
  jpegtopnm -quiet $from/nature/Wood.jpg | pnmtopng -quiet >fetched/wood.png
  jpegtopnm -quiet $from/nature/TwoWings.jpg | ppmtopgm -quiet | pnmtopng -quiet >fetched/wings.png
  cp $from/desktop/MATE-Stripes-Dark.png fetched/stripes.png
  mv fetched "$fetched"
  rm -r unpacked mate-backgrounds_*.deb
}

has_opencv() {
  python3 -c 'import cv2' 2>/dev/null
}

# version TOOL: with a blank before it; nothing for tools that have none here.
version() {
  case $1 in
  vips) vips --version ;;
  GraphicsMagick) gm version ;;
  ImageMagick) convert -version ;;
  ffmpeg) ffmpeg -version ;;
  parallel) parallel --version ;;
  OpenCV) python3 -c 'import cv2; print(cv2.__version__)' ;;
  esac | sed --quiet '1s/[^0-9]*\([0-9.]*[0-9]\).*/ \1/p'
}

# told WHAT: from the pages of `dpk info`.
told() {
  dpk info | sed --quiet "s/^ *$1  *//p"
}

told_of_dpk() {
  echo "$(dpk --version) with $(told png)"
}

# conditions ROUNDS: a sentence about the machine, asked before anything is measured.
conditions() {
  local machine kernel load
  machine=$(lscpu | sed --quiet 's/^Model name: *//p')
  kernel=$(uname --kernel-release)
  load=$(cut --delimiter=' ' --fields=1 /proc/loadavg)
  echo "Medians of $1 rounds on $(nproc) × $machine, Linux ${kernel%%-*}, load $load when they began."
}

# The middle one of numbers, one a line; the lower of two.
median() {
  sort --general-numeric-sort | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'
}
