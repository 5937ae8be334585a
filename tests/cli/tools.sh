# SPDX-License-Identifier: MIT
# tools.sh: what cases of the command-line tests are written with.

# try 'COMMAND LINE': runs it and prints a transcript: the line, what it said, and its exit code
# if that is not 0.
try() {
  printf '$ %s\n' "$1"
  local code=0
  (eval "$1") 2>&1 || code=$?
  ((code == 0)) || echo "exit $code"
}

# skip REASON…: ends the case as skipped.
skip() {
  echo "skipped: $*"
  exit 77
}

# The sanitizers reserve terabytes of addresses and have signal handlers of their own.
skip_if_sanitized() {
  [[ -z $SANITIZED ]] || skip "not under sanitizers"
}

kernels() {
  dpk list | awk '/^  [a-z]/ { print $1 }'
}

backends() {
  dpk list backends | awk '/^  [a-z]/ { print $1 }'
}

# Replaces the list of all backends in a sentence, so that there may be more of them.
any_backends() {
  sed "s/must be one of $(backends | paste -s -d , | sed 's/,/, /g')/must be one of BACKENDS/"
}

# until_true COMMAND…: waits for what is bound to happen; the bound is for a test that never ends.
until_true() {
  local end=$((SECONDS + 120))
  until "$@"; do
    ((SECONDS < end)) || { echo "waited in vain: $*"; return 1; }
    sleep 0.01
  done
}

# Fields of /proc/PID/stat after the command's name: 1 state, 2 parent, 12 user time in ticks.
stat_field() {
  local line
  read -r line 2>/dev/null <"/proc/$1/stat" || return
  set -- "$2" ${line##*) }
  echo "${@:$1+1:1}"
}

# children PID [STATES]: processes whose parent is PID and whose state is among STATES; without,
# all but zombies.
children() {
  local stat process state
  for stat in /proc/[0-9]*/stat; do
    process=${stat#/proc/}
    process=${process%/stat}
    if [[ $(stat_field "$process" 2) == "$1" ]]; then
      state=$(stat_field "$process" 1)
      [[ $state != [${2:-^Z}] ]] || echo "$process"
    fi
  done
}

# Work for minutes, in chunks of a tenth of a second or so.
long_run='dpk mandelbrot --width=1000 --height=20000 --iterations=10000 --samples=16'
trap 'kill -KILL $(jobs -p) 2>/dev/null' EXIT

# Has the process, or a child of it, used a tenth of a second of processor time? Or has it ended,
# which the test will notice?
computes() {
  local ticks process
  [[ $(stat_field "$1" 12) ]] || return 0
  for process in "$1" $(children "$1"); do
    ticks=$(stat_field "$process" 12)
    ((${ticks:-0} < 10)) || return 0
  done
  return 1
}

all_gone() {
  local process
  for process; do
    [[ $(stat_field "$process" 1) == Z || ! -e /proc/$process ]] || return 1
  done
}

has_child() { [[ $(children "$1") ]]; }
