/* SPDX-License-Identifier: MIT */
/* png_filter.c: PNG's row filters. Filtering knows all neighbours beforehand and is left to the
 * compiler's vectors. Undoing a filter has to wait for each pixel's left neighbour: there the
 * channels of a pixel share one vector, and what counts is how many instructions depend on one
 * another from pixel to pixel: one for Sub, two for Avg, three for Paeth.
 *
 * Compiled for x86-64 and x86-64-v3: with AVX-512, compilers put comparisons into mask registers,
 * whose latency makes Paeth half as fast. */
#include "formats/png/png_filter.h"

#include <string.h>

#if defined(__SSE2__)
#    include <immintrin.h>
#endif

static inline uint8_t least(uint8_t a, uint8_t b)
{
    return a < b ? a : b;
}

static inline uint8_t most(uint8_t a, uint8_t b)
{
    return a > b ? a : b;
}

static inline uint8_t average(uint8_t a, uint8_t b)
{
    return (uint8_t)((a & b) + ((a ^ b) >> 1));
}

/* With lo and hi the lesser and the greater of a and b, Paeth's choice is hi where
 * 3c - a - b <= lo, else lo where 3c - a - b >= hi, else c. In bytes, the first is
 * 2 (c - lo) <= hi - c and the second 2 (hi - c) <= c - lo, with 0 for what is negative. */
static inline uint8_t paeth(uint8_t a, uint8_t b, uint8_t c)
{
    uint8_t lo = least(a, b), hi = most(a, b);
    uint8_t over = (uint8_t)(most(c, lo) - lo), under = (uint8_t)(hi - least(c, hi));
    uint8_t rest = under <= over >> 1 ? lo : c;
    return over <= under >> 1 ? hi : rest;
}

/* ------------------------------------------------------------------------------------ filtering */

static inline uint8_t magnitude(uint8_t difference)
{
    return least(difference, (uint8_t)-difference);
}

/* Adds up the magnitudes that each filter of the set leaves; other sums are meaningless. Partial
 * sums have 16 bits, the widest that vectors add cheaply. 128 magnitudes of at most 128 fit. */
static inline void weigh(unsigned set, size_t *sums, const unsigned char *row,
                         const unsigned char *above, size_t bytes, size_t pixel)
{
    for (size_t i = pixel; i < bytes;) {
        size_t stop = bytes - i < 128 ? bytes : i + 128;
        uint16_t none = 0, sub = 0, up = 0, avg = 0, best = 0;
        for (; i < stop; i++) {
            uint8_t x = row[i], a = row[i - pixel];
            none += magnitude(x);
            sub += magnitude((uint8_t)(x - a));
            if (set == DPK_PNG_ALONE)
                continue;
            uint8_t b = above[i], c = above[i - pixel];
            up += magnitude((uint8_t)(x - b));
            best += magnitude((uint8_t)(x - paeth(a, b, c)));
            if (set == DPK_PNG_ALL)
                avg += magnitude((uint8_t)(x - average(a, b)));
        }
        sums[DPK_PNG_NONE] += none;
        sums[DPK_PNG_SUB] += sub;
        sums[DPK_PNG_UP] += up;
        sums[DPK_PNG_AVG] += avg;
        sums[DPK_PNG_PAETH] += best;
    }
}

/* Handles the first pixel, which has no left neighbour, without vectors. */
static void weigh_first(size_t *sums, const unsigned char *row, const unsigned char *above,
                        size_t pixel)
{
    for (size_t i = 0; i < pixel; i++) {
        uint8_t x = row[i], b = above != NULL ? above[i] : 0;
        sums[DPK_PNG_NONE] += magnitude(x);
        sums[DPK_PNG_SUB] += magnitude(x);
        sums[DPK_PNG_UP] += magnitude((uint8_t)(x - b));
        sums[DPK_PNG_AVG] += magnitude((uint8_t)(x - average(0, b)));
        sums[DPK_PNG_PAETH] += magnitude((uint8_t)(x - b));
    }
}

static unsigned choose(unsigned set, const unsigned char *row, const unsigned char *above,
                       size_t bytes, size_t pixel)
{
    size_t sums[DPK_PNG_FILTERS] = { 0 };
    weigh_first(sums, row, above, pixel);
    if ((set & ~DPK_PNG_ALONE) == 0)
        weigh(DPK_PNG_ALONE, sums, row, NULL, bytes, pixel);
    else if ((set & ~DPK_PNG_QUICK) == 0)
        weigh(DPK_PNG_QUICK, sums, row, above, bytes, pixel);
    else
        weigh(DPK_PNG_ALL, sums, row, above, bytes, pixel);
    unsigned best = DPK_PNG_FILTERS;
    for (unsigned filter = 0; filter < DPK_PNG_FILTERS; filter++)
        if (set >> filter & 1 && (best == DPK_PNG_FILTERS || sums[filter] < sums[best]))
            best = filter;
    return best;
}

