# OpenMP of clang registers each process in shared memory. Nothing of it stays, not even of what is
# killed, and a broken entry, left by another program under our process's number, does no harm.
ldd "$(readlink -f "$(type -P dpk)")" | grep -qE 'lib(iomp5|omp)[.-]' ||
  skip "this OpenMP is not clang's, and registers nothing"
[[ -d /dev/shm && -w /dev/shm ]] || skip 'no /dev/shm to write to'
sum='exec dpk mandelbrot null: --width=64 --height=64 --backend=omp -j2'
bash -c ": >/dev/shm/__KMP_REGISTERED_LIB_\$\$_$UID; $sum" &
wait $! || echo "exit $?"
rm -f "/dev/shm/__KMP_REGISTERED_LIB_$!_$UID" # which no other runtime looks for
$long_run null: --backend=omp -j2 &
until_true computes $!
kill -KILL $!
wait $! 2>killed
[[ $(echo /dev/shm/__KMP_REGISTERED_LIB_"$!"_*) == *'*' ]] || echo 'an entry is left'
