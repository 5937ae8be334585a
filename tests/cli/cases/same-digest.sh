# One digest from all backends, for every kind of picture and for every way to run it.
for picture in coast.png rgba.png grey.png grey16.png rgb16.png palette.png interlaced.png \
  tiny.pam tiny.pgm tiny.ppm; do
  for kernel in blur 'median --radius=3' sobel; do
    for backend in $(backends); do
      dpk $kernel "data/$picture" hash: --backend=$backend -j8
      dpk $kernel "data/$picture" hash: --backend=$backend -j3 --schedule=static
      dpk $kernel "data/$picture" hash: --backend=$backend --stream=off
      dpk $kernel "data/$picture" hash: --backend=$backend --stream=on
    done 2>&1 | sort -u >digests
    (($(wc -l <digests) == 1)) || { echo "$kernel $picture:"; cat digests; }
  done
  sed "s/^[0-9a-f]\{32\}/$picture/" digests
done
