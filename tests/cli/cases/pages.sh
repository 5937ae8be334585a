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
  dpk help "$command" | cmp - page || echo "dpk help $command differs"
done
# Each option of a usage line is explained, and what a page says is accepted.
for command in compare sweep tour info verify; do
  dpk help $command >page
  grep -m 1 -A 3 '^Usage' page | grep -o -e '--[a-z]*' | grep -v parameter | while read -r option; do
    grep -q -e "^  \(-., \)\?$option\b" page || echo "dpk help $command does not explain $option"
  done
done
dpk help run | grep -c -e '^  --backend=' -e '^  -j, --jobs=' -e '^  --trace=' -e '^  --png='
# As wide as the terminal, but for words, examples and formulas.
for columns in 56 70 90; do
  for command in $(dpk list commands | awk '{ print $1 }'); do
    COLUMNS=$columns dpk help "$command" | grep -v -e '^  -'
  done >wide
  COLUMNS=$columns dpk help | sed '/^Usage/,/^$/d; /^dpk /d; /^Examples/,/^$/d' >>wide
  LC_ALL=C.UTF-8 grep -E "^.{$((columns + 1)),}$" wide
done
try 'dpk help blurr'
try 'dpk help blur sobel'
try 'dpk info blur sobel'
