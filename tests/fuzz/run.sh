#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# run.sh [EXECUTIONS [TARGET…]]: builds the fuzz targets, makes seeds for them, and runs each (png
# and arrays, unless named) on so many inputs, a million unless told. BUILD names another folder
# than build/fuzz. Says how many inputs there were and how fast, and fails if one was stumbled over.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../../scripts/setup.sh"

executions=${1:-1000000}
targets=("${@:2}")
[[ ${#targets[@]} -gt 0 ]] || targets=(png arrays)
build=${BUILD:-build/fuzz}
pngsuite=${DPK_PNGSUITE:-../shared/pngsuite}

want_build_tools
want clang "comes with libFuzzer"
want libclang-rt-14-dev "libFuzzer and sanitizers"
install_wanted

say "Building $build"
quietly cmake --preset fuzz -B "$build"
quietly cmake --build "$build" --parallel "$(nproc)"

# Seeds: files made for the purpose, what dpk makes of them, and PngSuite where it is.
"$build/fuzz_seeds" "$build/seeds"
for seed in "$build"/seeds/png/{whole,large}-*.png; do
  "$build/dpk" invert "$seed" "${seed/seeds\/png\//seeds\/png\/dpk-}"
done
for picture in "$pngsuite"/*.png; do
  if [[ -e $picture ]]; then
    cp --no-preserve=mode "$picture" "$build/seeds/png/"
  fi
done

# statistic NAME LOG: a number libFuzzer printed at its end.
statistic() {
  sed --quiet "s/^stat::$1: *//p" "$2"
}

say "Fuzzing"
failed=no
printf '%-8s %12s %10s %8s %8s %8s  %s\n' target executions "per second" seconds seeds corpus found
for target in "${targets[@]}"; do
  log=$build/$target.log corpus=$build/corpus/$target findings=$build/findings/$target
  mkdir -p "$corpus" "$findings"
  started=$SECONDS
  "$build/fuzz_$target" -runs="$executions" -max_len=4096 -timeout=10 -rss_limit_mb=2048 \
    -dict="tests/fuzz/$target.dict" -artifact_prefix="$findings/" -print_final_stats=1 \
    "$corpus" "$build/seeds/$target" >"$log" 2>&1 || failed=yes
  printf '%-8s %12d %10d %8d %8d %8d  %s\n' "$target" \
    "$(statistic number_of_executed_units "$log")" "$(statistic average_exec_per_sec "$log")" \
    $((SECONDS - started)) "$(find "$build/seeds/$target" -type f | wc --lines)" \
    "$(find "$corpus" -type f | wc --lines)" "$(ls "$findings")"
done
[[ $failed == no ]] ||
  stop "see $build/findings and $build/TARGET.log; $build/fuzz_TARGET FINDING repeats a finding"
