/* SPDX-License-Identifier: MIT */
/* pool_map: a pool of workers. One call for all items, and each result is in its place.
 *
 *     pool_map [BACKEND] [-jWORKERS] [--items=N] [--work=MS] [--sleep=MS] */
#include "ways.h"

int main(int count, char **words)
{
    struct ways ways = ways_begin(count, words, "pool");
    dpk_executor_options options = dpk_executor_options_default();
    options.backend = ways.backend;
    options.workers = (int)ways.workers;
    dpk_executor pool = 0;
    dpk_error err;

    bool done = dpk_executor_open(&pool, &options, &err) == DPK_OK &&
                dpk_executor_map(pool, ways_do, ways.count, ways.items, sizeof *ways.items,
                                 ways.times, sizeof *ways.times, &err) == DPK_OK;
    unsigned workers = ways_notes(&ways, pool);
    done = done && dpk_executor_close(pool, &err) == DPK_OK;
    if (!done)
        ways_stop(&ways, err.text);
    ways_end(&ways, workers);
    return 0;
}
