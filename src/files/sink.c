/* SPDX-License-Identifier: MIT */
/* sink.c: output that is either complete or not there. On Linux the file being written has no
 * name at all (O_TMPFILE), so that not even SIGKILL or a crash leaves one behind; once complete it
 * is linked under a temporary name and renamed over its target, for only rename can replace a file
 * in one step. Where the file system or a missing /proc rules that out, the temporary name is
 * there from the start, and signal handlers remove it. */
#include "files/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* Far above the cost of a system call, far below the second-level cache. */
enum { BUFFER = 64 * 1024 };

/* As many symbolic links in a row as the kernel follows. */
enum { LINKS = 40 };

/* Temporary files that exist under a name, for signal handlers. A run has an output or two. */
static _Atomic(const char *) named[8];

enum { NAMED = sizeof named / sizeof *named };

static void remember(const char *path)
{
    for (int i = 0; i < NAMED; i++) {
        if (atomic_load(&named[i]) == NULL) {
            atomic_store(&named[i], path);
            return;
        }
    }
}

static void forget(const char *path)
{
    for (int i = 0; i < NAMED; i++)
        if (atomic_load(&named[i]) == path)
            atomic_store(&named[i], NULL);
}

void dpk_sink_unlink_temporary(void)
{
    for (int i = 0; i < NAMED; i++) {
        const char *path = atomic_load(&named[i]);
        if (path != NULL)
            unlink(path);
    }
}

static dpk_status cannot_write(const dpk_sink *sink, int number, dpk_error *err)
{
    return dpk_fail(err, DPK_OUTPUT_FAILED, "cannot write '%s': %s", sink->name, strerror(number));
}

/* Directory part of a path, with its last slash; "" if it has none. */
static int directory_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? 0 : (int)(slash - path + 1);
}

/* The path that opening `path` for writing would create or overwrite: symbolic links followed,
 * also one that points at nothing yet. NULL with errno set when there can be no such file. */
static char *resolve(const char *path)
{
    char *current = strdup(path);
    for (int links = 0; current != NULL && links < LINKS; links++) {
        char *real = realpath(current, NULL);
        if (real != NULL || errno != ENOENT || current[directory_length(current)] == '\0') {
            free(current);
            return real;
        }
        char link[4096]; /* PATH_MAX on Linux */
        ssize_t length = readlink(current, link, sizeof link - 1);
        if (length < 0)
            return current; /* does not exist; whether its directory does, creating it will tell */
        link[length] = '\0';
        char *next = NULL;
        if (asprintf(&next, "%.*s%s", link[0] == '/' ? 0 : directory_length(current), current,
                     link) < 0)
            next = NULL;
        free(current);
        current = next;
    }
    if (current != NULL)
        errno = ELOOP;
    free(current);
    return NULL;
}

/* 64 random bits: no second try is needed. */
static char *temporary_path(const char *target)
{
    uint64_t bits;
    char *path = NULL;
    if (getrandom(&bits, sizeof bits, 0) != (ssize_t)sizeof bits ||
        asprintf(&path, "%.*s.dpk-%016llx", directory_length(target), target,
                 (unsigned long long)bits) < 0)
        return NULL;
    return path;
}

