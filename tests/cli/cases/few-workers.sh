# When the system starts no more processes: a dead worker's work is done by the others, and if none
# is left, the run ends with a sentence. strace refuses to start more than so many.
skip_if_sanitized
command -v strace >/dev/null || skip "strace is not installed"
strace -o /dev/null true 2>/dev/null || skip "this process may not trace others"
ulimit -c 0
dpk blur data/coast.png good.png
at_most() { # PROCESSES FAULT OPTION…
  local code=0
  DPK_FAULT=$2 timeout 100 strace -f -o /dev/null \
    -e inject=clone,clone3,fork,vfork:error=EAGAIN:when=$(($1 + 1))+ \
    dpk blur data/coast.png out.png --backend=fork -j3 "${@:3}" 2>said || code=$?
  echo "$1 processes, $2, ${*:3}: exit $code"
  sed -E 's/worker . \(process [0-9]*\)/worker W (process N)/; s/(worked on) .*;/\1 ...;/' said
  ((code != 0)) || cmp out.png good.png
  rm -f out.png
}
for option in --stream=on --stream=off --schedule=static; do
  for processes in 0 1 3; do
    at_most $processes - $option
  done
  at_most 3 span:1,kind=kill $option
  at_most 3 span:0,kind=exit $option
  at_most 1 span:1,kind=exit $option
done
at_most 3 span:1,kind=kill,always --stream=off | sed -E 's/(items?) .*, and no/..., and no/'
ls -A
