/* SPDX-License-Identifier: MIT */
/* fuse.c: which stages can be one pass, and that pass.
 *
 * The rows that a part of the output needs are found from the last stage to the first, by what each
 * says it reads; then the stages run from the first to the last, each on the rows that are not in
 * scratch yet. Rows between stages lie in rings: from one part to the next, a stage makes only what
 * is new. */
#include "engine/fuse.h"

#include "base/arena.h"
#include "base/array.h"
#include "base/bytes.h"

#include <string.h>

/* What lies between stages should stay in a second-level cache. */
enum { PART_BYTES = 128 * 1024 };

/* As many parts as are looked at in a moment, one by one, to find how many rows they need. */
enum { PARTS_MOST = 1 << 18 };

/* More scratch than that, for more than half of the rows, is no window any more. */
enum { SCRATCH_WORTH_IT = 1 << 20 };

static bool is_empty(dpk_span span)
{
    return span.begin >= span.end;
}

static dpk_span hull(dpk_span a, dpk_span b)
{
    if (is_empty(a))
        return b;
    if (is_empty(b))
        return a;
    return (dpk_span){ .begin = dpk_size_min(a.begin, b.begin), .end = dpk_size_max(a.end, b.end) };
}

static const dpk_stage *stage_of(const dpk_group *group, size_t s)
{
    return &group->plan->stages[group->first + s];
}

static const dpk_pass *pass_of(const dpk_stage *stage)
{
    return &stage->kernel->passes[0];
}

static dpk_span clamped_reads(const dpk_plan *plan, const dpk_stage *stage, size_t port,
                              dpk_span out)
{
    size_t rows = dpk_array_rows(&plan->values[stage->values[port]].array);
    dpk_span reads = pass_of(stage)->reads(stage->self, port, out);
    reads.end = dpk_size_min(reads.end, rows);
    reads.step = 0;
    return is_empty(reads) ? (dpk_span){ .begin = 0 } : reads;
}

/* ------------------------------------------------------------------------- what a part needs */

/* For each stage of a group, rows it has to make; for each, rows of it that lie in scratch. */
struct rows {
    dpk_span needed[DPK_MAX_STAGES], there[DPK_MAX_STAGES];
};

/* The stage of the group that makes the value; count if none does. */
static size_t maker(const dpk_group *group, unsigned value)
{
    for (size_t s = 0; s < group->count; s++) {
        const dpk_stage *stage = stage_of(group, s);
        for (size_t port = stage->inputs; port < stage->inputs + stage->outputs; port++)
            if (stage->values[port] == value)
                return s;
    }
    return group->count;
}

/* Takes off what is there already, so that `needed` is what remains to be made. */
static void take_off(dpk_span *needed, dpk_span there)
{
    if (!is_empty(there) && needed->begin >= there.begin && needed->begin <= there.end)
        needed->begin = dpk_size_min(there.end, needed->end);
}

/* Fills in what each stage has to make for output rows `out`. whole: `needed` becomes all rows that
 * must lie in scratch; else only those that are not there yet. Returns the rows of `watched`, a
 * value from outside the group, that are read. */
static dpk_span find_needs(const dpk_group *group, dpk_span out, struct rows *rows, bool whole,
                           unsigned watched)
{
    dpk_span watched_rows = { .begin = 0 };
    for (size_t s = 0; s < group->count; s++)
        rows->needed[s] = (dpk_span){ .begin = 0 };
    for (size_t s = group->count; s-- > 0;) {
        const dpk_stage *stage = stage_of(group, s);
        bool local = group->plan->values[stage->values[stage->inputs]].local;
        if (!local)
            rows->needed[s] = out;
        dpk_span *needed = &rows->needed[s];
        if (local && !whole)
            take_off(needed, rows->there[s]);
        for (size_t port = 0; port < stage->inputs && !is_empty(*needed); port++) {
            unsigned value = stage->values[port];
            dpk_span reads = clamped_reads(group->plan, stage, port, *needed);
            size_t from = group->plan->values[value].local ? maker(group, value) : group->count;
            if (from < group->count)
                rows->needed[from] = hull(rows->needed[from], reads);
            else if (value == watched)
                watched_rows = hull(watched_rows, reads);
        }
    }
    return watched_rows;
}

