# SPDX-License-Identifier: MIT
# setup.sh: what demo.sh, test.sh and tests/fuzz/run.sh share, sourced by them: installing packages,
# and building.
# Works on Debian and its kin; installs only what is missing, and needs no network if nothing is.

cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() {
  printf '\n== %s\n' "$*"
}

stop() {
  printf '%s: %s\n' "$0" "$*" >&2
  exit 1
}

missing=()
reasons=()

# want PACKAGE REASON…: notes the package if it is not installed.
want() {
  if [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) != installed ]]; then
    missing+=("$1")
    reasons+=("$(printf '%-18s %s' "$1" "${*:2}")")
  fi
}

want_build_tools() {
  want gcc "compiles dpk"
  want libc6-dev "headers of the C library"
  want cmake "describes the build"
  want ninja-build "runs the build"
  want pkg-config "finds libraries"
  want libpng-dev "reads and writes PNG"
  want libxxhash-dev "digests of 'hash:'"
  want libhwloc-dev "caches and cores for 'dpk info'"
  want libisal-dev "reads and writes PNG faster"
  want libdeflate-dev "writes PNG smaller"
  want libjansson-dev "reads earlier comparisons"
  want gnuplot-nox "draws plots for 'dpk compare'"
}

as_root() {
  if [[ $(id -u) == 0 ]]; then
    "$@"
  else
    sudo "$@"
  fi
}

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install --yes --quiet=2 --no-install-recommends -o Dpkg::Use-Pty=0 "${missing[@]}"
}

# Installs what is wanted and missing. A list of packages that is absent or out of date is fetched.
install_wanted() {
  if ! command -v apt-get >/dev/null; then
    say "This system has no apt-get. What is needed, by Debian's names, and not checked here:"
    printf '   %s\n' "${reasons[@]}"
    command -v cmake >/dev/null && command -v ninja >/dev/null && command -v cc >/dev/null ||
      stop "please install these first"
    return
  fi
  if [[ ${#missing[@]} == 0 ]]; then
    say "All packages needed are installed"
    return
  fi
  say "To be installed: ${#missing[@]} packages"
  printf '   %s\n' "${reasons[@]}"
  [[ $(id -u) == 0 ]] || command -v sudo >/dev/null ||
    stop "needs root or sudo for: apt-get install ${missing[*]}"
  local log
  log=$(mktemp)
  if ! apt_install >"$log" 2>&1; then
    as_root apt-get update --quiet=2 >>"$log" 2>&1 && apt_install >>"$log" 2>&1 ||
      { cat "$log" >&2; rm "$log"; stop "could not install: ${missing[*]}"; }
  fi
  rm "$log"
}

# For new build folders only; one made by hand keeps its generator.
export CMAKE_GENERATOR=Ninja

# quietly COMMAND…: shows what the command printed only if it fails.
quietly() {
  local log
  log=$(mktemp)
  if ! "$@" >"$log" 2>&1; then
    cat "$log" >&2
    rm "$log"
    stop "failed: $*"
  fi
  rm "$log"
}
