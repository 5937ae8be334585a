# SPDX-License-Identifier: MIT
# tools.sh: what the style tests share. They run at the root of the tree and print what they find.
set -u
export LC_ALL=C.UTF-8 # columns are characters
shopt -s lastpipe # complaints in a pipe count
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
complaints=0

complain() {
  printf '%s\n' "$*"
  complaints=$((complaints + 1))
}

# Each line of standard input, after the reason.
complain_of_each() {
  local line
  while IFS= read -r line; do
    complain "$1: $line"
  done
}

skip() {
  echo "skipped: $*"
  exit 77
}

finish() {
  ((complaints == 0))
  exit
}

c_files() {
  find bench examples include kernels src tests -name '*.[ch]' | sort
}

# All that is text and ours.
text_files() {
  find . \( -name .git -o -name build \) -prune -o -type f ! -name '*.png' ! -name '*.npy' \
    ! -name '*.p[agp]m' ! -name LICENSE -print | sort
}