enum { NO_VALUE = DPK_MAX_VALUES };

dpk_span dpk_group_reads(const dpk_group *group, unsigned value, dpk_span out)
{
    struct rows rows;
    return find_needs(group, out, &rows, true, value);
}

/* ------------------------------------------------------------------------------------ grouping */

/* One pass, once, whose items are the rows of every output. */
static bool can_be_banded(const dpk_plan *plan, const dpk_stage *stage)
{
    const dpk_pass *passes = stage->kernel->passes;
    if (passes[0].name == NULL || passes[1].name != NULL || passes[0].reads == NULL ||
        passes[0].repeat != NULL || stage->outputs == 0)
        return false;
    size_t extent = passes[0].extent(stage->self);
    for (size_t port = stage->inputs; port < stage->inputs + stage->outputs; port++) {
        const dpk_array *array = &plan->values[stage->values[port]].array;
        if (array->rank < 2 || array->shape[0] != extent || dpk_count(array) == 0)
            return false;
    }
    return true;
}

/* Who reads the value: no stage from `end` on and not the user (inside), none before (outside), or
 * some of both. */
enum readers { NOBODY = 0, INSIDE = 1, OUTSIDE = 2 };

static unsigned readers_of(const dpk_plan *plan, unsigned value, size_t first, size_t end)
{
    unsigned readers = plan->values[value].output ? OUTSIDE : NOBODY;
    for (size_t s = first; s < plan->stage_count; s++)
        for (size_t port = 0; port < plan->stages[s].inputs; port++)
            if (plan->stages[s].values[port] == value)
                readers |= s < end ? INSIDE : OUTSIDE;
    return readers;
}

/* What a stage of the group makes is read inside alone, and then it is local, or outside alone. */
static bool mark_locals(dpk_group *group, dpk_plan *plan)
{
    size_t end = group->first + group->count;
    group->rows = 0;
    for (size_t s = group->first; s < end; s++) {
        const dpk_stage *stage = &plan->stages[s];
        unsigned readers = NOBODY;
        for (size_t port = stage->inputs; port < stage->inputs + stage->outputs; port++)
            readers |= readers_of(plan, stage->values[port], group->first, end);
        size_t rows = pass_of(stage)->extent(stage->self);
        if (readers == (INSIDE | OUTSIDE) ||
            (readers != INSIDE && group->rows != 0 && group->rows != rows))
            return false;
        if (readers != INSIDE)
            group->rows = rows;
        for (size_t port = stage->inputs; port < stage->inputs + stage->outputs; port++)
            plan->values[stage->values[port]].local = readers == INSIDE;
    }
    return true;
}

static void unmark_locals(const dpk_group *group, dpk_plan *plan)
{
    for (size_t s = group->first; s < group->first + group->count; s++)
        for (size_t port = 0; port < plan->stages[s].inputs + plan->stages[s].outputs; port++)
            plan->values[plan->stages[s].values[port]].local = false;
}

/* Rows made at a time: as many as a kernel wants together, or as fit the cache. */
static size_t choose_part(const dpk_group *group)
{
    size_t bytes = 1, grain = 1;
    for (size_t s = 0; s < group->count; s++) {
        const dpk_stage *stage = stage_of(group, s);
        const dpk_pass *pass = pass_of(stage);
        for (size_t port = stage->inputs; port < stage->inputs + stage->outputs; port++)
            bytes += dpk_row_bytes(&group->plan->values[stage->values[port]].array);
        grain = dpk_size_max(grain, pass->grain != NULL ? pass->grain(stage->self) : 0);
    }
    size_t least_rows = group->rows / PARTS_MOST + 1;
    return dpk_size_min(dpk_size_max(dpk_size_max(grain, PART_BYTES / bytes), least_rows),
                        group->rows);
}

static size_t local_bytes(const dpk_group *group, size_t s)
{
    const dpk_stage *stage = stage_of(group, s);
    size_t bytes = 0;
    for (size_t port = stage->inputs; port < stage->inputs + stage->outputs; port++)
        bytes += dpk_aligned(group->local[s] *
                             dpk_row_bytes(&group->plan->values[stage->values[port]].array));
    return group->local[s] > 0 ? bytes : 0;
}

