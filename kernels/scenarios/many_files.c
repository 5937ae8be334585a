/* SPDX-License-Identifier: MIT */
/* many_files: files that a codec works on, one after the other, as it keeps the file it is at in
 * variables of its own, behind one lock. One file may be broken in a way that crashes the codec. A
 * file's result depends on the file alone. */
#include "crash_items.h"

#include <pthread.h>

struct many_files {
    struct scenario scenario; /* items are files, operations their blocks */
    const char *broken;       /* "none", or which files: "7", "7,12,40-47" */
};

/* The codec's state is that of the file between taking the lock and giving it back. */
static struct codec {
    pthread_mutex_t lock;
    uint64_t state;
} codec = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* Decodes so many blocks of the file. A broken one ends the process here, which has the lock. */
static uint64_t decode(size_t file, size_t blocks, bool broken)
{
    pthread_mutex_lock(&codec.lock);
    codec.state = file;
    if (broken)
        scenario_dereference_null();
    for (size_t i = 0; i < blocks; i++)
        codec.state = scenario_mix(codec.state);
    uint64_t decoded = codec.state;
    pthread_mutex_unlock(&codec.lock);
    return decoded;
}

static dpk_status shape(void *self, dpk_error *err)
{
    struct many_files *files = self;
    const struct scenario *scenario = &files->scenario;
    dpk_status status = scenario_check_crashes("broken", files->broken, scenario->items, err);
    return status == DPK_OK ? scenario_shape(self, err) : status;
}

/* What the codec does not do of a file, such as filtering, needs no lock. */
static void work(const void *self, dpk_span span, void *scratch)
{
    const struct many_files *files = self;
    const struct scenario *scenario = &files->scenario;
    uint64_t *out = scenario->out.data;
    size_t blocks = scenario->operations * scenario->share / 100;
    (void)scratch;
    for (size_t file = span.begin; file < span.end; file++) {
        uint64_t x = decode(file, blocks, scenario_crashes(files->broken, file));
        for (size_t i = blocks; i < scenario->operations; i++)
            x = scenario_mix(x);
        out[file] = x;
    }
}

static const dpk_param params[] = {
    DPK_PARAM(struct many_files, broken, .def = "none",
              .help = "files that crash the codec, from 0 on: 7 or 7,12,40-47, or none"),
    SCENARIO_PARAMS("1000", "8000"),
    DPK_END,
};

static const dpk_pass passes[] = {
    { .name = "files", .extent = scenario_items, .reads = dpk_reads_same, .work = work },
    DPK_END,
};

static const dpk_lesson lesson = {
    .winner = DPK_PROCESSES_WIN,
    .strongest = "--broken=500",
    .timed = "--share=100",
    .mechanism =
        "A codec that keeps the file it works on in variables of its own lets one thread at a time "
        "work, so that all threads are as fast as one; and the file that crashes it ends them all. "
        "Every process has a codec of its own, and only the one that got this file dies.",
    .history =
        "vipsthumbnail made small pictures of the same files in 26.9 s with one thread and in "
        "20.1 s with 8 and with 32, as codecs use one: for heavy formats its author advises as "
        "many programs as cores. oiiotool got --parallel-frames, as the writing of one frame "
        "held up all others. GDAL, whose threads share one cache of blocks, can make tiles by "
        "processes since 2025.",
    .literature =
        "libvips, issues 134 and 561; OpenImageIO, issue 3849; GDAL, issues 12661 and 12664; "
        "J. Armstrong, Making reliable distributed systems in the presence of software errors, "
        "thesis, KTH Stockholm 2003",
    .signs = DPK_SIGN_DEATH | DPK_SIGN_WORK | DPK_SIGN_SYSTEM | DPK_SIGN_SWITCHES,
    .rule =
        "Many files, by a library that keeps global state or may crash: take processes, a whole "
        "file to each.",
};

DPK_KERNEL(
    many_files, .summary = "files for a codec that has global state, and one that crashes it",
    .group = "scenario",
    .details =
        "Each item is a file. The codec decodes its blocks (--share of its operations) under "
        "one lock; the rest is arithmetic. A broken file crashes the codec while it has the "
        "lock.",
    .examples = (const char *const[]){ "dpk compare many-files --backends=omp,fork "
                                       "--budget=2",
                                       "dpk many-files hash: --broken=500 --backend=fork "
                                       "--keep-going || [ $? = 6 ]",
                                       "dpk sweep many-files --share=0,10,100 --budget=1", NULL },
    .size = sizeof(struct many_files), .params = params, .ports = SCENARIO_PORTS, .shape = shape,
    .passes = passes, .reference = scenario_arithmetic_reference,
    .checks = (const char *const[]){ SCENARIO_CHECKS, NULL }, .lesson = &lesson);
