/* SPDX-License-Identifier: MIT */
/* batch_log.c: the lock is the process's (fcntl), not the open file's: worker processes do not
 * inherit it, and it is gone at the instant the process is. */
#include "engine/batch_log.h"

#include "base/digest.h"
#include "files/path.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char header[] =
    "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\t"
    "Command\tWorker\tAttempts\tBytes\tKey\n";

enum { COLUMNS = 13, EXIT = 6, SIGNAL = 7, COMMAND = 8, KEY = 12 };

/* What a line says, under the number by which it is looked up. */
struct dpk_batch_record {
    uint64_t name, key;
    size_t line;
    dpk_batch_past past;
};

static dpk_status fail(const dpk_batch_log *log, dpk_error *err, dpk_status status, const char *why)
{
    return dpk_fail(err, status, "--joblog '%s': %s", log->path, why);
}

/* -------------------------------------------------------------------------------------- opening */

static dpk_status lock(const dpk_batch_log *log, dpk_error *err)
{
    struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    if (fcntl(log->file, F_SETLK, &whole) == 0)
        return DPK_OK;
    if (errno != EACCES && errno != EAGAIN)
        return dpk_path_fail(err, DPK_OUTPUT_FAILED, "lock", log->path, errno);
    long holder = fcntl(log->file, F_GETLK, &whole) == 0 ? (long)whole.l_pid : 0;
    return dpk_fail(err, DPK_OUTPUT_FAILED,
                    "--joblog '%s': another run, process %ld, is writing to it; give each run a "
                    "log of its own",
                    log->path, holder);
}

/* To be freed; with a zero at its end. NULL with errno set if it cannot be read. */
static char *read_all(const dpk_batch_log *log, size_t *size)
{
    struct stat status;
    if (fstat(log->file, &status) != 0)
        return NULL;
    char *text = malloc((size_t)status.st_size + 1);
    *size = 0;
    for (ssize_t got = 1; text != NULL && got > 0 && *size < (size_t)status.st_size;) {
        got = pread(log->file, text + *size, (size_t)status.st_size - *size, (off_t)*size);
        if (got < 0) {
            free(text);
            return NULL;
        }
        *size += (size_t)got;
    }
    if (text != NULL)
        text[*size] = '\0';
    return text;
}

/* -------------------------------------------------------------------------------------- reading */

/* Cuts a line at its tabs. False if it has not as many columns as it should. */
static bool split(char *line, char *columns[COLUMNS])
{
    size_t count = 0;
    for (char *at = line; at != NULL; count++) {
        if (count == COLUMNS)
            return false;
        columns[count] = at;
        at = strchr(at, '\t');
        if (at != NULL)
            *at++ = '\0';
    }
    return count == COLUMNS;
}

static bool is_number(const char *text, int base, uint64_t *number)
{
    char *end;
    errno = 0;
    *number = strtoull(text, &end, base);
    return *text != '\0' && *text != '-' && *end == '\0' && errno == 0;
}

static bool read_line(dpk_batch_log *log, char *line)
{
    char *columns[COLUMNS];
    uint64_t exit, signal, key;
    if (!split(line, columns) || !is_number(columns[EXIT], 10, &exit) ||
        !is_number(columns[SIGNAL], 10, &signal) || !is_number(columns[KEY], 16, &key))
        return false;
    struct dpk_batch_record record = { key, key, log->lines, DPK_PAST_FAILED };
    if (signal == 0 && exit == 0)
        record.past = DPK_PAST_DONE;
    else if (signal == 0 && exit == DPK_BATCH_PLANNED)
        record.past = DPK_PAST_PLANNED;
    log->by_key[log->lines] = record;
    record.name = dpk_digest(columns[COMMAND], strlen(columns[COMMAND]), 0);
    log->by_command[log->lines++] = record;
    return true;
}

static size_t count_lines(const char *text)
{
    size_t count = 0;
    for (const char *at = strchr(text, '\n'); at != NULL; at = strchr(at + 1, '\n'))
        count++;
    return count;
}

