# What is put in the way of a comparison is there while it measures, and gone afterwards, however it
# ends: busy neighbours.
source "$CASES/../load.sh"
put_in_the_way 2
# What ends by itself tells what it was measured beside.
dpk compare arithmetic --items=64 --backends=omp,fork -j2 --rounds=2 --neighbours=2 --json=said.json \
  >said
grep -o 'beside 2 busy neighbours' said
sed -n '/"conditions"/,/}/p' said.json
grep -o '"command": .*--neighbours=2"' said.json
