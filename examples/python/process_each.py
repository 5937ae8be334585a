# SPDX-License-Identifier: MIT
"""A process for each item: all are started, then all are joined. What a process returns has to be
sent; memory for it is shared before it starts."""

import multiprocessing
import time

import ways


def keep_item(options, begins, ends, i):
    begins[i], ends[i] = ways.item(options)


if __name__ == "__main__":
    options = ways.read_options()
    begin = time.monotonic()
    begins = multiprocessing.Array("d", options.items, lock=False)
    ends = multiprocessing.Array("d", options.items, lock=False)
    processes = [multiprocessing.Process(target=keep_item, args=(options, begins, ends, i))
                 for i in range(options.items)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        if process.exitcode != 0:
            raise SystemExit(f"a process ended with {process.exitcode}")
    ways.report(options, "a process for each item", begin, list(zip(begins, ends)))
