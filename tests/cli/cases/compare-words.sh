# What dpk compare and dpk sweep refuse, and how they say so. Nothing is measured.
try 'dpk compare'
try 'dpk compare blurr data/coast.png'
try 'dpk compare blur'
try 'dpk compare blur missing.png'
try 'dpk compare blur data/coast.png out.png'
try 'dpk compare matmul data/coast.png'
try 'dpk compare blur data/coast.png --backends=seq,frok' | any_backends
try 'dpk compare blur data/coast.png -j 1,x'
try 'dpk compare blur data/coast.png -j 0'
try 'dpk compare blur data/coast.png -j 2y'
try 'dpk compare blur data/coast.png -j 2x,1025x,1'
for neighbours in -1 1025 2000x x ''; do
  try "dpk compare blur data/coast.png --neighbours='$neighbours'"
done
for quota in 0 0.5% -10% 1000000% half nan ''; do
  try "dpk compare blur data/coast.png --quota='$quota'"
done
try 'dpk compare blur data/coast.png --precision=little'
try 'dpk compare blur data/coast.png --budget=0'
try 'dpk compare blur data/coast.png --backend=omp'
try 'dpk compare blur --size=100 --scope=run'
try 'dpk compare blur data/coast.png - --scope=run'
try 'dpk compare blur data/coast.png hash: --scope=run'
# What does not fit into memory; of a sweep, before its first value is measured. A third of what there
# is, four times.
amounts() { sed -E 's/[0-9.]+ [kMGTP]?B/N B/g'; }
try 'dpk compare blur --size=100M 2>&1 | amounts'
third=$(awk '/^MemAvailable/ { printf "%d", sqrt($2 * 1024 / 3 / 3) }' /proc/meminfo)
try 'dpk compare blur --size=$third --backends=seq,omp,fork 2>&1 | amounts'
try 'dpk compare blur --size=$third --backends=omp,fork 2>&1 | amounts'
try 'dpk sweep blur --size=10,$third --backends=seq,omp,fork 2>&1 | amounts'
try 'dpk compare blur data/coast.png --sigma=-1'
for output in - hash: null: ./data/coast.png; do
  try "dpk compare blur data/coast.png $output --scope=run"
done
try 'dpk compare blur - --scope=run <data/coast.png'
try 'dpk compare blur data/coast.png out.unknown --scope=run'
try 'dpk compare blur data/coast.png missing/out.png --scope=run'
try 'dpk compare --host'
try 'dpk compare --command'
try 'dpk compare --command blur data/coast.png null: 3>&-'
try 'dpk sweep'
try 'dpk sweep blur data/coast.png'
try 'dpk sweep blur --size=100..10'
try 'dpk sweep blur --size=10..100 --sigma=1,2'
try 'dpk sweep blur --size=ten..100'
try 'dpk sweep blur --size=10 --sigma=1,x'
try 'dpk sweep blur --size=10 --edge=clamp,miror'
try 'dpk sweep blur --size=10 --sgima=1,2'
try 'dpk sweep mandelbrot --width=10,0'
try 'dpk compare compare'
ls -A
