#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ways.sh: the programs of examples/ that execute items in several ways do so on every backend, in C
# and in C++, and so do those in Python; and executors leave nothing behind. All are built against an
# installed libdpk. BUILD and CC are the build's.
source "$(dirname "$0")/tools.sh"
install_dpk

names=(loop thread_each process_each pool_submit pool_map)
suffixes=(c)
build_examples c "$CC" -std=c17 -Wpedantic
if command -v "${CXX:-c++}" >/dev/null; then
  build_examples cpp "${CXX:-c++}" -x c++ -std=c++11
  suffixes+=(cpp)
else
  echo 'there is no C++ compiler: the examples are built as C alone'
fi

# reported ITEMS LEAST PATTERN: a report of so many items that took so many ms at least, on average.
reported() {
  awk -v items="$1" -v least="$2" -v pattern="$3" '
    NR == 1 { right = index($0, ": " items " items that compute") && $0 ~ pattern }
    $1 == "items" { right = right && $4 >= least && $6 >= $4 }
    $1 == "starting" || $1 == "ending" { parts++; sum += $2 }
    $1 == "items" { parts++; sum += $2 }
    $1 == "in" { all = $3 }
    END { exit !(right && NR == 5 && parts == 3 && sum > all - 0.05 && sum < all + 0.05) }' said ||
    { cat said >&2; return 1; }
}

for suffix in "${suffixes[@]}"; do
  ./loop-"$suffix" --items=3 --work=1 >said
  reported 3 1 ': 1, this program itself$'
  for backend in seq threads fork pool; do
    for name in thread_each process_each; do
      ./$name-"$suffix" $backend --items=5 --work=1 >said
      reported 5 1 ", $backend$"
    done
    for name in pool_submit pool_map; do
      ./$name-"$suffix" $backend -j3 --items=7 --sleep=2 >said
      reported 7 2 ", $backend$"
    done
  done
done
./thread_each-c --items=4 --work=0 >said
reported 4 0 ': 4, threads$'
./process_each-c --items=4 --work=0 >said
reported 4 0 ': 4, fork$'
./pool_map-c -j2 --items=4 --work=0 >said
reported 4 0 ': 2, pool$'

# A worker that is killed, at whatever moment, takes no item with it.
./pool_map-c -j2 --items=4 --sleep=200 >said 2>notes &
worker=
until [[ $worker ]] || ! kill -0 $! 2>/dev/null; do
  sleep 0.01
  read -r worker _ <"/proc/$!/task/$!/children" || true # there is no newline at its end
done
kill -9 "$worker" || echo 'the program had ended before a worker could be killed'
wait $!
reported 4 200 ': 2, pool$'

# What is wrong is said in a sentence.
for name in "${names[@]:1}"; do
  code=0
  ./$name-c nobody 2>said || code=$?
  [[ $code == 1 ]] && grep -q "^$name-c: .*nobody" said
done
! ./loop-c --items=0 2>said
grep -q 'at least one item' said
! ./pool_map-c --wrong 2>said
grep -q -e '-jWORKERS' said

# What a million tasks leave, in small.
mapfile -t words < <(pkg-config --cflags --libs dpk | xargs -n1)
"$CC" -std=c17 -Wall -Wextra -Werror "$tree/bench/executors.c" "${words[@]}" -o executors
for backend in seq threads fork pool; do
  ./executors $backend soak 2 300 >said
  grep -q "^$backend: .* are as before;" said || { cat said >&2; exit 1; }
done
[[ $(./executors pool trip 2) == *.* ]]

python=$(command -v python3 || true)
[[ $python ]] || { echo 'there is no python3: the programs in Python are left out'; exit 0; }
export PYTHONDONTWRITEBYTECODE=1
for name in "${names[@]}"; do
  "$python" "$tree/examples/python/$name.py" -j2 --items=4 --work=1 >said
  reported 4 1 'workers: '
done
for name in pool_submit pool_map; do
  "$python" "$tree/examples/python/$name.py" threads -j2 --items=4 --sleep=1 >said
  reported 4 1 ': 2 threads$'
done
