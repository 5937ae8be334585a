/* SPDX-License-Identifier: MIT */
/* png_runs.c: deflate (RFC 1951) made for filtered rows. Filters leave noise around zero, in which
 * a search for repeated strings finds little but short matches that cost more bits than the
 * literals they replace. So the only match here is the run of one byte, at distance 1, and all
 * else is Huffman codes, fitted to each block. For photographs that is smaller, and several times
 * faster, than what general compressors make at their fast levels.
 *
 * Codes: Huffman's algorithm on sorted counts with two queues (van Leeuwen 1976); where a code
 * comes out longer than allowed, shorter ones are lengthened until Kraft's sum is 1 again. */
#include "formats/png/png_runs.h"

#include "base/bytes.h"

#include <string.h>

enum {
    END = 256,     /* the symbol that ends a block; literals are before it, lengths behind */
    SYMBOLS = 286, /* of literals, end and lengths */
    LENGTHS = 19,  /* of the code that describes the lengths of codes */
    SHORTEST = 3,  /* match deflate knows */
    LONGEST = 258,
    LONGEST_SYMBOL = SYMBOLS - 1, /* the one length above 10 without extra bits */
    STORED = 0,                   /* types of blocks */
    DYNAMIC = 2,
};

/* Deflate allows codes of 15 bits. With 14, four literals and the 7 bits that may be left from
 * before fit a 64-bit word. */
enum { LIMIT = 14 };

struct code {
    uint16_t bits; /* the first to go out lowest */
    uint16_t length;
};

struct output {
    unsigned char *at;
    uint64_t bits; /* not yet written, the first lowest */
    unsigned count;
};

struct block {
    const unsigned char *from;
    size_t bytes;
    bool first; /* of its segment: nothing comes before it */
    struct dpk_png_run *runs;
    size_t run_count;
    uint32_t counts[SYMBOLS];
    uint8_t lengths[SYMBOLS]; /* of codes; until they are known, those of the block before */
};

/* ------------------------------------------------------------------------------ bits to bytes */

static inline void put(struct output *out, uint64_t bits, unsigned count)
{
    out->bits |= bits << out->count;
    out->count += count;
}

/* Writes all whole bytes, and garbage behind them: 8 bytes in all. At most 7 bits are left. */
static inline void drain(struct output *out)
{
    uint64_t bits = dpk_is_little_endian() ? out->bits : __builtin_bswap64(out->bits);
    memcpy(out->at, &bits, 8);
    out->at += out->count >> 3;
    out->bits >>= out->count & 56;
    out->count &= 7;
}

/* Writes the head of a stored block: its type, zero bits up to the next byte, the length and its
 * complement. */
static void put_stored(struct output *out, unsigned bytes)
{
    put(out, STORED, 3);
    out->count = (out->count + 7) & ~7u;
    drain(out);
    put(out, bytes | (uint64_t)(bytes ^ 0xffff) << 16, 32);
    drain(out);
}

/* ------------------------------------------------------------------------------------- symbols */

struct match {
    unsigned symbol, extra, extra_bits;
};

static inline struct match match_of(unsigned length)
{
    unsigned above = length - SHORTEST;
    if (length == LONGEST)
        return (struct match){ LONGEST_SYMBOL, 0, 0 };
    if (above < 8)
        return (struct match){ END + 1 + above, 0, 0 };
    unsigned bits = 29 - (unsigned)__builtin_clz(above);
    return (struct match){ END + 5 + 4 * bits + (above >> bits & 3), above & ((1u << bits) - 1),
                           bits };
}

static unsigned extra_bits_of(unsigned symbol)
{
    return symbol < END + 9 || symbol == LONGEST_SYMBOL ? 0 : (symbol - END - 5) / 4;
}

/* Returns the length of the next match of a run of which `left` bytes remain. What remains after it
 * is never too short for a match. */
static inline unsigned next_match(size_t left)
{
    if (left <= LONGEST)
        return (unsigned)left;
    return left < LONGEST + SHORTEST ? LONGEST - SHORTEST : LONGEST;
}

/* Estimates whether a run is shorter as a match than as literals, by the codes of the previous
 * block. A symbol without a code there is taken to need 8 bits. */
static bool pays(const struct block *block, unsigned char byte, size_t length)
{
    if (length > 32)
        return true;
    struct match match = match_of((unsigned)length);
    unsigned literal = block->lengths[byte], symbol = block->lengths[match.symbol];
    unsigned match_bits = (symbol != 0 ? symbol : 8) + match.extra_bits + 1;
    return match_bits < (literal != 0 ? literal : 8) * length;
}

static inline bool repeats(const unsigned char *at, size_t bytes)
{
    return memcmp(at, at - 1, bytes) == 0;
}

