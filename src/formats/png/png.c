/* SPDX-License-Identifier: MIT */
/* png.c: Portable Network Graphics (ISO/IEC 15948). Every colour type and bit depth is read:
 * palettes become RGB, 1, 2 and 4 bits become 8, transparency becomes an alpha channel, 16 bits
 * stay 16. Sample values are taken as they are stored: no gamma, no colour conversion; what the
 * file says about colour travels along to a PNG output. */
#include "formats/png/png_parts.h"

#include "base/array.h"
#include "formats/png/png_band.h"
#include "formats/png/png_deflate.h"

#include <string.h>

/* Compares the letters alone. If the rest of the signature is damaged, libpng can say how that
 * happened. */
static bool recognise(const unsigned char *head, size_t size)
{
    return size >= 4 && memcmp(head + 1, "PNG", 3) == 0;
}

static dpk_status accepts(const dpk_array *array, const char *suffix, dpk_error *err)
{
    (void)suffix;
    const size_t *shape = array->shape;
    char text[96];
    dpk_array_text(array, text, sizeof text);
    if (!(array->type & (DPK_U8 | DPK_U16)) || array->rank != 3 || shape[2] < 1 || shape[2] > 4)
        return dpk_fail(err, DPK_USAGE,
                        "a .png file holds pictures of u8 or u16 with 1 to 4 channels, not %s: "
                        "write a .npy file instead",
                        text);
    if (shape[0] == 0 || shape[1] == 0 || shape[0] > DPK_PNG_EXTENT_MAX ||
        shape[1] > DPK_PNG_EXTENT_MAX)
        return dpk_fail(err, DPK_USAGE,
                        "a .png file holds 1 to %zu rows and columns, not %s: "
                        "write a .npy file instead",
                        DPK_PNG_EXTENT_MAX, text);
    if (dpk_row_bytes(array) > DPK_PNG_ROW_MAX)
        return dpk_fail(err, DPK_USAGE,
                        "rows of more than %zu bytes (%s) cannot be written as .png: write a .npy "
                        "file instead",
                        DPK_PNG_ROW_MAX, text);
    return DPK_OK;
}

static const char *const suffixes[] = { "png", NULL };

static const dpk_choice efforts[] = {
    { "fast", DPK_PNG_FAST, "at the speed of everything else" },
    { "balanced", DPK_PNG_BALANCED, "also finds repetitions in drawings and text" },
    { "small", DPK_PNG_SMALL, "the fewest bytes, a hundred times slower" },
    { NULL, 0, NULL },
};

static const dpk_param params[] = {
    DPK_PARAM(dpk_png_options, png, .choices = efforts, .def = "balanced",
              .help = "how hard to compress a PNG output"),
    DPK_END,
};

const dpk_format dpk_format_png = {
    .name = "png",
    .summary = "Portable Network Graphics, 8 or 16 bits, with its metadata",
    .built_on = dpk_png_engine,
    .suffixes = suffixes,
    .params = params,
    .params_size = sizeof(dpk_png_options),
    .recognise = recognise,
    .open = dpk_png_open,
    .rows = dpk_png_rows,
    .decode_part = dpk_png_read_part,
    .part_scratch = dpk_png_read_scratch,
    .parts_agree = dpk_png_read_agrees,
    .close = dpk_png_close,
    .accepts = accepts,
    .begin = dpk_png_begin,
    .write = dpk_png_write,
    .band_rows = dpk_png_band_rows,
    .piece_bound = dpk_png_piece_bound,
    .encode_scratch = dpk_png_encode_scratch,
    .encode = dpk_png_encode,
    .append = dpk_png_append,
    .finish = dpk_png_finish,
};
