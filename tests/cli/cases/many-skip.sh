# What is left out because it is done, and what would be done.
plan() { # WORDS…: without what depends on the machine
  dpk "$@" --dry-run | sed 's/: .* of memory$/: MEMORY/; s/most .* each/most MEMORY each/'
}
cp data/grey.png data/rgb16.png .
try 'plan invert *.png --out-dir=out; ls -d out'
try 'dpk invert grey.png --out-dir=out'
try 'dpk invert *.png --out-dir=out --skip-existing; ls out'
try 'dpk invert *.png --out-dir=out --skip-existing'
try 'plan invert *.png --out-dir=out --skip-existing'
# As make does it: by the time, to the nanosecond.
touch -d '2020-01-01 00:00:00.000000002' grey.png rgb16.png
touch -d '2020-01-01 00:00:00.000000002' out/grey.png
touch -d '2020-01-01 00:00:00.000000001' out/rgb16.png
try 'plan invert *.png --out-dir=out --newer'
try 'dpk invert *.png --out-dir=out --newer'
try 'dpk invert *.png --out-dir=out --newer'
# A plan: bytes, pixels, the part of the whole cost, memory; and what cannot be done.
echo words >words.png
dpk blur data/coast.png data/grey.png words.png --out-dir=new --dry-run >plan 2>said
echo "exit $?"
sed 's/, [^,]* of memory/, MEMORY/; s/most .* each/most MEMORY each/; s/[0-9.]* % of/PART of/' plan
cat said
ls -d new
true
