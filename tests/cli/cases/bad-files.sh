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
# What the file is, is told if it is something well-known.
name() { # NAME, then the bytes of its head
  printf "$2" >"$1"
  try "dpk invert $1 out.png"
}
name a.jpg '\xff\xd8\xff\xe0\0\x10JFIF'
name a.gif 'GIF89a\1\0\1\0'
name a.tiff 'II*\0\x08\0\0\0'
name a.webp 'RIFF\x24\0\0\0WEBPVP8 '
name a.avif '\0\0\0\x20ftypavif'
name a.npz 'PK\3\4'
name a.npy.gz '\x1f\x8b\x08'
name short.webp 'RIFF\x24\0\0\0WEB'
try 'dpk invert data/coast.png out.png --in-format=npy'
try 'dpk invert data/tiny.ppm out.png --in-format=png'
ls -A | grep -v -e '^data$' -e 'png$' -e 'pgm$' -e 'pam$' -e '^a\.' -e short
[[ ! -e out.png ]] || echo 'there is an output'
