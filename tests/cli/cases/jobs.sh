# -j takes 1 to 1024 workers; no machine is asked for more than it can start.
for value in 0 -1 100000 1025 abc 2x '' 1.5; do
  try "dpk blur data/coast.png null: -j '$value'"
done
for backend in seq omp fork; do
  try "dpk blur data/coast.png null: --backend=$backend -j1024 2>/dev/null"
  try "dpk blur data/coast.png null: --backend=$backend -j 3"
  try "dpk blur data/coast.png null: --backend=$backend --jobs=3"
  try "dpk blur data/coast.png null: --backend=$backend -j3"
done
