# System calls that fail although nothing is wrong with the files: filters of system calls refuse
# them, or the disk does. Another way is taken, or a sentence says what failed; nothing waits or
# tries for ever, and no file is left.
skip_if_sanitized
command -v strace >/dev/null || skip 'no strace'
strace -o /dev/null true 2>/dev/null || skip 'no process may be traced here'
printf 'P5\n2 2\n255\nabcd' >in.pgm
with() { # [-P PATH] INJECTION… -- COMMAND: in calls that concern the path
  local -a options=()
  while [[ $1 != -- ]]; do
    case $1 in
    -P) options+=(-P "$2") && shift ;;
    *) options+=(-e "inject=$1") ;;
    esac
    shift
  done
  shift
  timeout --signal=KILL 60 strace -f -o trace "${options[@]}" "$@"
}
known_path() {
  grep -v '^strace: Requested path' | sed "s:$PWD/::g"
}
invert='dpk invert in.pgm out.pgm --backend=seq'
dpk invert in.pgm expected.pgm
for call in linkat fdatasync sync_file_range statx getrandom renameat; do
  for error in EPERM ENOSYS EIO; do
    echo old >out.pgm
    try "with $call:error=$error -- $invert"
    cmp -s out.pgm expected.pgm || cat out.pgm
  done
done
try "with fdatasync:error=EIO -- $invert --no-sync"
echo older and longer than new >out.pgm
try "with fdatasync:error=EIO linkat:error=EIO renameat:error=EIO -- $invert --in-place-write --no-sync"
cmp out.pgm expected.pgm
# A descriptor that is not ready, and a poll() that fails, or is interrupted.
mkfifo pipe
again=error=EAGAIN
try "cat pipe & with -P $PWD/pipe write:$again poll:error=ENOMEM -- dpk invert in.pgm pipe --out-format=pnm" |
  known_path
try "cat pipe | cmp - expected.pgm & with -P $PWD/pipe write:$again:when=1..3 poll:error=EINTR:when=1..3 -- \
dpk invert in.pgm pipe --out-format=pnm; wait \$!" | known_path
try "cat in.pgm >pipe & with -P $PWD/pipe read:$again poll:error=ENOMEM -- dpk invert pipe out.pgm" |
  known_path
try "cat in.pgm >pipe & with -P $PWD/pipe read:$again:when=1..3 poll:error=EINTR:when=1..3 -- \
dpk invert pipe out.pgm; cmp out.pgm expected.pgm" | known_path
rm trace
ls -A
