# Old outputs of many files: kept, replaced, or in the way, as they would be for one.
cp data/grey.png data/rgb16.png .
dpk invert *.png --out-dir=out
chmod 444 out/grey.png
try 'dpk blur *.png --out-dir=out'
try 'dpk blur *.png --out-dir=out --force && stat --format=%a out/grey.png'
chmod 640 out/grey.png
ln out/grey.png hard
try 'dpk blur *.png --out-dir=out --in-place-write && cmp hard out/grey.png && stat --format=%a hard'
try 'dpk invert *.png --out=null: && ls'
# A folder that vanishes while files are done: what is done stays, and each other file has its line.
mkdir many
for i in {1..12}; do
  cp data/coast.png many/$i.png
done
dpk median many/*.png --radius=20 --out-dir=out --backend=seq --joblog=log >said 2>&1 &
any_output() { ls out/[0-9]*.png >/dev/null 2>&1; }
until_true any_output
kill -STOP $!
mv out moved
kill -CONT $!
wait $!
echo "exit $?"
done=$(ls moved | grep -c '^[0-9]*\.png$')
grep -c "^dpk: cannot write 'out/[0-9]*.png': there is no folder 'out'$" said | grep -vx $((12 - done))
tail -n 1 said | grep -vx "dpk: $((12 - done)) of 12 files failed"
((done > 0 && done < 12)) || echo "$done were done"
cut -f 7 log | grep -cx 0 | grep -vx $done
ls -A moved | grep -v '\.png$'
true
