/* SPDX-License-Identifier: MIT */
/* smooth: out[y][x] = (in[y-1][x] + in[y][x] + in[y+1][x]) / 3 + bias, with the rows at the top and
 * at the bottom repeated. Its flaws are such that a plain run of a friendly size looks right
 * wherever that is possible. */
#include "smooth.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct smooth {
    dpk_array in, out;
    unsigned bias;
    pid_t process; /* that prepared the run */
    void *kept;
};

static enum flaw flaw;

/* Row y + offset, or the nearest there is. */
static const uint8_t *row_near(const struct smooth *smooth, size_t y, int offset)
{
    size_t rows = smooth->in.shape[0], step = (size_t)abs(offset), near = y;
    if (offset < 0)
        near = y > step ? y - step : 0;
    else
        near = y + step < rows ? y + step : rows - 1;
    if (flaw == STEPS_BY_STRIDE)
        return (const uint8_t *)smooth->in.data + near * (size_t)smooth->in.stride[0];
    return dpk_row(&smooth->in, near);
}

static void smooth_row(const struct smooth *smooth, size_t y, uint16_t *sums)
{
    size_t width = dpk_row_count(&smooth->in);
    uint8_t *out = dpk_row(&smooth->out, y);
    if (flaw != TRUSTS_SCRATCH)
        memset(sums, 0, width * sizeof *sums);
    for (int offset = -1; offset <= 1; offset++) {
        const uint8_t *in = row_near(smooth, y, flaw == READS_MORE_ROWS ? 2 * offset : offset);
        for (size_t x = 0; x < width; x++)
            sums[x] = (uint16_t)(sums[x] + in[x]);
    }
    for (size_t x = 0; x < width; x++)
        out[x] = (uint8_t)(sums[x] / 3 + smooth->bias + (flaw == ACCUMULATES ? out[x] : 0));
}

/* In a thread or a process that is not the one that called. */
static bool is_worker(const struct smooth *smooth)
{
    return getpid() != smooth->process || gettid() != getpid();
}

/* What goes wrong beside the rows of the span. */
__attribute__((no_sanitize("undefined"))) static void stray(const struct smooth *smooth,
                                                            dpk_span span, uint8_t *scratch)
{
    size_t rows = smooth->in.shape[0], width = dpk_row_count(&smooth->in);
    uint8_t *first = smooth->in.data, *nowhere = NULL;
    bool last = span.end == rows, worker = is_worker(smooth);
    if (width == 0)
        return;
    if (flaw == READS_BEFORE_INPUT)
        scratch[0] = ((volatile uint8_t *)first)[-1];
    if (flaw == WRITES_BEFORE_OUTPUT)
        ((volatile uint8_t *)smooth->out.data)[-1] = 1;
    if (flaw == READS_PAST_INPUT && last)
        scratch[0] = *(volatile uint8_t *)dpk_row(&smooth->in, rows);
    if (flaw == WRITES_PAST_OUTPUT && last)
        *(uint8_t *)dpk_row(&smooth->out, rows) = 1;
    if (flaw == WRITES_TO_INPUT || (flaw == WRITES_TO_INPUT_AS_WORKER && worker))
        first[0] = 0;
    if (flaw == WRITES_TO_ITSELF)
        *(unsigned *)(uintptr_t)&smooth->bias = 1;
    if (flaw == OVERRUNS_SCRATCH)
        scratch[width * sizeof(uint16_t)] = 0;
    if ((flaw == ABORTS && rows == 13) || (flaw == ABORTS_AS_WORKER && worker))
        abort();
    if (flaw == USES_NULL && rows == 13)
        *(volatile uint8_t *)nowhere = 1;
    while (flaw == HANGS && rows == 13)
        pause();
}

static void *idle(void *nothing)
{
    return nothing;
}

