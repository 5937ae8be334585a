# Arrays without elements may claim any number of rows; nobody walks through them.
printf '\x93NUMPY\x01\x00\x76\x00%-117s\n' \
  "{'descr': '|u1', 'fortran_order': False, 'shape': (1099511627776, 0, 3), }" >rows.npy
for kernel in invert grayscale equalize; do
  try "dpk $kernel rows.npy null:"
done
try 'dpk sum rows.npy'
