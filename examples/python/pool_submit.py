# SPDX-License-Identifier: MIT
"""A pool of processes: each item is submitted by itself, and its result taken when it is there."""

import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed

import ways

if __name__ == "__main__":
    options = ways.read_options()
    begin = time.monotonic()
    executor = ThreadPoolExecutor if options.backend == "threads" else ProcessPoolExecutor
    with executor(options.workers) as pool:
        futures = [pool.submit(ways.item, options) for _ in range(options.items)]
        times = [future.result() for future in as_completed(futures)]
    ways.report(options, f"{options.workers} {options.backend}", begin, times)
