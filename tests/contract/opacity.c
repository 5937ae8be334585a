/* SPDX-License-Identifier: MIT */
/* opacity: a kernel that gets premultiplied colour and keeps it: its input is converted and its
 * output is not, and it leaves to the runner how many rows it gets at a time. Streamed or as a
 * whole, on whatever backend, it must make the same of it.
 *
 *     out[y][x] = in[y-2][x] - in[y+2][x]        rows outside count as the nearest one inside */
#include "contract/contract.h"

#include <criterion/criterion.h>

enum { REACH = 2 };

struct opacity {
    dpk_array in, out;
};

static float value(const struct opacity *opacity, size_t y, size_t x)
{
    const void *row = dpk_row(&opacity->in, y);
    return opacity->in.type == DPK_F32 ? ((const float *)row)[x] : ((const uint8_t *)row)[x];
}

static void make_row(const struct opacity *opacity, size_t y)
{
    size_t last = opacity->in.shape[0] - 1;
    float *out = dpk_row(&opacity->out, y);
    for (size_t x = 0; x < dpk_row_count(&opacity->in); x++)
        out[x] = value(opacity, y > REACH ? y - REACH : 0, x) -
                 value(opacity, last - y > REACH ? y + REACH : last, x);
}

static void work(const void *self, dpk_span span, void *scratch)
{
    (void)scratch;
    for (size_t y = span.begin; y < span.end; y++)
        make_row(self, y);
}

static bool reference(const void *self, dpk_arena *arena)
{
    (void)arena;
    for (size_t y = 0; y < ((const struct opacity *)self)->in.shape[0]; y++)
        make_row(self, y);
    return true;
}

static dpk_status shape(void *self, dpk_error *err)
{
    (void)err;
    struct opacity *opacity = self;
    dpk_array_shape(&opacity->out, DPK_F32, opacity->in.rank, opacity->in.shape);
    return DPK_OK;
}

static size_t rows(const void *self)
{
    return ((const struct opacity *)self)->out.shape[0];
}

static dpk_span reads(const void *self, size_t port, dpk_span out)
{
    (void)self, (void)port;
    return dpk_reads_around(out, REACH, REACH);
}

static const dpk_port ports[] = {
    DPK_IN(struct opacity, in, .image = true, .types = DPK_U8, .alpha = DPK_PREMULTIPLIED),
    DPK_OUT(struct opacity, out, .image = true),
    DPK_END,
};

static const dpk_pass passes[] = {
    { .name = "rows", .extent = rows, .reads = reads, .work = work },
    DPK_END,
};

Test(contract, one_sided_conversion)
{
    static const dpk_kernel kernel = { .abi = DPK_ABI,
                                       .descriptor = sizeof(dpk_kernel),
                                       .name = "opacity",
                                       .summary = "difference of rows, premultiplied",
                                       .group = "test",
                                       .size = sizeof(struct opacity),
                                       .ports = ports,
                                       .shape = shape,
                                       .passes = passes,
                                       .reference = reference };
    const dpk_kernel_row row = { .variants = { &kernel } };
    dpk_contract_options options = { .seed = 3 };
    for (size_t i = 0; dpk_backends[i] != NULL; i++) {
        dpk_contract_result result;
        dpk_error err;
        const dpk_backend *backend = dpk_backends[i];
        if (backend->unavailable == NULL || backend->unavailable() == NULL)
            cr_expect(dpk_contract_check(&row, backend, &options, &result, &err) == DPK_OK, "%s",
                      err.text);
    }
}
