# Costs of a known size are found, and found where they are: workers that start late, one slow
# chunk, workers that end late. They are so large that a busy machine does not hide them, and the
# least of some rounds is taken.
least() { # BACKEND FAULT COLUMN-NAME: ms, mean over 2 workers
  DPK_FAULT=$2 dpk compare blur data/coast.png --sigma=30 --backends="$1" -j2 --rounds=4 --csv=- |
    awk -F, -v name="$3" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) column = i; next }
      !least || $column < least { least = $column } END { print least / 2e6 }'
}
within() { # WHAT IS SHOULD: 20 %
  awk -v what="$1" -v is="$2" -v should="$3" 'BEGIN {
    if (is > 0.8 * should && is < 1.2 * should) print what ": found"
    else print what ": " is " ms in place of " should " ms" }'
}
more() { awk -v with="$1" -v without="$2" 'BEGIN { print with - without }'; }
for backend in omp fork; do
  for place in start stop; do
    with=$(least $backend $place:200 ${place}_ns)
    within "$backend $place" "$(more "$with" "$(least $backend none ${place}_ns)")" 200
  done
  # What one worker works longer, the other waits for.
  worked=$(more "$(least $backend chunk:2000 work_ns)" "$(least $backend none work_ns)")
  waited=$(more "$(least $backend chunk:2000 wait_ns)" "$(least $backend none wait_ns)")
  within "$backend chunk" "$waited" "$worked"
done