static void add_run(struct block *block, size_t literals, size_t length)
{
    block->runs[block->run_count++] = (struct dpk_png_run){ (uint16_t)literals, (uint16_t)length };
    for (unsigned now; length > 0; length -= now) {
        now = next_match(length);
        block->counts[match_of(now).symbol]++;
    }
}

/* Finds runs and counts symbols. Looks for four repetitions at every fourth byte only, and from
 * there in both directions. Four sets of counters: a count that has just been stored is slow to
 * come back, and the next byte often is the same. */
static void survey(struct block *block)
{
    uint32_t counts[4][256] = { 0 };
    const unsigned char *p = block->from;
    size_t done = 0, i = 0, start = block->first ? 1 : 0;
    block->run_count = 0;
    memset(block->counts, 0, sizeof block->counts);
    for (; i < start; i++)
        counts[0][p[i]]++;
    while (i + 4 <= block->bytes) {
        if (!repeats(p + i, 4)) {
            counts[0][p[i]]++;
            counts[1][p[i + 1]]++;
            counts[2][p[i + 2]]++;
            counts[3][p[i + 3]]++;
            i += 4;
            continue;
        }
        size_t begin = i, end = i + 4;
        while (begin > done && begin > start && repeats(p + begin - 1, 1))
            begin--;
        while (end + 8 <= block->bytes && repeats(p + end, 8))
            end += 8;
        while (end < block->bytes && repeats(p + end, 1))
            end++;
        if (pays(block, p[i], end - begin)) {
            counts[0][p[i]] -= (uint32_t)(i - begin);
            add_run(block, begin - done, end - begin);
            done = end;
        } else {
            counts[0][p[i]] += (uint32_t)(end - i);
        }
        i = end;
    }
    for (; i < block->bytes; i++)
        counts[0][p[i]]++;
    for (int literal = 0; literal < END; literal++)
        for (int set = 0; set < 4; set++)
            block->counts[literal] += counts[set][literal];
    block->counts[END] = 1;
}

/* --------------------------------------------------------------------------------------- codes */

/* Sorts the symbols whose count is not zero, the rarest first, in two rounds of counting sort.
 * Returns how many there are. */
static unsigned sort_symbols(const uint32_t *counts, unsigned symbols, uint16_t *sorted)
{
    uint16_t half[SYMBOLS];
    unsigned low[257] = { 0 }, high[257] = { 0 }, used = 0;
    for (unsigned s = 0; s < symbols; s++) {
        if (counts[s] == 0)
            continue;
        low[(counts[s] & 255) + 1]++;
        high[(counts[s] >> 8) + 1]++;
        sorted[used++] = (uint16_t)s;
    }
    for (int digit = 1; digit < 256; digit++) {
        low[digit] += low[digit - 1];
        high[digit] += high[digit - 1];
    }
    for (unsigned i = 0; i < used; i++)
        half[low[counts[sorted[i]] & 255]++] = sorted[i];
    for (unsigned i = 0; i < used; i++)
        sorted[high[counts[half[i]] >> 8]++] = half[i];
    return used;
}

/* Builds Huffman's tree over leaves of these ascending weights and counts the leaves at each depth.
 */
static void count_depths(const uint32_t *leaf_weight, unsigned leaves, unsigned *at_depth)
{
    uint32_t weight[SYMBOLS]; /* of inner nodes, which come into being in ascending order too */
    uint16_t leaf_parent[SYMBOLS], parent[SYMBOLS], depth[SYMBOLS];
    unsigned nodes = leaves - 1, leaf = 0, node = 0;
    for (unsigned made = 0; made < nodes; made++) {
        weight[made] = 0;
        for (int child = 0; child < 2; child++) {
            if (leaf < leaves && (node == made || leaf_weight[leaf] <= weight[node])) {
                weight[made] += leaf_weight[leaf];
                leaf_parent[leaf++] = (uint16_t)made;
            } else {
                weight[made] += weight[node];
                parent[node++] = (uint16_t)made;
            }
        }
    }
    memset(at_depth, 0, SYMBOLS * sizeof *at_depth);
    depth[nodes - 1] = 0;
    for (unsigned i = nodes - 1; i-- > 0;)
        depth[i] = (uint16_t)(depth[parent[i]] + 1);
    for (unsigned i = 0; i < leaves; i++)
        at_depth[depth[leaf_parent[i]] + 1]++;
}

/* Moves leaves that are too deep up to the limit. That makes the code oversubscribed; each further
 * step takes one of these leaves and one leaf from higher up, and puts both one level below the
 * latter. */
