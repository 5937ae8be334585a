# One grammar of numbers for every option: values, lists, ranges, percentages and counts.
for width in 64 0.0625Ki 6.4e1 +64 064; do
  dpk mandelbrot hash: --width=$width --height=9
done | uniq | wc -l
for wrong in 0x40 ' 64' '64 ' 64..65 1e3k inf ''; do
  try "dpk mandelbrot hash: --width='$wrong'"
  try "dpk invert data/tiny.ppm hash: --jobs='$wrong'"
  try "dpk blur data/tiny.ppm hash: --sigma='$wrong'"
  try "dpk compare invert data/tiny.ppm --jobs='1,$wrong'"
  try "dpk compare invert data/tiny.ppm --neighbours='$wrong'"
  try "dpk compare invert data/tiny.ppm --precision='$wrong%'"
  try "dpk sweep mandelbrot --width='8..$wrong'"
done
swept() { # the values that a sweep goes through
  dpk sweep mandelbrot --height=1 --iterations=1 --backends=seq --rounds=1 "$@" |
    awk 'NR > 2 && NF == 0 { exit } NR > 2 { print $1 }' | paste -s -d ' '
}
swept --width=0.5Ki..2Ki
swept --width=1k..3k
swept --width=1,1Ki
try 'dpk sweep mandelbrot --height=1 --width=1,,2'
try 'dpk sweep mandelbrot --height=1 --width=1,2,'
try 'dpk sweep mandelbrot --height=1 --width=1..2..4'
try "dpk sweep mandelbrot --height=1 --width=1,$(printf %040d 2)"
try 'dpk compare invert data/tiny.ppm --jobs=1,'
try 'dpk compare invert data/tiny.ppm --backends=seq,' | any_backends
# The bounds themselves are allowed.
for percent in 0.0001% 1000%; do
  dpk compare sum --size=10 --backends=seq --rounds=1 --precision=$percent | head -n 1
done
