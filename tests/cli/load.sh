# SPDX-License-Identifier: MIT
# load.sh: for cases about what is put in the way of a comparison.
set -m # as an interactive shell, which does not let its background jobs ignore Ctrl-C

cgroup_of() { # PROCESS…: those made for a quota that they are in
  cat /dev/null $(printf '/proc/%s/cgroup ' "$@") 2>/dev/null |
    grep -oE 'dpk-[[:alnum:]]{6}$' | sort -u
}
no_cgroup() {
  [[ -z $(find /sys/fs/cgroup -type d -name "${1:-none}" 2>/dev/null) ]]
}
busy() { # PROCESS COUNT: have so many of its children computed?
  local process count=0
  for process in $(children "$1"); do
    ! computes "$process" || count=$((count + 1))
  done
  ((count >= $2))
}

# put_in_the_way NEIGHBOURS [OPTION…]: interrupts and kills comparisons of both scopes beside so many
# neighbours; with --quota, what is measured is in a cgroup of its own.
put_in_the_way() {
  local scope signal session started cgroup
  for scope in compute run; do
    for signal in INT KILL; do
      TMPDIR=. dpk compare mandelbrot --iterations=1000000 --backends=fork -j1 --scope=$scope \
        --neighbours="$1" "${@:2}" >said 2>&1 &
      session=$!
      until_true busy $session $(($1 + 1)) # which are the neighbours and what is measured
      started=$(children $session)
      cgroup=$(cgroup_of $started)
      [[ -z ${2:-} || $cgroup ]] || echo 'what is measured is in no cgroup of its own'
      kill -$signal $session
      { wait $session; } 2>/dev/null
      until_true all_gone $started
      until_true no_cgroup "$cgroup"
      echo "$scope, $signal: all gone"
    done
  done
}
