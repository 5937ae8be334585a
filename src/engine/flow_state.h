/* SPDX-License-Identifier: MIT */
/* flow_state.h: what the files of a flow share: flow.c makes it, flow_claims.c knows who has what,
 * flow_work.c computes, flow_lead.c reads and writes. */
#ifndef DPK_FLOW_STATE_H
#define DPK_FLOW_STATE_H

#include "engine/flow_cell.h"
#include "engine/run.h"
#include "files/format.h"
#include "workers/eventcount.h"

typedef struct dpk_flow dpk_flow;

/* A band computed, encoded or written, and waiting for its turn to be appended. */
typedef struct dpk_slot {
    dpk_cell cell;               /* the band that is here, or will be next */
    size_t bytes[DPK_MAX_PORTS]; /* of the pieces, by writer */
    dpk_status status;           /* of writing it in its place */
    dpk_error err;
} dpk_slot;

/* Bands that are taken in their order: all of them, or with a static schedule every jobs-th, which
 * belong to one worker. */
typedef struct dpk_lane {
    _Atomic size_t next; /* a hint: bands before this one are not free */
    _Atomic bool open;   /* to all workers: its own has died */
} dpk_lane;

/* What changes, in shared memory. Counters only grow, except for hints. */
typedef struct dpk_flow_state {
    dpk_worker *workers; /* set before workers are told of the flow */

    _Atomic size_t decoded[DPK_MAX_PORTS]; /* rows that are there, by input */
    _Atomic size_t next_part;              /* a hint: parts before this one are not free */
    _Atomic size_t appended;               /* bands that are written */
    _Atomic bool stopped;                  /* something went wrong: everyone go home */
    _Atomic bool lied;                     /* a part was not what it claimed to be */
    _Atomic uint64_t redone;               /* a number for what worker 0 does again; 0: nothing */
    dpk_eventcount changes;

    dpk_slot slot[];
} dpk_flow_state;

/* An input that is decoded in the flow. */
typedef struct dpk_flow_input {
    dpk_reader *reader; /* NULL: all of it is there */
    const dpk_reach *reach;
    size_t rows, batch;
} dpk_flow_input;

/* What stays, and what is the leader's, in memory that workers which are forked cannot damage. */
struct dpk_flow {
    dpk_run *run;
    dpk_flow_state *state;
    dpk_flow_input inputs[DPK_MAX_PORTS];
    dpk_writer *writers;
    size_t input_count, writer_count;
    bool computes; /* false: the output is computed already, and only encoded here */
    bool placed;   /* whoever has computed a band writes it, to all outputs */
    size_t rows, band, bands, slots, lanes;
    size_t encode_scratch, part_scratch; /* offsets in a worker's scratch */
    size_t part_rows, parts; /* of the only input, when it is decoded by parts; else 0 */
    dpk_lane *lane;          /* lanes of them, shared as the state is, and so are */
    dpk_cell *part;          /* so many parts */
    unsigned char *pieces[DPK_MAX_PORTS]; /* by writer: room for each slot's piece, */
    size_t piece_bound[DPK_MAX_PORTS];    /* of so many bytes */

    /* Of the leader: what it relies on, whatever becomes of the state. */
    size_t decoded[DPK_MAX_PORTS]; /* rows, by input; not of one that is decoded by parts */
    size_t appended;               /* bands; not where they are placed */
    uint64_t redone;               /* how often something was done again to find what is deadly */
    dpk_status status;
    dpk_error err;
};

static inline dpk_slot *dpk_flow_slot(const dpk_flow *flow, size_t b)
{
    return &flow->state->slot[b % flow->slots];
}

static inline unsigned char *dpk_flow_piece(const dpk_flow *flow, size_t i, size_t b)
{
    return flow->pieces[i] + b % flow->slots * flow->piece_bound[i];
}

static inline dpk_span dpk_flow_span(const dpk_flow *flow, size_t b)
{
    size_t begin = b * flow->band, left = flow->rows - begin;
    return (dpk_span){ .begin = begin, .end = begin + (left < flow->band ? left : flow->band) };
}

