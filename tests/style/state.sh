#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# state.sh: jobs at the same time, and one after the other, must not meet in variables that outlive
# them. libdpk has those that are listed here, each with the reason why it is harmless; scenarios,
# which show on purpose what state does, may have any. BUILD is the build folder.
source "$(dirname "$0")/tools.sh"

allowed() { # FILE VARIABLE REASON
  cat <<'END'
source mappings       list of mapped files, for signal handlers: lock-free, and empty without jobs
temporary temporaries list of temporary files, for signal handlers: the same
temporary ending      set once, when the process is about to end
children first        list of child processes, for signal handlers: lock-free
children parent       written once, in a child, when it begins
children dies_with_parent as parent
children keeps_fault_handlers set once, by who has a handler that takes notes
children starting     a lock: one child at a time is started
team threads_were_used set once: a process that has used threads never forks workers
handles entries       list of executors: lock-free, and empty without any
handles opened        counts executors, so that no number is used twice
handles generation    of a process that was forked: written once, when it begins
handles watching      that the former is written is arranged once
task inside           of a thread: whether it executes a task of an executor
fault self          number of this worker: faults, for tests
fault strikes       how often a fault has struck: the same
omp proven            how many threads there could be once: only saves time
omp starting          a lock: the OpenMP runtime is started once (clang)
omp started           which process has started it
END
}

# Variables in sections that can be written, as "FILE VARIABLE"; a static one of a function has a
# number (gcc) behind it or the function's name (clang) before it.
variables() {
  objdump --syms "$BUILD/libdpk.a" | awk '
    / file format / { sub(/\.c\.o:$/, "", $1); file = $1 }
    / O \.(t?data|t?bss|data\.[a-zA-Z_.]*|bss\.[a-zA-Z_.]*)\t/ && !/\.data\.rel\.ro/ {
      name = $NF
      sub(/\.[0-9]+$/, "", name)
      sub(/^.*\./, "", name)
      print file, name
    }' | sort -u
}

found=$(variables)
[[ -n $found ]] || complain "no variables found in $BUILD/libdpk.a"
while read -r file variable; do
  [[ ! -f kernels/scenarios/$file.c ]] || continue
  allowed | grep -q "^$file $variable " || complain "$file.c: '$variable' outlives jobs"
done <<<"$found"
while read -r file variable reason; do
  grep -qw "static.*$variable" $(find src -name "$file.c") /dev/null ||
    complain "$file.c has no '$variable' any more ($reason)"
done < <(allowed)
finish
