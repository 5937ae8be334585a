# One bad file does not stop the others: a line for it, as soon as it is known, and exit code 1.
head -c 3000 data/coast.png >cut.png
echo words >words.png
: >empty.png
cp data/grey.png data/rgb16.png .
for backend in $(backends); do
  dpk invert *.png --out-dir=out --backend=$backend -j2 >said 2>&1
  echo "exit $?" >>said
  { sort said && ls -A out; } >$backend
  rm -r out
done
for backend in $(backends); do
  diff seq $backend
done
cat seq
# None can be done, or only one is named.
try 'dpk invert words.png empty.png --out-dir=out'
try 'dpk invert words.png --out-dir=out'
try 'dpk invert words.png --in-place; cat words.png'
# As many failures as are to end it: known before, or found out.
try 'dpk invert *.png --out-dir=out --halt=now,fail=2; ls -d out'
try 'dpk invert *.png --out-dir=out --halt=soon,fail=40%; ls -d out'
try 'dpk invert cut.png grey.png rgb16.png --out-dir=out --halt=soon,fail=1 -j1 --backend=seq; ls -A out'
try 'dpk invert cut.png grey.png rgb16.png --out-dir=out --halt=soon,fail=2 -j1 --backend=seq; ls out'
rm -r out
# An output that cannot be is a failure of that file.
mkdir out
mkdir out/grey.png
try 'dpk invert grey.png rgb16.png --out-dir=out; ls out'
try 'dpk invert rgb16.png data/rgba.png --out-dir=ppm --out-format=ppm; ls ppm'
