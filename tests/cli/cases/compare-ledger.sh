# Where the time of the workers went adds up to wall time times workers, within 1 %, for every kernel
# and backend, in memory and as whole commands. (Of some rounds one may be torn apart by a busy
# machine just where the clock is read: the second worst counts.)
adds_up() {
  awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
    { sum = 0
      for (i = column["load_ns"]; i <= column["stop_ns"]; i++) sum += $i
      whole = $column["wall_ns"] * $column["workers"]
      off = (sum > whole ? sum - whole : whole - sum) / whole
      name = $column["variant"]
      if (off > worst[name]) { second[name] = worst[name]; worst[name] = off }
      else if (off > second[name]) second[name] = off }
    END { for (name in worst) if (second[name] > 0.01) print name ": off by " 100 * second[name] " %" }'
}
# Sizes of inputs, the first that the kernel has memory for: arrays that last for a millisecond or so.
sizes() {
  local description
  description=$(dpk info --json "$1")
  if [[ $description != *'"output": false'* ]]; then
    echo 0 # it has no inputs
  elif [[ $description =~ \"output\":\ false,[[:space:]]*\"image\":\ true ]]; then
    echo 1024
  else
    echo 1000000 256 # of a vector, or else of a matrix
  fi
}
checked=0
for kernel in $(dpk list kernels | sed -n 's/^  \([a-z0-9-]*\) .*/\1/p'); do
  ! dpk "$kernel" --help | grep -q -e '--items=' || continue # scenarios do not last long enough
  for size in $(sizes "$kernel"); do
    dpk compare "$kernel" --size="$size" -j 1,2,3 --rounds=4 --csv=all.csv >said 2>&1 && break
    [[ $size == 1000000 ]] && grep -q ' of memory, and ' said || cat said
  done
  adds_up <all.csv | sed "s/^/$kernel: /"
  checked=$((checked + 1))
done
((checked > 0)) || echo 'no kernels'
dpk compare blur data/coast.png --scope=run -j 2 --rounds=4 --csv=- | adds_up
