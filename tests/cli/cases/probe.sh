# The machine's roof: measured, kept, shown again, without a place to keep it. Figures are only
# looked at for being there; what is said about a busy machine is not looked at.
figures() {
  sed -n '/^roof/,/^software/p' | grep -v software | sed -E 's/[0-9.e+]+ (G.*\/s)/N \1/' |
    sed "s|$HOME|HOME|; s/threads  .*/threads/; /^  [cf][0-9a-z]* all threads/d"
}
try 'dpk info | figures'
try 'dpk info --json | sed -n "/roof/,/}/p"'
dpk info --probe >probed 2>said || skip "$(cat said)" # as where memory is scarce
try 'figures <probed'
try 'grep -cE "(GB|GFLOP)/s$" probed | grep -cx -e 3 -e 6'
try 'grep -E " 0(\.0*)? G|nan|inf$" probed'
try 'dpk info | diff - probed | grep "/s"'
try 'sed "s/:.*//; s/,.*//" ~/.cache/dpk/roof.txt'
echo damaged >~/.cache/dpk/roof.txt
try 'dpk info | figures'
try 'env --unset=HOME dpk info --probe 2>/dev/null | figures'
try 'dpk info --probe blur'
try 'dpk info blur sobel'
