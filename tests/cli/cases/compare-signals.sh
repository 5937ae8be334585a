# Whatever signal ends a comparison of whole commands from outside, its folder is gone, what it measured
# with has ended, and the shell sees the signal. What measures does not die before the command does.
set -m # as an interactive shell, whose background jobs ignore no signal
ulimit -c 0
export TMPDIR=$PWD/temporary
mkdir "$TMPDIR"
measures() { [[ $(children "$1") ]]; }
for signal in HUP INT QUIT USR1 USR2 PIPE ALRM TERM XCPU VTALRM PROF IO PWR RTMIN; do
  dpk compare mandelbrot --iterations=1000000 --scope=run --backends=fork -j2 >said 2>&1 &
  process=$!
  until_true measures $process
  ls "$TMPDIR" | sed "s/^dpk-compare-.*/$signal: a folder/"
  commands=$(children $process)
  kill -$signal $process
  code=0
  { wait $process; } 2>/dev/null || code=$?
  ((code == 128 + $(kill -l $signal))) || echo "$signal: exit $code"
  until_true all_gone $commands
  cat said
  ls "$TMPDIR"
done

# A command may leave a part of its output, when it is killed where files have names from the start.
dpk compare invert data/coast.png --scope=run --backends=seq --min-time=3600 --budget=3600 >said 2>&1 &
process=$!
until_true compgen -G "$TMPDIR/*/out.png" >matches
touch "$(dirname "$(head -n 1 matches)")/.out.png.part"
kill -TERM $process
{ wait $process; } 2>/dev/null || echo "exit $?"
ls "$TMPDIR"
# Who does not read on ends it, too.
{ dpk compare invert data/coast.png --scope=run --backends=seq --rounds=2 || echo "exit $?" >code; } |
  true
cat code
ls "$TMPDIR"
