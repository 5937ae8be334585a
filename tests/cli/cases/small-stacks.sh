# Workers and the program itself do with stacks of 64 KiB, whatever the format.
skip_if_sanitized
head -c 320000 /dev/zero | tr '\0' '\5' >raster
{ printf 'P5\n400 400\n65535\n'; cat raster; } >in.pgm
for suffix in pgm pam png npy; do
  OMP_STACKSIZE=64k dpk invert in.pgm "out.$suffix" -j2 || echo "$suffix with small stacks of threads"
  (ulimit -s 64; dpk invert "out.$suffix" "back.$suffix" --backend=seq) ||
    echo "$suffix with a small stack"
  (ulimit -s 64; dpk invert "out.$suffix" null: --backend=seq --stats 2>/dev/null) ||
    echo "statistics of $suffix with a small stack"
  dpk invert "back.$suffix" hash:
done | sort | uniq --count
