/* SPDX-License-Identifier: MIT */
/* converted.c: a few rows at a time are premultiplied, given to the kernel and taken back, while
 * they are in the caches. The kernel's arrays are rings in the worker's scratch, so what its pass
 * gets is a copy of its struct that has these arrays. */
#include "engine/converted.h"

#include "base/arena.h"
#include "engine/run.h"

#include <string.h>

/* What a worker has in its scratch, and where. */
struct layout {
    size_t out_rows, in_rows; /* at a time, and with their halo */
    size_t in, out, kernel;   /* offsets of these rows and of the kernel's own scratch; its struct
                                 comes first */
    size_t bytes;             /* of all */
};

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t bytes_of(const dpk_alpha_conversion *conversion, size_t rows)
{
    return dpk_aligned(rows * (size_t)conversion->premultiplied.stride[0]);
}

static const dpk_pass *kernel_pass(const dpk_run *run)
{
    return &run->kernel->passes[0];
}

static struct layout lay_out(const dpk_run *run)
{
    const dpk_pass *pass = kernel_pass(run);
    size_t rows = dpk_run_output(run, 0)->shape[0];
    struct layout at = { .out_rows = least(run->steps[0].grain, run->band) };
    at.in_rows = least(at.out_rows + 2 * run->halo, rows);
    at.in = dpk_aligned(run->kernel->size);
    at.out = at.in + bytes_of(run->conversions[0], at.in_rows);
    at.kernel = at.out;
    if (run->conversions[1] != NULL)
        at.kernel += bytes_of(run->conversions[1], at.out_rows);
    at.bytes = at.kernel + (pass->scratch != NULL ? pass->scratch(run->self) : 0);
    return at;
}

static size_t scratch_bytes(const void *self)
{
    return lay_out(self).bytes;
}

/* Makes the array of a port, in the kernel's struct at own, a ring of so many rows at data. */
static dpk_alpha_conversion place(const dpk_run *run, size_t port, char *own, void *data,
                                  size_t rows)
{
    dpk_alpha_conversion conversion = *run->conversions[port];
    conversion.premultiplied.data = data;
    conversion.premultiplied.ring = rows;
    *(dpk_array *)(void *)(own + run->kernel->ports[port].offset) = conversion.premultiplied;
    return conversion;
}

static void work(const void *self, dpk_span span, void *scratch)
{
    const dpk_run *run = self;
    const struct layout at = lay_out(run);
    size_t rows = dpk_run_output(run, 0)->shape[0], halo = run->halo;
    char *own = memcpy(scratch, run->self, run->kernel->size);
    const dpk_alpha_passes *alpha = dpk_alpha_at(dpk_isa_best());
    bool back = run->conversions[1] != NULL;
    dpk_alpha_conversion in = place(run, 0, own, own + at.in, at.in_rows), out = { 0 };
    if (back)
        out = place(run, 1, own, own + at.out, at.out_rows);

    size_t ready = span.begin > halo ? span.begin - halo : 0;
    for (dpk_span part = { .begin = span.begin }; part.begin < span.end; part.begin = part.end) {
        part.end = least(part.begin + at.out_rows, span.end);
        dpk_span fresh = { .begin = ready, .end = least(part.end + halo, rows) };
        if (fresh.begin < fresh.end)
            alpha->premultiply.work(&in, fresh, NULL);
        ready = fresh.end;
        kernel_pass(run)->work(own, part, own + at.kernel);
        if (back)
            alpha->unpremultiply.work(&out, part, NULL);
    }
}

static size_t extent(const void *self)
{
    const dpk_run *run = self;
    return kernel_pass(run)->extent(run->self);
}

static size_t grain(const void *self)
{
    const dpk_run *run = self;
    return kernel_pass(run)->grain != NULL ? kernel_pass(run)->grain(run->self) : 0;
}

const dpk_pass dpk_converted_pass = {
    .name = "converted",
    .extent = extent,
    .grain = grain,
    .work = work,
    .scratch = scratch_bytes,
};
