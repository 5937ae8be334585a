/* SPDX-License-Identifier: MIT */
/* stdio_shared: writes characters to one stream, as to a log. The stream goes to /dev/null. Like
 * any stream it has a lock and a buffer, and makes a system call when the buffer is full. */
#define _POSIX_C_SOURCE 200809L

#include "scenario.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

/* The process's stream, until it ends; NULL when it cannot be opened. */
static FILE *stream;
static pthread_once_t stream_once = PTHREAD_ONCE_INIT;

static void open_stream(void)
{
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    stream = null < 0 ? NULL : fdopen(null, "w");
    if (stream == NULL && null >= 0)
        close(null);
}

/* Returns the letter's number, whether it could be written or not. */
static uint64_t write_letter(uint64_t x, void *kept)
{
    (void)kept;
    uint64_t letter = x % 26;
    if (stream != NULL)
        putc("abcdefghijklmnopqrstuvwxyz"[letter], stream);
    return letter;
}

static void work(const void *self, dpk_span span, void *scratch)
{
    (void)scratch;
    pthread_once(&stream_once, open_stream);
    scenario_work(self, span, write_letter, NULL);
}

/* The letters alone. */
static uint64_t letter_of(uint64_t x)
{
    return x % 26;
}

static bool reference(const void *self, dpk_arena *arena)
{
    (void)arena;
    return scenario_refer(self, letter_of);
}

static const dpk_param params[] = {
    SCENARIO_PARAMS("1024", "3000"),
    DPK_END,
};

static const dpk_lesson lesson = {
    .winner = DPK_PROCESSES_WIN,
    .strongest = "--share=100",
    .mechanism =
        "Each character takes the stream's lock. Threads hand it and the buffer from processor "
        "to processor and sleep when it is taken; every process has a stream of its own, and "
        "the C library takes no lock where there is one thread.",
    .history =
        "POSIX has required the lock since 1995, and offers putc_unlocked() and flockfile() to do "
        "without it or take it once for many. glibc passes it over in processes of one thread "
        "since 2.26.",
    .literature = "POSIX.1-2017, 2.5 Standard I/O Streams, flockfile()",
    .signs = DPK_SIGN_WORK | DPK_SIGN_SYSTEM | DPK_SIGN_SWITCHES,
    .rule =
        "One stream for all workers: take putc_unlocked() under flockfile(), a stream for "
        "each worker, or processes.",
};

DPK_KERNEL(
    stdio_shared, .summary = "characters written to one stream, which has a lock",
    .group = "scenario",
    .details =
        "Each operation writes a letter with putc() to a stream of the process, which goes to "
        "/dev/null.",
    .examples = (const char *const[]){ "dpk compare stdio-shared --backends=omp,fork --budget=2",
                                       "dpk sweep stdio-shared --share=0,10,100 --budget=1", NULL },
    .size = sizeof(struct scenario), .params = params, .ports = SCENARIO_PORTS,
    .shape = scenario_shape, .passes = SCENARIO_PASSES(work), .reference = reference,
    .checks = (const char *const[]){ SCENARIO_CHECKS, NULL }, .lesson = &lesson);
