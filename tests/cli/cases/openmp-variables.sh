# What the environment tells OpenMP about processors and stacks is for its threads: it neither makes
# other workers fewer, nor ends the program.
skip_if_sanitized # whose threads need larger stacks, and which reserves terabytes of addresses
may_use() { # PROCESS
  sed -n 's/Cpus_allowed:\s*//p' "/proc/$1/status"
}
here=$(may_use $$)
affinity=$(dpk info | grep -E '^ *(affinity|default jobs) ')
for setting in OMP_PROC_BIND=true OMP_PROC_BIND=close OMP_PLACES=cores OMP_PLACES='{0}' \
  GOMP_CPU_AFFINITY=0; do
  [[ $(env "$setting" dpk info | grep -E '^ *(affinity|default jobs) ') == "$affinity" ]] ||
    echo "$setting: $(env "$setting" dpk info | grep -E '^ *(affinity|default jobs) ')"
  env "$setting" $long_run null: --backend=fork -j2 &
  process=$!
  until_true computes $process
  for each in $process $(children $process); do
    [[ $(may_use "$each") == "$here" ]] || echo "$setting: a process may use $(may_use "$each")"
  done
  kill -KILL $process
  wait $process 2>/dev/null
  env "$setting" dpk blur data/coast.png hash: --backend=omp -j2
done

# Stacks that there is no memory for.
(ulimit -v 1000000; OMP_STACKSIZE=512M dpk invert data/coast.png hash: --backend=omp -j4 2>&1)
(ulimit -v 1000000; OMP_STACKSIZE=9999999G dpk invert data/coast.png hash: --backend=omp -j4 2>&1)
for size in 16M 300k 20000 64K 1 99999999999999999999 '' x; do
  OMP_STACKSIZE=$size dpk invert data/coast.png hash: --backend=omp -j2 2>/dev/null || echo "$size: $?"
done | uniq

# As few descriptors as allow the work at all: the threads end in order.
for ((most = 4; most <= 16; most++)); do
  code=0
  (ulimit -n $most; dpk invert data/coast.png out.png --backend=omp -j2) 2>said || code=$?
  ((code < 126 || code == 127)) || { echo "$most descriptors: exit $code"; cat said; } # 127: no program
done
ls -A
