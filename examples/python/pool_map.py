# SPDX-License-Identifier: MIT
"""A pool of processes: one call for all items, results in order."""

import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import ways

if __name__ == "__main__":
    options = ways.read_options()
    begin = time.monotonic()
    executor = ThreadPoolExecutor if options.backend == "threads" else ProcessPoolExecutor
    with executor(options.workers) as pool:
        times = list(pool.map(ways.item, [options] * options.items))
    ways.report(options, f"{options.workers} {options.backend}", begin, times)
