# Workers that someone kills are replaced, and what they had is done again: exit code 0, the bytes of
# a run in which nothing happens, a line for each death. The parent is stopped meanwhile, so that
# whoever is killed is still there, and works or waits.
skip_if_sanitized # they report faults in their own words
ulimit -c 0
several() { (($(children "$1" | wc -w) >= 3)); }
disturb() { # SIGNAL VICTIM…: by place among the workers
  local signal=$1 victim victims=()
  shift
  until_true several $process
  kill -STOP $process
  workers=($(children $process))
  for victim; do
    kill -"$signal" "${workers[victim]}"
    victims+=("${workers[victim]}")
  done
  [[ $signal == STOP ]] || until_true all_gone "${victims[@]}"
  kill -CONT $process
}
replaced() { # SIGNAL VICTIMS COMMAND…
  local code=0 signal=$1 victims=$2
  shift 2
  "$@" 2>said &
  process=$!
  disturb $signal $victims
  wait $process || code=$?
  echo "$signal $victims, ${*:4}: exit $code"
  sed -E 's/worker . \(process [0-9]*\)/worker W (process N)/; s/ (while it worked on|between two) .*; .*/ .../' said
}
whole='dpk crash whole.npy --items=400 --operations=1500000 --backend=fork -j3'
stream='dpk mandelbrot stream.png --width=500 --height=1000 --iterations=5000 --samples=4 --backend=fork -j3'
${whole/whole.npy/whole-good.npy}
${stream/stream.png/stream-good.png}
replaced KILL 1 $whole
replaced SEGV '0 2' $whole --schedule=static
cmp whole.npy whole-good.npy
replaced KILL 1 $stream
replaced ABRT '0 1 2' $stream --schedule=static
cmp stream.png stream-good.png

# A worker that is stopped is ended when the time for one chunk or band is over, and not before:
# the parent is stopped meanwhile, which does not count. On a busy machine there may be more deaths.
replaced STOP 1 $whole --timeout=1 | sort -u
replaced STOP '0 2' $stream --timeout=1 | sort -u
cmp whole.npy whole-good.npy
cmp stream.png stream-good.png
ls -A
