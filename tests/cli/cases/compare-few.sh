# Of so few rounds nothing is claimed, however large the difference is (threads that start 20 ms
# late, which alone is more than the budget), and it is said how to get more.
claimed='times (slower|faster)| wins|"verdict": "(slower|faster)"'
for words in --rounds=1 --rounds=2 --rounds=3 --budget=0.01 --rounds=4; do
  echo "$ dpk compare sum --size=1000000 --backends=seq,omp -j2 $words"
  DPK_FAULT=start:20 dpk compare sum --size=1000000 --backends=seq,omp -j2 $words >said \
    --json=all.json --markdown=all.md --html=all.html || echo "exit $?"
  for report in said all.json all.md all.html; do
    ! grep -qE "$claimed" $report || echo "$report claims a difference"
    tr '\n' ' ' <$report | grep -q 'too few rounds to tell, of' && echo "$report: too few"
  done
  grep -oE 'too few rounds to tell, of .* gives more' all.md | sort -u
  grep -lE "95 % interval|\[95 %\]" said all.md all.html
done
