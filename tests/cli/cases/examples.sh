# The command lines that the pages of the kernels show, run as they stand.
cp data/coast.png in.png
[[ -n $(kernels) ]] || echo 'no kernels'
for kernel in $(kernels); do
  dpk "$kernel" --help | sed -n '/^Examples:/,/^Plug-in/ s/^  dpk /dpk /p' >lines
  [[ -s lines ]] || echo "$kernel has no example"
  while read -r line; do
    bash -c "$line" >said 2>&1 || echo "exit $? from: $line: $(<said)"
  done <lines
done
