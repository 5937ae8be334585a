#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# plug-in.sh: the same file, built by one line into a plug-in, runs without building dpk anew; what
# is no plug-in, or one for another version, is refused. CC is the compiler, DPK the program.
source "$(dirname "$0")/tools.sh"

kernel_of_readme >threshold.c
plug_in() { # SOURCE RESULT OPTIONS…
  "$CC" -std=c17 -O3 -march=native -fopenmp-simd -ffp-contract=off -shared -fPIC \
    -DDPK_PLUGIN "${@:3}" -I "$tree/include" "$1" -o "$2"
}
plug_in threshold.c threshold.so

all_backends "$DPK" --plugin=threshold.so >expected
all_backends "$DPK" --plugin ./threshold.so | cmp - expected
"$DPK" --plugin=threshold.so list | grep -c '^  threshold .* (plug-in)$'
"$DPK" threshold --help --plugin=threshold.so | grep -c '^Plug-in: '
"$DPK" verify threshold --plugin=threshold.so
mkdir plug-ins
cp threshold.so plug-ins
export DPK_PLUGIN_PATH=/nonexistent:plug-ins
all_backends "$DPK" | cmp - expected
words="there is a kernel 'threshold' already"
refused "$DPK" list --plugin=threshold.so
unset DPK_PLUGIN_PATH
words="no kernel or command 'threshold'"
refused "$DPK" threshold coast.png null:

# Against another version's header.
mkdir -p other/dpk
sed 's/^#define DPK_ABI .*/#define DPK_ABI 999/' "$tree/include/dpk/dpk.h" >other/dpk/dpk.h
plug_in threshold.c other.so -I other
words='was built for ABI 999'
refused "$DPK" threshold coast.png null: --plugin=other.so

# What is no descriptor is refused, not followed: zeros, too many of something, members outside the
# struct, a command's name, a file that was cut short.
broken() { # NAME WORDS SED-COMMAND…
  sed "${@:3}" threshold.c >"$1.c"
  plug_in "$1.c" "$1.so"
  words=$2
  refused "$DPK" list --plugin="$1.so"
}
echo 'const char dpk_plugin[4096];' >zeros.c
plug_in zeros.c zeros.so
words='built for ABI 0'
refused "$DPK" list --plugin=zeros.so
broken ports 'more than 8 ports' '/^    DPK_OUT/{p;p;p;p;p;p;p;p;}'
broken passes 'more than 8 passes' '/\.name = "rows"/{p;p;p;p;p;p;p;p;}'
broken outside "'level' is no member of its struct" 's/\.size = sizeof(struct threshold)/.size = 8/; s/unsigned level;/char c[8]; unsigned level;/'
broken nameless 'is no name of a kernel' 's/DPK_KERNEL(threshold, /&.name = "", /'
broken command "'list' is the name of a command" 's/DPK_KERNEL(threshold,/DPK_KERNEL(list,/'
broken silent 'lacks a summary' 's/\.summary = "[^"]*",//'
head -c 9000 threshold.so >cut.so
words="'cut.so' has been cut short"
refused "$DPK" list --plugin=cut.so

# A plug-in that does not know the last field of a pass yet is loaded as if it were NULL.
mkdir -p older/dpk
sed '/dpk_partial (\*partial)/d' "$tree/include/dpk/dpk.h" >older/dpk/dpk.h
plug_in threshold.c older.so -I older
all_backends "$DPK" --plugin=older.so | cmp - expected

echo 'int nothing;' >empty.c
plug_in empty.c empty.so
words='is no plug-in of dpk'
refused "$DPK" list --plugin=empty.so
words='cannot load plug-in'
refused "$DPK" list --plugin=threshold.c
refused "$DPK" list --plugin=missing.so

# One bad file in DPK_PLUGIN_PATH is told of, and everything else works.
mkdir mixed
cp threshold.so mixed
cp empty.so mixed/bad.so
DPK_PLUGIN_PATH=mixed all_backends "$DPK" 2>said | cmp - expected
grep -q "^dpk: DPK_PLUGIN_PATH: 'mixed/bad.so' is no plug-in" said
DPK_PLUGIN_PATH=mixed "$DPK" --version 2>/dev/null | grep -q '^dpk '

# A plug-in does not change the order of the others, whatever its name and group.
sed 's/threshold/aaa/g; s/"image"/"scenario"/' threshold.c >aaa.c
plug_in aaa.c aaa.so
"$DPK" list --plugin=aaa.so | grep -v '(plug-in)$' | diff <("$DPK" list) -
"$DPK" list | grep 'kernels:$' | tail -n 1 | grep -q '^Scenario'
