/* SPDX-License-Identifier: MIT */
/* ask.c: <dpk/executor.h>: submitted tasks, and what became of them. */
#include "base/clock.h"
#include "executor/handles.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static dpk_status submit(dpk_executing *executor, dpk_call *call, dpk_future *future,
                         dpk_error *err)
{
    dpk_futures *futures = &executor->futures;
    call->number = dpk_futures_add(futures, executor->submitted, dpk_now());
    if (call->number == DPK_NO_FUTURE)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for one more task");
    *future = dpk_future_of(futures, call->number);
    dpk_status status = executor->kind->submit(executor, call, err);
    if (status == DPK_OK) {
        executor->submitted++;
        return DPK_OK;
    }
    dpk_futures_forget(futures, call->number);
    *future = 0;
    return status;
}

static dpk_status check_call(const dpk_executing *executor, const dpk_call *call, dpk_error *err)
{
    if (call->function == NULL)
        return dpk_fail(err, DPK_USAGE, "a task needs a function");
    if (call->argument == NULL && call->bytes > 0)
        return dpk_fail(err, DPK_USAGE, "an argument of %zu bytes needs an address", call->bytes);
    if (call->bytes > executor->options.argument_bytes)
        return dpk_fail(err, DPK_USAGE,
                        "an argument has %zu bytes, but argument_bytes of this executor is %zu: "
                        "raise it, or put the argument into memory of dpk_executor_alloc, and "
                        "submit its address",
                        call->bytes, executor->options.argument_bytes);
    return DPK_OK;
}

dpk_status dpk_executor_submit(dpk_executor handle, dpk_future *future, dpk_task_function *function,
                               const void *argument, size_t bytes, dpk_error *err)
{
    dpk_call call = { .function = function, .argument = argument, .bytes = bytes };
    *future = 0;
    dpk_executing *executor = dpk_handle_enter(handle, err);
    if (executor == NULL)
        return DPK_USAGE;
    dpk_status status = check_call(executor, &call, err);
    if (status == DPK_OK)
        status = submit(executor, &call, future, err);
    dpk_handle_leave(handle);
    return status;
}

/* What is asked about one or all futures. */
struct question {
    double timeout;
    void *result;
    size_t bytes;
    dpk_outcome *outcome;
};

static dpk_status check_question(const dpk_executing *executor, const struct question *question,
                                 dpk_error *err)
{
    if (isnan(question->timeout))
        return dpk_fail(err, DPK_USAGE, "a time-out must be a number of seconds");
    if (question->outcome != NULL && !dpk_outcome_suits(question->outcome))
        return dpk_fail(err, DPK_USAGE, "dpk_outcome must be made by dpk_outcome_default");
    if (question->bytes > executor->options.result_bytes ||
        (question->bytes > 0 && question->result == NULL))
        return dpk_fail(err, DPK_USAGE,
                        "a result of %zu bytes is asked for, with result_bytes of %zu",
                        question->bytes, executor->options.result_bytes);
    return DPK_OK;
}

/* A moment, for dpk_kind's progress. */
static uint64_t deadline_of(double timeout)
{
    if (timeout == 0)
        return 0;
    if (timeout < 0 || timeout > 1e9)
        return UINT64_MAX;
    return dpk_now() + (uint64_t)(timeout * 1e9);
}

static bool time_is_over(uint64_t deadline)
{
    return deadline != UINT64_MAX && (deadline == 0 || dpk_now() >= deadline);
}

/* Says what became of a task, or what it does now. Forgets one that has ended. */
static dpk_status answer(dpk_executing *executor, const struct question *question, uint32_t number,
                         dpk_error *err)
{
    dpk_futures *futures = &executor->futures;
    const dpk_task_record *record = &futures->promises[number].record;
    bool ended = dpk_future_ended(futures, number);
    if (!ended && executor->kind->look != NULL)
        executor->kind->look(executor, number);
    if (record->state == DPK_TASK_DONE && question->bytes > 0)
        memcpy(question->result, dpk_future_result(futures, number), question->bytes);
    dpk_status status = DPK_OK;
    if (question->outcome != NULL)
        dpk_outcome_fill(question->outcome, record);
    else
        status = dpk_task_record_status(record, err);
    if (ended)
        dpk_futures_forget(futures, number);
    return status;
}

