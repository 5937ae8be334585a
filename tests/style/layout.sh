#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# layout.sh: clang-format finds nothing to change.
source "$(dirname "$0")/tools.sh"
command -v clang-format >/dev/null || skip "clang-format is not installed"
clang-format --dry-run --Werror $(c_files) || complain "run clang-format -i on these"
finish
