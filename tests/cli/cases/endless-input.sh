# Inputs without end: what is in no format is refused by its head; of what begins well, as much is
# read as half of the memory holds, which a limit on addresses makes small here.
skip_if_sanitized
[[ -c /dev/zero ]] || skip 'no /dev/zero'
ulimit -v 300000
try 'dpk invert /dev/zero null:'
try 'dpk invert - null: </dev/zero'
try 'dpk invert /dev/zero null: --in-format=png'
try 'dpk invert /dev/zero null: --in-format=npy'
try 'dpk invert <(yes) null:' | sed 's:/dev/fd/[0-9]*:PIPE:'
try '(printf "P5 2 2 255\n"; cat /dev/zero) 2>/dev/null | dpk invert - null:' |
  sed 's/after [0-9.]* MB/after SOME MB/'
