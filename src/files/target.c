/* SPDX-License-Identifier: MIT */
/* target.c: follows an output path to the folder and name at which a file can be put in place. The
 * kernel does not tell where the last link of a path leads, so links at its end are read one at a
 * time, each relative to the folder it is in, which is held open; links before the end are the
 * kernel's. Like the kernel (fs.protected_symlinks), it does not follow other users' links in
 * folders that anyone may write to.
 *
 * Links of /proc, to which /dev/fd/N and /dev/stdout lead, point at open files, not at names: what
 * they show as text must not be replaced. */
#include "files/target.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

/* As many links in a row as the kernel follows. */
enum { LINKS = 40 };

/* ------------------------------------------------------------------------------ what links are */

static bool is_in_proc(int folder)
{
    struct statfs system;
    return fstatfs(folder, &system) == 0 && system.f_type == PROC_SUPER_MAGIC;
}

static bool same_file(const struct stat *one, const struct stat *other)
{
    return one->st_dev == other->st_dev && one->st_ino == other->st_ino;
}

/* The number of an open file of this process that the name stands for; -1 if it is none. */
static int own_descriptor(const dpk_target *target)
{
    static const char *const folders[] = { "/proc/self/fd", "/proc/thread-self/fd" };
    struct stat own;
    char *end;
    long number = strtol(target->name, &end, 10);
    if (*end != '\0' || number < 0 || number > INT_MAX)
        return -1;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (stat(folders[i], &own) == 0 && same_file(&own, &target->place))
            return (int)number;
    return -1;
}

static bool links_are_protected(void)
{
    char setting = '1';
    int file = open("/proc/sys/fs/protected_symlinks", O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        if (read(file, &setting, 1) != 1)
            setting = '1';
        close(file);
    }
    return setting != '0';
}

/* The kernel's rule: in a sticky folder that anyone may write to, only one's own links and those of
 * the folder's owner are followed. */
static bool may_follow(const struct stat *folder, const struct stat *link)
{
    bool shared = (folder->st_mode & S_ISVTX) && (folder->st_mode & S_IWOTH);
    return !shared || link->st_uid == geteuid() || link->st_uid == folder->st_uid ||
           !links_are_protected();
}

/* ---------------------------------------------------------------------------------- the search */

/* Opens the folder part of the path and keeps the rest as the name; relative paths begin at the
 * folder of the link they were read from. */