/* Sets how many rows each stage keeps: the most that any part needs. */
static void measure_locals(dpk_group *group)
{
    struct rows rows;
    memset(group->local, 0, sizeof group->local);
    for (size_t begin = 0; begin < group->rows; begin += group->part) {
        dpk_span out = { .begin = begin, .end = dpk_size_min(begin + group->part, group->rows) };
        find_needs(group, out, &rows, true, NO_VALUE);
        for (size_t s = 0; s < group->count; s++)
            if (group->plan->values[stage_of(group, s)->values[stage_of(group, s)->inputs]].local)
                group->local[s] = dpk_size_max(
                    group->local[s], dpk_size_max(1, rows.needed[s].end - rows.needed[s].begin));
    }
}

/* Where everything lies in a worker's scratch. */
static void lay_out(dpk_group *group)
{
    size_t scratch = 0;
    group->bytes = 0;
    for (size_t s = 0; s < group->count; s++) {
        const dpk_stage *stage = stage_of(group, s);
        const dpk_pass *pass = pass_of(stage);
        group->offset[s] = group->bytes;
        group->bytes += dpk_aligned(stage->kernel->size) + local_bytes(group, s);
        scratch = dpk_size_max(scratch, pass->scratch != NULL ? pass->scratch(stage->self) : 0);
    }
    group->kernel_scratch = group->bytes;
    group->bytes += dpk_aligned(scratch);
}

/* False when so much would lie in scratch that its size does not fit a number. */
static bool has_a_size(const dpk_group *group)
{
    for (size_t s = 0; s < group->count; s++)
        if (local_bytes(group, s) > SIZE_MAX / DPK_MAX_STAGES / 4)
            return false;
    return true;
}

/* False when so much would lie in every worker's scratch that whole arrays are cheaper. */
static bool pays(const dpk_group *group)
{
    for (size_t s = 0; s < group->count; s++) {
        size_t rows = pass_of(stage_of(group, s))->extent(stage_of(group, s)->self);
        if (group->local[s] > rows / 2 && local_bytes(group, s) > SCRATCH_WORTH_IT)
            return false;
    }
    return true;
}

/* Tries to make the group one pass. */
static bool settle(dpk_group *group, dpk_plan *plan, bool always)
{
    unmark_locals(group, plan);
    if (!mark_locals(group, plan)) {
        unmark_locals(group, plan);
        return false;
    }
    if (group->count == 1)
        return true;
    group->part = choose_part(group);
    measure_locals(group);
    lay_out(group);
    if (has_a_size(group) && (always || pays(group)))
        return true;
    unmark_locals(group, plan);
    return false;
}

/* Makes the longest group that begins at stage `first`. */
static dpk_group longest_group(dpk_plan *plan, size_t first, bool fuse, bool always)
{
    dpk_group best = { .plan = plan, .first = first, .count = 1 };
    best.banded = can_be_banded(plan, &plan->stages[first]);
    if (best.banded)
        best.rows = pass_of(&plan->stages[first])->extent(plan->stages[first].self);
    size_t end = first + 1;
    while (fuse && best.banded && end < plan->stage_count &&
           can_be_banded(plan, &plan->stages[end])) {
        dpk_group group = { .plan = plan, .first = first, .count = ++end - first, .banded = true };
        if (settle(&group, plan, always))
            best = group;
    }
    if (best.count > 1)
        settle(&best, plan, true);
    return best;
}

size_t dpk_fuse(dpk_plan *plan, dpk_group *groups, bool fuse, bool always)
{
    size_t count = 0;
    for (size_t s = 0; s < plan->stage_count; s += groups[count++].count)
        groups[count] = longest_group(plan, s, fuse, always);
    return count;
}

/* ------------------------------------------------------------------------------------ the pass */

