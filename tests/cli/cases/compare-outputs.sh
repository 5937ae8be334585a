# Files that cannot be written are refused before anything is measured: what is asked for here takes
# an hour. And none is made by being looked at.
long='sum --size=1000 --backends=seq --min-time=3600'
mkdir folder
for option in json csv markdown html; do
  try "timeout 60 dpk compare $long --$option=missing/out"
  try "timeout 60 dpk compare $long --$option=folder"
done
try "timeout 60 dpk compare $long --plot=missing/out.svg"
try 'timeout 60 dpk tour --html=missing/out'
try 'timeout 60 dpk tour --markdown=folder'
try 'timeout 60 dpk compare blur missing.png --json=all.json'
cp data/coast.png in.png
ln -s in.png link.png
try 'timeout 60 dpk compare invert in.png --json=./link.png'
try 'timeout 60 dpk compare invert in.png out.png --scope=run --html=out.png'
cmp data/coast.png in.png
rm in.png link.png
rmdir folder
try "TMPDIR=missing timeout 60 dpk compare invert data/tiny.ppm --scope=run" | sed "s/compare-[^/]*'/compare-XXXXXX'/"
ls -A
