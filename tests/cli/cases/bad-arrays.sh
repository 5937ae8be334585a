# NPY files that are malformed, hold too little, or do not suit the kernel.
npy() { # HEADER [ELEMENTS]
  printf '\x93NUMPY\x01\0'
  printf "\\x$(printf %02x ${#1})\\0%s" "$1"
  printf '%s' "${2:-}"
}
npy "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }" >truncated.npy
npy "{'descr': '<f8', 'fortran_order': False, 'shape': (3" >open.npy
npy "{'descr': '<f8', 'shape': (3,), }" >incomplete.npy
npy "{'descr': '<u8', 'fortran_order': False, 'shape': (1,), }" 12345678 >unsigned.npy
npy $'{\'descr\': \'\e[31m\', \'fortran_order\': False, \'shape\': (1,), }' 12345678 >escape.npy
npy "{'descr': '<f8', 'fortran_order': False, 'shape': (), }" 12345678 >scalar.npy
npy "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }" >negative.npy
npy "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999, 99999999999), }" >huge.npy
npy "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999999, 0), }" >endless.npy
npy "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1), }" 12345678 >rank.npy
printf '\x93NUMPY\x09\0\x02\0{}' >version.npy
npy "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1), }" 1234 >cube.npy
printf '\x93NUMPY\x01\0\xff\xff{}' >header.npy
for file in truncated open incomplete unsigned escape negative huge endless rank version header; do
  try "dpk sum $file.npy"
done
try 'dpk invert data/samples.npy out.npy'
try 'dpk sort data/coast.png out.npy'
try 'dpk matmul data/a.npy data/a.npy out.npy'
try 'dpk matmul data/a.npy data/samples.npy out.npy'
try 'dpk matmul data/a.npy - out.npy <data/a.npy'
try 'dpk fft cube.npy out.npy'
try 'dpk sort scalar.npy out.npy'
try 'dpk sort - out.npy <scalar.npy'
[[ ! -e out.npy ]] || echo 'there is an output'
