# Signals while many files are done: what is done stays and is logged, nothing else is left behind, and
# --resume does the rest. As Ctrl-C does, SIGINT goes to all processes of the group.
mkdir in alone
for i in {1..10}; do
  cp data/coast.png in/$i.png
done
dpk median data/coast.png alone/1.png --radius=25
any_output() { [[ $(ls out 2>/dev/null) ]]; }
done_lines() { tail -n +2 log | cut -f 7 | grep -cx 0; }
interrupt() { # BACKEND SIGNAL
  local process code=0 target workers outputs logged
  rm -rf out log
  # A group of its own, which does not ignore Ctrl-C as a shell's background jobs do.
  setsid env --default-signal=INT dpk median in/*.png --radius=25 --out-dir=out --joblog=log \
    --backend="$1" -j2 >said 2>&1 &
  process=$! target=$!
  until_true any_output
  kill -STOP $process # there is time to look around
  workers=$(children $process)
  [[ $2 != INT ]] || target=-$process
  kill -"$2" -- $target
  kill -CONT $process 2>/dev/null
  wait $process 2>/dev/null || code=$?
  until_true all_gone $workers
  ((code == 128 + $(kill -l "$2"))) || echo "$1 $2: exit $code"
  outputs=$(ls -A out | wc -l) logged=$(done_lines)
  # In the instant before a line is written, nothing can be done against SIGKILL; and where the
  # program computes alone, it may just have been there.
  ((outputs == logged || (code == 128 + 9 && outputs >= logged))) ||
    [[ $1 == seq && $outputs == $((logged + 1)) ]] ||
    echo "$1 $2: $outputs outputs, $logged logged"
  dpk median in/*.png --radius=25 --out-dir=out --joblog=log --backend="$1" -j2 --resume >said 2>&1 ||
    { echo "resumed: exit $?"; cat said; }
  (($(done_lines) == 10)) || echo "$(done_lines) lines"
  for output in out/*; do
    cmp alone/1.png "$output"
  done
}
for backend in $(backends); do
  for signal in INT TERM KILL; do
    interrupt $backend $signal
  done
done

# In place, killed at any moment: no file is done twice. One that was replaced in the instant before,
# and is not in the log, is named and left alone.
kill_in_place() { # BACKEND
  local code=0 process
  rm -rf place log
  cp -r in place
  setsid dpk median place/*.png --radius=25 --in-place --joblog=log --backend="$1" -j2 &
  process=$!
  until_true grep -q "^[0-9].*$(printf '\t')0$(printf '\t')0$(printf '\t')dpk" log
  kill -KILL $process
  wait $process 2>/dev/null
  dpk median place/*.png --radius=25 --in-place --joblog=log --backend="$1" -j2 --resume >said 2>&1 ||
    code=$?
  ((code == 0)) || grep -q 'is left alone: it has changed since a run that did not end' said || cat said
  for output in place/*; do
    cmp alone/1.png "$output"
  done
}
for backend in $(backends); do
  kill_in_place $backend
done 2>/dev/null
