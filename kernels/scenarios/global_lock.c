/* SPDX-License-Identifier: MIT */
/* global_lock: a library that caches its results behind one lock, like libraries that were written
 * for one thread and made thread-safe later. A result depends on the argument alone; the contents
 * of the cache depend on the order of the calls. */
#include "scenario.h"

#include <pthread.h>

/* A slot in four of the 1024 questions: some answers are remembered, others are computed anew. */
#define QUESTIONS 1024
#define SLOTS 256

/* All zero at first, which is no slot's answer: questions count from one. */
static struct library {
    pthread_mutex_t lock;
    struct {
        uint64_t question, answer;
    } slots[SLOTS];
} library = { .lock = PTHREAD_MUTEX_INITIALIZER };

static uint64_t ask(uint64_t x, void *kept)
{
    uint64_t question = 1 + x % QUESTIONS;
    (void)kept;
    size_t slot = question % SLOTS;
    pthread_mutex_lock(&library.lock);
    if (library.slots[slot].question != question) {
        library.slots[slot].question = question;
        library.slots[slot].answer = scenario_mix(scenario_mix(question));
    }
    uint64_t answer = library.slots[slot].answer;
    pthread_mutex_unlock(&library.lock);
    return answer;
}

static void work(const void *self, dpk_span span, void *scratch)
{
    (void)scratch;
    scenario_work(self, span, ask, NULL);
}

/* Without a memory there is nothing to lock. */
static uint64_t answer_to(uint64_t x)
{
    return scenario_mix(scenario_mix(1 + x % QUESTIONS));
}

static bool reference(const void *self, dpk_arena *arena)
{
    (void)arena;
    return scenario_refer(self, answer_to);
}

static const dpk_param params[] = {
    SCENARIO_PARAMS("2048", "1500"),
    DPK_END,
};

static const dpk_lesson lesson = {
    .winner = DPK_PROCESSES_WIN,
    .strongest = "--share=100",
    .mechanism =
        "Each call takes the library's lock. Threads queue for it, and hand the lock and the "
        "memory behind it from processor to processor; every process has a library of its own.",
    .history =
        "It took Linux from 2.0 to 2.6.39 to take its big kernel lock apart; CPython can be built "
        "without its global interpreter lock since 3.13.",
    .literature =
        "G. Amdahl, Validity of the single processor approach, AFIPS 1967; S. Boyd-Wickizer et "
        "al., Non-scalable locks are dangerous, Linux Symposium 2012",
    .signs = DPK_SIGN_WORK | DPK_SIGN_SYSTEM | DPK_SIGN_SWITCHES,
    .rule = "A library with one lock for everything: take processes.",
};

DPK_KERNEL(
    global_lock, .summary = "questions to a library that has one lock", .group = "scenario",
    .details =
        "Each operation asks a library that remembers some answers and computes the others, all "
        "under one mutex.",
    .examples = (const char *const[]){ "dpk compare global-lock --backends=omp,fork --budget=2",
                                       "dpk sweep global-lock --share=0,10,100 --budget=1", NULL },
    .size = sizeof(struct scenario), .params = params, .ports = SCENARIO_PORTS,
    .shape = scenario_shape, .passes = SCENARIO_PASSES(work), .reference = reference,
    .checks = (const char *const[]){ SCENARIO_CHECKS, NULL }, .lesson = &lesson);
