# The parent is a worker, too, and the only one here: a fault of its own is told like any other's.
skip_if_sanitized # they have their own ways to tell
echo old >out.npy
try 'dpk crash out.npy --item=0-2047 --backend=fork -j1'
cat out.npy
ls -A
