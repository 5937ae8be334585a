# A timeline does not replace what the command reads or writes, whatever it is called there.
cp data/coast.png in.png
ln -s in.png link.png
for target in in.png link.png out.png; do
  try "dpk invert in.png out.png --trace=$target"
done
try 'cmp data/coast.png in.png && ls -A'