static int by_name_and_line(const void *one, const void *other)
{
    const struct dpk_batch_record *a = one, *b = other;
    if (a->name != b->name)
        return a->name < b->name ? -1 : 1;
    return (a->line > b->line) - (a->line < b->line);
}

static dpk_status read_lines(dpk_batch_log *log, char *text, dpk_error *err)
{
    size_t most = count_lines(text) + 1;
    log->by_key = calloc(most, sizeof *log->by_key);
    log->by_command = calloc(most, sizeof *log->by_command);
    if (log->by_key == NULL || log->by_command == NULL)
        return fail(log, err, DPK_LIMIT, "not enough memory to read it");
    for (char *end = strchr(text, '\n'); end != NULL; end = strchr(text, '\n')) {
        *end = '\0';
        if (!read_line(log, text))
            return dpk_fail(err, DPK_BAD_INPUT,
                            "--joblog '%s': line %zu is no line of such a log; nothing was changed",
                            log->path, log->lines + 2);
        text = end + 1;
    }
    qsort(log->by_key, log->lines, sizeof *log->by_key, by_name_and_line);
    qsort(log->by_command, log->lines, sizeof *log->by_command, by_name_and_line);
    return DPK_OK;
}

static dpk_status check_header(const dpk_batch_log *log, const char *text, dpk_error *err)
{
    if (strncmp(text, header, sizeof header - 1) == 0)
        return DPK_OK;
    return fail(log, err, DPK_BAD_INPUT,
                strncmp(text, "Seq\t", 4) == 0
                    ? "its columns are those of another program or version; give another file"
                    : "this file is not a log of dpk; give another one");
}

/* Of what a failing machine has left: half a line of text behind the last whole one. */
static dpk_status cut_half_line(dpk_batch_log *log, const char *text, size_t size, bool looking,
                                dpk_error *err)
{
    const char *last = strrchr(text, '\n');
    size_t whole = last != NULL ? (size_t)(last + 1 - text) : 0;
    bool zeros = strlen(text) < size;
    if (zeros && memchr(text + whole, '\n', size - whole) != NULL)
        return fail(log, err, DPK_BAD_INPUT, "there are zeros in it; give another file");
    if (whole == size)
        return DPK_OK;
    snprintf(log->note, sizeof log->note,
             "--joblog '%.150s': its last line is incomplete%s, and its file counts as not done",
             log->path, looking ? "" : " and was cut off");
    if (!looking && ftruncate(log->file, (off_t)whole) != 0)
        return dpk_path_fail(err, DPK_OUTPUT_FAILED, "write", log->path, errno);
    return DPK_OK;
}

static dpk_status read_log(dpk_batch_log *log, char *text, size_t size, bool looking,
                           dpk_error *err)
{
    size_t head = sizeof header - 1;
    if (size < head && strncmp(text, header, size) == 0)
        return DPK_OK;
    dpk_status status = check_header(log, text, err);
    if (status == DPK_OK)
        status = cut_half_line(log, text, size, looking, err);
    return status == DPK_OK ? read_lines(log, text + head, err) : status;
}

static dpk_status put(const dpk_batch_log *log, const char *line, size_t bytes, dpk_error *err);

/* Of a new log, and of one whose run ended before its first line was whole. */
static dpk_status begin(const dpk_batch_log *log, dpk_error *err)
{
    if (ftruncate(log->file, 0) != 0)
        return dpk_path_fail(err, DPK_OUTPUT_FAILED, "write", log->path, errno);
    return put(log, header, sizeof header - 1, err);
}

