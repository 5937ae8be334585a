# The log: a line for each file, from which a later run goes on.
plan() { # WORDS…: without what depends on the machine
  dpk "$@" --dry-run | sed 's/: .* of memory$/: MEMORY/; s/most .* each/most MEMORY each/'
}
log() { tail -n +2 log | sed 's/\t */\t/g' | cut -f "$1" | sort; }
cp data/grey.png a.png
cp data/rgb16.png b.png
head -c 3000 data/coast.png >cut.png
echo words >words.png
try 'dpk invert *.png --out-dir=out --joblog=log'
awk -F '\t' 'NR > 1 && $12 != $5 + $6' log
head -n 1 log | tr '\t' ,
log 1,2,5,7,8,9,11
log 3 | grep -v '^[0-9]*\.[0-9][0-9][0-9]$'
log 4 | grep -v '^[0-9]*\.[0-9][0-9][0-9]$'
# What is done is left out; what has failed, and what is gone, is not.
rm out/b.png
try 'plan invert *.png --out-dir=out --joblog=log --resume'
try 'dpk invert *.png --out-dir=out --joblog=log --resume'
try 'dpk invert a.png b.png --out-dir=out --joblog=log --resume'
# Other parameters, another output, another file: to be done.
try 'plan blur a.png b.png --out-dir=out --joblog=log --resume'
try 'plan invert a.png b.png --out-dir=other --joblog=log --resume'
touch a.png
try 'plan invert a.png b.png --out-dir=out --joblog=log --resume'
# By content, time does not matter, but bytes do.
try 'dpk invert a.png b.png --out-dir=out --joblog=content --resume=content'
touch a.png
try 'dpk invert a.png b.png --out-dir=out --joblog=content --resume=content'
cp data/coast.png a.png
try 'plan invert a.png b.png --out-dir=out --joblog=content --resume=content'
# Only what has failed, as it is now.
cp data/coast.png cut.png
try 'dpk invert *.png --out-dir=out --joblog=log --retry-failed'
try 'plan invert *.png --out-dir=out --joblog=log --retry-failed'
# In place: what was done is not done again.
mkdir place
cp data/grey.png data/rgb16.png place
try 'dpk invert place/grey.png --in-place --joblog=placed'
try 'dpk invert place/*.png --in-place --joblog=placed --resume'
try 'dpk invert place/*.png --in-place --joblog=placed --resume'
dpk invert data/grey.png alone.png && cmp alone.png place/grey.png
dpk invert data/rgb16.png alone.png && cmp alone.png place/rgb16.png
# A run that was killed between the rename of a file and its line: the file is not done twice.
cp data/grey.png data/rgb16.png place
dpk invert place/*.png --in-place --joblog=killed -j1 --backend=seq
cut -f 7,9 killed
head -n -1 killed >killed2
try 'dpk invert place/*.png --in-place --joblog=killed2 --resume; dpk invert data/grey.png - --out-format=png | cmp - place/grey.png'
try 'dpk invert place/*.png --in-place --joblog=killed2 --resume'
try 'dpk invert place/grey.png --in-place --joblog=killed2; cut -f 7,9 killed2'
# A log that breaks off: its last file is done again, and the log is whole again.
dpk invert a.png b.png --out-dir=out --joblog=half -j1
head -c -20 half >half2
try 'dpk invert a.png b.png --out-dir=out --joblog=half2 --resume'
cut -f 9 half2 | sort
# A log that another run is writing to.
has_line() { [[ -e busy && $(wc -l <busy) -gt 1 ]]; }
for i in {1..9}; do
  cp data/coast.png "$i"
done
dpk median [1-9] --out-dir=slow --radius=20 --joblog=busy --backend=seq --out-format=png &
until_true has_line
kill -STOP $!
try 'dpk invert a.png --out-dir=new --joblog=busy' | sed 's/process [0-9]*/process N/'
kill -CONT $!
wait $! && wc -l <busy
# A log in the folder for outputs.
try 'plan invert b.png --out-dir=both --joblog=both/log; ls -d both'
try 'dpk invert b.png --out-dir=both --joblog=both/log; ls both'
try 'dpk invert a.png --out-dir=both --joblog=both/a.png'
# What is no log of this version is left as it is.
head -n 1 log | cut -f 1-9 >parallel
try 'dpk invert a.png --out-dir=new --joblog=parallel'
head -n 1 log | cut -f 1-9 | cmp - parallel
sed '2s/.*/words/' log >wrong
try 'dpk invert a.png --out-dir=new --joblog=wrong'
cp a.png picture
try 'dpk invert a.png --out-dir=new --joblog=picture'
cmp a.png picture
mkfifo pipe
try 'dpk invert a.png --out-dir=new --joblog=pipe'
try 'dpk invert a.png --out-dir=new --joblog=missing/log'
try 'dpk invert a.png --out-dir=new --joblog=/dev/full'
ls -d new
true
