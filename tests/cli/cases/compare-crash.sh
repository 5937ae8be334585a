# Variants that do not come to their end cannot be timed: what became of each is told instead, and
# whether that is what the scenario is there to show. Sanitizers end programs in their own way.
skip_if_sanitized
ulimit -c 0
try 'dpk compare crash --item=5 --backends=omp,fork -j2'
try 'dpk compare crash --items=100 --item=7,40-49 --backends=fork,omp,seq -j3'
try 'dpk compare many-files --broken=500 --backends=omp,fork -j2'
dpk compare crash --item=5 --backends=omp,fork -j2 --json=- 2>said | wc -c
grep -c 'no report is written' said
# Whole commands do not keep going.
dpk compare crash --item=0-2047 --scope=run --backends=seq,omp -j2 2>&1 || echo "exit $?"
# The same where the caller ignores the ends of its children.
env --ignore-signal=CHLD dpk compare crash --item=0-2047 --scope=run --backends=seq,fork -j2 \
  2>/dev/null ||
  echo "exit $?"
# Nothing dies: there are times, and nothing to be seen of the lesson.
dpk compare crash --operations=10 --rounds=2 --backends=omp,fork -j2 | grep -c 'threads come to their'
dpk tour --budget=1 --html=page.html --markdown=page.md >said
grep -cE 'threads +the whole program was killed' said
for file in said page.md page.html; do
  grep -q 'delivered 2047 of 2048 items' $file || echo "$file does not tell of the crash"
  grep -q 'delivered 999 of 1000 items' $file || echo "$file does not tell of the broken file"
  tr '\n' ' ' <$file | tr --squeeze-repeats ' ' | grep -q 'With --share=100 nobody dies' ||
    echo "$file does not tell of many files without a broken one"
done
grep -o 'crash: Items that may crash' said
ls -A
