# What is mistyped is told, with what may have been meant.
try 'dpk blr data/coast.png out.png'
try 'dpk zzzzzz data/coast.png out.png'
try 'dpk verfy'
try 'dpk blur data/coast.png out.png --sgima=3'
try 'dpk blur data/coast.png out.png --frobnicate'
try 'dpk blur data/coast.png out.png -q'
try 'dpk blur data/coast.png out.png --backend=frok' | any_backends
try 'dpk blur data/coast.png out.png --backend=gpu' | any_backends
try 'dpk blur data/coast.png out.png --backend=thread' | any_backends
try 'dpk blur data/coast.png out.png --png=best'
try 'dpk blur data/coast.png out.png --edge=miror'
try 'dpk blur data/coast.png out.png --isa=v9'
try 'dpk blur data/coast.png out.png --schedule=guided'
try 'dpk blur data/coast.png out.png --stats=maybe'
try 'dpk blur data/coast.png out.png --in-format=jpeg'
try 'dpk blur data/coast.png out.png --memory=private --backend=fork'
try 'dpk blur --sigma 3 data/coast.png hash: | cmp - <(dpk blur --sigma=3 data/coast.png hash:)'
try 'dpk blur data/coast.png hash: --no-stats | wc -l'
try 'dpk verify blurr'
try 'dpk verify --backend=frok' | any_backends
[[ ! -e out.png ]] || echo 'there is an output'
try 'dpk not-thread-safe hash: --backend=omp'
try 'dpk compare not-thread-safe --backends=seq,omp'
