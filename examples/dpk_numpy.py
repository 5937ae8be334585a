# SPDX-License-Identifier: MIT
"""Kernels of dpk on numpy arrays, by ctypes: inputs are not copied, and outputs are views of memory
that is freed when the last view is gone.

    python3 dpk_numpy.py [BACKEND]

DPK_LIBRARY names libdpk.so where the system does not find it."""
import ctypes
import ctypes.util
import os
import sys

import numpy

MAX_RANK = 4
TYPES = {"u1": 1, "u2": 2, "i4": 4, "i8": 8, "f4": 16, "f8": 32, "c8": 64, "c16": 128}
DTYPES = {number: numpy.dtype(name) for name, number in TYPES.items()}


class Array(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("type", ctypes.c_uint), ("rank", ctypes.c_uint),
                ("shape", ctypes.c_size_t * MAX_RANK), ("stride", ctypes.c_ssize_t * MAX_RANK),
                ("ring", ctypes.c_size_t)]


class Error(ctypes.Structure):
    _fields_ = [("status", ctypes.c_int), ("text", ctypes.c_char * 480)]


libdpk = ctypes.CDLL(os.environ.get("DPK_LIBRARY") or ctypes.util.find_library("dpk"))
libdpk.dpk_job_output.restype = ctypes.POINTER(Array)
for function in libdpk.dpk_job_close, libdpk.dpk_library_close:
    function.argtypes = [ctypes.c_void_p]
    function.restype = None


def check(function, *arguments):
    error = Error()
    if function(*arguments, ctypes.byref(error)) != 0:
        raise RuntimeError(error.text.decode())


class Job:
    """One run of one kernel."""

    def __init__(self, library, kernel, settings):
        self.handle = ctypes.c_void_p()
        check(libdpk.dpk_job_open, ctypes.byref(self.handle), library, kernel.encode(),
              settings.encode(), None)

    def __del__(self):
        libdpk.dpk_job_close(self.handle)

    def input(self, number, array):
        described = Array(array.ctypes.data, TYPES[array.dtype.str[1:]], array.ndim)
        described.shape[:array.ndim] = array.shape
        described.stride[:array.ndim] = array.strides
        check(libdpk.dpk_job_input, self.handle, ctypes.c_size_t(number), ctypes.byref(described))

    def run(self):
        check(libdpk.dpk_job_run, self.handle)

    def output(self, number):
        found = libdpk.dpk_job_output(self.handle, ctypes.c_size_t(number)).contents
        shape = found.shape[:found.rank]
        dtype = DTYPES[found.type]
        size = int(numpy.prod(shape, dtype=int)) * dtype.itemsize
        memory = (ctypes.c_char * size).from_address(found.data)
        memory.job = self  # the job lives as long as the memory is seen
        return numpy.frombuffer(memory, dtype).reshape(shape)


class Library:
    def __init__(self):
        self.handle = ctypes.c_void_p()
        check(libdpk.dpk_library_open, ctypes.byref(self.handle))

    def __call__(self, kernel, *arrays, **settings):
        """Runs the kernel on the arrays and returns its first output."""
        job = Job(self.handle, kernel, " ".join(f"{name}={value}" for name, value in
                                                settings.items()))
        for number, array in enumerate(arrays):
            job.input(number, array)
        job.run()
        return job.output(0)


def main():
    dpk = Library()
    backend = {"backend": sys.argv[1]} if len(sys.argv) > 1 else {}
    numbers = numpy.random.default_rng(1).integers(-1000, 1000, 100000)
    ordered = dpk("sort", numbers, **backend)
    assert (ordered == numpy.sort(numbers)).all()
    total = dpk("sum", numbers, **backend)
    assert total == numbers.sum()
    picture = numpy.arange(480 * 640 * 3, dtype=numpy.uint8).reshape(480, 640, 3)
    negative = dpk("invert", picture, **backend)
    assert (negative == 255 - picture).all()
    try:
        dpk("invert", picture[:, ::2], **backend)
    except RuntimeError as error:
        print(error)
    print(f"sorted {ordered.size} numbers, their sum is {int(total)}")


if __name__ == "__main__":
    main()
