# Every kernel and every command has a page, by whichever words one asks for it.
try 'dpk invert --help'
for kernel in $(kernels); do
  dpk "$kernel" --help >page || echo "no page for kernel $kernel"
  grep -q "^$kernel: ." page && grep -q "^Usage: dpk $kernel " page && grep -q '^Examples:' page ||
    echo "the page of $kernel lacks a part"
  dpk help "$kernel" | cmp - page || echo "dpk help $kernel differs"
  dpk info "$kernel" | cmp - page || echo "dpk info $kernel differs"
done
for command in $(dpk list commands | awk '{ print $1 }'); do
  dpk "$command" --help >page || echo "no page for command $command"
  grep -q "^dpk $command: ." page || echo "the page of $command does not begin with its name"
done
try 'dpk help blurr'