/* Opens the file that is to replace sink->target; replaces says that there is one. */
static int open_temporary(dpk_sink *sink, bool replaces)
{
    /* What replaces a file may be as secret as that file: its mode comes at the end. */
    mode_t mode = replaces ? 0600 : 0666;
    int descriptor = -1;
    sink->temporary = temporary_path(sink->target);
    if (sink->temporary == NULL)
        return -1;
#ifdef O_TMPFILE
    char *directory = NULL;
    if (asprintf(&directory, "%.*s.", directory_length(sink->target), sink->target) < 0)
        return -1;
    if (access("/proc/self/fd", X_OK) == 0)
        descriptor = open(directory, O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
    free(directory);
#endif
    if (descriptor < 0) {
        remember(sink->temporary);
        descriptor = open(sink->temporary, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, mode);
        sink->named = descriptor >= 0;
    }
    return descriptor;
}

dpk_status dpk_sink_open(dpk_sink *sink, const char *path, dpk_error *err)
{
    bool standard = strcmp(path, "-") == 0 || strcmp(path, "/dev/stdout") == 0;
    *sink = (dpk_sink){ .name = strcmp(path, "-") == 0 ? "standard output" : path,
                        .descriptor = -1,
                        .buffer = malloc(BUFFER) };
    struct stat status;
    if (sink->buffer == NULL) {
        errno = ENOMEM;
    } else if (standard) {
        sink->direct = true;
        sink->descriptor = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
    } else if ((sink->target = resolve(path)) != NULL) {
        bool replaces = stat(sink->target, &status) == 0;
        sink->direct = replaces && !S_ISREG(status.st_mode);
        sink->descriptor = sink->direct ? open(sink->target, O_WRONLY | O_CLOEXEC)
                                        : open_temporary(sink, replaces);
    }
    if (sink->descriptor >= 0)
        return DPK_OK;
    dpk_status result = cannot_write(sink, errno, err);
    dpk_sink_abandon(sink);
    return result;
}

dpk_status dpk_sink_check(const char *path, dpk_error *err)
{
    dpk_sink sink = { .name = path };
    struct stat status;
    if (strcmp(path, "-") == 0)
        return DPK_OK;
    bool is_file = stat(path, &status) != 0 || S_ISREG(status.st_mode) || S_ISDIR(status.st_mode);
    if (!is_file)
        return access(path, W_OK) == 0 ? DPK_OK : cannot_write(&sink, errno, err);
    dpk_status result = dpk_sink_open(&sink, path, err);
    dpk_sink_abandon(&sink);
    return result;
}

/* Where the file stands, in place of an offset. */
enum { HERE = -1 };

/* Writes to the last byte, interrupted or not, also where someone made the descriptor non-blocking.
 * False with errno set. */
static bool write_all(int descriptor, const unsigned char *data, size_t bytes, off_t offset)
{
    while (bytes > 0) {
        ssize_t written = offset == HERE ? write(descriptor, data, bytes)
                                         : pwrite(descriptor, data, bytes, offset);
        if (written >= 0) {
            data += written;
            bytes -= (size_t)written;
            offset += offset == HERE ? 0 : written;
        } else if (errno == EAGAIN) {
            poll(&(struct pollfd){ .fd = descriptor, .events = POLLOUT }, 1, -1);
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

static bool flush(dpk_sink *sink)
{
    size_t bytes = sink->buffered;
    sink->buffered = 0;
    return write_all(sink->descriptor, sink->buffer, bytes, HERE);
}

dpk_status dpk_sink_write(dpk_sink *sink, const void *data, size_t bytes, dpk_error *err)
{
    if (bytes == 0)
        return DPK_OK;
    if (bytes > BUFFER - sink->buffered && !flush(sink))
        return cannot_write(sink, errno, err);
    sink->written += bytes;
    if (bytes < BUFFER) {
        memcpy(sink->buffer + sink->buffered, data, bytes);
        sink->buffered += bytes;
    } else if (!write_all(sink->descriptor, data, bytes, HERE)) {
        return cannot_write(sink, errno, err);
    }
    return DPK_OK;
}

/* What is still in the buffer comes before, and finds the file's own position unmoved. */
dpk_status dpk_sink_write_at(dpk_sink *sink, uint64_t offset, const void *data, size_t bytes,
                             dpk_error *err)
{
    if (sink->direct)
        return dpk_sink_write(sink, data, bytes, err);
    if (!write_all(sink->descriptor, data, bytes, (off_t)(sink->written + offset)))
        return cannot_write(sink, errno, err);
    return DPK_OK;
}

dpk_status dpk_sink_rewind(dpk_sink *sink, dpk_error *err)
{
    sink->buffered = 0;
    sink->written = 0;
    if (ftruncate(sink->descriptor, 0) != 0 || lseek(sink->descriptor, 0, SEEK_SET) != 0)
        return cannot_write(sink, errno, err);
    return DPK_OK;
}

/* Mode and, where permitted, owner of the file to be replaced. Permissions of its group are not
 * handed to another group. That some file systems have neither is no reason to fail. */
static void copy_mode(const dpk_sink *sink)
{
    struct stat old;
    if (stat(sink->target, &old) != 0)
        return;
    int descriptor = sink->descriptor;
    bool group_kept = fchown(descriptor, old.st_uid, old.st_gid) == 0 ||
                      fchown(descriptor, (uid_t)-1, old.st_gid) == 0;
    fchmod(descriptor, old.st_mode & (group_kept ? 0777 : 0707));
}

static bool give_name(dpk_sink *sink)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", sink->descriptor);
    remember(sink->temporary);
    sink->named = linkat(AT_FDCWD, path, AT_FDCWD, sink->temporary, AT_SYMLINK_FOLLOW) == 0;
    return sink->named;
}

/* Network file systems tell only on closing that a disk was full. */
static bool close_checked(dpk_sink *sink)
{
    int descriptor = sink->descriptor;
    sink->descriptor = -1;
    return close(descriptor) == 0 || errno == EINTR;
}

static bool put_in_place(dpk_sink *sink)
{
    if (!sink->named && !give_name(sink))
        return false;
    copy_mode(sink); /* after the link: linking to someone else's file may not be allowed */
    if (!close_checked(sink) || rename(sink->temporary, sink->target) != 0)
        return false;
    sink->named = false;
    return true;
}

dpk_status dpk_sink_commit(dpk_sink *sink, dpk_error *err)
{
    dpk_status result = DPK_OK;
    if (!flush(sink) || !(sink->direct ? close_checked(sink) : put_in_place(sink)))
        result = cannot_write(sink, errno, err);
    dpk_sink_abandon(sink);
    return result;
}

void dpk_sink_abandon(dpk_sink *sink)
{
    if (sink->descriptor >= 0)
        close(sink->descriptor);
    if (sink->named)
        unlink(sink->temporary);
    if (sink->temporary != NULL)
        forget(sink->temporary);
    free(sink->temporary);
    free(sink->target);
    free(sink->buffer);
    *sink = (dpk_sink){ .name = sink->name, .descriptor = -1 };
}