dpk_status dpk_batch_log_open(dpk_batch_log *log, const char *path, bool looking, dpk_error *err)
{
    *log = (dpk_batch_log){ .path = path, .file = -1 };
    log->file = open(path, (looking ? O_RDONLY : O_RDWR | O_CREAT | O_APPEND) | O_CLOEXEC, 0666);
    if (log->file < 0 && looking && errno == ENOENT)
        return DPK_OK;
    if (log->file < 0)
        return dpk_path_fail(err, DPK_OUTPUT_FAILED, "open", path, errno);
    struct stat status;
    if (fstat(log->file, &status) != 0 || !S_ISREG(status.st_mode))
        return fail(log, err, DPK_OUTPUT_FAILED, "must be a regular file, as it is read again");
    dpk_status result = looking ? DPK_OK : lock(log, err);
    if (result != DPK_OK)
        return result;
    size_t size;
    char *text = read_all(log, &size);
    if (text == NULL)
        return dpk_path_fail(err, DPK_BAD_INPUT, "read", path, errno);
    result = read_log(log, text, size, looking, err);
    free(text);
    if (result == DPK_OK && size < sizeof header - 1 && !looking)
        result = begin(log, err);
    return result;
}

void dpk_batch_log_close(dpk_batch_log *log)
{
    if (log->file >= 0)
        close(log->file);
    free(log->by_key);
    free(log->by_command);
    *log = (dpk_batch_log){ .file = -1 };
}

/* ----------------------------------------------------------------------------------- looking up */

/* The last line of that name, or NULL. */
static const struct dpk_batch_record *look_up(const struct dpk_batch_record *sorted, size_t count,
                                              uint64_t name)
{
    size_t first = 0, behind = count;
    while (first < behind) {
        size_t middle = first + (behind - first) / 2;
        if (sorted[middle].name <= name)
            first = middle + 1;
        else
            behind = middle;
    }
    return first > 0 && sorted[first - 1].name == name ? &sorted[first - 1] : NULL;
}

dpk_batch_past dpk_batch_log_of_key(const dpk_batch_log *log, uint64_t key)
{
    const struct dpk_batch_record *record = look_up(log->by_key, log->lines, key);
    return record != NULL ? record->past : DPK_PAST_NONE;
}

dpk_batch_past dpk_batch_log_of_command(const dpk_batch_log *log, const char *command,
                                        uint64_t *key)
{
    uint64_t name = dpk_digest(command, strlen(command), 0);
    const struct dpk_batch_record *record = look_up(log->by_command, log->lines, name);
    if (key != NULL)
        *key = record != NULL ? record->key : 0;
    return record != NULL ? record->past : DPK_PAST_NONE;
}

/* -------------------------------------------------------------------------------------- writing */

/* All of it or nothing: half a line would make the next one unreadable, too. */
static dpk_status put(const dpk_batch_log *log, const char *line, size_t bytes, dpk_error *err)
{
    struct stat before;
    if (fstat(log->file, &before) != 0)
        return dpk_path_fail(err, DPK_OUTPUT_FAILED, "write", log->path, errno);
    ssize_t written = write(log->file, line, bytes);
    if (written == (ssize_t)bytes)
        return DPK_OK;
    int why = written < 0 ? errno : ENOSPC;
    if (written > 0 && ftruncate(log->file, before.st_size) != 0)
        why = errno;
    return dpk_path_fail(err, DPK_OUTPUT_FAILED, "write", log->path, why);
}

/* GNU parallel has ":" for this machine. What goes to a worker and comes back are the files. */
dpk_status dpk_batch_log_add(const dpk_batch_log *log, const dpk_batch_entry *entry, dpk_error *err)
{
    char *line = NULL;
    int bytes =
        asprintf(&line,
                 "%zu\t:\t%.3f\t%10.3f\t%" PRIu64 "\t%" PRIu64 "\t%d\t%d\t%s\t%u\t%u\t%" PRIu64
                 "\t%016" PRIx64 "\n",
                 entry->number, entry->began, entry->took, entry->bytes_in, entry->bytes_out,
                 entry->exit, entry->signal, entry->command, entry->worker, entry->attempts,
                 entry->bytes_in + entry->bytes_out, entry->key);
    if (bytes < 0)
        return fail(log, err, DPK_OUTPUT_FAILED, "not enough memory for a line");
    dpk_status status = put(log, line, (size_t)bytes, err);
    free(line);
    return status;
}
