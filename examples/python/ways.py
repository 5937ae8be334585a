# SPDX-License-Identifier: MIT
"""What the programs here have in common: their options, an item that computes or waits, and the
report of where the time went. examples/ways.h is the same for the programs in C.

    PROGRAM [threads|processes] [-j WORKERS] [--items=N] [--work=MS] [--sleep=MS]"""

import argparse
import os
import sys
import time


def compute(seconds):
    """Needs so much of a processor's time, however long it has to wait for the processor."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def item(options):
    """One item of work, in whatever worker: when it began and when it ended."""
    begin = time.monotonic()
    compute(options.work / 1e3)
    time.sleep(options.sleep / 1e3)
    return begin, time.monotonic()


def read_options():
    parser = argparse.ArgumentParser()
    parser.add_argument("backend", nargs="?", choices=("threads", "processes"),
                        default="processes", help="what the workers of pools are")
    parser.add_argument("-j", dest="workers", type=int, default=os.cpu_count(), help="workers")
    parser.add_argument("--items", type=int, default=40, help="how many")
    parser.add_argument("--work", type=float, help="ms that each computes; 5, if it does not sleep")
    parser.add_argument("--sleep", type=float, default=0, help="ms that each waits")
    options = parser.parse_args()
    if options.work is None:
        options.work = 0 if options.sleep > 0 else 5
    return options


def report(options, workers, begin, times):
    """Of an item each: when it began and when it ended. All workers have ended now."""
    end = time.monotonic()
    first, last = min(t[0] for t in times), max(t[1] for t in times)
    took = [t[1] - t[0] for t in times]
    name = os.path.basename(sys.argv[0])
    print(f"{name}: {options.items} items that compute for {options.work:g} ms and wait for "
          f"{options.sleep:g} ms; workers: {workers}")
    print(f"  starting {1e3 * (first - begin):10.2f} ms  until the first item began")
    print(f"  items    {1e3 * (last - first):10.2f} ms  {1e3 * sum(took) / len(took):.2f} each, "
          f"{1e3 * max(took):.2f} at most")
    print(f"  ending   {1e3 * (end - last):10.2f} ms  until the last worker was gone")
    print(f"  in all   {1e3 * (end - begin):10.2f} ms")
