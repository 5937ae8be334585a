# A few bytes that claim a picture of 2^31 x 2^31 pixels are refused before memory is taken.
skip_if_sanitized
png() { # IHDR after its length, CRC included
  printf '\x89PNG\r\n\x1a\n\0\0\0\rIHDR'
  printf "$1"
}
png '\x80\0\0\0\x80\0\0\0\x08\x02\0\0\0\x72\xd6\xce\x1d' >2-31.png
png '\x7f\xff\xff\xff\x7f\xff\xff\xff\x08\x02\0\0\0\x9b\xab\x9c\x31' >largest.png
png '\0\x01\x86\xa0\0\x01\x86\xa0\x08\x02\0\0\0\x27\x30\x9c\x9f' >large.png
printf 'P6\n99999 99999\n255\n' >large.ppm
ulimit -v 300000
for file in 2-31.png largest.png large.png large.ppm; do
  try "dpk invert $file out.png"
done
try 'dpk invert large.png out.png --limit-pixels=100G'
try 'dpk mandelbrot null: --width=20000 --height=20000 --stream=off'
[[ ! -e out.png ]] || echo 'there is an output'
