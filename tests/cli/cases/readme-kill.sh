# What the README says about killed workers: the commands below that heading, as they stand there.
skip_if_sanitized # they report crashes in their own words, and need more memory
command -v pkill >/dev/null || skip "pkill is not installed: package procps"
ulimit -c 0
cp data/coast.png in.png
sed -n '/^## Kill a worker/,/^## [^K]/ { /^```sh$/,/^```$/ { /^```/d; p } }' \
  "$CASES/../../../README.md" >commands
# Which worker had which work when is a matter of luck; on a busy machine several seem to hang.
bash -v commands 2>&1 | sed -E 's/worker [0-9]+ \(process [0-9]+\)/worker W (process P)/
  s/( was | ended )(.*) (while it|before it|between) .*/\1\2/; s/item [0-9]+ of/item N of/' | uniq
