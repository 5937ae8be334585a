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
for kernel in $(dpk list kernels | sed -n 's/^  \([a-z0-9-]*\) .*/\1/p'); do
  case $kernel in
  mandelbrot) words=(--width=320 --height=240) ;;
  matmul) words=(--size=256) ;;
  fft | scan | sort | sum) words=(--size=1000000) ;;
  *) words=(--size=1024) ;;
  esac
  ! dpk "$kernel" --help | grep -q -e '--items=' || continue # scenarios do not last long enough
  echo "$kernel"
  dpk compare "$kernel" "${words[@]}" -j 1,2,3 --rounds=4 --csv=- | adds_up
done
dpk compare blur data/coast.png --scope=run -j 2 --rounds=4 --csv=- | adds_up
