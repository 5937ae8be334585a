# A limit on addresses refuses a run in a sentence, or allows it; and what a limit allows, a larger
# one allows, too.
skip_if_sanitized
(printf 'P6\n1500 1000\n255\n' && head --bytes=4500000 /dev/zero) >in.ppm
run() { # BACKEND MEGABYTES
  (ulimit -v $(($2 * 1000)) && dpk blur in.ppm null: --stream=off --backend="$1" -j2 >said 2>&1)
}
for backend in seq omp fork; do
  before=5
  for megabytes in 40 60 80 100 130 160 200 250 300 370 450 550 700 850 1050 1300 1500 1600 2000; do
    code=0
    run $backend $megabytes || code=$?
    # Below some limit the program cannot even be loaded.
    [[ $code == [05] || $before != 0 && ! -s said || $code == 127 ]] ||
      { echo "$backend, $megabytes MB: exit $code"; cat said; }
    [[ $before != 0 || $code == 0 ]] ||
      { echo "$backend: $megabytes MB are refused, less is not"; cat said; }
    before=$code
  done
  [[ $before == 0 ]] || { echo "$backend: never enough"; cat said; }
done
