# What cannot be a baseline is refused before anything is measured. One that the same command renews
# is read before it is written: here it has times of a nanosecond, which nothing is as fast as, and
# nothing is known of its load.
missing='dpk compare blur data/coast.png --baseline=missing.json'
! $missing 2>&1 | grep -q 'built without' || skip "without jansson"
try "$missing"
try 'dpk compare blur data/coast.png --baseline=data/coast.png'
echo '{}' >empty.json
try 'dpk compare blur data/coast.png --baseline=empty.json'
renewed='dpk compare sum --size=1000 --backends=seq --rounds=4 --json=base.json'
$renewed >said
sed --in-place 's/"wall_ns": [0-9]*/"wall_ns": 1/
  s/"\(others\|pressure\|cgroup_pressure\)_share": [^,]*/"\1_share": null/' base.json
$renewed --baseline=base.json >said 2>&1
echo "exit $?"
grep -q '"wall_ns": 1,' base.json || echo renewed
