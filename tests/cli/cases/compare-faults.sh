# Costs of a known size are found, and found where they are: workers that start late, one slow
# chunk, workers that end late. They are so large that a busy machine does not hide them, and the
# round that took least is looked at.
skip_if_sanitized # where chunks that take 2000 times as long take minutes
quickest() { # BACKEND FAULT: ms of start, work, wait and stop, means over 2 workers
  DPK_FAULT=$2 dpk compare blur data/coast.png --sigma=30 --backends="$1" -j2 --rounds=4 --csv=- |
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
      !least || $column["wall_ns"] < least {
        least = $column["wall_ns"]
        line = $column["start_ns"] / 2e6 " " $column["work_ns"] / 2e6 " " \
          $column["wait_ns"] / 2e6 " " $column["stop_ns"] / 2e6
      }
      END { print line }'
}
within() { # WHAT IS WITHOUT SHOULD: 20 %
  awk -v what="$1" -v is="$2" -v without="$3" -v should="$4" 'BEGIN {
    found = is - without
    if (found > 0.8 * should && found < 1.2 * should) print what ": found"
    else print what ": " found " ms in place of " should " ms" }'
}
for backend in omp fork; do
  read -r start work wait stop <<<"$(quickest $backend none)"
  read -r late _ _ _ <<<"$(quickest $backend start:200)"
  within "$backend start" "$late" "$start" 200
  read -r _ _ _ late <<<"$(quickest $backend stop:200)"
  within "$backend stop" "$late" "$stop" 200
  # What one worker works longer, the other waits for.
  read -r _ worked waited _ <<<"$(quickest $backend chunk:2000)"
  within "$backend chunk" "$waited" "$wait" "$(awk -v a="$worked" -v b="$work" 'BEGIN { print a - b }')"
done
