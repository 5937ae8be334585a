/* SPDX-License-Identifier: MIT */
/* neighbours.c: each neighbour counts in a register. It uses no memory, makes no system calls and
 * never sleeps, so that it takes nothing from others but processor time. */
#include "measure/neighbours.h"

#include "workers/account.h"
#include "workers/children.h"
#include "workers/isolate.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

static void keep_busy(const void *context)
{
    (void)context;
    for (;;)
        __asm__ volatile(""); /* otherwise the compiler may remove a loop without effects */
}

dpk_status dpk_neighbours_begin(dpk_neighbours *neighbours, unsigned count, dpk_error *err)
{
    *neighbours = (dpk_neighbours){ .pids = calloc(count + 1, sizeof *neighbours->pids) };
    if (neighbours->pids == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for %u neighbours", count);
    while (neighbours->count < count) {
        pid_t pid = dpk_start_beside(keep_busy, NULL, false);
        if (pid < 0)
            return dpk_fail(err, DPK_FAILED, "only %u of %u neighbours can be started: %s",
                            neighbours->count, count, strerror(errno));
        neighbours->pids[neighbours->count++] = pid;
    }
    return DPK_OK;
}

double dpk_neighbours_end(dpk_neighbours *neighbours, unsigned *lost)
{
    double seconds = 0;
    *lost = 0;
    for (unsigned i = 0; i < neighbours->count; i++) {
        siginfo_t ended = { .si_pid = 0 };
        waitid(P_PID, (id_t)neighbours->pids[i], &ended, WEXITED | WNOHANG | WNOWAIT);
        *lost += ended.si_pid != 0;
        kill(neighbours->pids[i], SIGKILL);
    }
    for (unsigned i = 0; i < neighbours->count; i++) {
        struct rusage used = { 0 };
        while (wait4(neighbours->pids[i], NULL, 0, &used) < 0 && errno == EINTR)
            continue;
        dpk_children_remove(neighbours->pids[i]);
        seconds += 1e-9 * (double)dpk_usage_of_rusage(&used).cpu;
    }
    free(neighbours->pids);
    *neighbours = (dpk_neighbours){ .pids = NULL };
    return seconds;
}
