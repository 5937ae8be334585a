/* SPDX-License-Identifier: MIT */
/* attributes.c: copies a file's attributes as replacing its contents in place would keep them. */
#include "files/attributes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

static const char access_list[] = "system.posix_acl_access";

/* A value and its size; more than the kernel lets any attribute have. */
struct value {
    char bytes[65536];
    ssize_t size; /* -1: there is none */
};

static bool equal(const struct value *one, const struct value *other)
{
    return one->size == other->size && memcmp(one->bytes, other->bytes, (size_t)one->size) == 0;
}

/* Attributes that belong to the old contents, and that the kernel itself drops or renews when a
 * file is written to; the access control list has its turn before. */
static bool is_skipped(const char *name)
{
    static const char *const skipped[] = { access_list, "security.capability", "security.ima",
                                           "security.evm" };
    for (size_t i = 0; i < sizeof skipped / sizeof *skipped; i++)
        if (strcmp(name, skipped[i]) == 0)
            return true;
    return false;
}

/* Copies one attribute, unless the new file has the same already. */
static bool copy(int from, int to, const char *name, struct value values[2])
{
    struct value *old = &values[0], *new = &values[1];
    old->size = fgetxattr(from, name, old->bytes, sizeof old->bytes);
    new->size = fgetxattr(to, name, new->bytes, sizeof new->bytes);
    return old->size < 0 || equal(old, new) ||
           fsetxattr(to, name, old->bytes, (size_t)old->size, 0) == 0;
}

static bool copy_others(int from, int to, struct value values[2])
{
    static const size_t list_most = 65536; /* of the kernel */
    char *names = malloc(list_most);
    ssize_t size = names != NULL ? flistxattr(from, names, list_most) : 0;
    bool all = names != NULL;
    for (ssize_t i = 0; i < size; i += (ssize_t)strlen(names + i) + 1)
        if (!is_skipped(names + i))
            all &= copy(from, to, names + i, values);
    free(names);
    return all;
}

/* Owner and mode. The permissions of the old group are not handed to another one; where there is
 * an access control list, those of the mode are the list's mask, and mean nothing without it. */
static bool copy_mode(int to, const struct stat *old, bool has_list)
{
    bool group_kept =
        fchown(to, old->st_uid, old->st_gid) == 0 || fchown(to, (uid_t)-1, old->st_gid) == 0;
    fremovexattr(to, access_list); /* one that it has got from its folder */
    fchmod(to, old->st_mode & (group_kept && !has_list ? 0777 : 0707));
    return group_kept;
}

static const char *copy_all(int from, int to, const struct stat *old)
{
    struct value *values = malloc(2 * sizeof *values);
    bool has_list = fgetxattr(from, access_list, NULL, 0) >= 0;
    bool group_kept = copy_mode(to, old, has_list);
    const char *lost = NULL;
    if (values == NULL || !copy_others(from, to, values))
        lost = "extended attributes";
    if (has_list && (values == NULL || !group_kept || !copy(from, to, access_list, values)))
        lost = "access control list";
    free(values);
    return group_kept || lost != NULL ? lost : "group";
}

const char *dpk_attributes_copy(const dpk_target *target, int to)
{
    const int flags = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    struct stat old;
    if (fstatat(target->folder, target->name, &old, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(old.st_mode))
        return NULL;
    int from = openat(target->folder, target->name, O_RDONLY | flags);
    if (from < 0) /* and so it may have a list that cannot be read */
        return copy_mode(to, &old, true) ? "group's permissions" : "group";
    const char *lost = copy_all(from, to, &old);
    close(from);
    return lost;
}
