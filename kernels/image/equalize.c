/* SPDX-License-Identifier: MIT */
/* equalize: histogram equalisation. With c(v) the number of colour samples that are at most v, and
 * m the least sample,
 *
 *     out = (c(v) - c(m)) / (n - c(m)) * max        rounded to nearest
 *
 * spreads the samples so that equal numbers fall into equal ranges (Gonzalez and Woods, Digital
 * Image Processing, section 3.3). All colour channels share one histogram and one mapping: greys
 * stay grey and the order of the channels is kept, so that hues move little. Alpha neither counts
 * nor changes.
 *
 * This is a reduction over the whole image: each block of rows has a histogram of its own, one item
 * adds them up and makes the table, and then rows are looked up in the table. */
#include <dpk/image.h>

enum {
    /* Histograms take memory and must be added up: 2 kB each for u8, but 512 kB for u16. */
    BLOCKS_U8 = 64,
    BLOCKS_U16 = 16,

    /* Neighbouring samples are often equal, and a count must be stored before it can be loaded
     * again. So four samples in a row are counted in four tables. */
    TABLES = 4,

    PIECE = 1 << 30, /* samples counted at a time at the most, a fraction of what 32 bits hold */
};

struct equalize {
    dpk_array in, out;
    size_t bins, blocks, block_rows;
    uint64_t *counts; /* blocks × bins */
    uint16_t *table;  /* bins */
};

static size_t blocks(const void *self)
{
    const struct equalize *equalize = self;
    return equalize->blocks;
}

static void count_u8(const uint8_t *restrict in, size_t samples, uint32_t tables[TABLES][256])
{
    size_t i = 0;
    for (; i + TABLES <= samples; i += TABLES)
        for (size_t t = 0; t < TABLES; t++)
            tables[t][in[i + t]]++;
    for (; i < samples; i++)
        tables[0][in[i]]++;
}

static void fold_tables(uint32_t tables[TABLES][256], uint64_t *counts)
{
    for (size_t v = 0; v < 256; v++)
        for (size_t t = 0; t < TABLES; t++)
            counts[v] += tables[t][v];
    memset(tables, 0, TABLES * sizeof *tables);
}

/* Counts all samples alike, so that the loop above is the same for any number of channels, and then
 * subtracts the alpha samples. Tables are folded before a count could overflow. */
static void count_rows_u8(const struct equalize *equalize, dpk_span rows, uint64_t *counts,
                          uint32_t tables[TABLES][256])
{
    size_t samples = dpk_row_count(&equalize->in), channels = equalize->in.shape[2];
    bool alpha = dpk_colour_channels(&equalize->in) < channels;
    uint64_t counted = 0;
    memset(tables, 0, TABLES * sizeof *tables);
    for (size_t y = rows.begin; y < rows.end; y++) {
        const uint8_t *in = dpk_row(&equalize->in, y);
        for (size_t from = 0, piece; from < samples; from += piece) {
            piece = samples - from < PIECE ? samples - from : PIECE;
            if (counted + piece > UINT32_MAX) {
                fold_tables(tables, counts);
                counted = 0;
            }
            count_u8(in + from, piece, tables);
            counted += piece;
        }
        for (size_t i = channels - 1; alpha && i < samples; i += channels)
            counts[in[i]]--; /* below zero for a while, modulo 2^64 */
    }
    fold_tables(tables, counts);
}

static void count_rows_u16(const struct equalize *equalize, dpk_span rows, uint64_t *counts)
{
    size_t columns = equalize->in.shape[1], channels = equalize->in.shape[2];
    size_t colours = dpk_colour_channels(&equalize->in);
    for (size_t y = rows.begin; y < rows.end; y++) {
        const uint16_t *in = dpk_row(&equalize->in, y);
        for (size_t x = 0; x < columns; x++, in += channels)
            for (size_t c = 0; c < colours; c++)
                counts[in[c]]++;
    }
}

static void count(const void *self, dpk_span span, void *scratch)
{
    const struct equalize *equalize = self;
    size_t height = equalize->in.shape[0];
    for (size_t block = span.begin; block < span.end; block++) {
        uint64_t *counts = equalize->counts + block * equalize->bins;
        dpk_span rows = { .begin = block * equalize->block_rows };
        rows.end = rows.begin + equalize->block_rows;
        rows.end = rows.end < height ? rows.end : height;
        memset(counts, 0, equalize->bins * sizeof *counts);
        if (equalize->in.type == DPK_U8)
            count_rows_u8(equalize, rows, counts, scratch);
        else
            count_rows_u16(equalize, rows, counts);
    }
}

static dpk_partial counts_of(const void *self, size_t block)
{
    const struct equalize *equalize = self;
    return (dpk_partial){ equalize->counts + block * equalize->bins,
                          equalize->bins * sizeof *equalize->counts };
}

static size_t count_scratch(const void *self)
{
    const struct equalize *equalize = self;
    return equalize->in.type == DPK_U8 ? TABLES * 256 * sizeof(uint32_t) : 0;
}

/* value * max / whole, rounded. An image would need more than 2^47 samples to overflow this. */
static uint16_t scaled(uint64_t value, uint64_t max, uint64_t whole)
{
    return (uint16_t)((value * max + whole / 2) / whole);
}

