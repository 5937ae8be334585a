/* SPDX-License-Identifier: MIT */
/* save.c: gathers the text in memory, so that a failure while it is made leaves no file. */
#include "files/save.h"

#include "files/sink.h"

#include <stdlib.h>

static dpk_status save(const char *path, const char *text, size_t size, dpk_error *err)
{
    dpk_sink sink;
    dpk_status status = dpk_sink_open(&sink, path, err);
    if (status != DPK_OK)
        return status;
    status = dpk_sink_write(&sink, text, size, err);
    if (status == DPK_OK)
        return dpk_sink_commit(&sink, err);
    dpk_sink_abandon(&sink);
    return status;
}

dpk_status dpk_save_text(const char *path, void (*write)(FILE *stream, const void *context),
                         const void *context, dpk_error *err)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    bool complete = stream != NULL;
    if (complete) {
        write(stream, context);
        complete = !ferror(stream);
        complete &= fclose(stream) == 0;
    }
    dpk_status status =
        complete ? save(path, text, size, err)
                 : dpk_fail(err, DPK_LIMIT, "cannot write '%s': not enough memory", path);
    free(text);
    return status;
}
