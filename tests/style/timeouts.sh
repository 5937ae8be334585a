#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# timeouts.sh: every test has a limit of time, so that one that hangs ends. BUILD is the build folder.
source "$(dirname "$0")/tools.sh"

tests=$(ctest --test-dir "$BUILD" --show-only | sed -n 's/^Total Tests: //p')
limits=$(ctest --test-dir "$BUILD" --show-only=json-v1 | grep -c '"name" : "TIMEOUT"')
((tests > 0)) || complain "no tests found in $BUILD"
((tests == limits)) || complain "of $tests tests $limits have a TIMEOUT"
finish
