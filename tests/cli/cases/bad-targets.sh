# Outputs that cannot be: exit code 4 where the system refuses, 2 where the format does; what was
# there stays.
echo old >file
try 'dpk invert data/coast.png nowhere/out.png'
try 'dpk invert data/coast.png file/out.png'
mkdir folder.png
try 'dpk invert data/coast.png folder.png'
try 'dpk invert data/coast.png ""'
try 'dpk invert data/coast.png file'
try 'dpk invert data/coast.png out.jpg'
try 'dpk invert data/coast.png --out-format=hash: out'
try 'dpk invert data/coast.png --out-format=jpeg out'
try 'dpk fft data/samples.npy out.png'
try 'dpk invert data/rgba.png out.ppm'
try 'dpk invert data/coast.png out.pgm'
ln -s loop.png loop.png
try 'dpk invert data/coast.png loop.png'
cat file
ls -A