static dpk_status wait_for(dpk_executing *executor, uint32_t number,
                           const struct question *question, dpk_error *err)
{
    uint64_t deadline = deadline_of(question->timeout);
    while (!dpk_future_ended(&executor->futures, number)) {
        dpk_status status = executor->kind->progress(executor, deadline, err);
        if (status != DPK_OK && !dpk_future_ended(&executor->futures, number))
            return status;
        if (time_is_over(deadline))
            break;
    }
    return answer(executor, question, number, err);
}

/* Errors: DPK_USAGE. */
static dpk_status find_future(const dpk_executing *executor, dpk_future future, uint32_t *number,
                              dpk_error *err)
{
    *number = dpk_future_number(&executor->futures, future);
    if (*number != DPK_NO_FUTURE)
        return DPK_OK;
    return dpk_fail(err, DPK_USAGE,
                    "future %#" PRIx64
                    " is none of this executor's: it was asked for already, or "
                    "never was",
                    future);
}

dpk_status dpk_executor_wait(dpk_executor handle, dpk_future future, double timeout, void *result,
                             size_t bytes, dpk_outcome *outcome, dpk_error *err)
{
    const struct question question = { timeout, result, bytes, outcome };
    dpk_executing *executor = dpk_handle_enter(handle, err);
    if (executor == NULL)
        return DPK_USAGE;
    uint32_t number;
    dpk_status status = check_question(executor, &question, err);
    if (status == DPK_OK)
        status = find_future(executor, future, &number, err);
    if (status == DPK_OK)
        status = wait_for(executor, number, &question, err);
    dpk_handle_leave(handle);
    return status;
}

/* That there is no task, or that none has ended in time. */
static dpk_status answer_none(const struct question *question, dpk_task_state state, dpk_error *err)
{
    if (question->outcome != NULL)
        dpk_outcome_fill(question->outcome, &(dpk_task_record){ .state = state });
    if (question->outcome != NULL || state == DPK_TASK_NONE)
        return DPK_OK;
    return dpk_fail(err, DPK_LIMIT, "no task has ended in time");
}

static dpk_status next_of(dpk_executing *executor, dpk_future *future,
                          const struct question *question, dpk_error *err)
{
    dpk_futures *futures = &executor->futures;
    uint64_t deadline = deadline_of(question->timeout);
    while (futures->first == DPK_NO_FUTURE && futures->open > 0) {
        dpk_status status = executor->kind->progress(executor, deadline, err);
        if (status != DPK_OK && futures->first == DPK_NO_FUTURE)
            return status;
        if (time_is_over(deadline))
            break;
    }
    uint32_t number = futures->first;
    if (number == DPK_NO_FUTURE)
        return answer_none(question, futures->open > 0 ? DPK_TASK_RUNNING : DPK_TASK_NONE, err);
    *future = dpk_future_of(futures, number);
    return answer(executor, question, number, err);
}

dpk_status dpk_executor_next(dpk_executor handle, dpk_future *future, double timeout, void *result,
                             size_t bytes, dpk_outcome *outcome, dpk_error *err)
{
    const struct question question = { timeout, result, bytes, outcome };
    *future = 0;
    dpk_executing *executor = dpk_handle_enter(handle, err);
    if (executor == NULL)
        return DPK_USAGE;
    dpk_status status = check_question(executor, &question, err);
    if (status == DPK_OK)
        status = next_of(executor, future, &question, err);
    dpk_handle_leave(handle);
    return status;
}

dpk_status dpk_executor_cancel(dpk_executor handle, dpk_future future, bool kill_it, dpk_error *err)
{
    dpk_executing *executor = dpk_handle_enter(handle, err);
    if (executor == NULL)
        return DPK_USAGE;
    uint32_t number;
    dpk_status status = find_future(executor, future, &number, err);
    if (status == DPK_OK && dpk_future_ended(&executor->futures, number))
        status = dpk_fail(err, DPK_FAILED, "task %" PRIu64 " has ended already",
                          executor->futures.promises[number].record.task);
    else if (status == DPK_OK)
        status = executor->kind->cancel(executor, number, kill_it, err);
    dpk_handle_leave(handle);
    return status;
}
