# Of a thousand numbers there is one chunk, so one worker, whatever was requested: every report says so.
dpk compare sum --size=1000 --backends=seq,omp,fork -j3 --rounds=4 >said \
  --json=all.json --markdown=all.md --html=all.html
for report in said all.json all.md all.html; do
  echo "$report: $(grep -c 'only 1 of 3 workers: there are no more chunks of work' $report)"
done
dpk sweep sum --size=1000,10000000 -j3 --backends=omp,fork --rounds=4 |
  grep -oE '^  10+\>|\*.*requested'