static bool enter_folder(dpk_target *target, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    if (path[0] == '\0') {
        errno = ENOENT;
        return false;
    }
    if (strlen(name) >= sizeof target->name) {
        errno = ENAMETOOLONG;
        return false;
    }
    char *folder = slash != NULL ? strndup(path, (size_t)(name - path)) : strdup(".");
    if (folder == NULL)
        return false;
    int opened = openat(target->folder, folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    if (opened < 0)
        return false;
    dpk_target_close(target);
    target->folder = opened;
    memcpy(target->name, name[0] != '\0' ? name : ".", name[0] != '\0' ? strlen(name) + 1 : 2);
    return fstat(opened, &target->place) == 0;
}

static bool is_mount_point(const dpk_target *target)
{
#if defined STATX_ATTR_MOUNT_ROOT
    struct statx status;
    return statx(target->folder, target->name, AT_SYMLINK_NOFOLLOW, 0, &status) == 0 &&
           (status.stx_attributes & STATX_ATTR_MOUNT_ROOT);
#else
    (void)target;
    return false;
#endif
}

/* Sorts what is there, which is no link. */
static bool settle(dpk_target *target)
{
    if (S_ISDIR(target->status.st_mode)) {
        errno = EISDIR;
        return false;
    }
    target->kind = !S_ISREG(target->status.st_mode) ? DPK_TARGET_STREAM
                   : is_mount_point(target)         ? DPK_TARGET_PINNED
                                                    : DPK_TARGET_FILE;
    return true;
}

static bool use_descriptor(dpk_target *target, int number)
{
    dpk_target_close(target);
    target->kind = DPK_TARGET_DESCRIPTOR;
    target->descriptor = number;
    return fstat(number, &target->status) == 0;
}

/* A link of /proc: an open file of this process, or of another one, which is opened by way of the
 * link. */
static bool settle_in_proc(dpk_target *target)
{
    int number = own_descriptor(target);
    if (number >= 0)
        return use_descriptor(target, number);
    if (fstatat(target->folder, target->name, &target->status, 0) != 0 || !settle(target))
        return false;
    if (target->kind == DPK_TARGET_FILE)
        target->kind = DPK_TARGET_PINNED;
    return true;
}

/* What is in the place that the path names. 1: found; 0: a link, whose text takes the path's place;
 * -1: an error. */
static int look(dpk_target *target, char *path, size_t size)
{
    if (fstatat(target->folder, target->name, &target->status, AT_SYMLINK_NOFOLLOW) != 0) {
        target->kind = DPK_TARGET_NEW;
        return errno == ENOENT ? 1 : -1;
    }
    if (!S_ISLNK(target->status.st_mode))
        return settle(target) ? 1 : -1;
    if (is_in_proc(target->folder))
        return settle_in_proc(target) ? 1 : -1;
    int link = openat(target->folder, target->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (link < 0)
        return -1;
    bool allowed = fstat(link, &target->status) == 0 && may_follow(&target->place, &target->status);
    ssize_t length = allowed ? readlinkat(link, "", path, size - 1) : -1;
    close(link);
    if (!allowed)
        errno = EACCES;
    if (length >= 0)
        path[length] = '\0';
    return length >= 0 ? 0 : -1;
}

static bool follow(dpk_target *target, const char *path)
{
    char text[PATH_MAX];
    for (int links = 0; links <= LINKS; links++) {
        if (!enter_folder(target, path))
            return false;
        int found = look(target, text, sizeof text);
        if (found != 0)
            return found > 0;
        path = text;
    }
    errno = ELOOP;
    return false;
}

bool dpk_target_find(dpk_target *target, const char *path)
{
    *target = (dpk_target){ .folder = AT_FDCWD, .descriptor = -1 };
    if (strcmp(path, "-") == 0)
        return use_descriptor(target, STDOUT_FILENO);
    if (follow(target, path))
        return true;
    int why = errno;
    dpk_target_close(target);
    errno = why;
    return false;
}

void dpk_target_close(dpk_target *target)
{
    if (target->folder >= 0)
        close(target->folder);
    target->folder = AT_FDCWD;
}

int dpk_target_open(const dpk_target *target)
{
    if (target->kind != DPK_TARGET_DESCRIPTOR)
        return openat(target->folder, target->name, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if ((fcntl(target->descriptor, F_GETFL) & O_ACCMODE) == O_RDONLY) {
        errno = EBADF;
        return -1;
    }
    return fcntl(target->descriptor, F_DUPFD_CLOEXEC, 0);
}

/* --------------------------------------------------------------------------------- permissions */

bool dpk_target_is_read_only(const dpk_target *target)
{
    return (target->status.st_mode & 0222) == 0 ||
           (faccessat(target->folder, target->name, W_OK, AT_EACCESS) != 0 && errno == EACCES);
}

bool dpk_target_is_owners_only(const dpk_target *target)
{
    uid_t user = geteuid();
    return (target->place.st_mode & S_ISVTX) && user != 0 && user != target->status.st_uid &&
           user != target->place.st_uid;
}

bool dpk_target_is_unchangeable(const dpk_target *target)
{
#if defined STATX_ATTR_IMMUTABLE
    struct statx status;
    return statx(target->folder, target->name, AT_SYMLINK_NOFOLLOW, 0, &status) == 0 &&
           (status.stx_attributes & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND));
#else
    (void)target;
    return false;
#endif
}

/* ------------------------------------------------------------------------------------ identity */

static bool same(const dpk_target *one, const dpk_target *other)
{
    if (one->kind == DPK_TARGET_NEW || other->kind == DPK_TARGET_NEW)
        return one->kind == other->kind && same_file(&one->place, &other->place) &&
               strcmp(one->name, other->name) == 0;
    return !S_ISCHR(one->status.st_mode) && same_file(&one->status, &other->status);
}

bool dpk_target_same(const char *one, const char *other)
{
    dpk_target a, b;
    if (!dpk_target_find(&a, one))
        return false;
    bool both = dpk_target_find(&b, other);
    bool equal = both && same(&a, &b);
    dpk_target_close(&a);
    if (both)
        dpk_target_close(&b);
    return equal;
}
