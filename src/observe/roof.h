/* SPDX-License-Identifier: MIT */
/* roof.h: what this machine can do at the most, measured: the roofline of Williams, Waterman and
 * Patterson (CACM 52(4), 2009). A kernel cannot finish before its data has gone through memory, nor
 * before its arithmetic is done: the nearer one of the two roofs is what bounds it. */
#ifndef DPK_ROOF_H
#define DPK_ROOF_H

#include "model/isa.h"

typedef struct dpk_roof {
    /* What it is true for: another machine, ISA level or grant of processors has another roof. */
    char processor[128]; /* "" if unknown */
    dpk_isa isa;
    unsigned jobs; /* threads: dpk_machine_cpus().jobs */

    /* Rates per second, [0] of one thread, [1] of all jobs. */
    double copy[2];  /* bytes read plus bytes written, between arrays far larger than the caches */
    double fma32[2]; /* additions and multiplications of float, */
    double fma64[2]; /* of double */

    char kept[1024]; /* the file it is kept in, "" if in none */
} dpk_roof;

/* Measures, which takes about a second, and keeps the result for dpk_roof_cached where there is a
 * place for that. It starts threads, which have ended when it returns; processes may be forked
 * afterwards. Errors: DPK_LIMIT. */
dpk_status dpk_roof_probe(dpk_roof *roof, dpk_error *err);

/* What was measured before, by this version, for what this process may use of this machine. */
bool dpk_roof_cached(dpk_roof *roof);

/* Keeps roof in ${XDG_CACHE_HOME:-$HOME/.cache}/dpk/roof.txt and notes that in roof->kept. */
void dpk_roof_keep(dpk_roof *roof);

/* Sets what a roof measured now would be true for, and nothing else. */
void dpk_roof_identify(dpk_roof *roof);

typedef enum dpk_bound {
    DPK_BOUND_UNKNOWN,
    DPK_BOUND_MEMORY,
    DPK_BOUND_ARITHMETIC,
    DPK_BOUND_CACHE, /* faster than memory: the data stays in caches, whose roof is not known */
} dpk_bound;

/* Which roof is nearer for so many workers, and which share of it is reached, 1 being all of it;
 * NAN and DPK_BOUND_UNKNOWN where both rates (dpk_cost, divided by a time) are 0 or roof is empty.
 * Arithmetic is taken to be that of double where type is double, complex double or a 64-bit
 * integer, and that of float otherwise.
 *
 * How exact that is:
 * - Bytes are a kernel's least, inputs plus outputs: one with several passes moves more than they
 *   say, and its share is less than what it uses.
 * - A copy moves more than it counts, too: a line is read before it is written. What only reads may
 *   reach 1.5 times the roof of memory. Beyond that, it is DPK_BOUND_CACHE.
 * - Integers narrower than a float have more lanes, and may exceed the roof of arithmetic.
 * - Between one thread and all, the roof is a straight line. Memory's is above that in truth, as a
 *   few threads can saturate it: there, the share is at most what is said. */
double dpk_roof_share(const dpk_roof *roof, unsigned jobs, dpk_type type, double bytes_per_second,
                      double operations_per_second, dpk_bound *bound);

#endif
