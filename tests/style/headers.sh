#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# headers.sh: every header compiles alone and twice, and installed ones as C++, too; a status must be checked.
# CC and CXX name the compilers.
source "$(dirname "$0")/tools.sh"
include='-Iinclude -Isrc'
warnings='-Wall -Wextra -Wpedantic -Werror'

for header in $(find include src -name '*.h'); do
  printf '#include "%s"\n#include "%s"\nint main(void) { return 0; }\n' "$header" "$header" |
    "${CC:-cc}" -std=c17 -D_GNU_SOURCE $warnings -I. $include $(pkg-config --cflags libpng) \
      -fsyntax-only -x c - || complain "$header does not compile alone"
done
if command -v "${CXX:-c++}" >/dev/null; then
  for header in include/dpk/*.h; do
    printf '#include <dpk/%s>\nint main() { return 0; }\n' "${header##*/}" |
      "${CXX:-c++}" -std=c++17 -Wall -Wextra -Werror -Iinclude -fsyntax-only -x c++ - ||
      complain "$header does not compile as C++"
  done
fi

# The compiler objects when a status is dropped, whether a function or a pointer to one returned it.
for call in 'dpk_fail(0, DPK_LIMIT, "no")' '(*shape)(0, 0)'; do
  probe="#include <dpk/dpk.h>
    void probe(dpk_status (*shape)(void *, dpk_error *)); /* for -Wmissing-prototypes */
    void probe(dpk_status (*shape)(void *, dpk_error *)) { (void)shape;"
  compile=("${CC:-cc}" -std=c17 $warnings $include -fsyntax-only -x c -)
  "${compile[@]}" <<<"$probe (void)$call; }" || complain "(void)$call does not compile"
  ! "${compile[@]}" 2>/dev/null <<<"$probe $call; }" || complain "$call may be dropped unseen"
done
finish
