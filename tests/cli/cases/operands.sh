# Too few files, too many, none.
try 'dpk blur'
try 'dpk blur data/coast.png'
try 'dpk blur data/coast.png a.png b.png'
try 'dpk matmul data/a.npy out.npy'
try 'dpk matmul data/a.npy data/b.npy data/b.npy out.npy'
try 'dpk mandelbrot'
try 'dpk sum'
try 'dpk sum data/a.npy b.npy c.npy'
try 'dpk run'
try 'dpk run invert data/tiny.ppm null:'
try 'dpk invert -- data/tiny.ppm null:'
[[ ! -e a.png ]] || echo 'there is an output'
# After -- even what looks like an option is a file.
cp data/tiny.ppm ./--plugin=x.ppm
try 'dpk invert -- --plugin=x.ppm hash:'
try 'dpk invert data/tiny.ppm hash: --plugin'
