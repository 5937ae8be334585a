/* SPDX-License-Identifier: MIT */
/* sinks.h: what the tests of sinks share. */
#ifndef DPK_TEST_SINKS_H
#define DPK_TEST_SINKS_H

#include "files.h"
#include "files/sink.h"

#include <sys/stat.h>

static _Thread_local const char *lost; /* by the last output: attributes of the old file */

static inline dpk_status write_to(dpk_sink *sink, const char *text, dpk_error *error)
{
    dpk_status status = dpk_sink_write(sink, text, strlen(text), error);
    if (status == DPK_OK)
        status = dpk_sink_commit(sink, error);
    dpk_sink_abandon(sink);
    lost = sink->lost;
    return status;
}

static inline dpk_status write_sink(const char *path, const char *text, dpk_error *error)
{
    dpk_sink sink;
    dpk_status status = dpk_sink_open(&sink, path, error);
    return status == DPK_OK ? write_to(&sink, text, error) : status;
}

static inline dpk_status write_as(const char *path, const dpk_sink_options *options,
                                  dpk_error *error)
{
    dpk_sink sink;
    dpk_status status = dpk_sink_open_as(&sink, path, options, error);
    return status == DPK_OK ? write_to(&sink, "new", error) : status;
}

static inline mode_t mode_of(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? status.st_mode & 07777 : 0;
}

#endif
