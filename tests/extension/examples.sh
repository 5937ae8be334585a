#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# examples.sh: the programs of examples/ are built against an installed libdpk, in C and in C++, by
# pkg-config and by CMake, and do the same on every backend as the program dpk. BUILD, CC and
# GENERATOR are the build's, DPK the program.
source "$(dirname "$0")/tools.sh"
install_dpk

names=(arrays files)
suffixes=(c)
build_examples c "$CC" -std=c17 -Wpedantic
if command -v "${CXX:-c++}" >/dev/null; then
  build_examples cpp "${CXX:-c++}" -x c++ -std=c++11
  suffixes+=(cpp)
  for target in dpk dpk_static; do
    cmake -S "$tree/examples" -B $target -G "$GENERATOR" -DCMAKE_C_COMPILER="$CC" \
      -DCMAKE_PREFIX_PATH="$root" -DLIBDPK=dpk::$target >log 2>&1 &&
      cmake --build $target >>log 2>&1 || { cat log >&2; exit 1; }
    for name in "${names[@]}"; do
      mv $target/$name $name-$target
      mv $target/${name}_cpp $name-$target-cpp
    done
    suffixes+=($target $target-cpp)
  done
else
  echo 'there is no C++ compiler: the examples are built as C alone'
fi

"$DPK" blur coast.png blurred.png --sigma=1.5
"$DPK" sobel blurred.png expected.ppm
for suffix in "${suffixes[@]}"; do
  for backend in seq omp fork pool; do
    [[ $(./arrays-"$suffix" $backend) == '480 x 640, at the edge of the square: 0.5'* ]]
    ./files-"$suffix" coast.png edges.ppm $backend 2>said
    grep -q '^sobel: .* ms, .* work' said || { cat said >&2; exit 1; }
    cmp edges.ppm expected.ppm
  done
done
code=0
./arrays-c nobody 2>said || code=$?
[[ $code == 1 ]] && grep -q "nobody" said
! ./files-c missing.png edges.ppm 2>said
grep -q 'missing.png' said
