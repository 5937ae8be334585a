# Signals from outside in a run that keeps going. A worker that someone kills is replaced, and what
# it worked on is done again: nothing is missing. Ctrl-C ends it as any other run.
ulimit -c 0
works() { [[ $(children "$1") ]]; }
in_group() { # PROCESS-GROUP: are there processes left in it?
  local stat
  for stat in /proc/[0-9]*/stat; do
    stat=${stat#/proc/}
    [[ $(stat_field "${stat%/stat}" 3) != "$1" || $(stat_field "${stat%/stat}" 1) == Z ]] || return 0
  done
  return 1
}

# The parent sleeps meanwhile, so that who is killed is still there, and has work or waits for it.
work='dpk crash --items=400 --operations=4000000 --backend=fork'
$work good.npy
$work out.npy -j3 --keep-going 2>said &
process=$!
until_true works $process
kill -STOP $process
workers=($(children $process))
kill -KILL "${workers[0]}"
until_true all_gone "${workers[0]}"
kill -CONT $process
code=0
wait $process || code=$?
echo "exit $code"
sed -E 's/worker . \(process [0-9]*\)/worker W (process N)/; s/chunk .* it is/.../' said
cmp good.npy out.npy

# In the midst of work, and when all workers are just being replaced.
set -m # as an interactive shell, which does not let its background jobs ignore Ctrl-C
for victims in none all all all; do
  echo old >out.png
  $long_run out.png --backend=fork -j3 --keep-going 2>said &
  process=$!
  until_true works $process
  [[ $victims == none ]] || kill -KILL $(children $process) 2>/dev/null
  kill -INT -- -$process
  code=0
  wait $process 2>/dev/null || code=$?
  in_group $process && echo 'a process is left'
  echo "exit $code"
  cat said out.png
done
ls -A
