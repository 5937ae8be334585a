# Without -j, as many workers as this process may use: what a scheduler, OpenMP's variable or the
# affinity grants, if it is less than the machine has.
default_jobs() {
  "$@" dpk info 2>/dev/null | sed -n 's/^  default jobs  *//p'
}
here=$(default_jobs)
((here >= 1)) || echo "default jobs: '$here'"
for variable in OMP_NUM_THREADS SLURM_CPUS_PER_TASK PBS_NCPUS NSLOTS LSB_DJOB_NUMPROC; do
  [[ $(default_jobs env $variable=1) == 1 ]] || echo "$variable is not heeded"
  [[ $(default_jobs env $variable=999999) == "$here" ]] || echo "$variable raises"
  [[ $(default_jobs env $variable=nonsense) == "$here" ]] || echo "$variable confuses"
done
processor=$(taskset --cpu-list --pid $$ | sed 's/.*: //; s/[^0-9].*//')
[[ $(default_jobs taskset --cpu-list "$processor") == 1 ]] || echo 'the affinity is not heeded'
[[ $(OMP_NUM_THREADS=1 dpk help run) == *'default 1 or'* ]] || echo 'the page does not tell'
OMP_NUM_THREADS=1 dpk blur data/coast.png null: --stats 2>&1 | grep -o '1 worker,'
