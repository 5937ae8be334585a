# SPDX-License-Identifier: MIT
"""A loop: one item after the other."""

import time

import ways

if __name__ == "__main__":
    options = ways.read_options()
    begin = time.monotonic()
    times = []
    for _ in range(options.items):
        times.append(ways.item(options))
    ways.report(options, "none", begin, times)
