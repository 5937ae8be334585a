# SPDX-License-Identifier: MIT
"""A thread for each item: all are started, then all are joined. Threads write where the program
can read; only one of them executes Python at a time."""

import threading
import time

import ways


def keep_item(options, times, i):
    times[i] = ways.item(options)


if __name__ == "__main__":
    options = ways.read_options()
    begin = time.monotonic()
    times = [None] * options.items
    threads = [threading.Thread(target=keep_item, args=(options, times, i))
               for i in range(options.items)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ways.report(options, "a thread for each item", begin, times)
