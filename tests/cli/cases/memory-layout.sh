# What a pass takes: of new memory in small pages, each comes into being in one pass, whichever is
# the first to write there, and in no other.
skip_if_sanitized # whose own memory comes into being by page faults, too
small=$((2 * 1024 * 1024 / $(getconf PAGESIZE)))
passes() {
  dpk memory-layout null: --items=4 --backend=seq --layout="$1" --populate="$2" --stats 2>&1 |
    awk -v small="$small" '/^    .* faults$/ {
      pages = $(NF - 1) / small
      print $1, (pages >= 4 ? "all" : pages >= 2 ? "half" : pages < 0.1 ? "none" : pages) }'
}
for layout in private shared memfd; do
  for populate in 0 50 100; do
    echo "$layout, $populate % populated"
    passes "$layout" "$populate"
  done
done
dpk sweep memory-layout --items=4 --layout=private,shared --passes --rounds=1 --backends=seq,fork |
  awk '/^By passes/ { found = 1; next } found { print $1 == "faults" ? "faults" : $1, NF }'
dpk sum data/a.npy null: --stats 2>&1 | grep -cE '^    [a-z]+ .* faults$' || true
try 'dpk memory-layout null: --items=655360'
try 'dpk memory-layout null: --populate=101'
try 'dpk memory-layout null: --layout=small'

# What a machine cannot have is passed over by a sweep.
sweep() (
  set -o pipefail
  dpk sweep big-heap --megabytes="$1" --rounds=1 --backends=seq --items=1 2>&1 |
    sed -E 's, [0-9.]+ [mnµ]*s , TIME ,'
)
try 'sweep 1,16777216'
try 'sweep 16777215,16777216'
