# The command lines that the pages of the kernels show, run as they stand, but for how long what
# measures does so; under sanitizers, where that means nothing, it is left out.
cp data/coast.png in.png
[[ -n $(kernels) ]] || echo 'no kernels'
for kernel in $(kernels); do
  dpk "$kernel" --help | sed -n '/^Examples:/,/^Plug-in/ s/^  dpk /dpk /p' >lines
  [[ -s lines ]] || echo "$kernel has no example"
  while read -r line; do
    if [[ $line == 'dpk compare'* || $line == 'dpk sweep'* ]]; then
      [[ -z $SANITIZED ]] || continue
      line=$(sed 's/--budget=[0-9.]*//' <<<"$line --budget=0.1")
    fi
    bash -c "$line" >said 2>&1 || echo "exit $? from: $line: $(<said)"
  done <lines
done
