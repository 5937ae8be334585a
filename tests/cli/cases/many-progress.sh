# On a terminal, what is done and how long it will take, by cost; taken away at the end. One of two
# files is held up until its worker is ended, so that there is something to be seen.
command -v script >/dev/null || skip 'there is no script(1), which has a terminal'
skip_if_sanitized # they slow down what is not held up
cp data/coast.png data/grey.png .
export DPK_FAULT=span:0,kind=hang
TERM=xterm script --quiet --return --command \
  'dpk invert *.png --out-dir=out --backend=pool -j2 --timeout=2' /dev/null >screen || echo "exit $?"
tr '\r' '\n' <screen | grep -a ' left' | head -n 1 |
  sed "s/[0-9]* %/N %/; s/[0-9]* s left/N s left/; s/$(printf '\033')\[K/(cleared)/"
tr '\r' '\n' <screen | grep -a -c "^$(printf '\033')\[Kdpk: worker . (process [0-9]*) was ended, as it had been busy for longer than 2 s"
ls out
rm -r out
TERM=dumb script --quiet --return --command \
  'dpk invert *.png --out-dir=out --backend=pool -j2 --timeout=2' /dev/null | grep -c ' left'
true