static inline dpk_span dpk_flow_part_span(const dpk_flow *flow, size_t part)
{
    size_t begin = part * flow->part_rows, left = flow->inputs[0].rows - begin;
    size_t rows = left < flow->part_rows ? left : flow->part_rows;
    return (dpk_span){ .begin = begin, .end = begin + rows };
}

/* ------------------------------------------------------------------------------ flow_claims.c */

/* Nothing is decoded, computed or appended yet, and there are so many workers. */
void dpk_flow_reset(const dpk_flow *flow, unsigned jobs);

/* Takes a band that may be computed now for worker w. Returns false if there is none. */
bool dpk_flow_claim(const dpk_flow *flow, unsigned w, size_t *b);

/* Whether there may be a band that worker w can take now or later. */
bool dpk_flow_is_left(const dpk_flow *flow, unsigned w);

/* Takes a part of the input for which the ring has room. Returns false if there is none. */
bool dpk_flow_claim_part(const dpk_flow *flow, unsigned w, size_t *part);

/* Part `part` is decoded, and so are all rows up to the first part that is not. */
void dpk_flow_part_done(const dpk_flow *flow, unsigned w, size_t part);

/* The first band that is not appended. */
size_t dpk_flow_next(const dpk_flow *flow);

/* The first band that is not done, or an earlier one: others move on meanwhile. */
size_t dpk_flow_first_undone(const dpk_flow *flow);

/* The ring keeps the rows that bands read which are not done. */
bool dpk_flow_has_room(const dpk_flow *flow, const dpk_flow_input *input, size_t y1);

/* The next band is done. */
bool dpk_flow_may_append(const dpk_flow *flow);

/* Band b, the next one, is appended, and its slot is free for another. */
void dpk_flow_append(const dpk_flow *flow, size_t b);

/* Bands that are in somebody's hands or wait to be appended. */
size_t dpk_flow_taken(const dpk_flow *flow);

/* What keeps the flow from going on. */
typedef enum dpk_flow_trouble {
    DPK_FLOW_SOUND,
    DPK_FLOW_DEADLY_BAND, /* too many workers have died of it: *number */
    DPK_FLOW_DEADLY_PART,
    DPK_FLOW_DAMAGED, /* somebody has written where nobody may */
} dpk_flow_trouble;

dpk_flow_trouble dpk_flow_look(const dpk_flow *flow, size_t *number);

/* dpk_loop.held, .left, .stop, .lost */
uint64_t dpk_flow_held(const void *self, unsigned worker);
size_t dpk_flow_left(const void *self);
void dpk_flow_stop(const void *self);
size_t dpk_flow_lost(const void *self, unsigned worker, unsigned retries, dpk_lost *what);

/* ------------------------------------------------------------------------------- flow_work.c */

/* Computes band b, which the worker has taken, and makes its pieces. */
void dpk_flow_produce(const dpk_flow *flow, size_t b, dpk_worker *worker);

/* Decodes a part, if there is one to take. */
bool dpk_flow_decode_part(const dpk_flow *flow, dpk_worker *worker);

/* What all workers but the leader do until no band is left for them. */
void dpk_flow_help(const dpk_flow *flow, dpk_worker *worker);

/* dpk_loop.redo. Of rows of one band: step 0 computes them, step 1 makes the band's pieces. */
void dpk_flow_redo(const void *self, dpk_span rows, dpk_worker *worker);

/* ------------------------------------------------------------------------------- flow_lead.c */

/* Decodes and appends, until all is done or something fails: flow->status. */
void dpk_flow_lead(dpk_flow *flow, dpk_worker *worker);

/* Worker 0 has nothing to wait for: its leader can go on, or all is done, or nothing can go on. */
bool dpk_flow_needs_leader(const dpk_flow *flow);

/* dpk_loop.stand_in */
void dpk_flow_stand_in(const void *self, dpk_worker *worker);

/* ------------------------------------------------------------------------------ flow_blame.c */

/* Too many workers have died of band b: finds out which rows they die of, and fails. If they die of
 * none, the band is done afterwards. */
dpk_status dpk_flow_blame_band(dpk_flow *flow, size_t b, dpk_error *err);
dpk_status dpk_flow_blame_part(const dpk_flow *flow, size_t part, dpk_error *err);

#endif
