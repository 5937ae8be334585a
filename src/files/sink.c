/* SPDX-License-Identifier: MIT */
/* sink.c: output that is either complete or not there. A file is written beside its target and,
 * once complete, renamed over it, for only rename can replace a file in one step. Where the old
 * file must stay the same file, the new contents are gathered elsewhere and copied into it at the
 * end. */
#include "files/sink.h"

#include "files/attributes.h"
#include "files/path.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Far above the cost of a system call, far below the second-level cache. */
enum { BUFFER = 64 * 1024 };

/* What the disk is given at a time. */
enum { STRETCH = 4 << 20 };

static dpk_status cannot_write(const dpk_sink *sink, int number, dpk_error *err)
{
    return dpk_path_fail(err, DPK_OUTPUT_FAILED, "write", sink->name, number);
}

/* ------------------------------------------------------------------------------------- opening */

/* What replaces a file may be as secret as that file: it gets its mode at the end. */
static int open_beside(dpk_sink *sink, uint64_t name)
{
    mode_t mode = sink->target.kind == DPK_TARGET_NEW ? 0666 : 0600;
    return dpk_temporary_open(&sink->temporary, &sink->target, mode, name);
}

static int open_to_overwrite(dpk_sink *sink)
{
    sink->overwritten = dpk_target_open(&sink->target);
    return sink->overwritten < 0 ? -1 : dpk_temporary_spool(sink->target.folder);
}

static int open_directly(dpk_sink *sink)
{
    sink->direct = true;
    return dpk_target_open(&sink->target);
}

static dpk_status refuse(const dpk_sink *sink, const char *why, const char *hint, dpk_error *err)
{
    return dpk_fail(err, DPK_OUTPUT_FAILED, "cannot write '%s': %s%s", sink->name, why, hint);
}

/* What can be seen of an old file that must not be replaced. */
static dpk_status check_old_file(const dpk_sink *sink, const dpk_sink_options *options,
                                 dpk_error *err)
{
    const dpk_target *target = &sink->target;
    if (target->kind != DPK_TARGET_FILE && target->kind != DPK_TARGET_PINNED)
        return DPK_OK;
    if (!options->force && dpk_target_is_read_only(target))
        return refuse(sink, "it is read-only", options->hints ? " (--force replaces it)" : "", err);
    if (target->kind == DPK_TARGET_PINNED || options->in_place)
        return DPK_OK;
    if (dpk_target_is_unchangeable(target))
        return refuse(sink, "it is marked as immutable or append-only", "", err);
    if (dpk_target_is_owners_only(target))
        return refuse(sink, "its folder lets only its owner replace it",
                      options->hints ? " (--in-place-write writes into it)" : "", err);
    return DPK_OK;
}

static int open_target(dpk_sink *sink, const dpk_sink_options *options)
{
    switch (sink->target.kind) {
    case DPK_TARGET_NEW:
        return open_beside(sink, options->temporary);
    case DPK_TARGET_FILE:
        return options->in_place ? open_to_overwrite(sink) : open_beside(sink, options->temporary);
    case DPK_TARGET_PINNED:
        return open_to_overwrite(sink);
    case DPK_TARGET_STREAM:
    case DPK_TARGET_DESCRIPTOR:
        break;
    }
    return open_directly(sink);
}

static const char *name_of(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard output" : path;
}

dpk_status dpk_sink_open_as(dpk_sink *sink, const char *path, const dpk_sink_options *options,
                            dpk_error *err)
{
    *sink = (dpk_sink){ .name = name_of(path), .descriptor = -1, .overwritten = -1 };
    sink->synced = !options->unsynced;
    sink->target.folder = -1;
    sink->buffer = malloc(BUFFER);
    if (sink->buffer == NULL)
        return dpk_fail(err, DPK_OUTPUT_FAILED, "cannot write '%s': not enough memory", sink->name);
    dpk_status status = DPK_OK;
    if (!dpk_target_find(&sink->target, path))
        status = cannot_write(sink, errno, err);
    if (status == DPK_OK) {
        sink->descriptor = open_target(sink, options);
        if (sink->descriptor < 0)
            status = cannot_write(sink, errno, err);
    }
    if (status == DPK_OK)
        status = check_old_file(sink, options, err);
    if (status != DPK_OK)
        dpk_sink_abandon(sink);
    return status;
}

