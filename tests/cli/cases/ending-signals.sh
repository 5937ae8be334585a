# Where a temporary file needs a name from the start, as without /proc, every signal that ends the
# program removes it, and the program dies of that signal. Others do not end it.
skip_if_sanitized
unshare --mount bash -c 'mount -t tmpfs none /proc' 2>/dev/null || skip 'nothing can be mounted here'
ulimit -c 0
set -m # as an interactive shell, which does not let its background jobs ignore Ctrl-C
named_run() { # BACKEND: in the background, until it has its temporary file
  unshare --mount bash -c 'mount -t tmpfs none /proc && exec "$@"' - \
    $long_run out.png --backend="$1" -j2 2>said &
  process=$!
  until_true temporary_exists
}
temporary_exists() { compgen -G '.dpk-*' >/dev/null; }
end_by() { # BACKEND SIGNAL…
  named_run "$1"
  shift
  local signal code=0
  for signal; do
    kill -"$signal" $process
  done
  wait $process 2>/dev/null || code=$?
  echo "$*: $code"
  cat said
  temporary_exists && echo 'a file is left'
}
echo old >out.png
for signal in HUP INT QUIT ILL TRAP ABRT BUS FPE USR1 SEGV USR2 PIPE ALRM TERM STKFLT XCPU VTALRM \
  PROF IO PWR SYS RTMIN RTMAX; do
  end_by omp $signal
done
end_by fork QUIT
end_by fork CHLD WINCH URG CONT XFSZ TERM
end_by seq TERM TERM TERM
cat out.png
ls -A
