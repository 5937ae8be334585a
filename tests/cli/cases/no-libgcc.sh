# In a container without libgcc_s, which the C library loads when threads end: no abort.
skip_if_sanitized
((EUID == 0)) || skip "only root can change the root folder"
program=$(realpath "$(command -v dpk)")
libraries=$(ldd "$program" | grep -o '/[^ ]*') || skip "the program needs no libraries"
[[ $libraries != *libgcc_s* ]] || skip "the program is linked with libgcc_s"
mkdir -p root/dev/shm
for file in $libraries; do
  mkdir -p "root/$(dirname "$file")"
  cp --dereference "$file" "root/$file"
done
cp "$program" root/dpk
cp data/coast.png root/in.png
chroot root /dpk --version >/dev/null || skip "programs do not run in another root folder here"
code=0
chroot root /dpk invert in.png out.png --backend=omp -j2 || code=$?
echo "exit $code"
dpk invert data/coast.png expected.png
cmp root/out.png expected.png
ls -A root | grep -vE '^lib|^usr|^dev|^dpk$'
