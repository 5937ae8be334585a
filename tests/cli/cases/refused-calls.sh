# System calls that a sandbox refuses, every time: a sentence, and never a loop without an end. The
# time limits are for tests that would never end.
skip_if_sanitized
command -v strace >/dev/null || skip "strace is not installed"
strace -o /dev/null true 2>/dev/null || skip "this process may not trace others"
dpk invert data/coast.png in.ppm
dpk blur in.ppm expected.ppm
refuse() { # CALLS ERROR [OPTION…]
  local code=0
  echo old >out.ppm
  timeout 100 strace -f -o /dev/null -e inject="$1":error="$2" dpk blur in.ppm out.ppm \
    --backend=fork -j2 "${@:3}" 2>said || code=$?
  echo "$*: exit $code"
  sed -E 's/process [0-9]+/process N/; s/worker [01]/worker W/' said
  if ((code == 0)); then
    cmp out.ppm expected.ppm
  else
    cmp out.ppm <(echo old)
  fi
}
for option in --stream=on --stream=off --keep-going; do
  refuse poll,ppoll EPERM $option
  refuse sendto EPERM $option
  refuse recvfrom EPERM $option
  refuse wait4,waitid EPERM $option
  refuse prctl EPERM $option
  refuse socketpair EPERM $option
  refuse clone,clone3,fork EAGAIN $option
  refuse futex ENOSYS $option
done
ls -A

# Where the kernel is not allowed to end workers with their parent, they notice that it is gone.
for option in --stream=on --stream=off; do
  strace -f -o /dev/null -e inject=prctl:error=EPERM $long_run out.ppm --backend=fork -j2 $option &
  tracer=$!
  disown # that it is killed is not told
  until_true eval '[[ $(children $tracer) ]]'
  process=$(children $tracer)
  until_true eval '(($(children $process | wc -l) == 2))'
  workers=$(children $process)
  until_true computes $process
  kill -KILL $process
  until_true all_gone $workers $tracer
done
