# --keep-going: items that crash are found, named and left out; all others are delivered, with the
# bytes of a run in which nothing crashes. Sanitizers report each crash, in their own words.
ulimit -c 0
crash='dpk crash --items=640 --operations=100 --backend=fork'
$crash good.npy
died='; it is done again$\|; it is left out$\|; another is in its place$'
keep_going() { # ITEMS [OPTION…]
  local code=0
  $crash out.npy --item="$1" --keep-going "${@:2}" 2>said || code=$?
  echo "--item=$* exit $code"
  echo "  $(grep -c "$died" said) lines about deaths"
  grep '^dpk:' said | sed "/$died/d; s/\(whoever worked on [a-z]*\) .*/\1 …/"
  # A number has 8 bytes, the header 128.
  cmp -l good.npy out.npy | awk '
    $3 != 0 { print "not zero: byte " $1 }
    { item = int(($1 - 129) / 8) }
    item != last || NR == 1 { last = item; count++; if (count == 1) first = item }
    END { print "  " count " items differ, " first " to " last }'
}
# Alone, as the first and the last one; some of several chunks, which have 10 items; all of one.
keep_going 5 -j2
keep_going 0,639 -j1
keep_going 7,12,40-47,300 -j3
keep_going 60-69 -j2
keep_going 0,100-102 -j3 --schedule=static

# Nothing crashes: nothing is said.
$crash out.npy --keep-going
cmp good.npy out.npy

# More than can be found out.
echo old >out.npy
code=0
$crash out.npy --item=0-639 --keep-going 2>said || code=$?
echo "exit $code"
grep '^dpk:' said | sed 's/which .*: given/which …: given/'
cat out.npy

for backend in seq omp; do
  try "dpk crash hash: --backend=$backend --keep-going"
done
try 'dpk crash hash: --backend=fork --keep-going --stream=on'
for item in x 5- 7-5 640 '' 5,; do
  try "$crash hash: --item=$item"
done
try "$crash hash: --items=0 --item=0"
