# Ctrl-C in the midst of measuring: what was measured so far is printed, no process is left, and it
# ends by that signal. Before anything was measured, a sentence says so.
set -m # as an interactive shell, which does not let its background jobs ignore Ctrl-C
measures() { [[ $(children "$1") ]]; }
interrupt() { # SECONDS TARGET-SIGN [OPTION…]
  dpk compare mandelbrot --width=300 --height=300 "${@:3}" --budget=600 --precision=0.0001% \
    --backends=omp,fork -j2 --csv=samples.csv >said 2>&1 &
  local process=$! hosts code=0
  until_true measures $process
  sleep "$1"
  hosts=$(children $process)
  kill -INT -- "$2$process"
  wait $process 2>/dev/null || code=$?
  until_true all_gone $hosts
  echo "exit $code"
}
interrupt 3 -
grep -c 'interrupted' said
grep -oE '^  (omp|fork) -j2' said | sort -u
# One execution takes minutes.
interrupt 0.1 '' --iterations=1000000
cat said

# A process that dies for another reason is named by its variant.
dpk compare mandelbrot --iterations=1000000 --backends=fork -j2 >said 2>&1 &
process=$!
until_true measures $process
hosts=$(children $process)
kill -KILL $hosts
wait $process 2>/dev/null || echo "exit $?"
until_true all_gone $hosts
cat said
