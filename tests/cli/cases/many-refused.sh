# What cannot be is refused before anything runs: nothing is made, not even a folder.
cp data/grey.png a.png
cp data/grey.png b.png
mkdir sub empty
cp data/grey.png sub/a.png
ln -s sub link
echo file >file
mkfifo pipe
ls -A >before
# Which inputs there are.
try 'dpk invert a.png missing.png --out-dir=out'
printf 'a.png\nmissing.png\n' >list
try 'dpk invert --from=list --out-dir=out'
printf 'a.png\r\n' >list
try 'dpk invert --from=list --out-dir=out'
try 'dpk invert --from=missing --out-dir=out'
try 'dpk invert --from=/dev/null --out-dir=out'
try 'dpk invert --from=sub --out-dir=out'
try 'dpk invert --out-dir=out'
try 'dpk invert a.png - --out-dir=out'
try 'dpk invert a.png pipe --out-dir=out'
try 'dpk invert a.png sub --out-dir=out'
try 'dpk invert empty --recursive --out-dir=out'
try 'dpk invert missing --recursive --out-dir=out'
# Where outputs go.
try 'dpk invert a.png sub/a.png --out-dir=out'
try 'dpk invert a.png b.png --out=out.png'
try 'dpk invert a.png a.png --out-dir=out'
try 'dpk invert a.png ./a.png --out-dir=out'
try 'dpk invert sub/a.png link/a.png --in-place'
try 'dpk invert a.png --out-dir=.'
try 'dpk invert a.png b.png --out="{dir}/{name}"'
try 'dpk invert a.png sub/a.png --out="link/{name}"'
try 'dpk invert a.png --out-dir=file'
try 'dpk invert a.png --out-dir=missing/out'
try 'dpk invert a.png --out-dir=file/out'
try 'dpk invert a.png --out=missing/a.png'
try 'dpk invert ../work/a.png --out-dir=out --out="{dir}/{name}"'
try 'dpk invert a.png --out-dir=out --out="{base}.png"'
try 'dpk invert a.png --out-dir=out --out="{stem"'
try 'dpk invert a.png --out-dir=out --out=""'
try 'dpk invert a.png --out=out/'
try 'dpk invert a.png --out=hash:'
try 'dpk invert a.png --out=-'
# What does not go together, or is no value.
try 'dpk invert a.png b.png c.png'
try 'dpk invert a.png b.png --json'
try 'dpk invert --from=list'
try 'dpk invert sub --recursive'
try 'dpk invert a.png --in-place --out-dir=out'
try 'dpk invert a.png --in-place --newer'
try 'dpk invert a.png --out-dir=out --newer --skip-existing'
try 'dpk invert a.png --out-dir=out --resume'
try 'dpk invert a.png --out-dir=out --retry-failed'
try 'dpk invert a.png --out-dir=out --joblog=log --resume --retry-failed'
try 'dpk invert a.png --out-dir=out --joblog=log --resume=maybe'
try 'dpk invert a.png --out-dir=out --trace=t.json'
for halt in 3 soon soon,fail=0 later,fail=1 now,fail=101% now,fail=1.5; do
  try "dpk invert a.png --out-dir=out --halt=$halt"
done
for limit in 0 much 101% -1 1.5; do
  try "dpk invert a.png --out-dir=out --memory-limit=$limit"
done
try 'dpk invert a.png --out-dir=out --timeout=0% --backend=fork'
try 'dpk invert a.png --out-dir=out --timeout=3 --backend=omp'
try 'dpk invert a.png hash: --timeout=50% --backend=fork'
try 'dpk mandelbrot --out-dir=out'
try 'dpk matmul data/a.npy data/b.npy --out-dir=out'
try 'dpk blur a.png --out-dir=out --sigma=-1'
# What no file could be done with is said once.
try 'dpk invert a.png b.png --out-dir=out --out-format=jpeg'
try 'dpk invert a.png b.png --out-dir=out --in-format=jpeg'
try 'dpk invert a.png b.png --out-dir=out --isa=none'
try 'dpk invert a.png b.png --out-dir=out --keep-going --backend=seq'
try 'dpk crop a.png b.png --out-dir=out --left=9999'
rm list
ls -A | diff before -
