/* SPDX-License-Identifier: MIT */
/* flow_claims.c: who has which band, and which part of the input. Each band has a cell in its slot,
 * which says all there is to say; `next` of a lane and of the parts are hints that save looking at
 * bands and parts that are taken. What a dead worker had is free again for anybody, and may lie
 * before the hint: whoever finds nothing from there on looks at all. */
#include "engine/flow_state.h"

#include "base/array.h"
#include "base/bytes.h"

#include <stdatomic.h>
#include <stdio.h>

void dpk_flow_reset(const dpk_flow *flow, unsigned jobs)
{
    dpk_flow_state *state = flow->state;
    state->workers = flow->run->team.workers;
    for (size_t s = 0; s < flow->slots; s++)
        dpk_cell_open(&state->slot[s].cell, s);
    for (size_t part = 0; part < flow->parts; part++)
        dpk_cell_open(&flow->part[part], part);
    for (size_t i = 0; i < flow->lanes; i++) {
        atomic_store(&flow->lane[i].next, i);
        atomic_store(&flow->lane[i].open, flow->lanes == 1 || i >= jobs);
    }
}

static void raise_to(_Atomic size_t *counter, size_t value)
{
    size_t old = atomic_load(counter);
    while (old < value && !atomic_compare_exchange_weak(counter, &old, value))
        continue;
}

static void lower_to(_Atomic size_t *counter, size_t value)
{
    size_t old = atomic_load(counter);
    while (old > value && !atomic_compare_exchange_weak(counter, &old, value))
        continue;
}

/* --------------------------------------------------------------------------------------- bands */

static bool inputs_are_there(const dpk_flow *flow, size_t b)
{
    for (size_t i = 0; i < flow->input_count; i++) {
        const dpk_flow_input *input = &flow->inputs[i];
        if (input->reader != NULL && atomic_load(&flow->state->decoded[i]) < input->reach[b].needed)
            return false;
    }
    return true;
}

/* Later bands need what earlier ones do, and more. */
static bool take_from(const dpk_flow *flow, dpk_lane *lane, size_t first, unsigned w, size_t *b)
{
    size_t end = dpk_size_min(atomic_load(&flow->state->appended) + flow->slots, flow->bands);
    for (size_t at = first; at < end && inputs_are_there(flow, at); at += flow->lanes) {
        if (!dpk_cell_take(&dpk_flow_slot(flow, at)->cell, at, w))
            continue;
        raise_to(&lane->next, at + flow->lanes);
        *b = at;
        return true;
    }
    return false;
}

/* That is not appended. */
static size_t first_of_lane(const dpk_flow *flow, size_t l)
{
    size_t appended = atomic_load(&flow->state->appended);
    return appended + (l + flow->lanes - appended % flow->lanes) % flow->lanes;
}

static bool take_in_lane(const dpk_flow *flow, size_t l, unsigned w, size_t *b)
{
    dpk_lane *lane = &flow->lane[l];
    return take_from(flow, lane, atomic_load(&lane->next), w, b) ||
           take_from(flow, lane, first_of_lane(flow, l), w, b);
}

/* Whether worker w may take bands of the i-th lane, *l, from its own one on. */
static bool is_open_to(const dpk_flow *flow, unsigned w, size_t i, size_t *l)
{
    *l = (w + i) % flow->lanes;
    return i == 0 || atomic_load(&flow->lane[*l].open);
}

bool dpk_flow_claim(const dpk_flow *flow, unsigned w, size_t *b)
{
    for (size_t i = 0, l; i < flow->lanes; i++)
        if (is_open_to(flow, w, i, &l) && take_in_lane(flow, l, w, b))
            return true;
    return false;
}

bool dpk_flow_is_left(const dpk_flow *flow, unsigned w)
{
    for (size_t i = 0, l; i < flow->lanes; i++)
        if (is_open_to(flow, w, i, &l) && atomic_load(&flow->lane[l].next) < flow->bands)
            return true;
    return false;
}

static bool is_done(const dpk_flow *flow, size_t b)
{
    dpk_cell_view view = dpk_cell_read(&dpk_flow_slot(flow, b)->cell);
    return view.number == b && view.state == DPK_CELL_DONE;
}

/* Whoever has appended a band and died before counting it has left it to others to count. */
size_t dpk_flow_next(const dpk_flow *flow)
{
    _Atomic size_t *appended = &flow->state->appended;
    size_t b = atomic_load(appended);
    while (b < flow->bands &&
           dpk_cell_read(&dpk_flow_slot(flow, b)->cell).number == b + flow->slots)
        if (atomic_compare_exchange_weak(appended, &b, b + 1))
            b++;
    return b;
}

size_t dpk_flow_first_undone(const dpk_flow *flow)
{
    size_t b = dpk_flow_next(flow), end = dpk_size_min(b + flow->slots, flow->bands);
    while (b < end && is_done(flow, b))
        b++;
    return b;
}

bool dpk_flow_may_append(const dpk_flow *flow)
{
    size_t b = dpk_flow_next(flow);
    return b < flow->bands && is_done(flow, b);
}