/* What a pass does besides computing. The result is right. */
static void misbehave(const struct smooth *smooth, dpk_span span)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static char *volatile kept;
    size_t rows = smooth->in.shape[0];
    pthread_t thread;
    if (flaw == ALLOCATES || flaw == LEAKS)
        kept = malloc(100);
    if (flaw == ALLOCATES_BY_THE_LIBRARY)
        kept = strdup("smooth");
    if (flaw == ALLOCATES || flaw == ALLOCATES_BY_THE_LIBRARY)
        free(kept); /* volatile, or the compiler would do without both calls */
    if (flaw == LOCKS && pthread_mutex_lock(&lock) == 0)
        pthread_mutex_unlock(&lock);
    if (flaw == STARTS_THREAD && rows == 13 && pthread_create(&thread, NULL, idle, NULL) == 0)
        pthread_join(thread, NULL);
    if (flaw == LEAVES_DESCRIPTOR && rows == 13 && span.begin == 0)
        (void)!open("/dev/null", O_RDONLY);
    if (flaw == PRINTS && rows == 13)
        puts("smooth");
    if (flaw == WRITES_TO_STDERR && rows == 13)
        (void)!write(STDERR_FILENO, "smooth\n", 7);
}

/* Reads of a byte, as that is, of the input. */
static void touch(const struct smooth *smooth, dpk_span span)
{
    size_t rows = smooth->in.shape[0];
    if (dpk_row_count(&smooth->in) == 0)
        return;
    if (flaw == TOUCHES_MORE_ROWS && span.end + 1 < rows)
        (void)*(volatile uint8_t *)dpk_row(&smooth->in, span.end + 1);
    if (flaw == TOUCHES_MORE_BEFORE && span.begin > 1)
        (void)((volatile uint8_t *)dpk_row(&smooth->in, span.begin - 1))[-1];
}

/* Whether pixels of the span come out wrong, by one. */
static bool is_wrong(const struct smooth *smooth, dpk_span span)
{
    static unsigned calls;
    bool long_span = span.end - span.begin > 8;
    return (flaw == OFF_BY_ONE && smooth->in.shape[1] == 17) ||
           (flaw == OFF_AT_A_LIMIT && smooth->bias == 7) || (flaw == COUNTS_ITEMS && long_span) ||
           (flaw == COUNTS_CALLS && calls++ > 20000) || (flaw == KNOWS_WORKER && is_worker(smooth));
}

static void work(const void *self, dpk_span span, void *scratch)
{
    const struct smooth *smooth = self;
    size_t rows = smooth->in.shape[0], width = dpk_row_count(&smooth->in);
    for (size_t y = span.begin; y < span.end; y++) {
        uint8_t *out = dpk_row(&smooth->out, y);
        if (flaw == LEAVES_ROW_UNWRITTEN && y == 3)
            continue;
        smooth_row(smooth, y, scratch);
        bool wrong = is_wrong(smooth, span);
        for (size_t x = 0; x < width && wrong; x++)
            out[x] ^= 1;
        if (flaw == WRITES_NEXT_ROW && y + 1 < rows)
            memset(out + width, 0, width);
        if (flaw == READS_RESULT && y > 0 && width > 0)
            out[0] = (uint8_t)(out[0] + *(const uint8_t *)dpk_row(&smooth->out, y - 1));
    }
    stray(smooth, span, scratch);
    misbehave(smooth, span);
    touch(smooth, span);
}

static void clear(const void *self, dpk_span span, void *scratch)
{
    (void)scratch;
    const struct smooth *smooth = self;
    for (size_t y = span.begin; y < span.end; y++)
        memset(dpk_row(&smooth->out, y), 0, dpk_row_count(&smooth->out));
}

