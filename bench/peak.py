#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""peak.py COMMAND [ARGUMENT…]: runs the command and prints the most memory that it and all its
descendants had at one moment, in KiB. Counted is PSS, the proportional set size: a page shared by
n processes is 1/n of a page to each, so that the sum over processes that share memory is right
(summed RSS would count it n times), and a file's pages count only while they are mapped. The
kernel keeps no peak of PSS, so it is sampled; what lives for less than a sample may be missed.
Short commands are run again until they have been watched for a while."""

import subprocess
import sys
import time

PERIOD = 0.002  # seconds between samples
WATCH = 0.5  # seconds, at least


def tree(pid):
    """The process and its descendants, as far as they still are."""
    yield pid
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as children:
            for child in children.read().split():
                yield from tree(int(child))
    except OSError:
        pass


def pss(pid):
    """KiB; none of a process that has ended."""
    try:
        with open(f"/proc/{pid}/smaps_rollup") as rollup:
            return next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0


def peak(command):
    """KiB, over one run of the command."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    most = 0
    while process.poll() is None:
        most = max(most, sum(map(pss, tree(process.pid))))
        time.sleep(PERIOD)
    if process.returncode != 0:
        sys.exit(f"{sys.argv[0]}: exit status {process.returncode}: {' '.join(command)}")
    return most


if len(sys.argv) < 2:
    sys.exit(__doc__)
start = time.monotonic()
most = peak(sys.argv[1:])
while time.monotonic() - start < WATCH:
    most = max(most, peak(sys.argv[1:]))
print(most)
