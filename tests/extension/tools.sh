# SPDX-License-Identifier: MIT
# tools.sh: what the tests of extending dpk share. They run in a scratch folder, with the root of the
# tree in $tree, and end at the first thing that fails.
set -euo pipefail
tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
scratch=$(mktemp --directory)
trap 'rm -rf "$scratch"' EXIT
trap 'echo "failed: line $LINENO: $BASH_COMMAND" >&2' ERR
cd "$scratch"
cp "$tree/data/coast.png" .

# The kernel that kernels/README.md writes, so that what the page says is what is tested.
kernel_of_readme() {
  awk '/^```c$/ { on = 1; next } /^```$/ && on { exit } on' "$tree/kernels/README.md"
}

# all_backends DPK TARGET-OPTIONS…: the digest of thresholded coast.png, which must be one.
all_backends() {
  local backend
  for backend in $("$1" list backends | awk '/^  [a-z]/ { print $1 }'); do
    "$1" threshold coast.png hash: --level=100 --backend=$backend -j3 "${@:2}"
  done | sort -u >digests
  [[ $(wc -l <digests) == 1 ]] || { cat digests >&2; return 1; }
  cat digests
}

# refused DPK-COMMAND…: must end with exit code 2 and a sentence that has the words of $words.
refused() {
  local code=0
  "$@" >said 2>&1 || code=$?
  [[ $code == 2 ]] && grep -q -e "$words" said || { echo "exit $code:" >&2; cat said >&2; return 1; }
}

# install_dpk: installs the build into a folder, $root, and makes its library known: $library.
install_dpk() {
  root=$PWD/installed
  cmake --install "$BUILD" --prefix "$root" >log || { cat log >&2; return 1; }
  library=$(dirname "$(find "$root" -name libdpk.so)")
  export PKG_CONFIG_PATH=$library/pkgconfig LD_LIBRARY_PATH=$library
}

# build_examples SUFFIX COMPILER OPTIONS…: examples/NAME.c becomes NAME-SUFFIX, for each of ${names[@]},
# with the library that was installed.
build_examples() {
  local name words
  mapfile -t words < <(pkg-config --cflags --libs dpk | xargs -n1)
  for name in "${names[@]}"; do
    "$2" "${@:3}" -Wall -Wextra -Werror "$tree/examples/$name.c" -x none "${words[@]}" -o "$name-$1"
  done
}
