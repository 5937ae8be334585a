#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# test.sh: builds dpk with tests in every configuration that matters, and runs them.
# --quick: the dev preset alone, for use while developing.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

quick=no
case "$*" in
  "") ;;
  --quick) quick=yes ;;
  -h | --help)
    echo "usage: $0 [--quick]"
    echo "Installs what is missing, if it can, builds dpk with tests in every configuration, and runs"
    echo "them all; with --quick, the dev preset alone."
    exit
    ;;
  *) stop "usage: $0 [--quick]" ;;
esac

want_build_tools
want pkg-config "finds Criterion"
want libcriterion-dev "unit and contract tests"
want clang-format "style test: layout of the code"
want g++ "style test: dpk.h serves C++, too"
want python3-jsonschema "test of what is written as JSON"
want python3-numpy "test of libdpk from Python"
want ccache "compiles anew only what has changed"
if [[ $quick == no ]]; then
  want clang "second compiler, thread sanitizer"
  want libomp-dev "OpenMP for clang"
  want libclang-rt-14-dev "sanitizers for clang"
  want valgrind "helgrind: threads of executors"
fi
install_wanted

# A file that was compiled before is not compiled again, in whichever folder the tree lies.
if command -v ccache >/dev/null; then
  export CMAKE_C_COMPILER_LAUNCHER=${CMAKE_C_COMPILER_LAUNCHER-ccache}
  export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
fi

passed=0 failed=0 skipped=0 broken=no

# attribute NAME FILE: a number at the head of a JUnit report.
attribute() {
  grep --max-count=1 --only-matching "\b$1=\"[0-9]*\"" "$2" | tr --delete --complement 0-9
}

# skips FILE: "NAME: why" for each test that a JUnit report has as skipped.
skips() {
  awk '/<testcase / { name = $0; sub(/.*<testcase name="/, "", name); sub(/".*/, "", name); skip = 0 }
    /<skipped / { skip = 1 }
    skip && /<system-out>/ {
      sub(/.*<system-out>/, "")
      sub(/^([a-z0-9-]+: )?skipped: /, "")
      sub(/<\/system-out>.*/, "")
      print "  " name ": " ($0 == "" ? "it does not say why" : $0)
    }' "$1" | sed "s/&apos;/'/g; s/&quot;/\"/g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g"
}

# check NAME CMAKE-OPTION…: configures, builds and tests build/NAME; adds to the counts. $targets are
# what to build, if not all; $omit is a pattern of tests that say the same in every configuration.
check() {
  local name=$1 started=$SECONDS report all bad omitted
  say "$name: building"
  quietly cmake "${@:2}"
  quietly cmake --build "build/$name" --parallel "$(nproc)" ${targets:+--target $targets}
  say "$name: built in $((SECONDS - started)) s, testing"
  report=$PWD/build/$name/tests.xml
  rm -f "$report"
  ctest --test-dir "build/$name" --parallel "$(nproc)" --output-on-failure --no-tests=error \
    --output-junit "$report" ${omit:+--exclude-regex "$omit"} || broken=yes
  [[ -s $report ]] || stop "$name: no tests were run"
  all=$(attribute tests "$report")
  bad=$(attribute failures "$report")
  omitted=$(($(attribute skipped "$report") + $(attribute disabled "$report")))
  passed=$((passed + all - bad - omitted))
  failed=$((failed + bad))
  skipped=$((skipped + omitted))
  ((omitted == 0)) || say "$name: skipped"
  skips "$report"
}

check dev --preset dev
if [[ $quick == no ]]; then
  # Another compiler, and only zlib for PNG.
  export DPK_TEST_QUICK=yes # what the first build has checked in full
  omit='^style|^extension.built|^page|^cli.(examples|tour|compare-(ledger|faults|crash|quota))' \
    check clang --preset dev -B build/clang -DCMAKE_C_COMPILER=clang -DDPK_ISAL=OFF \
    -DDPK_LIBDEFLATE=OFF "-DDPK_ISA_LEVELS=base;v3"
  targets=dpk check without-openmp --preset dev -B build/without-openmp -DDPK_OPENMP=OFF \
    -DDPK_HWLOC=OFF -DDPK_JANSSON=OFF -DDPK_ISA_LEVELS=base
  # Measured times say nothing there.
  omit='^cli.(compare-(ledger|quota|narrow)|many-interrupt)' check asan --preset asan
  targets='dpk test_jobs test_executor' check tsan --preset tsan
fi

say "All of it took $SECONDS s"
echo "$passed passed, $failed failed, $skipped skipped"
[[ $failed == 0 && $broken == no ]]
