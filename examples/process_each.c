/* SPDX-License-Identifier: MIT */
/* process_each: a process for each item: all are started, then all are joined. Processes may crash,
 * and be killed: what became of an item is its outcome.
 *
 *     process_each [BACKEND] [--items=N] [--work=MS] [--sleep=MS] */
#include "ways.h"

/* Says what became of an item, and returns whether there is a result. */
static bool is_done(const dpk_outcome *outcome)
{
    if (outcome->state != DPK_TASK_DONE)
        fprintf(stderr, "item %llu, process %ld, attempt %u: %s\n",
                (unsigned long long)outcome->task, outcome->process, outcome->attempts,
                outcome->text);
    return outcome->state == DPK_TASK_DONE;
}

int main(int count, char **words)
{
    struct ways ways = ways_begin(count, words, "fork");
    dpk_executor_options options = dpk_executor_options_default();
    options.backend = ways.backend;
    options.workers = (int)ways.count; /* so many processes at the same time */
    dpk_executor processes = 0;
    dpk_future *futures = (dpk_future *)calloc(ways.count, sizeof *futures);
    dpk_outcome outcome = dpk_outcome_default();
    dpk_error err;
    if (futures == NULL)
        ways_stop(&ways, "not enough memory");

    bool ready = dpk_executor_open(&processes, &options, &err) == DPK_OK, done = true;
    for (size_t i = 0; i < ways.count && ready; i++) /* start */
        ready = dpk_executor_submit(processes, &futures[i], ways_do, &ways.items[i],
                                    sizeof ways.items[i], &err) == DPK_OK;
    for (size_t i = 0; i < ways.count && ready; i++) { /* join */
        ready = dpk_executor_wait(processes, futures[i], -1, &ways.times[i], sizeof ways.times[i],
                                  &outcome, &err) == DPK_OK;
        done = ready && is_done(&outcome) && done;
    }
    unsigned workers = ways_notes(&ways, processes);
    ready = ready && dpk_executor_close(processes, &err) == DPK_OK;
    if (!ready || !done)
        ways_stop(&ways, ready ? "there are items without a result" : err.text);
    ways_end(&ways, workers);
    free(futures);
    return 0;
}