static void limit_depths(unsigned *at_depth, unsigned limit)
{
    unsigned sum = 0;
    for (unsigned depth = limit + 1; depth < SYMBOLS; depth++)
        at_depth[limit] += at_depth[depth];
    for (unsigned depth = 1; depth <= limit; depth++)
        sum += at_depth[depth] << (limit - depth);
    for (; sum > 1u << limit; sum--) {
        unsigned depth = limit - 1;
        while (at_depth[depth] == 0)
            depth--;
        at_depth[limit]--;
        at_depth[depth]--;
        at_depth[depth + 1] += 2;
    }
}

/* Computes the lengths of codes, at most `limit` bits, for symbols with these counts. At least two
 * counts must not be zero, and none may exceed 65535. */
static void make_lengths(const uint32_t *counts, unsigned symbols, unsigned limit, uint8_t *lengths)
{
    uint16_t sorted[SYMBOLS];
    uint32_t weights[SYMBOLS];
    unsigned at_depth[SYMBOLS], used = sort_symbols(counts, symbols, sorted), next = 0;
    for (unsigned i = 0; i < used; i++)
        weights[i] = counts[sorted[i]];
    count_depths(weights, used, at_depth);
    limit_depths(at_depth, limit);
    memset(lengths, 0, symbols);
    for (unsigned depth = limit; depth > 0; depth--)
        for (unsigned i = 0; i < at_depth[depth]; i++)
            lengths[sorted[next++]] = (uint8_t)depth;
}

/* Reverses the low `count` of 16 bits. */
static uint16_t reversed(unsigned bits, unsigned count)
{
    bits = (bits & 0x5555) << 1 | (bits >> 1 & 0x5555);
    bits = (bits & 0x3333) << 2 | (bits >> 2 & 0x3333);
    bits = (bits & 0x0f0f) << 4 | (bits >> 4 & 0x0f0f);
    bits = (bits & 0x00ff) << 8 | (bits >> 8 & 0x00ff);
    return (uint16_t)(bits >> (16 - count));
}

/* Computes the codes for given lengths, as in section 3.2.2 of the RFC. */
static void make_codes(const uint8_t *lengths, unsigned symbols, struct code *codes)
{
    unsigned at_length[16] = { 0 }, next[16] = { 0 };
    for (unsigned s = 0; s < symbols; s++)
        at_length[lengths[s]]++;
    at_length[0] = 0;
    for (int length = 1; length < 16; length++)
        next[length] = (next[length - 1] + at_length[length - 1]) << 1;
    for (unsigned s = 0; s < symbols; s++)
        codes[s] = (struct code){ reversed(next[lengths[s]]++, lengths[s]), lengths[s] };
}

/* ------------------------------------------------------------------------------- a block's head */

/* The lengths of codes in the form they are sent: one by one, or as repetitions with extra bits. */
struct head {
    unsigned literals; /* how many lengths of literals, end and lengths are sent */
    uint8_t symbols[SYMBOLS + 2], extras[SYMBOLS + 2];
    unsigned count;
    uint32_t counts[LENGTHS];
    uint8_t lengths[LENGTHS];
    unsigned described; /* how many of the above are sent, in the order below */
};

enum { REPEAT = 16, FEW_ZEROS = 17, MANY_ZEROS = 18 };

static const uint8_t described_order[LENGTHS] = { 16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                  11, 4,  12, 3, 13, 2, 14, 1, 15 };
static const uint8_t repeat_bits[LENGTHS] = { [REPEAT] = 2, [FEW_ZEROS] = 3, [MANY_ZEROS] = 7 };

static void add_length(struct head *head, unsigned symbol, unsigned extra)
{
    head->symbols[head->count] = (uint8_t)symbol;
    head->extras[head->count++] = (uint8_t)extra;
    head->counts[symbol]++;
}

static void add_lengths(struct head *head, unsigned length, unsigned times)
{
    unsigned most = length == 0 ? 138 : 6;
    if (length != 0) {
        add_length(head, length, 0);
        times--;
    }
    for (unsigned now; times >= 3; times -= now) {
        now = times < most ? times : most;
        if (length != 0)
            add_length(head, REPEAT, now - 3);
        else if (now <= 10)
            add_length(head, FEW_ZEROS, now - 3);
        else
            add_length(head, MANY_ZEROS, now - 11);
    }
    for (; times > 0; times--)
        add_length(head, length, 0);
}

static void make_head(struct head *head, const struct block *block)
{
    uint8_t lengths[SYMBOLS + 2];
    *head = (struct head){ .literals = SYMBOLS, .described = LENGTHS };
    while (block->lengths[head->literals - 1] == 0)
        head->literals--;
    memcpy(lengths, block->lengths, head->literals);

    /* The code of distances: 1, and 2, which is never used, with one bit each. A code for 1 alone
     * would be allowed, but is incomplete, and not every decoder likes that. */
    unsigned all = head->literals + 2;
    lengths[all - 2] = lengths[all - 1] = 1;
    for (unsigned s = 0, end; s < all; s = end) {
        for (end = s + 1; end < all && lengths[end] == lengths[s]; end++)
            continue;
        add_lengths(head, lengths[s], end - s);
    }
    make_lengths(head->counts, LENGTHS, 7, head->lengths);
    while (head->lengths[described_order[head->described - 1]] == 0)
        head->described--;
}

