#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# library.sh: an installed libdpk, moved to another folder, serves who builds with it, in C and in C++,
# by pkg-config and by CMake, shared and static. BUILD, CC and GENERATOR are the build's.
source "$(dirname "$0")/tools.sh"

cmake --install "$BUILD" --prefix "$PWD/first" >log || { cat log >&2; exit 1; }
mv first "second place"
root=$PWD/"second place"
export PKG_CONFIG_PATH
PKG_CONFIG_PATH=$(dirname "$(find "$root" -name dpk.pc)")
library=$(dirname "$PKG_CONFIG_PATH")
export LD_LIBRARY_PATH=$library
! grep -rlI -e "$PWD" -e "$BUILD" "$library/cmake" "$PKG_CONFIG_PATH" ||
  { echo "these files name a folder of the build or of the first place" >&2; exit 1; }

cat >use.c <<'END'
#include <dpk/dpk.h>
#include <stdio.h>

int main(void)
{
    dpk_array array;
    const size_t shape[DPK_MAX_RANK] = { 3, 4 };
    dpk_array_shape(&array, DPK_U8, 2, shape);
    dpk_error err;
    (void)dpk_fail(&err, DPK_LIMIT, "%d elements", (int)dpk_count(&array));
    puts(err.text);
    return 0;
}
END
cp use.c use.cpp
flags() { # of pkg-config, one word a line, as a folder's name may have blanks
  pkg-config "$@" dpk | xargs -n1
}

mapfile -t words < <(flags --cflags --libs)
"$CC" -std=c17 -Wall -Wextra -Wpedantic -Werror use.c "${words[@]}" -o use
[[ $(./use) == "12 elements" ]]
if command -v "${CXX:-c++}" >/dev/null; then
  "${CXX:-c++}" -std=c++17 -Wall -Wextra -Werror use.cpp "${words[@]}" -o use_cpp
  [[ $(./use_cpp) == "12 elements" ]]
fi

cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.16)
project(use C)
find_package(dpk 0.1 REQUIRED)
add_executable(with_shared use.c)
target_link_libraries(with_shared dpk::dpk)
add_executable(with_static use.c)
target_link_libraries(with_static dpk::dpk_static)
END
cmake -S . -B built -G "$GENERATOR" -DCMAKE_C_COMPILER="$CC" -DCMAKE_PREFIX_PATH="$root" >log 2>&1 &&
  cmake --build built >>log 2>&1 || { cat log >&2; exit 1; }
[[ $(built/with_shared) == "12 elements" && $(built/with_static) == "12 elements" ]]
ldd built/with_shared | grep -q "$root.*libdpk.so.0"
if ldd built/with_static | grep libdpk; then
  exit 1
fi

kernel_of_readme >threshold.c
mapfile -t words < <(pkg-config --cflags dpk-plugin | xargs -n1)
"$CC" -std=c17 -O2 -shared -fPIC -fvisibility=hidden "${words[@]}" threshold.c -o threshold.so
"$root/bin/dpk" threshold coast.png hash: --plugin=threshold.so