static bool reference(const void *self, dpk_arena *arena)
{
    (void)arena;
    const struct smooth *smooth = self;
    size_t rows = smooth->in.shape[0], width = dpk_row_count(&smooth->in);
    const uint8_t *in = smooth->in.data;
    uint8_t *out = smooth->out.data;
    for (size_t y = 0; y < rows; y++) {
        for (size_t x = 0; x < width; x++) {
            size_t step = flaw == READS_MORE_ROWS ? 2 : 1;
            unsigned above = in[(y > step ? y - step : 0) * width + x];
            unsigned below = in[(y + step < rows ? y + step : rows - 1) * width + x];
            unsigned mean = (above + in[y * width + x] + below) / 3 + smooth->bias;
            unsigned before = flaw == READS_RESULT && x == 0 && y > 0 ? out[(y - 1) * width] : 0;
            out[y * width + x] = (uint8_t)(mean + before);
        }
    }
    return true;
}

/* The sanitizer would end the process with a sentence of its own. */
__attribute__((no_sanitize("undefined"))) static bool is_dark(const struct smooth *smooth)
{
    return dpk_count(&smooth->in) > 0 && *(const uint8_t *)smooth->in.data == 0;
}

static dpk_status shape(void *self, dpk_error *err)
{
    struct smooth *smooth = self;
    smooth->out = smooth->in;
    if (flaw == PEEKS_IN_SHAPE && is_dark(smooth))
        return dpk_fail(err, DPK_BAD_INPUT, "too dark");
    return DPK_OK;
}

static dpk_status prepare(void *self, dpk_arena *arena, dpk_error *err)
{
    struct smooth *smooth = self;
    smooth->process = getpid();
    if (flaw == PEEKS_IN_PREPARE && is_dark(smooth))
        smooth->bias += 1;
    if (flaw == LEAKS_IN_PREPARE)
        smooth->kept = malloc(100);
    if (flaw != COUNTS_IN_32_BITS)
        return DPK_OK;
    size_t width = dpk_row_count(&smooth->in);
    uint8_t *row = dpk_alloc(arena, (uint32_t)width, err);
    if (row == NULL)
        return DPK_LIMIT;
    for (size_t x = 0; x < width; x += width / 16 + 1)
        row[x] = 0;
    return DPK_OK;
}

static size_t rows(const void *self)
{
    return ((const struct smooth *)self)->out.shape[0];
}

static dpk_span reads(const void *self, size_t port, dpk_span out)
{
    (void)self, (void)port;
    return dpk_reads_around(out, 1, 1);
}

static size_t scratch_bytes(const void *self)
{
    return dpk_row_count(&((const struct smooth *)self)->in) * sizeof(uint16_t);
}

static const dpk_param params[] = {
    DPK_PARAM(struct smooth, bias, .def = "2", .max = 7, .help = "added to the mean"),
    DPK_END,
};

static const dpk_port ports[] = {
    DPK_IN(struct smooth, in, .image = true, .types = DPK_U8),
    DPK_OUT(struct smooth, out, .image = true),
    DPK_END,
};

static const dpk_pass passes[] = {
    { .name = "rows", .extent = rows, .reads = reads, .work = work, .scratch = scratch_bytes },
    DPK_END,
};

static const dpk_pass whole_image_passes[] = {
    { .name = "rows", .extent = rows, .work = work, .scratch = scratch_bytes },
    DPK_END,
};

static const dpk_pass accumulating_passes[] = {
    { .name = "clear", .extent = rows, .work = clear },
    { .name = "add", .extent = rows, .work = work, .scratch = scratch_bytes },
    DPK_END,
};

dpk_kernel smooth_kernel(enum flaw wanted)
{
    flaw = wanted;
    const dpk_pass *used = wanted == ACCUMULATES    ? accumulating_passes
                           : wanted == READS_RESULT ? whole_image_passes
                                                    : passes;
    return (dpk_kernel){ .abi = DPK_ABI,
                         .descriptor = sizeof(dpk_kernel),
                         .name = "smooth",
                         .summary = "mean of three rows",
                         .group = "test",
                         .size = sizeof(struct smooth),
                         .params = params,
                         .ports = ports,
                         .shape = shape,
                         .prepare = prepare,
                         .passes = used,
                         .reference = reference };
}
