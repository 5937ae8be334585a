/* SPDX-License-Identifier: MIT */
/* image.h: what kernels on images share: edge modes, rows around a row, one body for several
 * sample types, alpha, and access by index for references.
 *
 * Images are arrays of rank 3 (rows, columns, channels) of u8, u16 or f32. Everything here is
 * inline: a kernel that includes this header needs nothing at run time that one without it does
 * not. */
#ifndef DPK_IMAGE_H
#define DPK_IMAGE_H

#include <dpk/dpk.h>

#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------------------------- edges */

/* What lies beyond the edges of an image, along rows and along columns. */
typedef enum dpk_edge {
    DPK_EDGE_CLAMP,
    DPK_EDGE_MIRROR,
    DPK_EDGE_WRAP,
    DPK_EDGE_ZERO,
} dpk_edge;

static const dpk_choice dpk_edge_choices[] = {
    { "clamp", DPK_EDGE_CLAMP, "the last pixel goes on: aaa|abcd|ddd" },
    { "mirror", DPK_EDGE_MIRROR, "reflected, the last pixel twice: cba|abcd|dcb" },
    { "wrap", DPK_EDGE_WRAP, "the other side follows: bcd|abcd|abc" },
    { "zero", DPK_EDGE_ZERO, "black, and transparent: 000|abcd|000" },
    { NULL, 0, NULL },
};

/* The parameter of every kernel that looks beyond the edges; its member is an `unsigned`. */
#define DPK_PARAM_EDGE(struct_, member)                                                            \
    DPK_PARAM(struct_, member, .def = "clamp", .choices = dpk_edge_choices,                        \
              .help = "what lies beyond the edges")

/* The index, among 0 … n - 1, of the row or column that position i shows; -1 when it counts as
 * zero, as every position does when n is 0. */
static inline ptrdiff_t dpk_edge_at(ptrdiff_t i, size_t n, unsigned edge)
{
    ptrdiff_t count = (ptrdiff_t)n;
    if (i >= 0 && i < count)
        return i;
    if (n == 0 || edge == DPK_EDGE_ZERO)
        return -1;
    if (edge == DPK_EDGE_CLAMP)
        return i < 0 ? 0 : count - 1;
    if (edge == DPK_EDGE_WRAP)
        return (i % count + count) % count;
    i = (i < 0 ? -1 - i : i) % (2 * count);
    return i < count ? i : 2 * count - 1 - i;
}

/* Widens first … last, which may be empty, to hold index at, unless that is -1. */
static inline void dpk_edge_widen_(ptrdiff_t at, ptrdiff_t *first, ptrdiff_t *last)
{
    if (at >= 0 && at < *first)
        *first = at;
    if (at > *last)
        *last = at;
}

/* The smallest range of rows 0 … n - 1 that positions begin … end - 1 show: for `reads` of kernels
 * that shift rows. It is empty where all positions count as zero. */
static inline dpk_span dpk_edge_reads(ptrdiff_t begin, ptrdiff_t end, size_t n, unsigned edge)
{
    ptrdiff_t count = (ptrdiff_t)n, first = count, last = -1;
    if (begin < count && end > 0) {
        first = begin > 0 ? begin : 0;
        last = (end < count ? end : count) - 1;
    }
    dpk_edge_widen_(dpk_edge_at(end - 1, n, edge), &first, &last);

    /* From one multiple of n to the next, indices grow, fall or stay the same: what is next to
     * multiples is enough. Six such positions enclose two periods, which show every row. */
    for (int i = 0; n > 0 && i < 6 && begin < end; i++) {
        ptrdiff_t place = (begin % count + count) % count;
        dpk_edge_widen_(dpk_edge_at(begin, n, edge), &first, &last);
        begin += place == count - 1 ? 1 : count - 1 - place;
    }
    if (last < 0) {
        first = end <= 0 ? 0 : count;
        last = first - 1;
    }
    dpk_span rows = { (size_t)first, (size_t)(last + 1), 0 };
    return rows;
}

