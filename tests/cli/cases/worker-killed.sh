# A worker process dies in the midst of its band, and nothing is to be done again: exit code 6, a
# sentence that names process,
# signal and chunk, the old output, no process left. Times are printed for information.
ulimit -c 0
for signal in KILL ABRT; do
  echo old >out.png
  $long_run out.png --backend=fork -j4 --retries=0 2>said &
  process=$!
  until_true computes $process
  workers=($(children $process))
  victim=${workers[1]}
  until_true computes "$victim"
  start=${EPOCHREALTIME/./}
  kill -$signal "$victim"
  code=0
  wait $process || code=$?
  end=${EPOCHREALTIME/./}
  sed "s/worker . (process $victim)/worker W (process VICTIM)/" said
  echo "exit $code after $(((end - start) / 1000)) ms, ${#workers[@]} worker processes"
  for worker in "${workers[@]}"; do
    [[ ! -e /proc/$worker ]] || echo 'a worker is left'
  done
  cat out.png
done
ls -A
