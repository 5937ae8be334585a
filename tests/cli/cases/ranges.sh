# Values outside of what a parameter takes.
for value in -1 501 nan inf 1e999 3px '' ' 3' 0x; do
  try "dpk blur data/tiny.ppm null: --sigma='$value'"
done
for value in -1 1.5 x 99999999999999999999; do
  try "dpk median data/tiny.ppm null: --radius='$value'"
done
try 'dpk blur data/tiny.ppm null: --sigma'
try 'dpk blur data/tiny.ppm null: -j'
try 'dpk blur data/tiny.ppm null: --sigma=0'
try 'dpk blur data/tiny.ppm null: --sigma=500'
