# Whole commands read their inputs each time, and write what is compared: neither is a pipe or a device.
mkfifo pipe
try 'timeout 60 dpk compare invert pipe --scope=run --backends=seq --rounds=1'
try 'timeout 60 dpk compare invert /dev/null --scope=run --backends=seq --rounds=1'
try 'timeout 60 dpk compare invert data/coast.png pipe --scope=run --backends=seq --rounds=1'
try 'timeout 60 dpk compare invert data/coast.png /dev/null --scope=run --backends=seq --rounds=1'
# In memory an input is read once.
cat data/coast.png >pipe &
timeout 60 dpk compare invert pipe --backends=seq --rounds=1 | head -n 1

# Names are any bytes: none of them reaches a terminal as it is, and a drawing is XML. That the bytes
# are equal is said.
name=$'\xff\e[31m\x01.png'
cp data/coast.png "$name"
dpk compare invert "$name" --backends=seq,fork -j2 --rounds=1 --json=all.json >said
head -n 1 said
grep -oE 'All variants gave the same bytes, of digest [0-9a-f]{16}, before any was timed' said |
  sed -E 's/[0-9a-f]{16}/N/'
grep -o '"command": .*' all.json
! LC_ALL=C grep -nE $'[\x01\x1b\xff]' said all.json
