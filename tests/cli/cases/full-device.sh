# Standard output that takes nothing.
[[ -c /dev/full ]] || skip 'no /dev/full'
try 'dpk invert data/coast.png - >/dev/full'
try 'dpk invert data/coast.png hash: >/dev/full'
try 'dpk list >/dev/full'
try 'dpk invert data/coast.png - >&-'
