# A reader that goes early is no accident to report.
for i in 1 2 3; do
  dpk help | head -n 1 >line 2>said
  [[ -s line && ! -s said ]] || cat said
done
try 'dpk invert data/coast.png - 2>said | head -c 4 | wc -c'
cat said