/* For `reads` of a pass whose row y looks at rows y - radius … y + radius. */
static inline dpk_span dpk_reads_window(const dpk_array *image, dpk_span out, size_t radius,
                                        unsigned edge)
{
    size_t around = edge == DPK_EDGE_WRAP ? image->shape[0] : radius;
    return dpk_reads_around(out, around, around);
}

/* -------------------------------------------------------------------------------------- rows */

/* For `extent`: the image's rows, or none when they are empty. */
static inline size_t dpk_image_rows(const dpk_array *image)
{
    return dpk_row_count(image) > 0 ? image->shape[0] : 0;
}

static inline size_t dpk_pixel_bytes(const dpk_array *image)
{
    return image->shape[2] * dpk_type_size(image->type);
}

/* For prepare(): a row of zeros as long as the image's, for dpk_edge_row; NULL for edge modes that
 * need none. Errors: DPK_LIMIT. */
static inline dpk_status dpk_edge_zeros(const dpk_array *image, unsigned edge, const void **zeros,
                                        dpk_arena *arena, dpk_error *err)
{
    *zeros = NULL;
    if (edge != DPK_EDGE_ZERO)
        return DPK_OK;
    void *row = dpk_alloc(arena, dpk_row_bytes(image), err);
    if (row == NULL)
        return DPK_LIMIT;
    memset(row, 0, dpk_row_bytes(image));
    *zeros = row;
    return DPK_OK;
}

/* The row that position y shows, or `zeros` when it counts as zero. */
static inline const void *dpk_edge_row(const dpk_array *image, ptrdiff_t y, unsigned edge,
                                       const void *zeros)
{
    ptrdiff_t at = dpk_edge_at(y, image->shape[0], edge);
    return at < 0 ? zeros : dpk_row(image, (size_t)at);
}

/* Sets rows[0] … rows[2 radius] to the rows that positions y - radius … y + radius show. */
static inline void dpk_row_window(const dpk_array *image, size_t y, size_t radius, unsigned edge,
                                  const void *zeros, const void **rows)
{
    for (size_t k = 0; k <= 2 * radius; k++)
        rows[k] = dpk_edge_row(image, (ptrdiff_t)(y + k) - (ptrdiff_t)radius, edge, zeros);
}

/* Continues a row of `columns` pixels of `pixel` bytes beyond its ends: writes `before` pixels in
 * front of row, and `after` pixels behind its last one. */
static inline void dpk_row_extend(void *row, size_t columns, size_t pixel, size_t before,
                                  size_t after, unsigned edge)
{
    char *first = (char *)row;
    for (size_t i = 0; i < before + after; i++) {
        ptrdiff_t to = i < before ? -(ptrdiff_t)(i + 1) : (ptrdiff_t)(columns + i - before);
        ptrdiff_t from = dpk_edge_at(to, columns, edge);
        if (from < 0)
            memset(first + to * (ptrdiff_t)pixel, 0, pixel);
        else
            memcpy(first + to * (ptrdiff_t)pixel, first + from * (ptrdiff_t)pixel, pixel);
    }
}

/* ------------------------------------------------------------------------------ sample types */

/* X(suffix, C type, largest level), once for each type. A kernel writes its inner loop as such a
 * macro X, which defines a function name_<suffix>, and chooses among these once a row or once a
 * chunk by DPK_SELECT_…(type, name), not once a sample. */
#define DPK_TYPES_U8_U16(X) X(u8, uint8_t, UINT8_MAX) X(u16, uint16_t, UINT16_MAX)
#define DPK_TYPES_U8_U16_F32(X) DPK_TYPES_U8_U16(X) X(f32, float, 1.0F)

