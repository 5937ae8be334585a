#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""executors.py PEER WHAT JOBS: executes tasks by Python's executors and by joblib's, for
bench/executors.sh. PEER is processes, threads or joblib; WHAT is map (chunks of one task), chunked,
submit, trip (one after the other), busy-map, busy-submit, open or close. Prints microseconds per
task, or those that it takes to open the executor until each worker has done a task, or to end the
workers then."""

import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed

BUSY_NS = 10_000  # of a task that keeps its worker busy
CHUNK = 1000  # tasks, where the caller says how many
ENOUGH_NS = 100_000_000  # a run is long enough from then on
FEWEST = 4000  # tasks of a run, so that beginning and ending it hardly count


def empty(i):
    return i + 1


def busy(i):
    end = time.perf_counter_ns() + BUSY_NS
    while time.perf_counter_ns() < end:
        pass
    return i + 1


class Executor:
    """One of concurrent.futures."""

    def __init__(self, kind, jobs):
        self.executor = kind(jobs)

    def map(self, function, count, chunk):
        return sum(self.executor.map(function, range(count), chunksize=chunk or 1))

    def submit(self, function, count):
        futures = [self.executor.submit(function, i) for i in range(count)]
        return sum(future.result() for future in as_completed(futures))

    def trips(self, function, count):
        return sum(self.executor.submit(function, i).result() for i in range(count))

    def close(self):
        self.executor.shutdown()


class Joblib:
    """Version 1.2 and older have nothing like as_completed."""

    def __init__(self, jobs):
        import joblib

        self.jobs = jobs
        self.joblib = joblib

    def map(self, function, count, chunk):
        parallel = self.joblib.Parallel(n_jobs=self.jobs, batch_size=chunk or "auto")
        return sum(parallel(self.joblib.delayed(function)(i) for i in range(count)))

    def close(self):
        from joblib.externals.loky import get_reusable_executor

        get_reusable_executor().shutdown(wait=True)


def make(peer, jobs):
    if peer == "joblib":
        return Joblib(jobs)
    return Executor({"processes": ProcessPoolExecutor, "threads": ThreadPoolExecutor}[peer], jobs)


def execute(executor, what, count):
    function = busy if what.startswith("busy") else empty
    if what == "trip":
        total = executor.trips(function, count)
    elif what.endswith("submit"):
        total = executor.submit(function, count)
    else:
        chunk = {"map": 1, "chunked": CHUNK}.get(what)
        total = executor.map(function, count, chunk)
    if total != count * (count + 1) // 2:
        sys.exit(f"{what}: wrong results")


def main(peer, what, jobs):
    if peer == "joblib":
        import joblib  # loading it is not what is timed

        joblib.parallel  # pylint: disable=pointless-statement
    begin = time.perf_counter_ns()
    executor = make(peer, jobs)
    execute(executor, "map", jobs)
    opened = time.perf_counter_ns()
    if what == "open":
        print(f"{(opened - begin) / 1e3:.1f}")
    count, spent = FEWEST // 4, 0
    while what not in ("open", "close") and spent < ENOUGH_NS:
        count *= 4
        begin = time.perf_counter_ns()
        execute(executor, what, count)
        spent = time.perf_counter_ns() - begin
    begin = time.perf_counter_ns()
    executor.close()
    if what == "close":
        print(f"{(time.perf_counter_ns() - begin) / 1e3:.1f}")
    elif what != "open":
        print(f"{spent / 1e3 / count:.4f}")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