void dpk_flow_append(const dpk_flow *flow, size_t b)
{
    dpk_cell_open(&dpk_flow_slot(flow, b)->cell, b + flow->slots);
    atomic_store(&flow->state->appended, b + 1);
    dpk_eventcount_notify(&flow->state->changes);
}

size_t dpk_flow_taken(const dpk_flow *flow)
{
    size_t taken = 0;
    for (size_t s = 0; s < flow->slots; s++)
        taken += dpk_cell_read(&flow->state->slot[s].cell).state != DPK_CELL_FREE;
    return taken;
}

/* About as many, with lanes of which some are ahead of others. */
size_t dpk_flow_left(const void *self)
{
    const dpk_flow *flow = self;
    size_t begun = 0;
    for (size_t i = 0; i < flow->lanes; i++)
        begun += atomic_load(&flow->lane[i].next) / flow->lanes;
    return atomic_load(&flow->state->stopped) || begun > flow->bands ? 0 : flow->bands - begun;
}

void dpk_flow_stop(const void *self)
{
    const dpk_flow *flow = self;
    atomic_store(&flow->state->stopped, true);
    dpk_eventcount_notify(&flow->state->changes);
}

/* --------------------------------------------------------------------------------------- parts */

bool dpk_flow_has_room(const dpk_flow *flow, const dpk_flow_input *input, size_t y1)
{
    size_t b = dpk_flow_first_undone(flow);
    size_t kept = b < flow->bands ? input->reach[b].kept : input->rows;
    return y1 <= dpk_size_min(kept, input->rows) + input->reader->array.ring;
}

static bool part_fits(const dpk_flow *flow, size_t part)
{
    return part < flow->parts &&
           dpk_flow_has_room(flow, &flow->inputs[0], dpk_flow_part_span(flow, part).end);
}

static bool take_part_from(const dpk_flow *flow, size_t first, unsigned w, size_t *part)
{
    for (size_t at = first; part_fits(flow, at); at++) {
        if (!dpk_cell_take(&flow->part[at], at, w))
            continue;
        raise_to(&flow->state->next_part, at + 1);
        *part = at;
        return true;
    }
    return false;
}

/* The first part of which rows are missing. */
static size_t first_missing(const dpk_flow *flow)
{
    size_t rows = atomic_load(&flow->state->decoded[0]);
    return rows < flow->inputs[0].rows ? rows / flow->part_rows : flow->parts;
}

bool dpk_flow_claim_part(const dpk_flow *flow, unsigned w, size_t *part)
{
    return flow->parts > 0 &&
           (take_part_from(flow, atomic_load(&flow->state->next_part), w, part) ||
            take_part_from(flow, first_missing(flow), w, part));
}

/* Everyone who has finished a part moves `decoded` on over all that are there, so that the last of
 * them sees all. */
static void advance_decoded(const dpk_flow *flow)
{
    _Atomic size_t *decoded = &flow->state->decoded[0];
    size_t rows = atomic_load(decoded), all = flow->inputs[0].rows;
    while (rows < all) {
        size_t part = rows / flow->part_rows;
        if (dpk_cell_read(&flow->part[part]).state != DPK_CELL_DONE)
            return;
        size_t next = dpk_flow_part_span(flow, part).end;
        if (atomic_compare_exchange_weak(decoded, &rows, next))
            rows = next;
    }
}

void dpk_flow_part_done(const dpk_flow *flow, unsigned w, size_t part)
{
    dpk_cell_done(&flow->part[part], w);
    advance_decoded(flow);
    dpk_eventcount_notify(&flow->state->changes);
}

/* -------------------------------------------------------------------------------------- losses */

static dpk_flow_trouble trouble_of(const dpk_flow *flow, const dpk_cell *cell, size_t number,
                                   dpk_flow_trouble deadly)
{
    dpk_cell_view view = dpk_cell_read(cell);
    if (view.number != number || view.worker >= flow->run->team.jobs)
        return DPK_FLOW_DAMAGED;
    return view.state == DPK_CELL_DEADLY ? deadly : DPK_FLOW_SOUND;
}

dpk_flow_trouble dpk_flow_look(const dpk_flow *flow, size_t *number)
{
    size_t b = dpk_flow_next(flow), end = dpk_size_min(b + flow->slots, flow->bands);
    dpk_flow_trouble trouble = b > flow->bands ? DPK_FLOW_DAMAGED : DPK_FLOW_SOUND;
    for (; b < end && trouble == DPK_FLOW_SOUND; b++) {
        *number = b;
        trouble = trouble_of(flow, &dpk_flow_slot(flow, b)->cell, b, DPK_FLOW_DEADLY_BAND);
    }
    for (size_t part = flow->parts > 0 ? first_missing(flow) : 0;
         trouble == DPK_FLOW_SOUND && part_fits(flow, part); part++) {
        *number = part;
        trouble = trouble_of(flow, &flow->part[part], part, DPK_FLOW_DEADLY_PART);
    }
    return trouble;
}

