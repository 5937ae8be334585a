/* SPDX-License-Identifier: MIT */
/* sort: a vector in ascending or descending order.
 *
 * Elements become unsigned keys with the same order. Blocks of keys are sorted by
 * their digits, least significant first (D. E. Knuth, The Art of Computer Programming, vol. 3,
 * 5.2.5); then runs are merged pairwise, level by level, until one is left. Every level is cut
 * into blocks of the output of equal size, and each finds by bisection which keys of the two runs
 * it is made of (N. Deo, A. Jain, M. Medidi, An optimal parallel algorithm for merging using
 * multiselection, Inform. Process. Lett. 50, 1994; "merge path"): all levels, down to the last
 * one with its single pair of runs, are equally parallel and need no balancing.
 *
 * A key is made from the bits of an element by
 *
 *     key = (bits ^ (top bit ? magnitude : 0) ^ toggle) - nans
 *
 * magnitude, all bits but the top one, turns the sign and magnitude of floating-point numbers into
 * one's complement; toggle turns the sign around and, for descending order, everything; nans, the
 * number of NaNs of one sign, moves those that would come first past the end. Every element has a
 * key of its own, so that even the order of zeros and NaNs is defined. */
#include <dpk/numeric.h>

#include <stdlib.h>
#include <string.h>

/* A block is moved between two buffers of this size while it is sorted: both stay in a second-level
 * cache. */
enum { BLOCK_BYTES = 256 * 1024 };

enum { DIGIT_BITS = 8, DIGITS = 1 << DIGIT_BITS };

/* A merge waits for the outcome of each comparison before it can load the next two keys. So this
 * many parts of a block are merged at the same time. */
enum { PARTS = 4 };

struct sort {
    dpk_array in, out;
    bool descending;
    size_t count, levels;
    uint64_t magnitude, toggle, nans;
    void *keys; /* memory as large as out, where there are levels */
};

/* Keys of the same width, in bytes, are treated alike. */
#define FOR_WIDTH(width, function, ...)                                                            \
    ((width) == 1   ? function(__VA_ARGS__, 1)                                                     \
     : (width) == 2 ? function(__VA_ARGS__, 2)                                                     \
     : (width) == 4 ? function(__VA_ARGS__, 4)                                                     \
                    : function(__VA_ARGS__, 8))

DPK_TEMPLATE uint64_t load(const void *keys, size_t i, unsigned width)
{
    return width == 1   ? ((const uint8_t *)keys)[i]
           : width == 2 ? ((const uint16_t *)keys)[i]
           : width == 4 ? ((const uint32_t *)keys)[i]
                        : ((const uint64_t *)keys)[i];
}

DPK_TEMPLATE void store(void *keys, size_t i, uint64_t key, unsigned width)
{
    if (width == 1)
        ((uint8_t *)keys)[i] = (uint8_t)key;
    else if (width == 2)
        ((uint16_t *)keys)[i] = (uint16_t)key;
    else if (width == 4)
        ((uint32_t *)keys)[i] = (uint32_t)key;
    else
        ((uint64_t *)keys)[i] = key;
}

static size_t blocks(const void *self)
{
    const struct sort *sort = self;
    return dpk_ceil_div(sort->count, BLOCK_BYTES / dpk_type_size(sort->in.type));
}

/* Level `level` reads keys_at(…, level) and writes keys_at(…, level + 1): out and keys in turn,
 * such that the last level writes to out. */
static char *keys_at(const struct sort *sort, size_t level)
{
    return (sort->levels - level) % 2 == 0 ? sort->out.data : sort->keys;
}

/* This is its own inverse, as the top bit stays. */
DPK_TEMPLATE uint64_t complement(const struct sort *sort, uint64_t bits, unsigned width)
{
    return bits ^ ((0 - (bits >> (8 * width - 1) & 1)) & sort->magnitude);
}

DPK_TEMPLATE void to_keys(const struct sort *sort, const void *in, void *keys, size_t count,
                          unsigned width)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t bits = load(in, i, width);
        store(keys, i, (complement(sort, bits, width) ^ sort->toggle) - sort->nans, width);
    }
}

