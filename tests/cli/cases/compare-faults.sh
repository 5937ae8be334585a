# Costs of a known size are found, and found where they are: workers that start late, one slow
# chunk, workers that end late. A worker that sleeps does so for as long as it was told at the least;
# a machine that others use may make anything longer, so it is tried again until it does not.
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
holds() { # AWK-CONDITION on start, work, wait, stop
  awk -v start="$start" -v work="$work" -v wait="$wait" -v stop="$stop" "BEGIN { exit !($1) }"
}
# Started by the caller, a worker of threads or a process is late by 200 ms; the other, which may be
# the caller itself, waits for it, so that the mean is as much.
late_start() {
  read -r start work wait stop <<<"$(quickest "$1" start:200)"
  holds 'start >= 199 && start < 300 && stop < 100'
}
late_stop() {
  read -r start work wait stop <<<"$(quickest "$1" stop:200)"
  holds 'stop >= 199 && stop < 300 && start < 100'
}
# What one worker works longer, the other waits for.
slow_chunk() {
  read -r start work wait stop <<<"$(quickest "$1" chunk:2000)"
  holds 'wait > 0.8 * work && wait < 1.2 * work && start + stop < 0.2 * work'
}
for backend in omp fork; do
  for fault in late_start late_stop slow_chunk; do
    until_true $fault $backend && echo "$backend $fault: found" ||
      echo "start $start, work $work, wait $wait, stop $stop ms"
  done
done
# Workers that stay are late once, which is told, and no round waits for them again.
kept_start() {
  read -r start work wait stop <<<"$(quickest pool start:200)"
  holds 'start < 100 && stop < 100'
}
until_true kept_start && echo "pool kept_start: found" ||
  echo "start $start, work $work, wait $wait, stop $stop ms"
DPK_FAULT=start:200 dpk compare blur data/coast.png --backends=pool -j2 --rounds=1 | tr '\n' ' ' |
  grep -oE 'its workers were started +once'
