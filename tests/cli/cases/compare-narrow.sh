# On a narrow terminal tables are folded: no line is longer than COLUMNS, and no column is lost.
columns() { # of the longest line
  while IFS= read -r line; do echo "${#line}"; done | LC_ALL=C sort -n | tail -n 1
}
export LC_ALL=C.UTF-8
for width in 60 75 100; do
  export COLUMNS=$width
  dpk compare blur data/coast.png -j 1,2 --rounds=4 >said
  (($(columns <said) <= width)) || cat said
  for word in median interval difference tear-down wall queued faults peak roof efficiency Karp; do
    grep -q "$word" said || echo "$width: no $word"
  done
  dpk sweep sum --size=1000,100000 -j 1,2 --rounds=4 --map >said
  (($(columns <said) <= width)) || cat said
done