DPK_TEMPLATE void to_elements(const struct sort *sort, void *keys, size_t count, unsigned width)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t key = load(keys, i, width);
        store(keys, i, complement(sort, (key + sort->nans) ^ sort->toggle, width), width);
    }
}

DPK_TEMPLATE void distribute(const void *from, void *to, size_t count,
                             const uint32_t counts[DIGITS], unsigned shift, unsigned width)
{
    uint32_t next[DIGITS], sum = 0;
    for (size_t digit = 0; digit < DIGITS; digit++) {
        next[digit] = sum;
        sum += counts[digit];
    }
    for (size_t i = 0; i < count; i++) {
        uint64_t key = load(from, i, width);
        store(to, next[(key >> shift) % DIGITS]++, key, width);
    }
}

/* Sorts keys with the help of spare, which is as large. A digit that all keys share is skipped. */
DPK_TEMPLATE void radix_sort(void *keys, void *spare, size_t count, unsigned width)
{
    uint32_t counts[sizeof(uint64_t)][DIGITS] = { 0 };
    for (size_t i = 0; i < count; i++) {
        uint64_t key = load(keys, i, width);
        for (unsigned digit = 0; digit < width; digit++)
            counts[digit][(key >> (digit * DIGIT_BITS)) % DIGITS]++;
    }
    void *from = keys, *to = spare;
    for (unsigned digit = 0; digit < width; digit++) {
        uint64_t any = load(from, 0, width);
        if (counts[digit][(any >> (digit * DIGIT_BITS)) % DIGITS] == count)
            continue;
        distribute(from, to, count, counts[digit], digit * DIGIT_BITS, width);
        void *swap = from;
        from = to;
        to = swap;
    }
    if (from != keys)
        memcpy(keys, from, count * width);
}

DPK_TEMPLATE void sort_blocks(const struct sort *sort, dpk_span span, void *scratch, unsigned width)
{
    for (size_t block = span.begin; block < span.end; block++) {
        size_t begin = block * (BLOCK_BYTES / width);
        size_t count = dpk_smaller(BLOCK_BYTES / width, sort->count - begin);
        char *keys = keys_at(sort, 0) + begin * width;
        to_keys(sort, (const char *)sort->in.data + begin * width, keys, count, width);
        radix_sort(keys, scratch, count, width);
        if (sort->levels == 0)
            to_elements(sort, keys, count, width);
    }
}

static void sort_pass(const void *self, dpk_span span, void *scratch)
{
    const struct sort *sort = self;
    FOR_WIDTH(dpk_type_size(sort->in.type), sort_blocks, sort, span, scratch);
}

/* Two sorted runs, one behind the other. */
struct runs {
    const char *left, *right;
    size_t left_count, right_count;
};

/* How many of the first `count` keys of the merged runs come from the left one, when `left` of the
 * first `from` do. The result lies in these bounds whatever the keys are: runs need not be sorted,
 * where blocks were left out. */
