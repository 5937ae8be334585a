# The target's name says its format; the same pixels come back from each.
dpk invert data/tiny.ppm hash: >expected
for suffix in png ppm pnm pam npy PNG; do
  dpk invert data/tiny.ppm "out.$suffix" && dpk invert "out.$suffix" "back.$suffix" &&
    dpk invert "back.$suffix" hash: | cmp - expected && echo "$suffix"
done
try 'dpk invert data/tiny.pgm out.pgm; od -A n -c -N 20 out.pgm'
try 'dpk invert data/tiny.pam out.pam; head -n 6 out.pam'
try 'dpk invert data/tiny.ppm without-suffix --out-format=pnm; head -n 3 without-suffix | head -c 13'
try 'dpk invert data/tiny.ppm out.npy --out-format=png; dpk invert out.npy hash: | wc -l'
try 'dpk sum data/samples.npy out.npy && dpk sum out.npy'
try 'dpk sum data/samples.npy text:'
try 'dpk sum data/samples.npy null:'
try 'dpk invert data/tiny.ppm hash:'
try 'dpk invert data/grey16.png out.png && dpk invert out.png back.png && dpk sum back.png'
try 'dpk sum data/grey16.png'
