# OpenMP of clang registers each process in shared memory. Nothing of it stays, not even of what is
# killed, and a broken entry, left by another program under our process's number, does no harm.
[[ -d /dev/shm && -w /dev/shm ]] || skip 'no /dev/shm to write to'
sum='exec dpk mandelbrot null: --width=64 --height=64 --backend=omp -j2'
bash -c ": >/dev/shm/__KMP_REGISTERED_LIB_\$\$_$UID; $sum" &
wait $! || echo "exit $?"
rm -f "/dev/shm/__KMP_REGISTERED_LIB_$!_$UID" # which no other runtime looks for
dpk mandelbrot null: --width=8000 --height=8000 --iterations=20000 --backend=omp -j2 &
sleep 0.5
kill -KILL $!
wait $! 2>killed
[[ $(echo /dev/shm/__KMP_REGISTERED_LIB_"$!"_*) == *'*' ]] || echo 'an entry is left'
