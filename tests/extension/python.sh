#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# python.sh: examples/dpk_numpy.py uses an installed libdpk on every backend. BUILD is the build
# folder, PYTHON the interpreter, by default python3, wherever it has numpy.
source "$(dirname "$0")/tools.sh"
python=
for candidate in ${PYTHON:-python3 /usr/bin/python3}; do
  [[ -n $python ]] || ! "$candidate" -c 'import numpy' 2>/dev/null || python=$candidate
done
[[ -n $python ]] || { echo "skipped: there is no python3 with numpy"; exit 77; }
install_dpk

export DPK_LIBRARY=$library/libdpk.so
for backend in seq omp fork pool; do
  "$python" "$tree/examples/dpk_numpy.py" $backend >said 2>&1 || { cat said >&2; exit 1; }
  grep -q "C-contiguous" said && grep -q '^sorted 100000 numbers, their sum is' said
done
