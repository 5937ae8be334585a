/* SPDX-License-Identifier: MIT */
/* peak.c: /proc/PID/smaps_rollup of a process and, by /proc/PID/task/PID/children, of those below.
 */
#include "observe/peak.h"

#include <stdio.h>

static size_t memory_of(pid_t pid)
{
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%ld/smaps_rollup", (long)pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    size_t kilobytes = 0;
    while (fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "Pss: %zu kB", &kilobytes) == 1)
            break;
    fclose(file);
    return kilobytes * 1024;
}

size_t dpk_memory_of_tree(pid_t pid)
{
    char path[64];
    size_t bytes = memory_of(pid);
    snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", (long)pid, (long)pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return bytes;
    long child;
    while (fscanf(file, "%ld", &child) == 1)
        bytes += dpk_memory_of_tree((pid_t)child);
    fclose(file);
    return bytes;
}
