# A quota that is used up is counted, as it is by the system's own account. Work of milliseconds uses
# up one of a fortieth of a processor several times, however fast or busy the machine is.
measure() {
  dpk compare arithmetic --operations=2000 --backends=fork -j2 --rounds=1 --quota=2.5 "$@"
}
measure --markdown=said.md >said 2>&1 ||
  { grep -q '^dpk: --quota: ' said && skip "$(cat said)"; } || cat said
grep -o 'with a quota of [0-9.]* processors' said
grep -oE 'throttles +idled' said | tr --squeeze-repeats ' '
grep -o 'the CPU quota was used up' said.md
for scope in compute run; do
  measure --scope=$scope --json=said.json >/dev/null
  sed -n '/"conditions"/,/}/p' said.json
  grep '"cgroup_quota"' said.json
  grep '"throttled_times"' said.json | sort -u | grep -cvE ': [1-9]' # of all samples, and the load
done
# Its cgroup is there while it measures, and gone afterwards, however it ends.
source "$CASES/../load.sh"
put_in_the_way 1 --quota=50
