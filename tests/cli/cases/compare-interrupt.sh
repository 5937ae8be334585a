# Ctrl-C in the midst of measuring: what was measured so far is printed, no process is left, and it
# ends by that signal. Before anything was measured, a sentence says so.
set -m # as an interactive shell, which does not let its background jobs ignore Ctrl-C
host() { # PROCESS BACKEND: the process in which the backend is measured
  local child
  for child in $(children "$1"); do
    tr '\0' ' ' 2>/dev/null <"/proc/$child/cmdline" | grep -q -- " --host .*--backend=$2 " &&
      echo "$child"
  done
}
has_host() { [[ $(host "$1" omp) ]]; }
has_another_host() { # PROCESS HOST: hosts are replaced when some rounds are complete
  local now
  now=$(host "$1" omp)
  [[ $now && $now != "$2" ]]
}
interrupt() { # TARGET-SIGN EVENT [OPTION…]
  dpk compare mandelbrot --width=300 --height=300 "${@:3}" --budget=3600 --precision=0.0001% \
    --backends=omp,fork -j2 --csv=samples.csv >said 2>&1 &
  local process=$! hosts code=0
  until_true has_host $process
  [[ $2 == started ]] || until_true has_another_host $process "$(host $process omp)"
  hosts=$(children $process)
  kill -INT -- "$1$process"
  wait $process 2>/dev/null || code=$?
  until_true all_gone $hosts
  echo "exit $code"
}
interrupt - measured
grep -c 'interrupted' said
grep -oE '^  (omp|fork) -j2' said | sort -u
# One execution takes minutes.
interrupt '' started --iterations=1000000
cat said

# A process that dies for another reason is named by its variant.
dpk compare mandelbrot --iterations=1000000 --backends=fork -j2 >said 2>&1 &
process=$!
has_workers() {
  local host
  host=$(host "$1" fork)
  [[ $host && $(children "$host") ]]
}
until_true has_workers $process
hosts=$(children $process)
kill -KILL $hosts
wait $process 2>/dev/null || echo "exit $?"
until_true all_gone $hosts
cat said
