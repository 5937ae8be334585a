# SPDX-License-Identifier: MIT
# setup.sh: what demo.sh, test.sh and tests/fuzz/run.sh share, sourced by them: installing packages,
# and building.
# Packages are named and installed as on Debian and its kin; where everything is there, it works on
# any system, without network and without being root.

cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() {
  printf '\n== %s\n' "$*"
}

stop() {
  printf '%s: %s\n' "$0" "$*" >&2
  exit 1
}

# Packages that are missing, and what each is for. Without the wanted ones there is nothing; without
# the offered ones, less.
missing=() reasons=()
offered=() offers=()

is_installed() {
  [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# want PACKAGE REASON…, offer PACKAGE REASON…: notes the package if it is not installed.
want() {
  is_installed "$1" || lack "$@"
}

lack() {
  missing+=("$1")
  reasons+=("$(printf '%-18s %s' "$1" "${*:2}")")
}

lack_offered() {
  offered+=("$1")
  offers+=("$(printf '%-18s %s' "$1" "${*:2}")")
}

has() {
  command -v "$1" >/dev/null
}

# The first of these commands that there is.
first_of() {
  local name
  for name; do
    has "$name" && echo "$name" && return
  done
}

has_header() {
  [[ -n $compiler ]] && echo "#include <$1>" | "$compiler" -E -o /dev/null - 2>/dev/null
}

# What is there counts, not which package it is from.
want_build_tools() {
  compiler=$(first_of ${CC:-} cc gcc clang) || true
  [[ -n $compiler ]] || lack gcc "compiles dpk"
  has_header stdio.h || lack libc6-dev "headers of the C library"
  has cmake || lack cmake "describes the build"
  has ninja || has make || lack ninja-build "runs the build"
  has_header png.h || lack libpng-dev "reads and writes PNG"
  has_header xxhash.h || lack libxxhash-dev "digests of 'hash:'"
  has pkg-config || lack_offered pkg-config "finds the libraries below"
  has_header omp.h || lack_offered libomp-dev "the threads of backend omp"
  has_header hwloc.h || lack_offered libhwloc-dev "caches and cores for 'dpk info'"
  has_header isa-l.h || lack_offered libisal-dev "reads and writes PNG faster"
  has_header libdeflate.h || lack_offered libdeflate-dev "writes PNG smaller"
  has_header jansson.h || lack_offered libjansson-dev "reads earlier comparisons"
  has gnuplot || lack_offered gnuplot-nox "draws plots for 'dpk compare'"
}

as_root() {
  if [[ $(id -u) == 0 ]]; then
    "$@"
  else
    sudo "$@"
  fi
}

# apt_install PACKAGE…: a list of packages that is absent or out of date is fetched.
apt_install() {
  local log result=0
  log=$(mktemp)
  apt_get install "$@" >"$log" 2>&1 ||
    { as_root apt-get update --quiet=2 >>"$log" 2>&1 && apt_get install "$@" >>"$log" 2>&1; } ||
    { result=1; cat "$log" >&2; }
  rm "$log"
  return $result
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get --yes --quiet=2 --no-install-recommends -o Dpkg::Use-Pty=0 "$@"
}

# Whether packages can be installed without asking for a password.
can_install() {
  has apt-get && { [[ $(id -u) == 0 ]] || { has sudo && sudo --non-interactive true 2>/dev/null; }; }
}

# install PACKAGES-AND-REASONS…: half of the words are names, the others say what they are for.
install() {
  local count=$(($# / 2))
  say "Installing $count packages"
  printf '   %s\n' "${@:count + 1}"
  apt_install "${@:1:count}"
}

# Installs what is wanted and missing; what is only offered, if nobody has to be asked for it.
install_wanted() {
  if ((${#missing[@]} > 0)); then
    has apt-get && { [[ $(id -u) == 0 ]] || has sudo; } ||
      stop "please install these first, by Debian's names: ${missing[*]}"
    install "${missing[@]}" "${reasons[@]}" || stop "could not install: ${missing[*]}"
  fi
  if ((${#offered[@]} > 0)); then
    if ! can_install || ! install "${offered[@]}" "${offers[@]}"; then
      say "Left out, as these packages are not installed:"
      printf '   %s\n' "${offers[@]}"
    fi
  fi
  choose_generator
}

# For new build folders only; one made by hand keeps its generator.
choose_generator() {
  if has ninja; then
    export CMAKE_GENERATOR=Ninja
  fi
}
choose_generator

# use_library PROGRAM FOLDER: installs the build that the program is of into the folder, and makes its
# library known. Sets flags, which are for compiling programs with it.
use_library() {
  local library
  [[ -x $1 ]] ||
    stop "no program $1: cmake --preset release && cmake --build --preset release makes it"
  has pkg-config || stop "needs pkg-config: package pkg-config"
  quietly cmake --install "$(dirname "$1")" --prefix "$2"
  library=$(dirname "$(find "$2" -name libdpk.so)")
  export PKG_CONFIG_PATH=$library/pkgconfig LD_LIBRARY_PATH=$library
  read -ra flags < <(pkg-config --cflags --libs dpk)
}

# machine_text: the machine and its load, for who reads measured times; and whether other programs
# had to wait meanwhile.
machine_text() {
  local machine kernel load policy
  machine=$(lscpu | sed --quiet 's/^Model name: *//p')
  kernel=$(uname --kernel-release)
  load=$(cut --delimiter=' ' --fields=1 /proc/loadavg)
  policy=$(chrt --pid $$ 2>/dev/null | sed --quiet 's/.*policy: *//p')
  echo "$(nproc) × $machine, Linux ${kernel%%-*}, load $load when they began$(
    [[ $policy == SCHED_OTHER || -z $policy ]] || echo ", with real-time priority ($policy)")"
}

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

# Reads what ninja ("[12/240] …") or make ("[ 12%] …") print, and prints each tenth that is done.
tenths() {
  local line tenth=0 done=0
  while read -r line; do
    if [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]]; then
      done=$((10 * BASH_REMATCH[1] / BASH_REMATCH[2]))
    elif [[ $line =~ ^\[\ *([0-9]+)%\] ]]; then
      done=$((BASH_REMATCH[1] / 10))
    fi
    for (( ; tenth < done; tenth++)); do
      printf ' %d0 %%' $((tenth + 1))
    done
  done
  echo
}

# visibly COMMAND…: a build, with how far it is; what it printed is shown only if it fails.
visibly() {
  local log
  log=$(mktemp)
  printf '  '
  if ! "$@" 2>&1 | tee "$log" | tenths; then
    cat "$log" >&2
    rm "$log"
    stop "failed: $*"
  fi
  rm "$log"
}
