/* SPDX-License-Identifier: MIT */
/* threads.c: threads that wait for tasks. They end when the executor is closed. */
#include "base/clock.h"
#include "executor/lead.h"
#include "executor/worker.h"
#include "machine/pin.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

struct thread {
    pthread_t thread;
    dpk_hand hand;
    int here; /* the processor that it is started on */
    _Atomic unsigned *begun;
};

struct threads {
    dpk_lead lead;
    struct thread *threads;
    _Atomic unsigned begun; /* how many have tried */
};

static void *live(void *argument)
{
    struct thread *self = argument;
    dpk_board *board = self->hand.board;
    dpk_pin_worker(self->hand.number, self->here);
    bool begun = dpk_hand_begin(&self->hand);
    if (board->options.begin != NULL) {
        atomic_fetch_add(self->begun, 1);
        dpk_seat_post(&board->caller);
    }
    if (begun)
        dpk_hand_work(&self->hand);
    return NULL;
}

/* Whoever wakes the caller takes `waiting` back. Threads do not die. */
static dpk_status sleep_here(dpk_executing *executor, uint64_t deadline, dpk_error *err)
{
    (void)err;
    dpk_board *board = dpk_lead_of(executor)->board;
    for (;;) {
        uint32_t seen = dpk_seat_read(&board->caller);
        uint64_t now = dpk_now();
        if (atomic_load(&board->waiting) == DPK_WAITS_NOT || now >= deadline)
            return DPK_OK;
        dpk_seat_sleep(&board->caller, seen, deadline - now);
    }
}

/* Waits until all have begun. Errors: DPK_FAILED. */
static dpk_status hear_beginnings(const dpk_executing *executor, dpk_error *err)
{
    struct threads *threads = executor->state;
    dpk_board *board = threads->lead.board;
    if (board->options.begin == NULL)
        return DPK_OK;
    for (;;) {
        uint32_t seen = dpk_seat_read(&board->caller);
        if (atomic_load(&threads->begun) >= executor->workers)
            break;
        dpk_seat_wait(&board->caller, seen, 0);
    }
    for (unsigned w = 0; w < executor->workers; w++)
        if (atomic_load(&board->blocks[w].exit) == DPK_EXIT_CANNOT_BEGIN)
            return dpk_fail(err, DPK_FAILED, "worker %u cannot begin: %s", w,
                            board->blocks[w].text);
    return DPK_OK;
}

static dpk_status open_threads(dpk_executing *executor, dpk_error *err)
{
    struct threads *threads = calloc(1, sizeof *threads);
    if (threads == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for threads");
    dpk_status status = dpk_lead_open(executor, &threads->lead, sleep_here, err);
    if (status != DPK_OK)
        return status;
    dpk_board *board = threads->lead.board;
    threads->threads = calloc(board->most, sizeof *threads->threads);
    if (threads->threads == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for %u threads", board->most);
    int here = dpk_pin_here();
    for (unsigned w = 0; w < board->most; w++, executor->workers++) {
        struct thread *thread = &threads->threads[w];
        *thread =
            (struct thread){ .hand = { board, w, -1 }, .here = here, .begun = &threads->begun };
        threads->lead.members[w].process = getpid();
        if (pthread_create(&thread->thread, NULL, live, thread) != 0)
            break;
        threads->lead.members[w].there = true;
    }
    return hear_beginnings(executor, err);
}

static void close_threads(dpk_executing *executor)
{
    struct threads *threads = executor->state;
    if (threads == NULL)
        return;
    dpk_board *board = threads->lead.board;
    if (board != NULL)
        atomic_store(&board->stop, 1);
    for (unsigned w = 0; w < executor->workers; w++)
        dpk_seat_post(&board->blocks[w].seat);
    for (unsigned w = 0; w < executor->workers; w++)
        pthread_join(threads->threads[w].thread, NULL);
    dpk_lead_close(&threads->lead);
    free(threads->threads);
    free(threads);
    executor->state = NULL;
    executor->workers = 0;
}

static dpk_status cancel_waiting(dpk_executing *executor, uint32_t number, bool kill_it,
                                 dpk_error *err)
{
    (void)kill_it;
    if (dpk_lead_withdraw(executor, number))
        return DPK_OK;
    return dpk_fail(err, DPK_FAILED,
                    "task %" PRIu64
                    " has begun, and a thread cannot be ended in the "
                    "midst of a task",
                    executor->futures.promises[number].record.task);
}

const dpk_kind dpk_kind_threads = {
    .name = "threads",
    .needs = dpk_board_needs,
    .open = open_threads,
    .close = close_threads,
    .map = dpk_lead_map,
    .submit = dpk_lead_submit,
    .progress = dpk_lead_progress,
    .look = dpk_lead_look,
    .cancel = cancel_waiting,
};