static size_t head_bits(const struct head *head)
{
    size_t bits = 3 + 5 + 5 + 4 + 3 * head->described;
    for (int s = 0; s < LENGTHS; s++)
        bits += (size_t)head->counts[s] * (head->lengths[s] + repeat_bits[s]);
    return bits;
}

static void put_head(struct output *out, const struct head *head)
{
    struct code codes[LENGTHS];
    make_codes(head->lengths, LENGTHS, codes);
    put(out, DYNAMIC << 1, 3);
    put(out, head->literals - 257, 5);
    put(out, 2 - 1, 5);
    put(out, head->described - 4, 4);
    drain(out);
    for (unsigned i = 0; i < head->described; i++) {
        put(out, head->lengths[described_order[i]], 3);
        drain(out);
    }
    for (unsigned i = 0; i < head->count; i++) {
        unsigned symbol = head->symbols[i];
        put(out, codes[symbol].bits, codes[symbol].length);
        put(out, head->extras[i], repeat_bits[symbol]);
        drain(out);
    }
}

/* ------------------------------------------------------------------------------- a block's body */

static size_t body_bits(const struct block *block)
{
    size_t bits = 0;
    for (unsigned s = 0; s < SYMBOLS; s++) {
        unsigned behind = s > END ? extra_bits_of(s) + 1 : 0;
        bits += (size_t)block->counts[s] * (block->lengths[s] + behind);
    }
    return bits;
}

static void put_literals(struct output *out, const unsigned char *p, size_t count,
                         const struct code *codes)
{
    struct output local = *out; /* in registers */
    size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        struct code a = codes[p[i]], b = codes[p[i + 1]], c = codes[p[i + 2]], d = codes[p[i + 3]];
        uint64_t ab = a.bits | (uint64_t)b.bits << a.length;
        uint64_t cd = c.bits | (uint64_t)d.bits << c.length;
        unsigned ab_length = a.length + b.length;
        put(&local, ab | cd << ab_length, ab_length + c.length + d.length);
        drain(&local);
    }
    for (; i < count; i++) {
        put(&local, codes[p[i]].bits, codes[p[i]].length);
        drain(&local);
    }
    *out = local;
}

static void put_run(struct output *out, size_t length, const struct code *codes)
{
    for (unsigned now; length > 0; length -= now) {
        now = next_match(length);
        struct match match = match_of(now);
        put(out, codes[match.symbol].bits, codes[match.symbol].length);
        put(out, match.extra, match.extra_bits);
        put(out, 0, 1); /* distance 1 */
        drain(out);
    }
}

static void put_body(struct output *out, const struct block *block)
{
    struct code codes[SYMBOLS];
    make_codes(block->lengths, SYMBOLS, codes);
    const unsigned char *p = block->from;
    for (size_t i = 0; i < block->run_count; i++) {
        struct dpk_png_run run = block->runs[i];
        put_literals(out, p, run.literals, codes);
        put_run(out, run.length, codes);
        p += run.literals + run.length;
    }
    put_literals(out, p, block->bytes - (size_t)(p - block->from), codes);
    put(out, codes[END].bits, codes[END].length);
    drain(out);
}

static void put_block(struct output *out, struct block *block)
{
    struct head head;
    survey(block);
    make_lengths(block->counts, SYMBOLS, LIMIT, block->lengths);
    make_head(&head, block);
    if (head_bits(&head) + body_bits(block) < 8 * (block->bytes + 4)) {
        put_head(out, &head);
        put_body(out, block);
    } else {
        put_stored(out, (unsigned)block->bytes);
        memcpy(out->at, block->from, block->bytes);
        out->at += block->bytes;
    }
}

size_t dpk_png_runs(unsigned char *to, const unsigned char *from, size_t bytes,
                    dpk_png_runs_scratch *scratch)
{
    struct output out = { .at = to };
    struct block block = { .first = true, .runs = scratch->runs };

    /* Blocks of equal size rather than a small one at the end with codes of its own. */
    size_t blocks = (bytes + DPK_PNG_RUNS_BLOCK - 1) / DPK_PNG_RUNS_BLOCK;
    for (size_t i = 0; i < blocks; i++) {
        size_t share = bytes / blocks + (i < bytes % blocks);
        block.from = from;
        block.bytes = share;
        put_block(&out, &block);
        block.first = false;
        from += share;
    }
    put_stored(&out, 0);
    return (size_t)(out.at - to);
}
