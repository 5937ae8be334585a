# What workers may use: processor time and memory, of processes alone.
skip_if_sanitized # they need memory for themselves
ulimit -c 0
try 'dpk mandelbrot hash: --width=1000 --height=1 --zoom=1e9 --x=0 --iterations=1000000 --samples=16 --stream=off --backend=fork --retries=1 --worker-cpu-time=1' |
  sed -E 's/worker . \(process [0-9]*\)/worker W (process N)/'
dpk blur data/coast.png good.png
dpk blur data/coast.png out.png --backend=fork -j2 --worker-memory=1Mi --worker-cpu-time=1000 --timeout=1000
cmp out.png good.png
for option in --timeout=1 --worker-memory=1Mi --worker-cpu-time=1; do
  for backend in seq omp; do
    try "dpk blur data/coast.png hash: --backend=$backend $option"
  done
done
for option in --timeout={x,0,-1,1e9,nan} --worker-cpu-time={0,-1} --worker-memory={-1,1.5} --retries={-1,101,x}; do
  try "dpk blur data/coast.png hash: --backend=fork $option"
done
