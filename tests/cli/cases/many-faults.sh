# Workers of a batch that crash or hang: their files are done by others, and all outputs are what they
# would be; files that no worker survives are told, and the others are done.
skip_if_sanitized # they report crashes in their own words
ulimit -c 0
mkdir in good
for i in 1 2 3 4; do
  cp data/coast.png in/$i.png
done
cp data/grey.png in/5.png
dpk blur in/*.png --out-dir=good
with_fault() { # FAULT OPTION…
  local code=0
  rm -rf out log
  DPK_FAULT=$1 dpk blur in/*.png --out-dir=out --joblog=log -j2 "${@:2}" 2>said || code=$?
  echo "$*: exit $code"
  for output in $(ls -A out); do
    cmp "out/$output" "good/$output"
  done
}
# One death: told in one line, and nothing is missing.
for backend in fork pool; do
  for kind in segv kill exit; do
    with_fault span:1,kind=$kind --backend=$backend
    wc -l <said
    ls out | wc -l
    cut -f 7,8 log | sort | uniq -c | sed 's/^ *//'
  done
done
# No worker survives any file.
for backend in fork pool; do
  with_fault kind=segv,always --backend=$backend --retries=1
  tail -n 1 said
  ls -A out
  cut -f 7,8,11 log | sort | uniq -c | sed 's/^ *//'
done
# Each file takes too long.
for backend in fork pool; do
  with_fault kind=hang,always --backend=$backend --retries=0 --timeout=0.3
  tail -n 1 said
  ls -A out
  cut -f 7 log | sort | uniq -c | sed 's/^ *//'
done
