# Everything a comparison promises but its figures: which variants there are, that every one gives
# a row, that nothing is left behind.
export TMPDIR=$PWD/temporary
mkdir "$TMPDIR"
rows() { grep -cE "^  $1 " said; }
compare() {
  echo "$ dpk compare $*"
  dpk compare "$@" --rounds=2 >said 2>&1
  echo "exit $?"
  head -n 1 said
}
compare blur data/coast.png
echo "$(rows seq) of seq, $(rows omp) of omp, $(rows fork) of fork"
compare blur data/coast.png --backends=omp,omp,fork -j 1,2
grep -oE "^  (omp|fork) -j[12]( #2)?" said | sort | uniq -c
compare mandelbrot --width=40 --height=30 --backends=seq,fork
compare sum --size=1000 --backends=seq
# Whatever descriptors the caller has left open.
compare sum --size=1000 --backends=seq 3<data 4<data 5<data 6<data 7<data 8<data 9<data 10<&-
compare invert data/coast.png --scope=run --backends=seq,fork
compare invert data/coast.png out.ppm --scope=run --backends=fork
cmp out.ppm <(dpk invert data/coast.png - --out-format=ppm) && rm out.ppm
ls "$TMPDIR"
# Names of any length are told in full.
a=$(printf 'a%.0s' {1..250}).npy b=$(printf 'b%.0s' {1..250}).npy
cp data/a.npy "$a"
cp data/b.npy "$b"
dpk compare matmul "$a" "$b" --backends=seq --rounds=1 >said
grep -cx "dpk matmul $a $b" said