dpk_status dpk_sink_open(dpk_sink *sink, const char *path, dpk_error *err)
{
    return dpk_sink_open_as(sink, path, &(dpk_sink_options){ 0 }, err);
}

dpk_status dpk_sink_check_as(const char *path, const dpk_sink_options *options, dpk_error *err)
{
    dpk_sink sink = { .name = name_of(path) };
    if (!dpk_target_find(&sink.target, path))
        return cannot_write(&sink, errno, err);
    bool stream = sink.target.kind == DPK_TARGET_STREAM;
    if (stream && faccessat(sink.target.folder, sink.target.name, W_OK, AT_EACCESS) != 0)
        stream = false; /* opening says why, and does not wait */
    dpk_target_close(&sink.target);
    if (stream)
        return DPK_OK;
    dpk_status result = dpk_sink_open_as(&sink, path, options, err);
    dpk_sink_abandon(&sink);
    return result;
}

dpk_status dpk_sink_check(const char *path, dpk_error *err)
{
    const dpk_sink_options none = { .force = false };
    return dpk_sink_check_as(path, &none, err);
}

/* ------------------------------------------------------------------------------------- writing */

/* Where the file stands, in place of an offset. */
enum { HERE = -1 };

/* Writes to the last byte, interrupted or not, also where someone made the descriptor non-blocking.
 * False with errno set. */
