/* SPDX-License-Identifier: MIT */
/* flow_blame.c: what workers die of. A band of which too many have died is computed once more in
 * halves, by a worker that nothing else depends on, and what kills it in halves again, down to
 * single rows. If every part of it can be computed, encoding it is tried alone. */
#include "engine/flow_state.h"

#include "workers/team.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

static DPK_PRINTF(3, 4) dpk_status
    blame(const dpk_flow *flow, dpk_error *err, const char *format, ...)
{
    char what[160];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    const dpk_team *team = &flow->run->team;
    const char *who = team->last_death[0] != '\0' ? team->last_death : "a worker died";
    return dpk_fail(err, DPK_WORKER_LOST, "%.*s while it worked on %s",
                    (int)sizeof team->last_death - 1, who, what);
}

/* Whether a worker survives it, of so many at most. */
static dpk_status survives(dpk_flow *flow, dpk_span rows, unsigned attempts, bool *survived,
                           dpk_error *err)
{
    dpk_status status = DPK_OK;
    *survived = false;
    for (unsigned i = 0; i < attempts && !*survived && status == DPK_OK; i++) {
        atomic_store(&flow->state->redone, ++flow->redone);
        status = dpk_team_redo(&flow->run->team, rows, survived, err);
        atomic_store(&flow->state->redone, 0);
    }
    return status;
}

/* Computes the rows, and finds the first one that no worker survives: *deadly, or rows.end. */
static dpk_status find_deadly_row(dpk_flow *flow, dpk_span rows, unsigned attempts, size_t *deadly,
                                  dpk_error *err)
{
    size_t length = (rows.end - rows.begin + 1) / 2, y = rows.begin;
    dpk_status status = DPK_OK;
    while (y < rows.end && status == DPK_OK) {
        bool survived;
        size_t left = rows.end - y;
        length = length < left ? length : left;
        status = survives(flow, (dpk_span){ .begin = y, .end = y + length },
                          length == 1 ? attempts : 1, &survived, err);
        if (status == DPK_OK && !survived && length == 1)
            break;
        y += survived ? length : 0;
        length = survived ? left - length : length / 2;
        length = length > 0 ? length : 1;
    }
    *deadly = y;
    return status;
}

static dpk_status blame_all_of(const dpk_flow *flow, size_t b, const char *place, dpk_error *err)
{
    dpk_span rows = dpk_flow_span(flow, b);
    return blame(flow, err, "band %zu of %zu, rows %zu to %zu%s", b, flow->bands, rows.begin,
                 rows.end - 1, place);
}

dpk_status dpk_flow_blame_band(dpk_flow *flow, size_t b, dpk_error *err)
{
    unsigned retries = flow->run->options.retries;
    if (retries == 0)
        return blame_all_of(flow, b, "", err);
    bool stored = false;
    dpk_span rows = dpk_flow_span(flow, b);
    size_t deadly = rows.end;
    dpk_status status = find_deadly_row(flow, rows, 1 + retries, &deadly, err);
    if (status != DPK_OK)
        return status;
    if (deadly < rows.end)
        return blame(flow, err, "row %zu, of band %zu of %zu, rows %zu to %zu", deadly, b,
                     flow->bands, rows.begin, rows.end - 1);
    rows.step = 1;
    status = survives(flow, rows, 1 + retries, &stored, err);
    if (status == DPK_OK && !stored)
        return blame_all_of(flow, b, ", to be encoded or written", err);
    if (status == DPK_OK)
        dpk_cell_settle(&dpk_flow_slot(flow, b)->cell, b);
    return status;
}

dpk_status dpk_flow_blame_part(const dpk_flow *flow, size_t part, dpk_error *err)
{
    dpk_span rows = dpk_flow_part_span(flow, part);
    return blame(flow, err, "part %zu of %zu of the input, rows %zu to %zu", part, flow->parts,
                 rows.begin, rows.end - 1);
}
