# No worker is the parent, so that a fault of any of them, and of the only one, is told alike. When
# the parent itself is ended by a fault from outside, workers end with it and no file is left.
skip_if_sanitized # they have their own ways to tell
ulimit -c 0
echo old >out.npy
try 'dpk crash out.npy --item=0-2047 --backend=fork -j1 --retries=0' | sed 's/process [0-9]*/process N/'
cmp out.npy <(echo old)

# Other faults in a stream, of the worker that works for its leader and of the other one.
echo old >out.png
victim=0
for signal in SEGV BUS FPE ABRT; do
  $long_run out.png --backend=fork -j2 --retries=0 2>said &
  process=$!
  until_true computes $process
  workers=($(children $process))
  kill -$signal "${workers[victim]}"
  code=0
  wait $process || code=$?
  sed -E "s/worker . \(process ${workers[victim]}\)/worker W (process VICTIM)/; s/(while it worked on band|between two bands).*/.../" said
  echo "exit $code"
  all_gone "${workers[@]}" || echo 'a worker is left'
  victim=$((1 - victim))
done
cmp out.png <(echo old)

for signal in SEGV BUS; do
  $long_run out.png --backend=fork -j2 2>said &
  process=$!
  until_true computes $process
  workers=($(children $process))
  kill -$signal $process
  code=0
  wait $process 2>/dev/null || code=$?
  cat said
  echo "exit $code"
  until_true all_gone "${workers[@]}"
done
cmp out.png <(echo old)
ls -A
