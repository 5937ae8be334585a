# The parent is a worker, too: a fault of its own part of the work is told like any other's.
skip_if_sanitized # they have their own ways to tell
ulimit -c 0
echo old >out.npy
try 'dpk crash out.npy --item=0-2047 --backend=fork -j1'
cmp out.npy <(echo old)

# Other faults, and in a stream.
echo old >out.png
for signal in SEGV BUS FPE ABRT; do
  $long_run out.png --backend=fork -j2 2>said &
  process=$!
  until_true computes $process
  workers=$(children $process)
  kill -$signal $process
  code=0
  wait $process || code=$?
  sed -E 's/(worked on band|decoded, encoded or).*/.../' said
  echo "exit $code"
  all_gone $workers || echo 'a worker is left'
done
cmp out.png <(echo old)
ls -A
