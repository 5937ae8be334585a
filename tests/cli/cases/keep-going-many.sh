# As many workers as the machine lets there be, all of which die at once: given up in a sentence.
skip_if_sanitized # each worker reports its crash, and takes terabytes of addresses
ulimit -c 0
echo old >out.npy
code=0
dpk crash out.npy --items=640000 --item=0-639999 --operations=1 --backend=fork --keep-going -j1000 \
  2>said || code=$?
echo "exit $code"
sed -E 's/^dpk: only .* of 1000 processes.*//; /^$/d; s/while it worked on .*: given/...: given/
  s/[0-9]+ workers have died/N workers have died/' said
cat out.npy
