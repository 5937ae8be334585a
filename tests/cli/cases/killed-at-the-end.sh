# A program that is killed when all is computed leaves the old file or none, and no other: what takes
# time at the end comes before the new file has a name.
skip_if_sanitized
command -v strace >/dev/null || skip 'no strace'
strace -o /dev/null true 2>/dev/null || skip 'no process may be traced here'
with() { # INJECTION OUTPUT
  local code=0
  (
    strace -f -o /dev/null -e inject="$1" dpk invert data/grey.png "$2" --backend=seq
    exit
  ) 2>/dev/null || code=$?
  echo "$1 $2: exit $code"
}
echo old >old.png
with fdatasync:signal=KILL old.png
with fchmod:signal=KILL old.png
with fdatasync:signal=KILL new.png
with renameat:signal=KILL new.png
cat old.png
dpk invert data/grey.png good.png
cmp good.png new.png
ls -A
# A file that appears in the last moment is replaced, as one that was there before.
rm new.png
with linkat:error=EEXIST:when=2 new.png
cmp good.png new.png
ls -A
