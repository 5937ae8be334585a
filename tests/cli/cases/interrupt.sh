# Signals in the midst of work: Ctrl-C goes to all processes of the terminal's group, SIGTERM and
# SIGHUP to the one process. It ends by that signal and leaves the old output, no other file, and
# no worker. Times are printed for information.
set -m # as an interactive shell, which does not let its background jobs ignore Ctrl-C
interrupt() { # BACKEND SIGNAL
  echo old >out.png
  $long_run out.png --backend="$1" -j3 2>said &
  local process=$! workers start end code=0 target=$!
  until_true computes $process
  workers=$(children $process)
  [[ $2 != INT ]] || target=-$process
  start=${EPOCHREALTIME/./}
  kill -"$2" -- $target
  wait $process 2>/dev/null || code=$?
  until_true all_gone $workers
  end=${EPOCHREALTIME/./}
  echo "$1 $2: exit $code, $(wc -w <<<"$workers") worker processes, gone after $(((end - start) / 1000)) ms"
  cat said out.png
}
for backend in seq omp fork pool; do
  for signal in INT TERM HUP; do
    interrupt $backend $signal
  done
done
ls -A
