# --limit-pixels decides which pictures are too large as inputs; coast.png has 768 x 512 = 393216
# pixels. What is made may have any number.
try 'dpk invert data/coast.png null: --limit-pixels=393216'
try 'dpk invert data/coast.png null: --limit-pixels=393215'
try 'dpk invert data/coast.png null: --limit-pixels=393k'
try 'dpk invert data/coast.png null: --limit-pixels=384Ki'
try 'dpk invert data/tiny.ppm null: --limit-pixels=10'
try 'dpk invert data/coast.png null: --limit-pixels=-1'
try 'dpk invert data/coast.png null: --limit-pixels=many'
try 'dpk mandelbrot null: --width=100 --height=100 --limit-pixels=10'
try 'dpk help run | grep -A 1 limit-pixels'
