# Faults that DPK_FAULT asks for strike one worker once: it is replaced, and nothing is missing. What
# no worker survives ends the run, without an output.
skip_if_sanitized # they report crashes in their own words, and need more memory
ulimit -c 0
dpk blur data/coast.png good.png
with_fault() { # FAULT OPTION…
  local code=0
  rm -f out.png
  DPK_FAULT=$1 dpk blur data/coast.png out.png --backend=fork -j2 "${@:2}" 2>said || code=$?
  echo "$*: exit $code"
  sed -E 's/worker . \(process [0-9]*\)/worker W (process N)/' said
  ((code != 0)) || cmp out.png good.png
  [[ $code == 0 || ! -e out.png ]] || echo 'there is an output'
}
for stream in on off; do
  for kind in segv kill exit; do
    with_fault span:2,kind=$kind --stream=$stream
  done
  with_fault span=2,kind:oom --stream=$stream --worker-memory=10Mi
  with_fault span:2,kind=segv --stream=$stream --retries=0
  with_fault span:2,kind=slow --stream=$stream
done
# Those that do nothing are ended, and on a busy machine others, too.
for stream in on off; do
  for kind in hang stop; do
    with_fault span:2,kind=$kind --stream=$stream --timeout=1 | grep 'exit\|\(chunk\|band\) 2' | sort -u
  done
done
# Whoever has the chunk has the fault.
with_fault span:2,kind=exit,always --stream=off | sed 's/item [0-9]*/item I/'
with_fault span:2,kind=exit,always --stream=on
ls -A
