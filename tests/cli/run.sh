#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# run.sh: golden tests of the command line.
#
#   DPK=build/dev/dpk tests/cli/run.sh [--update] [CASE…]
#
# A case is cases/NAME.sh, run by bash in a fresh folder where `dpk` is the program and data/ the
# sample files. What it prints must be NAME.exact, or match NAME.glob, in which * is any part of a
# line and a line of three dots is any number of lines; with neither, it must print nothing.
# --update writes .exact files anew; .glob files are written by hand. Exit codes: 0 passed, 1
# failed, 77 skipped.
set -u
here=$(cd "$(dirname "$0")" && pwd)
: "${DPK:?must be the path of the program}"
DPK=$(realpath --canonicalize-existing "$DPK") || exit 1

# One line with its stars against a line of output.
matches_line() {
  local pattern=$2
  pattern=${pattern//\\/\\\\}
  pattern=${pattern//\[/\\[}
  pattern=${pattern//\?/\\?}
  # shellcheck disable=SC2053
  [[ $1 == $pattern ]]
}

# matches LINE PATTERN: from these indices on, do the arrays output and expected agree?
matches() {
  local line=$1 pattern=$2
  while ((pattern < ${#expected[@]})); do
    if [[ ${expected[pattern]} == ... ]]; then
      for ((; line <= ${#output[@]}; line++)); do
        matches "$line" $((pattern + 1)) && return
      done
      return 1
    fi
    ((line < ${#output[@]})) && matches_line "${output[line]}" "${expected[pattern]}" || return 1
    line=$((line + 1)) pattern=$((pattern + 1))
  done
  ((line == ${#output[@]}))
}

# What a case finds: nothing of the caller's settings, a folder of its own.
run_case() {
  local name variables
  variables=$(compgen -e | grep -E '^(DPK|OMP|GOMP|XDG|SLURM|PBS|LSB|NSLOTS|LC_|LANG|COLUMNS)')
  for name in $variables; do
    [[ $name == DPK ]] || unset "$name"
  done
  cd "$folder" || exit 1
  mkdir bin work work/data
  ln -s "$DPK" bin/dpk
  cp "$here"/../../data/* work/data
  cd work || exit 1
  PATH=$folder/bin:$PATH HOME=$folder TERM=dumb CASES=$here/cases SANITIZED=$sanitized \
    bash -c "source '$here/tools.sh'; source '$here/cases/$1.sh'" </dev/null 2>&1
}

check_case() {
  local name=$1 folder output expected text code wanted
  [[ -f $here/cases/$name.sh ]] || { echo "no case '$name'"; return 1; }
  folder=$(mktemp --directory)
  text=$(run_case "$name")
  code=$?
  chmod -R u+w "$folder" && rm -rf "$folder"
  if [[ $code == 77 ]]; then
    echo "$name: $text"
    return 77
  fi
  wanted=$here/cases/$name.glob
  if [[ ! -f $wanted ]]; then
    wanted=$here/cases/$name.exact
    [[ $update == yes ]] && rm -f "$wanted" && [[ -n $text ]] && printf '%s\n' "$text" >"$wanted"
    [[ -f $wanted ]] || wanted=/dev/null
  fi
  mapfile -t output < <(printf "${text:+%s\n}" "$text")
  mapfile -t expected <"$wanted"
  if [[ $code == 0 ]] && matches 0 0; then
    return 0
  fi
  echo "$name: exit code $code; expected (-) and printed (+):"
  diff --unified "$wanted" <(printf "${text:+%s\n}" "$text")
  return 1
}

sanitized=${DPK_SANITIZE:-}
update=no
[[ ${1:-} == --update ]] && update=yes && shift
if (($# == 0)); then
  for case in "$here"/cases/*.sh; do
    set -- "$@" "$(basename "$case" .sh)"
  done
fi
result=0
for case; do
  check_case "$case"
  code=$?
  ((code == 0 || result == 1)) || result=$code
done
exit $result
