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
rmdir folder
ls -A