static bool write_all(int descriptor, const unsigned char *data, size_t bytes, off_t offset)
{
    while (bytes > 0) {
        ssize_t written = offset == HERE ? write(descriptor, data, bytes)
                                         : pwrite(descriptor, data, bytes, offset);
        if (written > 0) {
            data += written;
            bytes -= (size_t)written;
            offset += offset == HERE ? 0 : written;
        } else if (written == 0) { /* which no system should do, and must not go on for ever */
            errno = EIO;
            return false;
        } else if (errno == EAGAIN) {
            struct pollfd wait = { .fd = descriptor, .events = POLLOUT };
            if (poll(&wait, 1, -1) < 0 && errno != EINTR)
                return false;
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

/* Lets the disk begin with what is complete, so that less is left to wait for at the end. */
static void start_writing_back(const dpk_sink *sink, uint64_t begin, uint64_t end)
{
    if (sink->synced && sink->temporary != NULL && end > begin)
        sync_file_range(sink->descriptor, (off_t)begin, (off_t)(end - begin),
                        SYNC_FILE_RANGE_WRITE);
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
    const uint64_t ready = (sink->written - sink->buffered) / STRETCH * STRETCH;
    start_writing_back(sink, sink->written_back, ready);
    sink->written_back = ready;
    return DPK_OK;
}

/* What is still in the buffer comes before, and finds the file's own position unmoved. */
dpk_status dpk_sink_write_at(dpk_sink *sink, uint64_t offset, const void *data, size_t bytes,
                             dpk_error *err)
{
    if (sink->direct)
        return dpk_sink_write(sink, data, bytes, err);
    const uint64_t begin = sink->written + offset;
    if (!write_all(sink->descriptor, data, bytes, (off_t)begin))
        return cannot_write(sink, errno, err);
    if (bytes >= BUFFER)
        start_writing_back(sink, begin, begin + bytes);
    return DPK_OK;
}

dpk_status dpk_sink_rewind(dpk_sink *sink, dpk_error *err)
{
    sink->buffered = 0;
    sink->written = sink->written_back = 0;
    if (ftruncate(sink->descriptor, 0) != 0 || lseek(sink->descriptor, 0, SEEK_SET) != 0)
        return cannot_write(sink, errno, err);
    return DPK_OK;
}

/* ------------------------------------------------------------------------------------ the end */

/* Until its bytes are on the disk, a file that has taken another's place may be found empty after
 * the power has failed. Devices and file systems without such a call do without. */
static bool sync_data(const dpk_sink *sink, int descriptor)
{
    return !sink->synced || fdatasync(descriptor) == 0 ||
           (errno != EIO && errno != ENOSPC && errno != EDQUOT);
}

/* Network file systems tell only on closing that a disk was full. */
static bool close_checked(int *descriptor)
{
    int closed = *descriptor;
    *descriptor = -1;
    return close(closed) == 0 || errno == EINTR;
}

/* The bytes and the attributes come first: as long as that may take, the file has no name that
 * SIGKILL could leave behind. Only a file that is to be someone else's is linked before it is given
 * away, as then it may not be. */
static bool put_in_place(dpk_sink *sink)
{
    if (!sync_data(sink, sink->descriptor))
        return false;
    if (sink->target.kind == DPK_TARGET_NEW &&
        dpk_temporary_place(sink->temporary, sink->descriptor, sink->target.name))
        return close_checked(&sink->descriptor);
    bool stays = sink->target.status.st_uid == geteuid();
    if (stays)
        sink->lost = dpk_attributes_copy(&sink->target, sink->descriptor);
    if (!dpk_temporary_link(sink->temporary, sink->descriptor))
        return false;
    if (!stays)
        sink->lost = dpk_attributes_copy(&sink->target, sink->descriptor);
    return close_checked(&sink->descriptor) &&
           dpk_temporary_rename(sink->temporary, sink->target.name);
}

/* Space on the disk is made sure of before the old contents are touched. */
static bool reserve(int descriptor, off_t size)
{
    return size == 0 || fallocate(descriptor, FALLOC_FL_KEEP_SIZE, 0, size) == 0 ||
           (errno != ENOSPC && errno != EDQUOT && errno != EFBIG);
}

static bool copy_bytes(dpk_sink *sink)
{
    off_t done = 0;
    for (;;) {
        ssize_t got = pread(sink->descriptor, sink->buffer, BUFFER, done);
        if (got == 0)
            return ftruncate(sink->overwritten, done) == 0 || errno == EINVAL;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 || !write_all(sink->overwritten, sink->buffer, (size_t)got, done))
            return false;
        done += got;
    }
}

/* Signals wait meanwhile: they would leave half of the old and half of the new contents. */
static bool overwrite(dpk_sink *sink)
{
    sigset_t all, before;
    struct stat status;
    if (fstat(sink->descriptor, &status) != 0 || !reserve(sink->overwritten, status.st_size))
        return false;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    bool done =
        copy_bytes(sink) && sync_data(sink, sink->overwritten) && close_checked(&sink->overwritten);
    int why = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = why;
    return done;
}

static bool complete(dpk_sink *sink)
{
    if (!flush(sink))
        return false;
    return sink->direct             ? close_checked(&sink->descriptor)
           : sink->overwritten >= 0 ? overwrite(sink)
                                    : put_in_place(sink);
}

dpk_status dpk_sink_commit(dpk_sink *sink, dpk_error *err)
{
    dpk_status result = complete(sink) ? DPK_OK : cannot_write(sink, errno, err);
    dpk_sink_abandon(sink);
    return result;
}

void dpk_sink_abandon(dpk_sink *sink)
{
    if (sink->buffer == NULL)
        return;
    if (sink->descriptor >= 0)
        close(sink->descriptor);
    if (sink->overwritten >= 0)
        close(sink->overwritten);
    dpk_temporary_close(sink->temporary);
    dpk_target_close(&sink->target);
    free(sink->buffer);
    const char *lost = sink->lost;
    *sink = (dpk_sink){ .name = sink->name, .lost = lost, .descriptor = -1, .overwritten = -1 };
}

void dpk_sink_remove_temporary(const char *path, uint64_t temporary)
{
    dpk_target target;
    if (!dpk_target_find(&target, path))
        return;
    if (target.kind == DPK_TARGET_NEW || target.kind == DPK_TARGET_FILE)
        dpk_temporary_remove(target.folder, temporary);
    dpk_target_close(&target);
}

void dpk_sink_unlink_temporary(void)
{
    dpk_temporary_remove_all();
}
