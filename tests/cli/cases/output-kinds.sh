# What is no regular file under its own name is written to, not replaced.
[[ -e /dev/fd/1 ]] || skip 'no /dev/fd'
printf 'P5\n2 2\n255\nabcd' >in.pgm
try 'dpk invert in.pgm >(wc -c >count) --out-format=pnm; until_true test -s count; cat count'
try 'dpk invert in.pgm /dev/fd/1 --out-format=pnm | wc -c'
try 'dpk invert in.pgm /proc/self/fd/1 --out-format=pnm --in-place-write | wc -c'
ln -s /dev/stdout link.pgm
try 'dpk invert in.pgm link.pgm | wc -c'
try '(echo HEAD; dpk invert in.pgm /dev/fd/1 --out-format=pnm; echo TAIL) >out; wc -c <out'
head -n 1 out
tail -n 1 out | tr -dc '[:print:]\n'
try 'dpk invert in.pgm /dev/stdout --out-format=pnm >>out; wc -c <out'
try 'dpk invert in.pgm /dev/fd/3 --out-format=pnm 3<in.pgm'
try 'dpk invert in.pgm /dev/fd/3 --out-format=pnm 3<&-'
# The timeline does not take the place of the input or the output, by whatever name.
ln -s in.pgm other.pgm
cp in.pgm expected
try 'dpk invert in.pgm out.pgm --trace=in.pgm'
try 'dpk invert other.pgm out.pgm --trace=./in.pgm'
try 'dpk invert - out.pgm --trace=in.pgm <in.pgm'
try 'dpk invert in.pgm out.pgm --trace=./out.pgm'
try 'dpk invert in.pgm - --trace=- | wc -c'
try 'dpk invert in.pgm - --trace=missing/trace.json | wc -c'
try 'dpk invert in.pgm hash: --trace=/dev/null >/dev/null'
cmp in.pgm expected
# A read-only file, and a file that stays the same one.
cp in.pgm out.pgm
chmod 444 out.pgm
try 'dpk invert in.pgm out.pgm'
cmp in.pgm out.pgm
try 'dpk invert in.pgm out.pgm --force --no-sync'
cmp -s in.pgm out.pgm && echo 'it was not replaced'
chmod 644 out.pgm
ln out.pgm second.pgm
try 'dpk invert out.pgm out.pgm --in-place-write'
cmp in.pgm second.pgm
ls -A
