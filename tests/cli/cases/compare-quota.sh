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
if /usr/bin/python3 -c '' 2>/dev/null; then
  for scope in compute run; do
    measure --scope=$scope --json=said.json >/dev/null
    /usr/bin/python3 - <<'END'
import json
said = json.load(open("said.json"))
assert said["conditions"] == {"neighbours": 0, "quota": 0.025}, said["conditions"]
assert said["environment"]["cgroup_quota"] == 0.025
for sample in said["variants"][0]["samples"]:
    assert sample["throttled_times"] > 0, sample
assert said["environment"]["load"]["throttled_times"] > 0
END
  done
fi
