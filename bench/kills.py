#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""kills.py DPK KILLS SEED <CASES: kills workers of dpk from outside at random moments, and compares
what comes of it with what comes of the same command undisturbed.

A line of CASES is a name, a tab, and the words of a command without dpk itself; {out} is a folder
for its outputs, and its time-out is left out of runs in which nobody is to hang. A worker is killed by
SIGKILL or SIGSEGV, or stopped, so that it hangs. Of every run it is checked that it ends with exit code 0, that its outputs are the same, byte for byte, and that
nothing is left: no process, no other file, no shared memory."""

import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SIGNALS = [signal.SIGKILL, signal.SIGSEGV, signal.SIGSTOP]
KILLS_A_RUN = 3
PATIENCE = 60  # seconds after which a run hangs
MARK = "DPK_KILLS_RUN"


class Run:
    """One command, watched from its start to its end."""

    def __init__(self, words, folder):
        self.out = os.path.join(folder, "out")
        self.temporary = os.path.join(folder, "tmp")
        for path in (self.out, self.temporary):
            shutil.rmtree(path, ignore_errors=True)
            os.mkdir(path)
        self.mark = f"{os.getpid()}-{time.monotonic_ns()}"
        environment = dict(os.environ, TMPDIR=self.temporary, **{MARK: self.mark})
        self.said = tempfile.TemporaryFile()
        self.begin = time.monotonic()
        self.process = subprocess.Popen(
            [word.format(out=self.out) for word in words],
            stdin=subprocess.DEVNULL, stdout=self.said, stderr=self.said, env=environment)
        self.hits = []

    def children(self):
        pid = self.process.pid
        try:
            with open(f"/proc/{pid}/task/{pid}/children") as children:
                return [int(child) for child in children.read().split()]
        except OSError:
            return []

    def strike(self, number):
        """Sends the signal to one of the workers that are there now, or will be next."""
        while self.process.poll() is None:
            children = self.children()
            if children and self.send(random.choice(children), number):
                self.hits.append(number)
                return
            time.sleep(0.0005)

    def send(self, child, number):
        """By a descriptor, so that no other process is hit that has got the number meanwhile."""
        try:
            handle = os.pidfd_open(child)
        except OSError:
            return False
        try:
            if child not in self.children():
                return False
            signal.pidfd_send_signal(handle, number)
            return True
        except OSError:
            return False
        finally:
            os.close(handle)

    def wait_until(self, moment):
        while self.process.poll() is None and time.monotonic() < self.begin + moment:
            time.sleep(0.0005)

    def end(self):
        """Returns what is wrong, or None."""
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return f"hangs: no end within {PATIENCE} s"
        self.took = time.monotonic() - self.begin
        self.said.seek(0)
        said = self.said.read().decode(errors="replace")
        self.said.close()
        if code != 0:
            return f"exit code {code}: {said.strip()}"
        return self.left()

    def left(self):
        if os.listdir(self.temporary):
            return f"temporary files are left: {os.listdir(self.temporary)}"
        if any(str(self.process.pid) in name for name in os.listdir("/dev/shm")):
            return "shared memory is left"
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/environ", "rb") as environment:
                    if f"{MARK}={self.mark}".encode() in environment.read():
                        return f"process {pid} is left"
            except OSError:
                pass
        return None

    def outputs(self):
        """Their bytes, by path."""
        files = {}
        for folder, _, names in os.walk(self.out):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, "rb") as file:
                    files[os.path.relpath(path, self.out)] = file.read()
        return files


def difference(wanted, got):
    if sorted(wanted) != sorted(got):
        return f"other files: {sorted(got)} for {sorted(wanted)}"
    wrong = [name for name in wanted if wanted[name] != got[name]]
    return f"other bytes: {wrong}" if wrong else None


class Case:
    def __init__(self, name, words, folder):
        self.name, self.words, self.folder = name, words, folder
        self.runs = 0
        self.hits = []
        self.wrong = []

    def undisturbed(self):
        run = Run(self.words, self.folder)
        why = run.end()
        if why is not None:
            sys.exit(f"{self.name}, undisturbed: {why}")
        self.wanted, self.took = run.outputs(), run.took

    def disturbed(self, signals):
        """The moments are those of a run without deaths, begin and end included."""
        hangs = signal.SIGSTOP in signals
        words = [word for word in self.words if hangs or not word.startswith("--timeout=")]
        run = Run(words, self.folder)
        for moment in sorted(random.uniform(0, self.took) for _ in signals):
            run.wait_until(moment)
            run.strike(signals.pop())
        why = run.end() or difference(self.wanted, run.outputs())
        self.runs += 1
        self.hits += run.hits
        if why is not None:
            self.wrong.append(why)
            hits = ", ".join(hit.name for hit in run.hits)
            print(f"WRONG {shlex.join(words)}\n  after {hits}\n  {why}", flush=True)
        return len(run.hits)

    def row(self):
        counts = [self.hits.count(number) for number in SIGNALS]
        return [self.name, self.runs, *counts, self.runs - len(self.wrong), len(self.wrong)]


def table(cases):
    rows = [["case", "runs", "KILL", "SEGV", "STOP", "identical", "wrong"]]
    rows += [case.row() for case in cases]
    rows.append(["all", *(sum(column) for column in list(zip(*rows[1:]))[1:])])
    width = max(len(row[0]) for row in rows)
    for row in rows:
        print(f"{row[0]:<{width}}", *(f"{cell:>9}" for cell in row[1:]))


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    dpk, kills, seed = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    random.seed(seed)
    folder = tempfile.mkdtemp()
    cases = []
    for line in sys.stdin:
        name, command = line.rstrip("\n").split("\t")
        cases.append(Case(name, [dpk, *shlex.split(command)], folder))
        cases[-1].undisturbed()
    done = 0
    while done < kills:
        for case in cases:
            if done < kills:
                count = random.randint(1, min(KILLS_A_RUN, kills - done))
                done += case.disturbed(random.choices(SIGNALS, weights=[2, 2, 1], k=count))
    shutil.rmtree(folder)
    table(cases)
    wrong = sum(len(case.wrong) for case in cases)
    print(f"{done} kills (seed {seed}): " + (f"{wrong} runs went wrong" if wrong else "all is well"))
    sys.exit(1 if wrong else 0)


main()
