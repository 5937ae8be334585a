# Results near the largest number are finite, although sums on the way to them may not be.
npy() { # TYPE, SHAPE, then octal bytes of elements
  local head="{'descr': '<$1', 'fortran_order': False, 'shape': ($2), }"
  printf '\x93NUMPY\x01\0'
  printf "\\x$(printf %02x ${#head})\\0%s" "$head"
  printf "$3"
}
repeat() { # COUNT TEXT
  printf "$2%.0s" $(seq "$1")
}
# The largest magnitude of real and imaginary parts, and how many lines are no numbers.
look() {
  tr ' ' '\n' | sed -E 's/(.)([-+])([0-9.]+(e[-+][0-9]+)?)i$/\1 \2\3/' |
    awk -v unit="$1" '
      /nan|inf/ { odd++ }
      { for (i = 1; i <= NF; i++) { v = $i / unit; v = v < 0 ? -v : v; if (v > most) most = v } }
      END { printf "at most %.3g of %s, %d are no numbers\n", most, unit, odd }'
}
zero='\\0\\0\\0\\0\\0\\0\\0\\0' large='\\240\\310\\353\\205\\363\\314\\341\\177' # 1e308
less='\\51\\220\\43\\312\\345\\310\\166\\177' # 1e306
for n in 127 131 5000; do # factors; Bluestein; many lines
  npy f8 "$n," "$(repeat 3 "$zero")$(repeat 1 "$large")$(repeat $((n - 4)) "$zero")" >one-$n.npy
  npy f8 "$n," "$(repeat "$n" "$less")" >all-$n.npy
  try "dpk fft one-$n.npy text: | look 1e308"
  try "dpk fft all-$n.npy text: --inverse | look 1e306"
done
npy f8 '3, 131' "$(repeat 393 "$less")" >matrix.npy
try 'dpk fft matrix.npy text: --inverse --backend=fork -j2 | look 1e306'
npy f8 '131,' "$(repeat 131 "$large")" >sum.npy
try 'dpk fft sum.npy text: | grep -c inf' # 1.31e310 is none
npy f4 '9, 9, 1' "$(repeat 81 '\\346\\261\\141\\177')" >picture.npy # 3e38
try 'dpk blur picture.npy text: --sigma=1 | look 3e38'