static void apply(unsigned set, unsigned char *restrict filtered, const unsigned char *row,
                  const unsigned char *above, size_t bytes, size_t pixel)
{
    unsigned filter = (set & (set - 1)) == 0 ? (unsigned)__builtin_ctz(set)
                                             : choose(set, row, above, bytes, pixel);
    unsigned char *to = filtered + 1;
    filtered[0] = (unsigned char)filter;
    for (size_t i = 0; i < pixel; i++) {
        uint8_t b = filter > DPK_PNG_SUB ? above[i] : 0;
        to[i] = (unsigned char)(row[i] - (filter == DPK_PNG_AVG ? b / 2 : b));
    }
    switch (filter) {
    case DPK_PNG_NONE:
        memcpy(to, row, bytes);
        break;
    case DPK_PNG_SUB:
        for (size_t i = pixel; i < bytes; i++)
            to[i] = (unsigned char)(row[i] - row[i - pixel]);
        break;
    case DPK_PNG_UP:
        for (size_t i = pixel; i < bytes; i++)
            to[i] = (unsigned char)(row[i] - above[i]);
        break;
    case DPK_PNG_AVG:
        for (size_t i = pixel; i < bytes; i++)
            to[i] = (unsigned char)(row[i] - average(row[i - pixel], above[i]));
        break;
    case DPK_PNG_PAETH:
        for (size_t i = pixel; i < bytes; i++)
            to[i] = (unsigned char)(row[i] - paeth(row[i - pixel], above[i], above[i - pixel]));
        break;
    }
}

/* -------------------------------------------------------------------------------------- undoing */

/* Undoes any filter, byte by byte. */
static void undo_plain(unsigned filter, unsigned char *row, const unsigned char *filtered,
                       const unsigned char *above, size_t bytes, size_t pixel)
{
    for (size_t i = 0; i < bytes; i++) {
        uint8_t a = i >= pixel ? row[i - pixel] : 0, b = above != NULL ? above[i] : 0;
        uint8_t c = i >= pixel && above != NULL ? above[i - pixel] : 0, guess = 0;
        switch (filter) {
        case DPK_PNG_SUB:
            guess = a;
            break;
        case DPK_PNG_AVG:
            guess = average(a, b);
            break;
        case DPK_PNG_PAETH:
            guess = paeth(a, b, c);
            break;
        }
        row[i] = (unsigned char)(filtered[i] + guess);
    }
}

#if defined(__SSE2__)

/* These functions must be inlined, so that filter and pixel size are constants in them. */
#    define INLINE static inline __attribute__((always_inline))

typedef __m128i vector;

INLINE vector load(const unsigned char *from, size_t bytes)
{
    uint64_t word = 0;
    memcpy(&word, from, bytes);
    return _mm_set_epi64x(0, (long long)word);
}

INLINE void store(unsigned char *to, vector bytes, size_t count)
{
    uint64_t word;
    _mm_storel_epi64((vector *)(void *)&word, bytes);
    memcpy(to, &word, count);
}

INLINE vector pick(vector mask, vector yes, vector no)
{
#    if defined(__SSE4_1__)
    return _mm_blendv_epi8(no, yes, mask);
#    else
    return _mm_or_si128(_mm_and_si128(mask, yes), _mm_andnot_si128(mask, no));
#    endif
}

/* State carried from one pixel to the next. */
struct left {
    vector a, c;
};

INLINE vector undo_sub(struct left *left, vector x)
{
    return left->a = _mm_add_epi8(left->a, x);
}

/* The instruction for averages rounds up. Applied to complements it rounds down. As ~(x + ~mean) is
 * mean - x, it is cheapest to keep the complement of a. */
INLINE vector undo_avg(struct left *left, vector x, vector b)
{
    vector ones = _mm_set1_epi8(-1);
    left->a = _mm_sub_epi8(_mm_avg_epu8(left->a, _mm_xor_si128(b, ones)), x);
    return _mm_xor_si128(left->a, ones);
}

/* For given b and c, Paeth's choice is a step function of a: a itself outside the interval
 * between b and 3c - 2b, ends included; inside it, the lesser of b and c up to (3c - b) / 2 and
 * the greater beyond, where b also has the middle. All but comparing with a is done in advance,
 * on 16 bits. */
