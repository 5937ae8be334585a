# Standard input and output, with formats by content and by option; results on standard output,
# everything else on standard error.
dpk invert data/tiny.ppm hash: >expected
try 'dpk invert - hash: <data/tiny.ppm | cmp - expected'
try 'cat data/tiny.ppm | dpk invert - hash: | cmp - expected'
try 'dpk invert data/tiny.ppm - | dpk invert - - | dpk invert - hash: | cmp - expected'
try 'dpk invert data/tiny.ppm - | head -n 2'
try 'dpk invert data/tiny.ppm - --out-format=npy | dpk invert - - | dpk invert - hash: | cmp - expected'
try 'dpk invert - out.png --in-format=pnm <data/tiny.ppm && dpk invert out.png x.png && dpk invert x.png hash: | cmp - expected'
try 'dpk invert - hash: --in-format=png <data/tiny.ppm'
try 'dpk invert - null: </dev/null'
try 'dpk invert - null: <&-'
try 'dpk mandelbrot - --width=8 --height=6'
try 'dpk mandelbrot - --width=8 --height=6 --out-format=pnm | wc -c'
try 'dpk invert data/tiny.ppm hash: --stats 2>/dev/null | cmp - expected'
try 'dpk invert data/tiny.ppm null: --stats 2>&1 >/dev/null | grep -c "^  compute "'
try 'dpk invert missing.png null: 2>/dev/null'
try 'dpk list 2>&1 >/dev/null'
