# Killed in a way it cannot notice, the parent leaves no workers and no file.
for backend in fork pool; do
  echo old >out.png
  $long_run out.png --backend=$backend -j4 &
  process=$!
  until_true computes $process
  workers=$(children $process)
  kill -KILL $process
  { wait $process; } 2>/dev/null
  echo "exit $?, $(wc -w <<<"$workers") worker processes"
  start=${EPOCHREALTIME/./}
  until_true all_gone $workers
  end=${EPOCHREALTIME/./}
  echo "workers gone after $(((end - start) / 1000)) ms"
  cat out.png
done
ls -A
