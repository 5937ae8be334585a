# A full disk: exit code 4, and the old output stays whole.
mkdir disk
unshare --mount true 2>/dev/null &&
  unshare --mount bash -c 'mount -t tmpfs -o size=64k none disk' 2>/dev/null ||
  skip 'no disk to fill: nothing can be mounted here'
cat >fill <<'END'
  mount -t tmpfs -o size=64k none disk
  printf 'P5\n1 1\n255\na' >disk/out.pgm
  cp disk/out.pgm old.pgm
  for backend in seq omp fork; do
    dpk grayscale data/coast.png disk/out.pgm --backend=$backend -j3
    echo "exit $?"
  done
  cmp old.pgm disk/out.pgm
  ls -A disk
END
try 'unshare --mount bash fill'
