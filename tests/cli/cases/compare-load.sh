# What is put in the way of a comparison is there while it measures, and gone afterwards, however it
# ends: busy neighbours, and the cgroup that a quota needs.
set -m # as an interactive shell, which does not let its background jobs ignore Ctrl-C
quota=--quota=50
if ! dpk compare arithmetic --items=1 --backends=seq --rounds=1 $quota >said 2>&1; then
  quota=
  grep -q '^dpk: --quota: ' said || cat said
fi

cgroup_of() { # PROCESS…: those made for a quota that they are in
  cat /dev/null $(printf '/proc/%s/cgroup ' "$@") 2>/dev/null |
    grep -oE 'dpk-[[:alnum:]]{6}$' | sort -u
}
no_cgroup() {
  [[ -z $(find /sys/fs/cgroup -type d -name "${1:-none}" 2>/dev/null) ]]
}
busy() { # COUNT: have so many children of the session computed?
  local process count=0
  for process in $(children $session); do
    ! computes "$process" || count=$((count + 1))
  done
  ((count >= $1))
}
for scope in compute run; do
  for signal in INT KILL; do
    TMPDIR=. dpk compare mandelbrot --iterations=1000000 --backends=fork -j1 --scope=$scope \
      --neighbours=2 $quota >said 2>&1 &
    session=$!
    until_true busy 3 # which are the neighbours and what is measured
    started=$(children $session)
    cgroup=$(cgroup_of $started)
    [[ -z $quota || $cgroup ]] || echo 'what is measured is in no cgroup of its own'
    kill -$signal $session
    { wait $session; } 2>/dev/null
    until_true all_gone $started
    until_true no_cgroup "$cgroup"
    echo "$scope, $signal: all gone"
  done
done

# What ends by itself tells what it was measured beside.
dpk compare arithmetic --items=64 --backends=omp,fork -j2 --rounds=2 --neighbours=2 --json=said.json \
  >said
grep -o 'beside 2 busy neighbours' said
if /usr/bin/python3 -c '' 2>/dev/null; then
  /usr/bin/python3 - <<'END'
import json
said = json.load(open("said.json"))
assert said["conditions"] == {"neighbours": 2, "quota": None}, said["conditions"]
assert said["command"].endswith(" --neighbours=2"), said["command"]
END
fi
