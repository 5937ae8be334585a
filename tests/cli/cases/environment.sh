# Variables that replace defaults; the command line wins.
export DPK_BACKEND=fork
try 'dpk blur data/coast.png null: --stats 2>&1 | grep -o "backend [a-z]*"'
try 'dpk blur data/coast.png null: --stats --backend=seq 2>&1 | grep -o "backend [a-z]*"'
export DPK_BACKEND=frok
try 'dpk blur data/coast.png null:' | any_backends
unset DPK_BACKEND
export DPK_JOBS=3
try 'dpk blur data/coast.png null: --backend=fork --stats 2>&1 | grep -o "[0-9]* workers"'
export DPK_JOBS=0
try 'dpk blur data/coast.png null:' | any_backends
unset DPK_JOBS
export DPK_ISA=base
try 'dpk blur data/coast.png null: --stats 2>&1 | grep -o "ISA [a-z]*"'
export DPK_PLUGIN_PATH=/nonexistent:
unset DPK_ISA
try 'dpk invert data/tiny.ppm null:'
# The OpenMP runtime may give fewer threads than are asked for.
try 'OMP_THREAD_LIMIT=1 dpk blur data/coast.png null: --backend=omp -j2'
try 'OMP_MAX_ACTIVE_LEVELS=0 dpk blur data/coast.png null: --backend=omp -j2'
