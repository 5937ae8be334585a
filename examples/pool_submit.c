/* SPDX-License-Identifier: MIT */
/* pool_submit: a pool of workers. Each item is submitted by itself, and its result taken when it is
 * there: the quick ones first.
 *
 *     pool_submit [BACKEND] [-jWORKERS] [--items=N] [--work=MS] [--sleep=MS] */
#include "ways.h"

int main(int count, char **words)
{
    struct ways ways = ways_begin(count, words, "pool");
    dpk_executor_options options = dpk_executor_options_default();
    options.backend = ways.backend;
    options.workers = (int)ways.workers;
    dpk_executor pool = 0;
    dpk_future future;
    dpk_error err;

    bool done = dpk_executor_open(&pool, &options, &err) == DPK_OK;
    for (size_t i = 0; i < ways.count && done; i++)
        done = dpk_executor_submit(pool, &future, ways_do, &ways.items[i], sizeof ways.items[i],
                                   &err) == DPK_OK;
    for (size_t i = 0; i < ways.count && done; i++) /* as completed */
        done = dpk_executor_next(pool, &future, -1, &ways.times[i], sizeof ways.times[i], NULL,
                                 &err) == DPK_OK;
    unsigned workers = ways_notes(&ways, pool);
    done = done && dpk_executor_close(pool, &err) == DPK_OK;
    if (!done)
        ways_stop(&ways, err.text);
    ways_end(&ways, workers);
    return 0;
}
