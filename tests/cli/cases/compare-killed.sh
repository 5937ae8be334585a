# Whoever measures is killed without warning: what it measured with ends, too.
set -m # as an interactive shell, of whose jobs nothing is said here
measures() { [[ $(children "$1") ]]; }
for scope in compute run; do
  TMPDIR=. dpk compare mandelbrot --iterations=1000000 --scope=$scope --backends=fork -j2 >said 2>&1 &
  process=$!
  until_true measures $process
  victim=$(children $process)
  until_true measures $victim
  workers=$(children $victim)
  kill -KILL $process
  { wait $process; } 2>/dev/null
  until_true all_gone $victim $workers
  echo "$scope: all gone"
done
