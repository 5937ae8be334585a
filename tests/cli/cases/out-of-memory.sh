# When memory runs out, the kernel kills a worker and not its parent, which says why it died. Needs a
# memory cgroup of its own, in which another process takes all the memory there is.
skip_if_sanitized # whose memory is more than the limit
ulimit -c 0
name=dpk-test-$$
leave() {
  until_true eval '[[ ! $(<$root/cgroup.procs) ]]'
  rmdir $root
}
for root in /sys/fs/cgroup/memory/$name /sys/fs/cgroup/$name; do
  mkdir $root 2>/dev/null || continue
  trap 'kill -KILL $(cat $root/cgroup.procs) 2>/dev/null; leave' EXIT
  for limit in memory.limit_in_bytes memory.max; do
    [[ -w $root/$limit ]] && echo 64M >$root/$limit && break 2
  done
  rmdir $root
done 2>/dev/null
[[ -d $root && -e $root/$limit ]] || skip "no memory cgroup can be made"
[[ ! -e $root/memory.swap.max ]] || echo 0 >$root/memory.swap.max
within() {
  echo $BASHPID >$root/cgroup.procs
  exec "$@"
}
echo old >out.png
(within $long_run out.png --backend=fork -j2 --retries=0) 2>said &
process=$!
until_true computes $process
workers=$(children $process)
# It keeps all it reads, as there is no end of a line.
(within tail --lines=1 /dev/zero) >/dev/null 2>&1 &
disown # that it is killed, too, is not told
code=0
wait $process || code=$?
echo "exit $code"
sed -E 's/worker . \(process [0-9]*\)/worker W (process N)/; s/(while it worked on band|between two bands).*/.../' said
until_true all_gone $workers
cat out.png