/* Adds up the blocks, and makes the table from the running sum. */
static void fold(const void *self, dpk_span span, void *scratch)
{
    const struct equalize *equalize = self;
    size_t bins = equalize->bins;
    uint64_t *total = equalize->counts + equalize->blocks * bins, all = 0, least = 0, below = 0;
    (void)span, (void)scratch;
    memset(total, 0, bins * sizeof *total);
    for (size_t block = 0; block < equalize->blocks; block++)
        for (size_t v = 0; v < bins; v++)
            total[v] += equalize->counts[block * bins + v];
    for (size_t v = 0; v < bins; v++) {
        least = all == 0 ? total[v] : least;
        all += total[v];
    }
    for (size_t v = 0; v < bins; v++) {
        below += total[v];
        bool flat = all == least; /* one value only: nothing to spread */
        equalize->table[v] = flat            ? (uint16_t)v
                             : below < least ? 0
                                             : scaled(below - least, bins - 1, all - least);
    }
}

static size_t rows(const void *self)
{
    const struct equalize *equalize = self;
    return dpk_image_rows(&equalize->in);
}

#define LOOK_UP_ROW(suffix, type, max)                                                             \
    static void look_up_##suffix(const uint16_t *restrict table, const void *source, void *target, \
                                 size_t samples)                                                   \
    {                                                                                              \
        const type *restrict in = source;                                                          \
        type *restrict out = target;                                                               \
        for (size_t i = 0; i < samples; i++)                                                       \
            out[i] = (type)table[in[i]];                                                           \
    }

DPK_TYPES_U8_U16(LOOK_UP_ROW)

static void look_up(const void *self, dpk_span span, void *scratch)
{
    const struct equalize *equalize = self;
    void (*row)(const uint16_t *, const void *, void *, size_t) =
        DPK_SELECT_U8_U16(equalize->in.type, look_up);
    (void)scratch;
    for (size_t y = span.begin; y < span.end; y++) {
        const void *in = dpk_row(&equalize->in, y);
        void *out = dpk_row(&equalize->out, y);
        row(equalize->table, in, out, dpk_row_count(&equalize->in));
        dpk_copy_alpha(&equalize->in, in, out);
    }
}

static dpk_status prepare(void *self, dpk_arena *arena, dpk_error *err)
{
    struct equalize *equalize = self;
    size_t height = equalize->in.shape[0];
    size_t most = equalize->in.type == DPK_U8 ? BLOCKS_U8 : BLOCKS_U16;
    equalize->bins = equalize->in.type == DPK_U8 ? 256 : 65536;
    equalize->block_rows = (height + most - 1) / most;
    equalize->blocks = height == 0 ? 0 : (height - 1) / equalize->block_rows + 1;
    size_t histograms = (equalize->blocks + 1) * equalize->bins;
    equalize->counts = dpk_alloc(arena, histograms * sizeof *equalize->counts, err);
    equalize->table = dpk_alloc(arena, equalize->bins * sizeof *equalize->table, err);
    return equalize->counts != NULL && equalize->table != NULL ? DPK_OK : DPK_LIMIT;
}

static bool reference(const void *self, dpk_arena *arena)
{
    const struct equalize *equalize = self;
    const dpk_array *in = &equalize->in;
    size_t n = dpk_count(in);
    uint64_t max = (uint64_t)dpk_white(in->type), colour_samples = 0;
    uint64_t *at_most = dpk_alloc(arena, (max + 1) * sizeof *at_most, NULL);
    if (at_most == NULL)
        return false;
    memset(at_most, 0, (max + 1) * sizeof *at_most);
    for (size_t i = 0; i < n; i++)
        if (!dpk_sample_is_alpha(in, i)) {
            at_most[(size_t)dpk_sample_get(in, i)]++;
            colour_samples++;
        }
    for (uint64_t v = 1; v <= max; v++)
        at_most[v] += at_most[v - 1];
    uint64_t darkest = 0;
    while (darkest < max && at_most[darkest] == 0)
        darkest++;
    for (size_t i = 0; i < n; i++) {
        uint64_t v = (uint64_t)dpk_sample_get(in, i), spread = colour_samples - at_most[darkest];
        if (!dpk_sample_is_alpha(in, i) && spread > 0)
            v = (2 * (at_most[v] - at_most[darkest]) * max + spread) / (2 * spread);
        dpk_sample_put(&equalize->out, i, (double)v);
    }
    return true;
}

static dpk_cost cost(const void *self)
{
    const struct equalize *equalize = self;
    double samples = (double)dpk_count(&equalize->in);
    return (dpk_cost){ .bytes = 3 * samples * (double)dpk_type_size(equalize->in.type) };
}

static const dpk_port ports[] = {
    DPK_IN(struct equalize, in, .image = true, .types = DPK_U8 | DPK_U16, .help = "picture"),
    DPK_OUT(struct equalize, out, .image = true, .help = "picture of full contrast"),
    DPK_END,
};

static const dpk_pass passes[] = {
    { .name = "count",
      .extent = blocks,
      .work = count,
      .scratch = count_scratch,
      .partial = counts_of },
    { .name = "fold", .extent = dpk_once, .work = fold },
    { .name = "look up", .extent = rows, .work = look_up },
    DPK_END,
};

DPK_KERNEL(equalize, .summary = "full contrast by histogram equalisation", .group = "image",
           .details =
               "out = (c(v) - c(m)) / (n - c(m)) * max, where c(v) is the number of colour "
               "samples that are at most v, m the least sample and n the number of samples. "
               "All colour channels share one histogram and one mapping; alpha stays as it "
               "is. An image of one value stays as it is.\n"
               "Gonzalez and Woods, Digital Image Processing, section 3.3.",
           .examples = (const char *const[]){ "dpk equalize data/coast.png out.png", NULL },
           .size = sizeof(struct equalize), .ports = ports, .prepare = prepare, .passes = passes,
           .reference = reference, .cost = cost);
