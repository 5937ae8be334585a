# The first process of a container does not die of signals, but it ends when it gets one.
skip_if_sanitized
unshare --fork --pid --mount-proc true 2>/dev/null || skip 'no process namespaces here'
set -m
for backend in seq omp fork; do
  for signal in TERM INT ALRM; do
    echo old >out.png
    unshare --fork --pid --mount-proc $long_run out.png --backend=$backend -j2 2>said &
    process=$!
    until_true has_child $process
    first=$(children $process)
    until_true computes "$first"
    kill -$signal "$first"
    code=0
    wait $process 2>/dev/null || code=$?
    echo "$backend $signal: $code"
    cat said out.png
  done
done
ls -A