INLINE vector undo_paeth(struct left *left, vector x, vector b)
{
    vector zero = _mm_setzero_si128(), a = left->a, c = left->c;
    x = _mm_unpacklo_epi8(x, zero);
    b = _mm_unpacklo_epi8(b, zero);
    vector twice = _mm_sub_epi16(_mm_add_epi16(c, _mm_add_epi16(c, c)), b);
    vector far = _mm_sub_epi16(twice, b);
    vector begin = _mm_min_epi16(b, far), end = _mm_max_epi16(b, far);
    vector below = _mm_add_epi16(_mm_cmpgt_epi16(c, b), _mm_set1_epi16(1));
    vector middle = _mm_srai_epi16(_mm_sub_epi16(twice, below), 1);
    vector lesser = _mm_add_epi8(x, _mm_min_epi16(b, c));
    vector greater = _mm_add_epi8(x, _mm_max_epi16(b, c));

    vector inside = _mm_and_si128(_mm_cmpgt_epi16(a, begin), _mm_cmpgt_epi16(end, a));
    vector other = pick(_mm_cmpgt_epi16(a, middle), greater, lesser);
    left->a = pick(inside, other, _mm_add_epi8(x, a));
    left->c = b;
    return _mm_packus_epi16(left->a, left->a);
}

/* Undoes the filter of one pixel, loading and storing `count` bytes. */
INLINE void undo_pixel(unsigned filter, struct left *left, unsigned char *row,
                       const unsigned char *filtered, const unsigned char *above, size_t count)
{
    vector x = load(filtered, count);
    if (filter == DPK_PNG_SUB)
        x = undo_sub(left, x);
    else if (filter == DPK_PNG_AVG)
        x = undo_avg(left, x, load(above, count));
    else
        x = undo_paeth(left, x, load(above, count));
    store(row, x, count);
}

/* Pixels of three bytes are stored as four. The next pixel overwrites the excess byte. */
INLINE void undo_row(unsigned filter, unsigned char *row, const unsigned char *filtered,
                     const unsigned char *above, size_t bytes, size_t pixel)
{
    struct left left = { _mm_set1_epi8(filter == DPK_PNG_AVG ? -1 : 0), _mm_setzero_si128() };
    size_t i = 0, count = pixel == 3 ? 4 : pixel;
    for (; i + count <= bytes; i += pixel)
        undo_pixel(filter, &left, row + i, filtered + i, above + i, count);
    for (; i < bytes; i += pixel)
        undo_pixel(filter, &left, row + i, filtered + i, above + i, pixel);
}

/* Calls undo_row() with each pixel size as a constant. */
INLINE void undo_left(unsigned filter, unsigned char *row, const unsigned char *filtered,
                      const unsigned char *above, size_t bytes, size_t pixel)
{
    switch (pixel) {
    case 1:
        undo_row(filter, row, filtered, above, bytes, 1);
        break;
    case 2:
        undo_row(filter, row, filtered, above, bytes, 2);
        break;
    case 3:
        undo_row(filter, row, filtered, above, bytes, 3);
        break;
    case 4:
        undo_row(filter, row, filtered, above, bytes, 4);
        break;
    case 6:
        undo_row(filter, row, filtered, above, bytes, 6);
        break;
    case 8:
        undo_row(filter, row, filtered, above, bytes, 8);
        break;
    }
}

#else
#    define undo_left undo_plain
#endif

static void undo(unsigned filter, unsigned char *row, const unsigned char *filtered,
                 const unsigned char *above, size_t bytes, size_t pixel)
{
    /* Without a row above, b and c are 0. */
    static const unsigned char on_top[] = { DPK_PNG_NONE, DPK_PNG_SUB, DPK_PNG_NONE, DPK_PNG_AVG,
                                            DPK_PNG_SUB };
    switch (above != NULL ? filter : on_top[filter]) {
    case DPK_PNG_NONE:
        memmove(row, filtered, bytes);
        break;
    case DPK_PNG_SUB:
        undo_left(DPK_PNG_SUB, row, filtered, filtered, bytes, pixel);
        break;
    case DPK_PNG_UP:
        for (size_t i = 0; i < bytes; i++)
            row[i] = (unsigned char)(filtered[i] + above[i]);
        break;
    case DPK_PNG_AVG:
        if (above == NULL)
            undo_plain(filter, row, filtered, NULL, bytes, pixel);
        else
            undo_left(DPK_PNG_AVG, row, filtered, above, bytes, pixel);
        break;
    case DPK_PNG_PAETH:
        undo_left(DPK_PNG_PAETH, row, filtered, above, bytes, pixel);
        break;
    }
}

const dpk_png_filter DPK_JOIN(dpk_png_filter_variant, DPK_ISA_SUFFIX) = { .undo = undo,
                                                                          .apply = apply };
