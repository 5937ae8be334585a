/* SPDX-License-Identifier: MIT */
/* lead.c: submitted tasks: from a free slot to an ended future. */
#include "executor/lead.h"

#include "base/clock.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

dpk_status dpk_lead_open(dpk_executing *executor, dpk_lead *lead, dpk_lead_sleep *sleep,
                         dpk_error *err)
{
    executor->state = lead;
    lead->sleep = sleep;
    lead->board = dpk_board_make(executor, err);
    if (lead->board == NULL)
        return DPK_LIMIT;
    uint32_t slots = lead->board->slots;
    lead->uses = calloc(slots, sizeof *lead->uses);
    lead->free = calloc(slots, sizeof *lead->free);
    lead->cancelled = calloc(slots, sizeof *lead->cancelled);
    lead->members = calloc(lead->board->most, sizeof *lead->members);
    if (lead->uses == NULL || lead->free == NULL || lead->cancelled == NULL ||
        lead->members == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for %u tasks in flight", slots);
    for (uint32_t i = 0; i < slots; i++)
        lead->uses[i].number = DPK_NO_FUTURE;
    lead->free_count = (uint32_t)executor->options.in_flight;
    for (uint32_t i = 0; i < lead->free_count; i++)
        lead->free[i] = lead->free_count - 1 - i;
    return DPK_OK;
}

void dpk_lead_close(dpk_lead *lead)
{
    free(lead->uses);
    free(lead->free);
    free(lead->cancelled);
    free(lead->members);
    free(lead->deaths);
}

/* ---------------------------------------------------------------------------------- submitting */

static void set_state(dpk_slot_head *slot, dpk_slot_phase phase)
{
    uint64_t state = atomic_load(&slot->state);
    atomic_store(&slot->state, dpk_state_of(state, phase, 0));
}

static void free_slot(dpk_lead *lead, uint32_t slot)
{
    set_state(dpk_board_slot(lead->board, slot), DPK_SLOT_FREE);
    lead->uses[slot] = (dpk_slot_use){ .number = DPK_NO_FUTURE };
    lead->free[lead->free_count++] = slot;
}

/* Passes over what is not ready any more at the beginning of the queue. */
static void pass_over(dpk_board *board)
{
    uint64_t take = atomic_load(&board->take), put = atomic_load(&board->put);
    while (take < put) {
        const dpk_slot_head *slot =
            dpk_board_slot(board, atomic_load(&board->queue[take & board->queue_mask]));
        if (dpk_state_phase(atomic_load(&slot->state)) == DPK_SLOT_READY)
            return;
        if (atomic_compare_exchange_strong(&board->take, &take, take + 1))
            take++;
    }
}

bool dpk_lead_has_work(const dpk_lead *lead)
{
    dpk_board *board = lead->board;
    pass_over(board);
    if (atomic_load(&board->take) < atomic_load(&board->put))
        return true;
    for (unsigned w = 0; w < board->most && atomic_load(&board->map_open) != 0; w++)
        if (dpk_range_length(atomic_load(&board->blocks[w].range)) > 0)
            return true;
    return false;
}

/* Cancelled ones are free when the queue has passed them. */
static void free_cancelled(dpk_lead *lead)
{
    dpk_board *board = lead->board;
    if (lead->cancelled_taken < lead->cancelled_put)
        pass_over(board);
    while (lead->cancelled_taken < lead->cancelled_put) {
        uint32_t slot = lead->cancelled[lead->cancelled_taken & board->slot_mask];
        if (atomic_load(&board->take) <= lead->uses[slot].place)
            return;
        lead->cancelled_taken++;
        free_slot(lead, slot);
    }
}

static void enqueue(dpk_lead *lead, uint32_t slot)
{
    dpk_board *board = lead->board;
    dpk_slot_head *head = dpk_board_slot(board, slot);
    uint64_t put = atomic_load_explicit(&board->put, memory_order_relaxed);
    if (put - atomic_load(&board->take) > board->queue_mask)
        pass_over(board); /* it is twice as long as there are slots */
    lead->uses[slot].place = put;
    atomic_store_explicit(&board->queue[put & board->queue_mask], slot, memory_order_relaxed);
    atomic_store_explicit(&head->state, dpk_state_ready(atomic_load(&head->state)),
                          memory_order_release);
    atomic_store(&board->put, put + 1);
    dpk_board_wake_one(board);
}

static dpk_status find_room(dpk_executing *executor, dpk_error *err)
{
    dpk_lead *lead = executor->state;
    while (lead->free_count == 0) {
        free_cancelled(lead);
        if (lead->free_count > 0)
            break;
        dpk_status status = dpk_lead_progress(executor, UINT64_MAX, err);
        if (status != DPK_OK)
            return status;
    }
    return DPK_OK;
}

dpk_status dpk_lead_submit(dpk_executing *executor, const dpk_call *call, dpk_error *err)
{
    dpk_lead *lead = executor->state;
    dpk_status status = dpk_lead_check(executor, err);
    if (status == DPK_OK)
        status = find_room(executor, err);
    if (status != DPK_OK)
        return status;
    uint32_t slot = lead->free[--lead->free_count];
    dpk_slot_head *head = dpk_board_slot(lead->board, slot);
    lead->uses[slot] = (dpk_slot_use){ .number = call->number };
    executor->futures.promises[call->number].slot = slot;
    head->function = call->function;
    head->task = executor->submitted;
    head->started = 0;
    head->attempt = 1;
    head->has_argument = call->bytes > 0;
    if (call->bytes > 0)
        memcpy(dpk_slot_argument(head), call->argument, call->bytes);
    enqueue(lead, slot);
    return DPK_OK;
}

void dpk_lead_requeue(dpk_executing *executor, uint32_t slot)
{
    dpk_lead *lead = executor->state;
    dpk_board_slot(lead->board, slot)->attempt++;
    enqueue(lead, slot);
}

/* -------------------------------------------------------------------------------------- ending */

void dpk_lead_end_slot(dpk_executing *executor, uint32_t slot)
{
    dpk_lead *lead = executor->state;
    const dpk_board *board = lead->board;
    dpk_slot_head *head = dpk_board_slot(board, slot);
    uint32_t number = lead->uses[slot].number;
    uint64_t state = atomic_load(&head->state);
    if (number == DPK_NO_FUTURE || dpk_state_phase(state) != DPK_SLOT_ENDED)
        return;
    dpk_task_record *record = &executor->futures.promises[number].record;
    record->started = head->started;
    record->ended = head->ended;
    record->value = head->value;
    record->attempts = head->attempt;
    record->worker = dpk_state_worker(state) % board->most;
    record->process = lead->members[record->worker].process;
    record->state = head->value == 0 ? DPK_TASK_DONE : DPK_TASK_FAILED;
    if (head->value != 0) {
        char *text = dpk_slot_text(board, head);
        text[DPK_TASK_TEXT - 1] = '\0';
        dpk_task_record_say(record, text);
    } else if (executor->options.result_bytes > 0) {
        memcpy(dpk_future_result(&executor->futures, number), dpk_slot_result(board, head),
               executor->options.result_bytes);
    }
    lead->pace_ns = lead->pace_ns - lead->pace_ns / 8 + (head->ended - head->started) / 8;
    dpk_futures_end(&executor->futures, number);
    free_slot(lead, slot);
}

void dpk_lead_give_up(dpk_executing *executor, uint32_t slot)
{
    dpk_lead *lead = executor->state;
    dpk_futures_end(&executor->futures, lead->uses[slot].number);
    free_slot(lead, slot);
}

dpk_status dpk_lead_check(const dpk_executing *executor, dpk_error *err)
{
    const dpk_lead *lead = executor->state;
    if (executor->workers > 0)
        return DPK_OK;
    return dpk_fail(err, DPK_WORKER_LOST, "no worker is left: %s", lead->reason);
}

void dpk_lead_give_up_all(dpk_executing *executor)
{
    const dpk_lead *lead = executor->state;
    dpk_error err;
    (void)dpk_lead_check(executor, &err);
    for (uint32_t slot = 0; slot < lead->board->slots; slot++) {
        uint32_t number = lead->uses[slot].number;
        if (number == DPK_NO_FUTURE)
            continue;
        dpk_task_record *record = &executor->futures.promises[number].record;
        record->state = DPK_TASK_DIED;
        record->ended = dpk_now();
        dpk_task_record_say(record, err.text);
        dpk_lead_give_up(executor, slot);
    }
}

bool dpk_lead_drain(dpk_executing *executor)
{
    const dpk_lead *lead = executor->state;
    const dpk_board *board = lead->board;
    bool any = false;
    for (unsigned w = 0; w < board->most; w++) {
        dpk_member *member = &lead->members[w];
        const _Atomic uint32_t *ring = dpk_board_ring(board, w);
        uint64_t ended = atomic_load(&board->blocks[w].ended);
        for (; member->heard < ended; member->heard++) {
            uint32_t slot =
                atomic_load_explicit(&ring[member->heard & board->slot_mask], memory_order_relaxed);
            dpk_lead_end_slot(executor, slot & board->slot_mask);
            any = true;
        }
    }
    return any;
}

bool dpk_lead_withdraw(dpk_executing *executor, uint32_t number)
{
    dpk_lead *lead = executor->state;
    dpk_promise *promise = &executor->futures.promises[number];
    uint32_t slot = promise->slot;
    dpk_slot_head *head = dpk_board_slot(lead->board, slot);
    uint64_t state = atomic_load(&head->state);
    if (dpk_state_phase(state) != DPK_SLOT_READY ||
        !atomic_compare_exchange_strong(&head->state, &state,
                                        dpk_state_of(state, DPK_SLOT_CANCELLED, 0)))
        return false;
    dpk_task_record_cancel(&promise->record);
    promise->record.attempts = head->attempt - 1;
    promise->record.ended = dpk_now();
    dpk_futures_end(&executor->futures, number);
    lead->uses[slot].number = DPK_NO_FUTURE;
    lead->cancelled[lead->cancelled_put++ & lead->board->slot_mask] = slot;
    return true;
}

void dpk_lead_look(dpk_executing *executor, uint32_t number)
{
    const dpk_lead *lead = executor->state;
    dpk_promise *promise = &executor->futures.promises[number];
    dpk_slot_head *head = dpk_board_slot(lead->board, promise->slot);
    uint64_t state = atomic_load(&head->state);
    bool begun = dpk_state_phase(state) > DPK_SLOT_READY;
    promise->record.state = begun ? DPK_TASK_RUNNING : DPK_TASK_WAITING;
    promise->record.worker = begun ? dpk_state_worker(state) % lead->board->most : 0;
    promise->record.process = begun ? lead->members[promise->record.worker].process : 0;
    promise->record.attempts = head->attempt - (begun ? 0 : 1);
}

/* -------------------------------------------------------------------------------------- waiting */

static bool any_ended(const dpk_lead *lead)
{
    for (unsigned w = 0; w < lead->board->most; w++)
        if (atomic_load(&lead->board->blocks[w].ended) != lead->members[w].heard)
            return true;
    return false;
}

static uint64_t flying(const dpk_lead *lead)
{
    return lead->board->options.in_flight - lead->free_count;
}

/* Looks on for as long as it takes to wake a worker, have it execute a short task, and hear of
 * that: whoever sleeps meanwhile would in turn have to be woken, and tasks that follow each other
 * would never go faster than that. Where all workers have tasks, that would only take their
 * processors. */
static bool one_ends_soon(const dpk_lead *lead)
{
    uint64_t spin_ns = lead->board->spin_ns, trip_ns = 8 * spin_ns;
    if (any_ended(lead) || spin_ns == 0 || flying(lead) > lead->board->most)
        return any_ended(lead);
    uint64_t until = dpk_now() + (lead->pace_ns < trip_ns ? trip_ns : spin_ns);
    do {
        for (int i = 0; i < 16; i++)
            if (any_ended(lead))
                return true;
    } while (dpk_now() < until);
    return false;
}

/* Short tasks end so fast that to be woken by each of them would take longer than they do: then
 * many are to end first, as long as that takes no longer than this. */
enum { NAP_NS = 1000 * 1000, WORTH_WAKING_NS = 250 * 1000 };

/* Returns how many tasks of each worker are to end before the caller is woken. */
static uint64_t worth_waking(const dpk_lead *lead)
{
    const dpk_board *board = lead->board;
    uint64_t many = WORTH_WAKING_NS / (lead->pace_ns + 100);
    uint64_t most = flying(lead) / board->most / 2;
    return many < most ? many : most;
}

dpk_status dpk_lead_progress(dpk_executing *executor, uint64_t deadline, dpk_error *err)
{
    dpk_lead *lead = executor->state;
    dpk_board *board = lead->board;
    if (dpk_lead_drain(executor))
        return DPK_OK;
    if (deadline != 0 && one_ends_soon(lead)) {
        dpk_lead_drain(executor);
        return DPK_OK;
    }
    uint64_t many = worth_waking(lead), nap = dpk_now() + NAP_NS;
    for (unsigned w = 0; w < board->most; w++)
        atomic_store(&board->blocks[w].wake_at, lead->members[w].heard + many);
    atomic_store(&board->waiting, DPK_WAITS_FOR_TASK);
    dpk_status status = DPK_OK;
    if (!any_ended(lead))
        status = lead->sleep(executor, many > 1 && nap < deadline ? nap : deadline, err);
    atomic_store(&board->waiting, DPK_WAITS_NOT);
    dpk_lead_drain(executor);
    return status;
}
