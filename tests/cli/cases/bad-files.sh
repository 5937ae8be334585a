# Pictures that are none: a sentence, exit code 3, and no output.
: >empty.png
head -c 5000 data/coast.png >truncated.png
head -c 60 data/coast.png >stump.png
echo 'this is no picture' >text.png
(head -c 300000 data/coast.png; printf damage; tail -c +300007 data/coast.png) >corrupted.png
(head -c 16 data/coast.png; printf X; tail -c +18 data/coast.png) >wrong-head.png
printf 'P5\n10 10\n255\nabc' >truncated.pgm
printf 'P5\n10 x\n255\nabc' >malformed.pgm
printf '\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0\0\0\0\0\x08\x02\0\0\0\xb4\xe9\xeb\x45' >no-pixels.png
printf 'P7\nWIDTH 1\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nTUPLTYPE CMYK\nENDHDR\nabcd' >cmyk.pam
for file in missing.png empty.png truncated.png stump.png text.png corrupted.png wrong-head.png \
  truncated.pgm malformed.pgm cmyk.pam no-pixels.png . data/coast.png/x.png; do
  try "dpk invert $file out.png"
done
try 'dpk invert data/coast.png out.png --in-format=npy'
try 'dpk invert data/tiny.ppm out.png --in-format=png'
ls -A | grep -v -e '^data$' -e 'png$' -e 'pgm$' -e 'pam$'
[[ ! -e out.png ]] || echo 'there is an output'
