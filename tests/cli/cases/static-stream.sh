# --schedule=static holds in a stream, too: band b is worker b % jobs' own, beforehand. With dynamic
# bands, worker 0, which also reads and writes, has fewer.
python3 -c "" 2>/dev/null || skip "python3 is not installed"

foreign_bands() { # BACKEND: bands that another worker than its own has computed, of how many
  dpk mandelbrot null: --width=300 --height=400 --schedule=static --stream=on --backend="$1" -j3 \
    --trace=trace.json
  python3 - <<'END'
import json
bands = [(e["tid"], e["args"]["chunk"]) for e in json.load(open("trace.json"))["traceEvents"]
         if e["name"] == "work" and e["ph"] == "X" and "args" in e]
print(sum(tid != band % 3 for tid, band in bands), "of others,", len(bands) > 10)
END
}

for backend in omp fork pool; do
  foreign_bands $backend
done
