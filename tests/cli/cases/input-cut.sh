# An input that another process cuts short in the midst of it: exit code 3, a sentence that names
# the file, the old output, no other file and no worker.
ulimit -c 0
make_input() { # 256 MB of black, which take no place on the disk
  printf 'P5\n16384 16384\n255\n' >in.pgm
  truncate --size=$((16384 * 16384 + 19)) in.pgm
}
finish() {
  local code=0
  wait $process || code=$?
  until_true all_gone $workers
  echo "exit $code"
  cat said
}
mkfifo pipe
for backend in seq omp fork; do
  echo "$backend, to a pipe that is full when it happens"
  make_input
  dpk invert in.pgm pipe --out-format=pnm --backend=$backend -j3 2>said &
  process=$!
  exec 3<pipe
  head --bytes=1 <&3 >/dev/null
  workers=$(children $process)
  : >in.pgm
  cat <&3 >/dev/null
  finish
  echo "$backend, to a file, at any moment"
  make_input
  echo old >out.npy
  dpk median in.pgm out.npy --radius=127 --backend=$backend -j3 2>said &
  process=$!
  until_true computes $process
  workers=$(children $process)
  : >in.pgm
  finish
  cat out.npy
done
ls -A
