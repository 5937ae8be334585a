# Input and output may be the same file, by the same name or by another.
dpk invert data/coast.png expected.png
cp data/coast.png a.png
try 'dpk invert a.png a.png && cmp a.png expected.png'
cp data/coast.png b.png
ln -s b.png link.png
try 'dpk invert b.png link.png && cmp b.png expected.png'
ls -l link.png | grep -c -e '-> b.png'
cp data/coast.png c.png
chmod 640 c.png
try 'dpk invert c.png ./c.png && stat --format=%a c.png'
try 'dpk invert data/coast.png /dev/null --out-format=png'
cp data/samples.npy d.npy
try 'dpk sort d.npy d.npy && dpk sort data/samples.npy e.npy && cmp d.npy e.npy'
ls -A
