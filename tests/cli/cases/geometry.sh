# Kernels that move pixels undo each other, from PNG to PNG, on every backend: what is flipped twice,
# or padded and cropped, is the picture.
dpk mandelbrot tall.png --width=300 --height=2000 --iterations=20 --samples=1
for backend in $(backends); do
  for direction in horizontal vertical; do
    dpk flip tall.png flipped.png --direction=$direction --backend=$backend
    dpk flip flipped.png hash: --direction=$direction --backend=$backend
  done
  for edge in clamp mirror wrap zero; do
    dpk pad tall.png padded.png --left=7 --right=90 --top=600 --bottom=3 --edge=$edge \
      --backend=$backend
    dpk crop padded.png hash: --left=7 --top=600 --width=300 --height=2000 --backend=$backend
  done
  dpk crop tall.png hash:
done >digests
sort -u digests | wc -l
try 'dpk crop tall.png null: --left=301'
try 'dpk crop tall.png null: --top=1999 --height=2'
try 'dpk crop tall.png null: --top=1999 --height=1'
try 'dpk pad tall.png null: --left=4611686018427387904'
