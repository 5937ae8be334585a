/* SPDX-License-Identifier: MIT */
/* loop: one item after the other. What all other ways are measured against.
 *
 *     loop [--items=N] [--work=MS] [--sleep=MS] */
#include "ways.h"

int main(int count, char **words)
{
    struct ways ways = ways_begin(count, words, NULL);
    for (size_t i = 0; i < ways.count; i++)
        ways_do(&ways.items[i], &ways.times[i], NULL);
    ways.backend = "this program itself";
    ways_end(&ways, 1);
    return 0;
}
