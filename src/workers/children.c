/* SPDX-License-Identifier: MIT */
/* children.c: a table of process numbers that a signal handler may read at any moment. */
#include "workers/children.h"

#include "machine/machine.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

/* Workers of one team, or a comparison's hosts and their neighbours, and a few more. 0: a free
 * place. */
static volatile pid_t children[DPK_JOBS_MAX + 128];

enum { PLACES = sizeof children / sizeof *children };

static void replace(pid_t before, pid_t after)
{
    for (int i = 0; i < PLACES; i++) {
        if (children[i] == before) {
            children[i] = after;
            return;
        }
    }
}

void dpk_children_add(pid_t pid)
{
    replace(0, pid);
}

void dpk_children_remove(pid_t pid)
{
    replace(pid, 0);
}

void dpk_children_signal(int number)
{
    for (int i = 0; i < PLACES; i++)
        if (children[i] != 0)
            kill(children[i], number);
}

void dpk_children_end(void)
{
    dpk_children_signal(SIGKILL);
    for (int i = 0; i < PLACES; i++)
        while (children[i] != 0 && waitpid(children[i], NULL, 0) < 0 && errno == EINTR)
            continue;
}
