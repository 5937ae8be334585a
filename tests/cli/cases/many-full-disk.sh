# A disk that is full: files that find no place have their line, and the old output stays; others are
# done. A log that cannot be written ends the batch, as it could not be resumed.
mkdir disk
unshare --mount true 2>/dev/null &&
  unshare --mount bash -c 'mount -t tmpfs -o size=64k none disk' 2>/dev/null ||
  skip 'no disk to fill: nothing can be mounted here'
cp data/coast.png data/tiny.ppm .
cat >fill <<'END'
  mount -t tmpfs -o size=64k none disk
  echo old >disk/coast.png
  for backend in seq omp fork; do
    dpk invert coast.png tiny.ppm --out-dir=disk --backend=$backend -j2
    echo "exit $?"
    cmp disk/tiny.ppm <(dpk invert tiny.ppm - --out-format=ppm)
    cat disk/coast.png
    rm disk/tiny.ppm
  done
  ls -A disk
  mkdir out
  dpk invert tiny.ppm --out-dir=out --joblog=disk/log
  cat /dev/zero >disk/zeros 2>/dev/null
  for i in {1..100}; do
    cp tiny.ppm $i.ppm
  done
  dpk invert [1-9]*.ppm --out-dir=out --joblog=disk/log --backend=seq >said 2>&1
  echo "exit $?"
  sed 's/; .* of/; SOME of/' said
  # What the log says is done is done.
  tail -n +3 disk/log | cut -f 1,7 | grep -v '0$'
  lines=$(($(wc -l <disk/log) - 2)) done=$(ls out/[1-9]* 2>/dev/null | wc -l)
  ((done == lines + 1)) || echo "$done are done, $lines are logged"
  rm disk/zeros
  dpk invert [1-9]*.ppm --out-dir=out --joblog=disk/log --resume >said 2>&1
  echo "exit $?"
  ls out | wc -l
  cut -f 9 disk/log | sort | uniq -d
END
try 'unshare --mount bash fill'
