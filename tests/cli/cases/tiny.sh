# Pictures of one pixel and of none, through every kernel that takes one picture: a result or a
# sentence, the same from every backend, and no crash.
printf 'P6\n1 1\n255\nabc' >one.ppm
npy() {
  local head="{'descr': '|u1', 'fortran_order': False, 'shape': ($1), }"
  printf '\x93NUMPY\x01\0'
  printf "\\x$(printf %02x ${#head})\\0%s" "$head"
}
npy '0, 0, 3' >none.npy
npy '0, 5, 3' >no-rows.npy
npy '5, 0, 3' >no-columns.npy
for kernel in $(kernels); do
  dpk "$kernel" --help | grep -q '^Usage: dpk [a-z-]* IN OUT \[options\]' || continue
  dpk "$kernel" --help | grep -q '^  in  *input, an image' || continue
  for file in one.ppm none.npy no-rows.npy no-columns.npy; do
    for backend in $(backends); do
      dpk "$kernel" $file hash: --backend=$backend -j3 2>&1 || echo "exit $?"
    done | sort -u >said
    (($(wc -l <said) == 1)) || echo "$kernel $file: $(<said)"
  done
done
try 'dpk invert one.ppm text:'
try 'dpk invert none.npy hash:'
try 'dpk invert none.npy out.png'
try 'dpk invert none.npy out.npy && dpk invert out.npy hash:'
