# Many files at once: each gets what it would get alone, wherever it is named and wherever it goes.
alone() { # OUTPUT INPUT [OPTION…]
  dpk blur "$2" alone.png "${@:3}" && cmp alone.png "$1"
  rm -f alone.png
}
pictures='coast grey grey16 interlaced rgb16 rgba'
for backend in $(backends); do
  dpk blur data/{coast,grey,grey16,interlaced,rgb16,rgba}.png --out-dir=out --backend=$backend -j3 \
    2>said || echo "$backend: exit $?"
  grep -v 'not kept\|left out\|is not' said
  for picture in $pictures; do
    alone out/$picture.png data/$picture.png
  done
  (($(ls -A out | wc -l) == 6)) || ls -A out
  rm -r out
done

# Patterns, in a folder or from here; an output may have a format of its own.
try 'dpk blur data/grey.png data/rgb16.png --out="{stem}-{kernel}.{ext}" --sigma=4 && ls *.png'
alone grey-blur.png data/grey.png --sigma=4
try 'dpk invert data/grey.png data/rgb16.png --out-dir=ppm --out-format=pam && ls ppm'
try 'dpk invert data/grey.png data/rgb16.png --out-dir=ppm --out="{{{number}}}.pam" && ls ppm'
try 'dpk invert data/grey.png data/rgb16.png --out=null:'
try 'dpk grayscale data/coast.png --out-dir=one && ls one'

# Lists: of lines, of names with zeros between them, from standard input, and beside words.
printf 'data/grey.png\n\ndata/rgb16.png' >list
try 'dpk invert --from=list --out-dir=listed && ls listed'
try 'printf "data/grey.png\0data/rgba.png\0" | dpk invert data/coast.png --from=- --out-dir=piped && ls piped'

# Folders keep what is below them; hidden files and other files are left alone, and so are outputs.
mkdir -p tree/a/b tree/.hidden
cp data/grey.png tree/one.png
cp data/grey.png tree/a/b/two.png
cp data/grey.png tree/.hidden/three.png
echo words >tree/a/words.txt
try 'dpk invert tree --recursive --out-dir=tree/out && find tree | sort'
try 'dpk invert tree --recursive --out-dir=tree/out --out="{stem}.pgm" && find tree/out | sort'
rm -r tree/out
try 'dpk invert tree --recursive --out="{dir}/{stem}-{kernel}.pgm" && find tree -name "*-*" | sort'

# In place: the names stay, the contents do not.
mkdir place
cp data/grey.png data/rgb16.png place
ln -s grey.png place/link.png
try 'dpk invert place/grey.png place/rgb16.png --in-place && ls place'
dpk invert data/grey.png alone.png && cmp alone.png place/grey.png
dpk invert data/rgb16.png alone.png && cmp alone.png place/rgb16.png
try 'dpk invert place/link.png --in-place && readlink place/link.png'
dpk invert alone.png again.png
dpk invert place/grey.png alone.png && dpk invert data/grey.png again.png && cmp alone.png again.png

# Without anything that says where outputs go, two files are input and output, as ever.
cp data/grey.png b.png
try 'dpk invert data/coast.png b.png && dpk invert data/coast.png c.png && cmp b.png c.png'

# What it took; numbers are those of the machine.
dpk invert data/grey.png data/rgb16.png --out-dir=out --stats 2>&1 |
  sed 's/[0-9][0-9.]* \(ns\|µs\|ms\|s\|B\|kB\|MB\|GB\|TB\|files.s\|Mpixel.s\|%\|workers*\)\b/N \1/g; s/[0-9.]* %/N %/'