/* Copies the stages' structs to scratch, with arrays that lie there. */
static void set_up(const dpk_group *group, char *scratch)
{
    for (size_t s = 0; s < group->count; s++) {
        const dpk_stage *stage = stage_of(group, s);
        memcpy(scratch + group->offset[s], stage->self, stage->kernel->size);
    }
    for (size_t s = 0; s < group->count; s++) {
        dpk_stage stage = *stage_of(group, s);
        size_t place = group->offset[s] + dpk_aligned(stage.kernel->size);
        for (size_t port = stage.inputs; group->local[s] > 0 && port < stage.inputs + stage.outputs;
             port++) {
            for (size_t reader = s; reader < group->count; reader++) {
                dpk_stage other = *stage_of(group, reader);
                other.self = scratch + group->offset[reader];
                for (size_t p = 0; p < other.inputs + other.outputs; p++) {
                    if (other.values[p] != stage.values[port])
                        continue;
                    dpk_stage_array(&other, p)->data = scratch + place;
                    dpk_stage_array(&other, p)->ring = group->local[s];
                }
            }
            place += dpk_aligned(group->local[s] *
                                 dpk_row_bytes(&group->plan->values[stage.values[port]].array));
        }
    }
}

/* False when the part needs more rows than there is room for: it is not cut where parts usually
 * are.
 */
static bool fits(const dpk_group *group, dpk_span part)
{
    struct rows all;
    find_needs(group, part, &all, true, NO_VALUE);
    for (size_t s = 0; s < group->count; s++)
        if (group->local[s] > 0 && all.needed[s].end - all.needed[s].begin > group->local[s])
            return false;
    return true;
}

static void make_part(const dpk_group *group, dpk_span part, struct rows *rows, char *scratch)
{
    find_needs(group, part, rows, false, NO_VALUE);
    for (size_t s = 0; s < group->count; s++) {
        dpk_span fresh = rows->needed[s];
        if (is_empty(fresh))
            continue;
        pass_of(stage_of(group, s))
            ->work(scratch + group->offset[s], fresh, scratch + group->kernel_scratch);
        dpk_span *there = &rows->there[s];
        size_t kept = fresh.end > group->local[s] ? fresh.end - group->local[s] : 0;
        bool follows = !is_empty(*there) && fresh.begin == there->end;
        there->begin = follows ? dpk_size_max(there->begin, kept) : fresh.begin;
        there->end = fresh.end;
    }
}

static void work(const void *self, dpk_span span, void *scratch)
{
    const dpk_group *group = self;
    struct rows rows;
    memset(&rows, 0, sizeof rows);
    set_up(group, scratch);
    for (dpk_span part = { .begin = span.begin }; part.begin < span.end; part.begin = part.end) {
        part.end = dpk_size_min(part.begin + group->part, span.end);
        while (part.end - part.begin > 1 && !fits(group, part))
            part.end = part.begin + (part.end - part.begin) / 2;
        make_part(group, part, &rows, scratch);
    }
}

static size_t extent(const void *self)
{
    return ((const dpk_group *)self)->rows;
}

/* A chunk begins by making what lies around it, too: with four times as many rows of its own, that
 * is a fifth of the work at most, as long as there are enough chunks to share. */
static size_t grain(const void *self)
{
    const dpk_group *group = self;
    size_t around = 0;
    for (size_t s = 0; s < group->count; s++)
        around =
            dpk_size_max(around, group->local[s] > group->part ? group->local[s] - group->part : 0);
    size_t wanted = dpk_size_min(4 * around, group->rows / 64);
    return dpk_size_max(group->part, wanted / group->part * group->part);
}

static size_t scratch_bytes(const void *self)
{
    return ((const dpk_group *)self)->bytes;
}

/* That it is there says that items are rows of the outputs; what it reads, dpk_group_reads tells.
 */
static dpk_span reads(const void *self, size_t port, dpk_span out)
{
    (void)port;
    return (dpk_span){ .begin = 0, .end = is_empty(out) ? 0 : ((const dpk_group *)self)->rows };
}

static const dpk_pass fused_pass = {
    .name = "fused",
    .extent = extent,
    .grain = grain,
    .reads = reads,
    .work = work,
    .scratch = scratch_bytes,
};

dpk_group_pass dpk_group_pass_of(const dpk_group *group)
{
    const dpk_stage *stage = stage_of(group, 0);
    if (group->count > 1)
        return (dpk_group_pass){ .pass = &fused_pass, .self = group };
    return (dpk_group_pass){ .pass = pass_of(stage), .self = stage->self };
}