DPK_TEMPLATE size_t split(const struct runs *runs, size_t count, size_t from, size_t left,
                          unsigned width)
{
    size_t least = count > runs->right_count ? count - runs->right_count : 0;
    size_t low = least > left ? least : left;
    size_t high = dpk_smaller(left + (count - from), runs->left_count);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (load(runs->left, middle, width) <= load(runs->right, count - 1 - middle, width))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The merge of a part of the output: its positions in the two runs, where its shares of them end,
 * and its position in the output. */
struct part {
    size_t left, left_end, right, right_end, out;
};

/* How many keys can be merged before a run may have come to its end. */
static inline size_t safe_steps(const struct part *part)
{
    return dpk_smaller(part->left_end - part->left, part->right_end - part->right);
}

DPK_TEMPLATE void merge_key(const struct runs *runs, struct part *part, char *out, unsigned width)
{
    uint64_t left = load(runs->left, part->left, width);
    uint64_t right = load(runs->right, part->right, width);
    bool take_right = right < left;
    store(out, part->out++, take_right ? right : left, width);
    part->right += take_right;
    part->left += !take_right;
}

DPK_TEMPLATE void finish_part(const struct runs *runs, struct part *part, char *out, unsigned width)
{
    while (safe_steps(part) > 0)
        merge_key(runs, part, out, width);
    size_t left = part->left_end - part->left, right = part->right_end - part->right;
    out += part->out * width;
    memcpy(out, runs->left + part->left * width, left * width);
    memcpy(out + left * width, runs->right + part->right * width, right * width);
}

/* Writes keys begin … end of the merged runs to out. */
DPK_TEMPLATE void merge(const struct runs *runs, size_t begin, size_t end, char *out,
                        unsigned width)
{
    struct part parts[PARTS];
    size_t from = begin, left = split(runs, from, 0, 0, width);
    for (size_t p = 0; p < PARTS; p++) {
        size_t to = begin + (end - begin) * (p + 1) / PARTS,
               left_end = split(runs, to, from, left, width);
        parts[p] = (struct part){ left, left_end, from - left, to - left_end, from - begin };
        from = to;
        left = left_end;
    }
    for (;;) {
        size_t steps = safe_steps(&parts[0]);
        for (size_t p = 1; p < PARTS; p++)
            steps = dpk_smaller(steps, safe_steps(&parts[p]));
        if (steps == 0)
            break;
        while (steps-- > 0)
            for (size_t p = 0; p < PARTS; p++)
                merge_key(runs, &parts[p], out, width);
    }
    for (size_t p = 0; p < PARTS; p++)
        finish_part(runs, &parts[p], out, width);
}

/* Computes blocks of the output of a level, which merges pairs of runs of 1 << level blocks. */
DPK_TEMPLATE void merge_blocks(const struct sort *sort, dpk_span span, unsigned width)
{
    const size_t block_keys = BLOCK_BYTES / width, run = block_keys << span.step;
    for (size_t block = span.begin; block < span.end; block++) {
        size_t start = (block >> span.step & ~(size_t)1) * run; /* of the pair */
        size_t begin = block * block_keys, count = dpk_smaller(block_keys, sort->count - begin);
        size_t left_count = dpk_smaller(run, sort->count - start);
        const char *left = keys_at(sort, span.step) + start * width;
        const struct runs runs = { .left = left,
                                   .right = left + left_count * width,
                                   .left_count = left_count,
                                   .right_count =
                                       dpk_smaller(run, sort->count - start - left_count) };
        char *keys = keys_at(sort, span.step + 1) + begin * width;
        merge(&runs, begin - start, begin - start + count, keys, width);
        if (span.step + 1 == sort->levels)
            to_elements(sort, keys, count, width);
    }
}

static void merge_pass(const void *self, dpk_span span, void *scratch)
{
    const struct sort *sort = self;
    (void)scratch;
    FOR_WIDTH(dpk_type_size(sort->in.type), merge_blocks, sort, span);
}

static size_t levels(const void *self)
{
    const struct sort *sort = self;
    return sort->levels;
}

static size_t scratch_bytes(const void *self)
{
    (void)self;
    return BLOCK_BYTES;
}

static dpk_status prepare(void *self, dpk_arena *arena, dpk_error *err)
{
    struct sort *sort = self;
    unsigned type = sort->in.type;
    size_t width = dpk_type_size(sort->in.type);
    uint64_t all = UINT64_MAX >> (64 - 8 * width), top = all / 2 + 1;
    unsigned significand = type == DPK_F32 ? 23 : type == DPK_F64 ? 52 : 0;
    sort->magnitude = type & DPK_REALS ? top - 1 : 0;
    sort->toggle = (type & (DPK_U8 | DPK_U16) ? 0 : top) ^ (sort->descending ? all : 0);
    sort->nans = (UINT64_C(1) << significand) - 1;
    sort->count = dpk_count(&sort->in);
    for (size_t runs = blocks(self); runs > 1; runs = runs / 2 + runs % 2)
        sort->levels++;
    if (sort->levels > 0)
        sort->keys = dpk_alloc(arena, sort->count * width, err);
    return sort->levels == 0 || sort->keys != NULL ? DPK_OK : DPK_LIMIT;
}

/* Elements are ordered by these members, first to last: -0 comes before +0; positive NaNs, by their
 * bits, come before negative ones, whose bits count in reverse. */
struct rank {
    bool nan;
    double value;
    uint64_t tie;
    size_t index;
};

static struct rank rank_of(const dpk_array *array, size_t i)
{
    const void *data = array->data;
    dpk_type type = array->type;
    double value = type == DPK_F32   ? ((const float *)data)[i]
                   : type == DPK_F64 ? ((const double *)data)[i]
                                     : 0;
    int64_t bits = type == DPK_U8                       ? ((const uint8_t *)data)[i]
                   : type == DPK_U16                    ? ((const uint16_t *)data)[i]
                   : type == DPK_I32 || type == DPK_F32 ? ((const int32_t *)data)[i]
                                                        : ((const int64_t *)data)[i];
    uint64_t magnitude = (uint64_t)bits & INT64_MAX, top = (uint64_t)INT64_MAX + 1;
    if (isnan(value))
        return (struct rank){ true, 0, bits < 0 ? ~magnitude : magnitude, i };
    return (struct rank){ false, value, bits < 0 ? magnitude : magnitude + top, i };
}

static int compare(const void *left, const void *right)
{
    const struct rank *a = left, *b = right;
    if (a->nan != b->nan)
        return a->nan ? 1 : -1;
    if (a->value != b->value)
        return a->value < b->value ? -1 : 1;
    return (a->tie > b->tie) - (a->tie < b->tie);
}

/* Descending order reverses the numbers, and then the NaNs behind them. */
static bool reference(const void *self, dpk_arena *arena)
{
    const struct sort *sort = self;
    size_t count = dpk_count(&sort->in), width = dpk_type_size(sort->in.type), numbers = 0;
    struct rank *ranks = dpk_alloc(arena, count * sizeof *ranks, NULL);
    if (ranks == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        ranks[i] = rank_of(&sort->in, i);
        numbers += !ranks[i].nan;
    }
    qsort(ranks, count, sizeof *ranks, compare);
    for (size_t i = 0; i < count; i++) {
        size_t rank = sort->descending ? (i < numbers ? 0 : count) + numbers - 1 - i : i;
        memcpy((char *)sort->out.data + i * width,
               (const char *)sort->in.data + ranks[rank].index * width, width);
    }
    return true;
}

static dpk_cost cost(const void *self)
{
    const struct sort *sort = self;
    double count = (double)dpk_count(&sort->in);
    return (dpk_cost){ .bytes = 2 * count * (double)dpk_type_size(sort->in.type) };
}

static const dpk_param params[] = {
    DPK_PARAM(struct sort, descending, .def = "no", .help = "largest first"),
    DPK_END,
};

static const dpk_port ports[] = {
    DPK_IN(struct sort, in, .rank = 1, .types = DPK_INTEGERS | DPK_REALS, .help = "vector to sort"),
    DPK_OUT(struct sort, out, .help = "the same elements in order"),
    DPK_END,
};

static const dpk_pass passes[] = {
    { .name = "blocks", .extent = blocks, .work = sort_pass, .scratch = scratch_bytes },
    { .name = "merge", .extent = blocks, .work = merge_pass, .repeat = levels },
    DPK_END,
};

DPK_KERNEL(sort, .summary = "a vector in ascending or descending order", .group = "array",
           .details =
               "Blocks of 256 KiB are radix-sorted, then merged pairwise, level by level, each "
               "level in parallel (\"merge path\", Deo, Jain and Medidi 1994). The order is total: "
               "-0 comes before +0 (after it with --descending), and NaNs come last either way, "
               "ordered by sign and significand.",
           .examples = (const char *const[]){ "dpk sort data/samples.npy sorted.npy",
                                              "dpk sort data/samples.npy sorted.npy --descending",
                                              NULL },
           .size = sizeof(struct sort), .params = params, .ports = ports, .prepare = prepare,
           .passes = passes, .reference = reference, .cost = cost);
