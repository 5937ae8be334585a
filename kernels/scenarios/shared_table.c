/* SPDX-License-Identifier: MIT */
/* shared_table: a function that takes long, and a table of the values computed so far. All items
 * ask for the same few thousand values. Threads find in the table what others have computed. Each
 * process has a copy of an ordinary table, in which it finds only its own results. */
#define _DEFAULT_SOURCE /* mmap() */
#include "own_memory.h"
#include "scenario.h"

#include <stdatomic.h>

/* Questions, each with a place in the table; and steps of arithmetic to answer one, some 4 µs. A
 * process that asks half of what is asked in all (2048 items of 16) meets most of them, too. */
enum { QUESTIONS = 8192, STEPS = 1000 };

/* Where an answer is not known yet; none is 0. */
enum { UNKNOWN = 0 };

enum { OWN, SHARED };

struct shared_table {
    struct scenario base;
    unsigned table;
    _Atomic uint32_t *answers; /* of 32 bits, which are atomic across processes everywhere */
};

/* The same memory as in the run before is cleared. */
static dpk_status prepare(void *self, dpk_arena *arena, dpk_error *err)
{
    struct shared_table *scenario = self;
    size_t bytes = QUESTIONS * sizeof *scenario->answers;
    void *memory = scenario->table == SHARED
                       ? dpk_alloc(arena, bytes, err)
                       : scenario_own_memory(bytes, SCENARIO_SMALL_PAGES, err);
    if (memory == NULL)
        return DPK_LIMIT;
    scenario->answers = memory;
    for (size_t i = 0; i < QUESTIONS; i++)
        atomic_init(&scenario->answers[i], UNKNOWN);
    return DPK_OK;
}

static uint32_t compute(uint64_t question)
{
    for (size_t i = 0; i < STEPS; i++)
        question = scenario_mix(question);
    return (uint32_t)question | 1;
}

/* Two that ask the same at the same time may both compute it, and write the same. An answer is all
 * there is to it, so that no order with other memory is needed. */
static uint32_t ask(const struct shared_table *scenario, size_t question)
{
    _Atomic uint32_t *place = &scenario->answers[question];
    uint32_t answer = atomic_load_explicit(place, memory_order_relaxed);
    if (answer == UNKNOWN) {
        answer = compute(question);
        atomic_store_explicit(place, answer, memory_order_relaxed);
    }
    return answer;
}

static void work(const void *self, dpk_span span, void *scratch)
{
    const struct shared_table *scenario = self;
    uint64_t *out = scenario->base.out.data;
    (void)scratch;
    for (size_t item = span.begin; item < span.end; item++) {
        uint64_t x = item;
        for (size_t i = 0; i < scenario->base.operations; i++) {
            x = scenario_mix(x);
            if (scenario_is_own(i, scenario->base.share))
                x += ask(scenario, x % QUESTIONS);
        }
        out[item] = x;
    }
}

/* Without a table. */
static bool reference(const void *self, dpk_arena *arena)
{
    const struct shared_table *scenario = self;
    uint64_t *out = scenario->base.out.data;
    (void)arena;
    for (size_t item = 0; item < scenario->base.items; item++) {
        uint64_t x = item;
        size_t own = 0;
        for (size_t i = 0; i < scenario->base.operations; i++) {
            size_t now = (i + 1) * scenario->base.share / 100;
            x = scenario_mix(x);
            uint64_t answer = x % QUESTIONS;
            for (size_t step = 0; step < STEPS && now > own; step++)
                answer = scenario_mix(answer);
            if (now > own)
                x += (answer & UINT32_MAX) | 1;
            own = now;
        }
        out[item] = x;
    }
    return true;
}

static const dpk_choice tables[] = {
    { "own", OWN, "in ordinary memory, of which each process has a copy" },
    { "shared", SHARED, "in memory that processes share" },
    { NULL, 0, NULL },
};

static const dpk_param params[] = {
    SCENARIO_PARAMS("2048", "16"),
    DPK_PARAM(struct shared_table, table, .choices = tables, .def = "own",
              .help = "where the table is"),
    DPK_END,
};

static const dpk_lesson lesson = {
    .winner = DPK_THREADS_WIN,
    .strongest = "--share=100 --table=own",
    .mechanism =
        "What one thread has computed and put into the table, all others find there. Each process "
        "has a copy of the table and computes again what others already know; it also copies each "
        "page of it on first use. In memory that is shared on purpose (--table=shared), processes "
        "do as well as threads.",
    .history =
        "POSIX shared memory (shm_open) dates from 1993, Linux's memfd_create from 3.17: tables in "
        "it must do without pointers, or be mapped at the same address everywhere, and outlive "
        "whoever dies while writing.",
    .literature = "D. Michie, \"Memo\" functions and machine learning, Nature 218, 1968",
    .signs = DPK_SIGN_WORK | DPK_SIGN_FAULTS,
    .rule =
        "A table that each worker adds to and all read: take threads, or put it into shared "
        "memory.",
};

DPK_KERNEL(
    shared_table, .summary = "a table of answers, each of which costs much the first time",
    .group = "scenario",
    .details =
        "Each operation asks for one of 8192 answers. Where the table does not have it yet, it is "
        "computed by 1000 steps of arithmetic and put there. The table is empty when the workers "
        "start.",
    .examples = (const char *const[]){ "dpk compare shared-table --backends=omp,fork --budget=2",
                                       "dpk sweep shared-table --table=own,shared --budget=1",
                                       "dpk sweep shared-table --share=0,10,100 --budget=1", NULL },
    .size = sizeof(struct shared_table), .params = params, .ports = SCENARIO_PORTS,
    .shape = scenario_shape, .prepare = prepare, .passes = SCENARIO_PASSES(work),
    .reference = reference,
    .checks = (const char *const[]){ SCENARIO_CHECKS, "--items=67 --table=shared", NULL },
    .lesson = &lesson, .not_on_pool = SCENARIO_NOT_ON_POOL);