/* The word of the cell is another one if the same worker takes the same thing again. The highest
 * bits, which numbers leave free, tell what it is. */
enum { IS_OWED = 61, IS_PART = 62, IS_REDONE = 63 };

static uint64_t word_held(const dpk_cell *cell, unsigned worker)
{
    dpk_cell_view view = dpk_cell_read(cell);
    return view.state == DPK_CELL_TAKEN && view.worker == worker ? atomic_load(cell) : 0;
}

static uint64_t cell_held(const dpk_flow *flow, unsigned worker)
{
    uint64_t held = 0;
    for (size_t s = 0; s < flow->slots && held == 0; s++)
        held = word_held(&flow->state->slot[s].cell, worker);
    if (held != 0)
        return held;
    for (size_t part = 0; part < flow->parts && held == 0; part++)
        held = word_held(&flow->part[part], worker);
    return held != 0 ? held | (uint64_t)1 << IS_PART : 0;
}

static bool is_free(const dpk_flow *flow, size_t b)
{
    dpk_cell_view view = dpk_cell_read(&dpk_flow_slot(flow, b)->cell);
    return view.number == b && view.state == DPK_CELL_FREE && inputs_are_there(flow, b);
}

/* 1 + a band that is free for this worker; 0: there is none. */
static size_t free_band(const dpk_flow *flow, unsigned worker)
{
    size_t end = dpk_size_min(dpk_flow_next(flow) + flow->slots, flow->bands);
    for (size_t i = 0, l; i < flow->lanes; i++) {
        if (!is_open_to(flow, worker, i, &l))
            continue;
        for (size_t b = first_of_lane(flow, l); b < end; b += flow->lanes)
            if (is_free(flow, b))
                return b + 1;
    }
    return 0;
}

static size_t free_part(const dpk_flow *flow)
{
    for (size_t part = flow->parts > 0 ? first_missing(flow) : 0; part_fits(flow, part); part++)
        if (dpk_cell_read(&flow->part[part]).state == DPK_CELL_FREE)
            return part + 1;
    return 0;
}

/* Who has nothing in hand, but could have, owes it to take that; and who stands in for the leader
 * owes it an end, once only the leader can go on. */
static uint64_t owed(const dpk_flow *flow, unsigned worker)
{
    size_t what = free_band(flow, worker);
    if (what == 0)
        what = free_part(flow);
    if (what == 0 && worker == 0 && dpk_flow_needs_leader(flow))
        what = dpk_flow_next(flow) + 1;
    return what != 0 ? what | (uint64_t)1 << IS_OWED : 0;
}

uint64_t dpk_flow_held(const void *self, unsigned worker)
{
    const dpk_flow *flow = self;
    uint64_t redone = worker == 0 ? atomic_load(&flow->state->redone) : 0;
    if (redone != 0)
        return redone | (uint64_t)1 << IS_REDONE;
    uint64_t held = cell_held(flow, worker);
    return held != 0 ? held : owed(flow, worker);
}

static void describe(dpk_lost *what, const dpk_cell_view *view)
{
    what->deaths = view->deaths;
    what->again = view->state == DPK_CELL_FREE;
}

static bool lose_band(const dpk_flow *flow, size_t s, unsigned worker, unsigned retries,
                      dpk_lost *what)
{
    dpk_cell_view view;
    if (!dpk_cell_lose(&flow->state->slot[s].cell, worker, retries, &view) ||
        view.number >= flow->bands)
        return false;
    dpk_span rows = dpk_flow_span(flow, view.number);
    describe(what, &view);
    snprintf(what->text, sizeof what->text, "band %zu of %zu, rows %zu to %zu", view.number,
             flow->bands, rows.begin, rows.end - 1);
    lower_to(&flow->lane[view.number % flow->lanes].next, view.number);
    return true;
}

static bool lose_part(const dpk_flow *flow, size_t part, unsigned worker, unsigned retries,
                      dpk_lost *what)
{
    dpk_cell_view view;
    if (!dpk_cell_lose(&flow->part[part], worker, retries, &view))
        return false;
    dpk_span rows = dpk_flow_part_span(flow, part);
    describe(what, &view);
    snprintf(what->text, sizeof what->text, "part %zu of %zu of the input, rows %zu to %zu", part,
             flow->parts, rows.begin, rows.end - 1);
    lower_to(&flow->state->next_part, part);
    return true;
}

size_t dpk_flow_lost(const void *self, unsigned worker, unsigned retries, dpk_lost *what)
{
    const dpk_flow *flow = self;
    size_t count = 0;
    *what = (dpk_lost){ .again = true };
    for (size_t s = 0; s < flow->slots; s++)
        count += lose_band(flow, s, worker, retries, what);
    for (size_t part = 0; part < flow->parts; part++)
        count += lose_part(flow, part, worker, retries, what);
    if (worker < flow->lanes)
        atomic_store(&flow->lane[worker].open, true);
    dpk_eventcount_notify(&flow->state->changes);
    return count;
}
