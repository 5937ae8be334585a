/* SPDX-License-Identifier: MIT */
/* thread_each: a thread for each item: all are started, then all are joined.
 *
 *     thread_each [BACKEND] [--items=N] [--work=MS] [--sleep=MS] */
#include "ways.h"

int main(int count, char **words)
{
    struct ways ways = ways_begin(count, words, "threads");
    dpk_executor_options options = dpk_executor_options_default();
    options.backend = ways.backend;
    options.workers = (int)ways.count; /* as many threads as items */
    dpk_executor threads = 0;
    dpk_future *futures = (dpk_future *)calloc(ways.count, sizeof *futures);
    dpk_error err;
    if (futures == NULL)
        ways_stop(&ways, "not enough memory");

    bool done = dpk_executor_open(&threads, &options, &err) == DPK_OK;
    for (size_t i = 0; i < ways.count && done; i++) /* start */
        done = dpk_executor_submit(threads, &futures[i], ways_do, &ways.items[i],
                                   sizeof ways.items[i], &err) == DPK_OK;
    for (size_t i = 0; i < ways.count && done; i++) /* join */
        done = dpk_executor_wait(threads, futures[i], -1, &ways.times[i], sizeof ways.times[i],
                                 NULL, &err) == DPK_OK;
    unsigned workers = ways_notes(&ways, threads);
    done = done && dpk_executor_close(threads, &err) == DPK_OK;
    if (!done)
        ways_stop(&ways, err.text);
    ways_end(&ways, workers);
    free(futures);
    return 0;
}
