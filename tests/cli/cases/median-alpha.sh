# Fully transparent pixels have no colour: beside them, medians are those of the others, whichever
# method finds them; where all are transparent, they stay. Alpha is filtered like any channel.
{
  printf 'P7\nWIDTH 6\nHEIGHT 3\nDEPTH 2\nMAXVAL 255\nTUPLTYPE GRAYSCALE_ALPHA\nENDHDR\n'
  for row in 3 4 5; do
    printf "\\00${row}\\377\\01${row}\\377\\02${row}\\377\\001\\000\\001\\000\\00${row}\\000"
  done
} >small.pam
try 'dpk median small.pam text:'
try 'dpk median small.pam text: --edge=zero'
try 'dpk median small.pam text: --radius=4'
# The same picture with 16 bits.
{
  printf 'P7\nWIDTH 6\nHEIGHT 3\nDEPTH 2\nMAXVAL 65535\nTUPLTYPE GRAYSCALE_ALPHA\nENDHDR\n'
  for row in 3 4 5; do
    printf "\\000\\00${row}\\377\\377\\000\\01${row}\\377\\377\\000\\02${row}\\377\\377"
    printf "\\000\\001\\000\\000\\000\\001\\000\\000\\000\\00${row}\\000\\000"
  done
} >wide.pam
try 'dpk median wide.pam text: --radius=4'