#define DPK_SELECT_U8_U16(type_, name) ((type_) == DPK_U8 ? name##_u8 : name##_u16)
#define DPK_SELECT_U8_U16_F32(type_, name)                                                         \
    ((type_) == DPK_U8 ? name##_u8 : (type_) == DPK_U16 ? name##_u16 : name##_f32)

/* Calls function(…, TYPE), a DPK_TEMPLATE, where TYPE is the constant equal to type_. */
#define DPK_CALL_U8_U16(type_, function, ...)                                                      \
    ((type_) == DPK_U8 ? function(__VA_ARGS__, DPK_U8) : function(__VA_ARGS__, DPK_U16))

/* Sample i of a row of integers. */
DPK_TEMPLATE unsigned dpk_level(const void *row, size_t i, dpk_type type)
{
    return type == DPK_U8 ? ((const uint8_t *)row)[i] : ((const uint16_t *)row)[i];
}

/* Copies the alpha of one row, if the image has it: for kernels that write all channels alike and
 * then put alpha back, which keeps their inner loop free of conditions. */
static inline void dpk_copy_alpha(const dpk_array *image, const void *from, void *to)
{
    size_t pixel = image->shape[2], samples = dpk_row_count(image);
    size_t alpha = dpk_colour_channels(image);
    if (alpha == pixel)
        return;
#define DPK_COPY_ALPHA_(suffix, sample, white)                                                     \
    if (dpk_type_size(image->type) == sizeof(sample))                                              \
        for (size_t i = alpha; i < samples; i += pixel)                                            \
            ((sample *)to)[i] = ((const sample *)from)[i];
    DPK_TYPES_U8_U16_F32(DPK_COPY_ALPHA_)
#undef DPK_COPY_ALPHA_
}

/* ------------------------------------------------------------------------- references, costs */

/* The largest level: 255, 65535, or 1 for f32. */
static inline double dpk_white(dpk_type type)
{
    return type == DPK_U8 ? UINT8_MAX : type == DPK_U16 ? UINT16_MAX : 1;
}

/* Whether sample number i of an image, counted in C order, belongs to its alpha channel. */
static inline bool dpk_sample_is_alpha(const dpk_array *image, size_t i)
{
    return i % image->shape[2] >= dpk_colour_channels(image);
}

/* Sample number i. It looks at the type every time: for references, not for passes. */
static inline double dpk_sample_get(const dpk_array *image, size_t i)
{
    return image->type == DPK_U8    ? ((const uint8_t *)image->data)[i]
           : image->type == DPK_U16 ? ((const uint16_t *)image->data)[i]
                                    : (double)((const float *)image->data)[i];
}

/* The sample that a position shows. */
static inline double dpk_sample_at(const dpk_array *image, ptrdiff_t y, ptrdiff_t x, size_t channel,
                                   unsigned edge)
{
    ptrdiff_t row = dpk_edge_at(y, image->shape[0], edge);
    ptrdiff_t column = dpk_edge_at(x, image->shape[1], edge);
    if (row < 0 || column < 0)
        return 0;
    size_t pixel = (size_t)row * image->shape[1] + (size_t)column;
    return dpk_sample_get(image, pixel * image->shape[2] + channel);
}

/* Sets sample number i. Integers are rounded to the nearest level, halves up, and saturate. */
static inline void dpk_sample_put(const dpk_array *image, size_t i, double value)
{
    double white = dpk_white(image->type);
    unsigned level = image->type == DPK_F32 || !(value > 0) ? 0
                     : value < white                        ? (unsigned)(value + 0.5)
                                                            : (unsigned)white;
    if (image->type == DPK_U8)
        ((uint8_t *)image->data)[i] = (uint8_t)level;
    else if (image->type == DPK_U16)
        ((uint16_t *)image->data)[i] = (uint16_t)level;
    else
        ((float *)image->data)[i] = (float)value;
}

/* For `cost`: reads `in` once, writes `out` once, and takes so many operations for each sample of
 * the input. */
static inline dpk_cost dpk_image_cost(const dpk_array *in, const dpk_array *out, double operations)
{
    double read = (double)dpk_count(in), written = (double)dpk_count(out);
    dpk_cost cost = { read * (double)dpk_type_size(in->type) +
                          written * (double)dpk_type_size(out->type),
                      read * operations };
    return cost;
}

#ifdef __cplusplus
}
#endif

#endif
