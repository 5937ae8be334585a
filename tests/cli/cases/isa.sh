# Kernels of whole numbers give one digest at every level that this processor has.
for isa in base v3 v4; do
  dpk sobel data/coast.png hash: --isa=$isa 2>said || grep -q 'v[34]' said || cat said
done | sort -u | wc -l
try 'dpk sobel data/tiny.ppm null: --isa=base'
try 'dpk sobel data/tiny.ppm null: --isa=auto'
