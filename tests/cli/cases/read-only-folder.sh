# A folder one may not write to. Root may, and lets an ordinary user try.
as_user() {
  if [[ $(id -u) == 0 ]]; then
    setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
  else
    "$@"
  fi
}
mkdir folder
echo old >folder/old.png
chmod a-w folder
chmod a+rx .. ../..
as_user dpk --version >version 2>&1 || skip 'no ordinary user can run this build'
try 'as_user dpk invert data/coast.png folder/out.png'
try 'as_user dpk invert data/coast.png folder/old.png'
cat folder/old.png
ls folder
