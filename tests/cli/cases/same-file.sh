# Not the pixels alone: the files are the same, whichever backend and whether streamed or not.
for picture in coast.png rgba.png grey16.png; do
  dpk blur "data/$picture" seq.png --backend=seq --stream=off
  for backend in $(backends); do
    for stream in on off; do
      for jobs in 1 2 7; do
        dpk blur "data/$picture" "out.png" --backend=$backend --stream=$stream -j$jobs
        cmp seq.png out.png || echo "$picture $backend --stream=$stream -j$jobs"
      done
    done
  done
done
