/* SPDX-License-Identifier: MIT */
/* cgroup.c: /proc/self/cgroup tells the path of a process's cgroup below the root of a hierarchy.
 * Version 2 has one hierarchy, in the line "0::PATH". Version 1 has one for each set of
 * controllers, "N:NAME,NAME:PATH", mounted in a folder that is named after the set, but not always
 * in the same order, or after one of the controllers only. */
#include "machine/cgroup.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, DIRECTORY_SIZE = 2 * PATH_SIZE };

/* The line of /proc/self/cgroup for a controller. */
struct line {
    bool found, unified;
    char path[PATH_SIZE]; /* "" for the root of the hierarchy, else with a slash in front */
};

/* Whether a list such as "cpu,cpuacct" has this item. */
static bool has_item(const char *list, const char *item)
{
    size_t length = strlen(item);
    for (; list != NULL; list = strchr(list, ',') ? strchr(list, ',') + 1 : NULL)
        if (strncmp(list, item, length) == 0 && (list[length] == ',' || list[length] == '\0'))
            return true;
    return false;
}

/* Splits "N:NAMES:PATH". A process outside of its namespace's root has a path that begins with
 * "/..": nothing of that is mounted. */
static bool split(char *line, char **names, char **path)
{
    line[strcspn(line, "\n")] = '\0';
    *names = strchr(line, ':');
    *path = *names == NULL ? NULL : strchr(*names + 1, ':');
    if (*path == NULL)
        return false;
    *(*names)++ = '\0';
    *(*path)++ = '\0';
    if (strncmp(*path, "/..", 3) == 0)
        **path = '\0';
    size_t length = strlen(*path);
    while (length > 0 && (*path)[length - 1] == '/')
        (*path)[--length] = '\0';
    return true;
}

/* A controller is in a hierarchy of version 1 if one names it, else in that of version 2. The
 * buffers of functions that are inlined into one would add up on its stack. */
__attribute__((noinline)) static struct line find_line(const char *root, const char *controller)
{
    struct line found = { .found = false };
    char line[PATH_SIZE], *names, *path;
    snprintf(line, sizeof line, "%s/proc/self/cgroup", root);
    FILE *file = fopen(line, "r");
    if (file == NULL)
        return found;
    while ((!found.found || found.unified) && fgets(line, sizeof line, file) != NULL) {
        if (!split(line, &names, &path) || (*names != '\0' && !has_item(names, controller)))
            continue;
        found.found = true;
        found.unified = *names == '\0';
        snprintf(found.path, sizeof found.path, "%s", path);
    }
    fclose(file);
    return found;
}

/* Writes head and tail to `to`; false if there is no room. */
static bool join(char *to, size_t size, const char *head, const char *tail)
{
    int length = snprintf(to, size, "%s%s", head, tail);
    return length >= 0 && (size_t)length < size;
}

static bool exists(const char *mount, const char *path)
{
    char directory[DIRECTORY_SIZE];
    return join(directory, sizeof directory, mount, path) && access(directory, F_OK) == 0;
}

/* Of version 1: the folder whose name lists the controller; if there are several, one that has the
 * path. */
__attribute__((noinline)) static bool find_mount(const char *top, const char *controller,
                                                 const char *path, char mount[PATH_SIZE])
{
    struct dirent **entries;
    bool found = false, complete = false;
    int count = scandir(top, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        if (has_item(entries[i]->d_name, controller) && !complete) {
            char head[PATH_SIZE], candidate[PATH_SIZE];
            bool fits = join(head, sizeof head, top, "/") &&
                        join(candidate, sizeof candidate, head, entries[i]->d_name);
            complete = fits && exists(candidate, path);
            if (complete || (fits && !found))
                memcpy(mount, candidate, sizeof candidate);
            found |= fits;
        }
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return found;
}

/* Version 2 is mounted in a folder of its own if the controllers of version 1 are beside it. */
static bool find_unified_mount(const char *top, char mount[PATH_SIZE])
{
    bool beside = !exists(top, "/cgroup.controllers") && exists(top, "/unified");
    return join(mount, PATH_SIZE, top, beside ? "/unified" : "");
}

/* In a container the path often does not exist, as it is that of the host: then its ancestors do.
 */
void dpk_machine_cgroups(const char *root, const char *controller, dpk_cgroup_visit *visit,
                         void *context)
{
    struct line line = find_line(root, controller);
    char top[PATH_SIZE], mount[PATH_SIZE], directory[DIRECTORY_SIZE];
    bool found = line.found && join(top, sizeof top, root, "/sys/fs/cgroup") &&
                 (line.unified ? find_unified_mount(top, mount)
                               : find_mount(top, controller, line.path, mount)) &&
                 join(directory, sizeof directory, mount, line.path);
    while (found) {
        visit(directory, line.unified, context);
        found = strlen(directory) > strlen(mount);
        if (found)
            *strrchr(directory, '/') = '\0';
    }
}
