/* SPDX-License-Identifier: MIT */
/* path.c: looks at a path again, one folder after the other, to see where it breaks off. */
#include "files/path.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether the folders of the path exist; if not, writes down which one does not. */
static bool folders_exist(const char *path, char *why, size_t size)
{
    char folder[PATH_MAX];
    struct stat status;
    for (const char *end = strchr(path + 1, '/'); end != NULL; end = strchr(end + 1, '/')) {
        if ((size_t)(end - path) >= sizeof folder)
            return true;
        snprintf(folder, sizeof folder, "%.*s", (int)(end - path), path);
        if (stat(folder, &status) != 0) {
            if (errno == ENOENT)
                snprintf(why, size, "there is no folder '%s'", folder);
            return errno != ENOENT;
        }
        if (!S_ISDIR(status.st_mode)) {
            snprintf(why, size, "'%s' is not a folder", folder);
            return false;
        }
    }
    return true;
}

static void explain(const char *path, int number, char *why, size_t size)
{
    char target[PATH_MAX];
    snprintf(why, size, "%s", strerror(number));
    if (path[0] == '\0' || (number != ENOENT && number != ENOTDIR) ||
        !folders_exist(path, why, size))
        return;
    ssize_t length = number == ENOENT ? readlink(path, target, sizeof target - 1) : -1;
    if (length > 0) {
        target[length] = '\0';
        snprintf(why, size, "it is a link to '%s', which does not exist", target);
    }
}

dpk_status dpk_path_fail(dpk_error *err, dpk_status status, const char *verb, const char *path,
                         int number)
{
    char why[2 * PATH_MAX];
    explain(path, number, why, sizeof why);
    return dpk_fail(err, status, "cannot %s '%s': %s", verb, path, why);
}
