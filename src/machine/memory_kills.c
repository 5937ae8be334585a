/* SPDX-License-Identifier: MIT */
/* memory_kills.c: counters of the memory controllers, and the score by which the kernel chooses. */
#include "machine/memory_kills.h"

#include "machine/machine.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct count {
    bool known;
    uint64_t kills;
};

static struct count read_count(const char *path)
{
    char line[256];
    const char *text = dpk_machine_entry(path, "oom_kill ", line, sizeof line);
    return (struct count){ .known = text[0] != '\0', .kills = strtoull(text, NULL, 10) };
}

/* The counter of a cgroup includes the cgroups below it, and kills for any reason: the first one
 * that is found, which is the process's own, tells all. */
static void count_kills(const char *directory, bool unified, void *context)
{
    struct count *count = context;
    char path[8448];
    snprintf(path, sizeof path, "%s/%s", directory,
             unified ? "memory.events" : "memory.oom_control");
    if (!count->known)
        *count = read_count(path);
}

uint64_t dpk_memory_kills(const char *root)
{
    struct count count = { .known = false };
    dpk_machine_cgroups(root, "memory", count_kills, &count);
    if (!count.known) {
        char path[4096];
        snprintf(path, sizeof path, "%s/proc/vmstat", root);
        count = read_count(path);
    }
    return count.kills;
}

/* The kernel adds so many thousandths of all memory to what a process uses, and kills the one with
 * most. No process uses more than all memory. */
enum { SCORE = 1000 };

void dpk_memory_kill_me_first(void)
{
#ifdef __linux__
    char text[16] = "";
    int file = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
    if (file < 0)
        return;
    long score = read(file, text, sizeof text - 1) > 0 ? strtol(text, NULL, 10) + SCORE : SCORE;
    int length = snprintf(text, sizeof text, "%ld", score < SCORE ? score : SCORE);
    ssize_t written = pwrite(file, text, (size_t)length, 0);
    (void)written; /* it was a favour */
    close(file);
#endif
}
