/* SPDX-License-Identifier: MIT */
/* observer.h: someone who is told how a run went, such as the instrument that measures whole
 * commands. The engine calls it and knows nothing else about it. */
#ifndef DPK_OBSERVER_H
#define DPK_OBSERVER_H

#include <stddef.h>
#include <stdint.h>

struct dpk_run;

typedef struct dpk_observer {
    size_t events; /* each worker's timeline should hold this many; 0: no timeline is needed */

    /* Called once, when the output is where it belongs. The run lasted from run->times.begin to
     * `end`, both as dpk_now() counts. Not called for a run that fails. */
    void (*finished)(void *context, const struct dpk_run *run, uint64_t end);
    void *context;
} dpk_observer;

#endif
