# Ctrl-Z stops all processes of a run, fg lets them go on, as if nothing had been: also with a limit
# of time, which does not count what passes meanwhile.
exec 2>/dev/null # what the shell says of its jobs
all_stopped() {
  local process
  for process in $run $(children $run); do
    [[ $(stat_field "$process" 1) == T ]] || return 1
  done
}
several() { (($(children "$1" | wc -w) >= 3)); }
whole='dpk crash out.npy --items=400 --operations=1000000'
stream='dpk mandelbrot out.png --width=500 --height=500 --iterations=5000 --samples=4'
for command in "$whole" "$stream"; do
  out=$(cut -d ' ' -f 3 <<<"$command")
  $command
  mv "$out" good
  for option in '' --timeout=1; do
    set -m # as an interactive shell: the run is a group of its own, as with a terminal
    $command --backend=fork -j3 $option 2>said &
    run=$!
    set +m # or the shell leaves its loops when it sees that a job has been stopped
    until_true several $run
    kill -TSTP -- -$run
    until_true all_stopped
    [[ ! $option ]] || sleep 3
    kill -CONT -- -$run
    code=0
    wait $run || code=$?
    echo "$command $option: exit $code"
    [[ $option ]] || cat said
    cmp "$out" good
  done
done
ls -A
