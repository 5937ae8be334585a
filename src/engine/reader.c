/* SPDX-License-Identifier: MIT */
/* reader.c: opening an input of any format, and closing it. */
#include "engine/reader.h"

#include "files/foreign.h"

static dpk_status find_format(const dpk_source *source, const char *name, const dpk_format **format,
                              dpk_error *err)
{
    if (name != NULL) {
        *format = dpk_format_find(name);
        if (*format == NULL || (*format)->open == NULL)
            return dpk_fail(err, DPK_USAGE,
                            "--in-format '%s': no format that can be read "
                            "(see `dpk list formats`)",
                            name);
        return DPK_OK;
    }
    *format = dpk_format_recognise(source->data, source->size);
    if (*format != NULL)
        return DPK_OK;
    if (source->size == 0)
        return dpk_fail(err, DPK_BAD_INPUT, "'%s' is empty", source->name);
    const char *foreign = dpk_foreign_name(source->data, source->size);
    return dpk_fail(err, DPK_BAD_INPUT, "'%s' is %s%s (see `dpk list formats`)", source->name,
                    foreign != NULL ? foreign : "in no format that dpk reads",
                    foreign != NULL ? ", which dpk does not read" : "");
}

dpk_status dpk_reader_open(dpk_reader *reader, const char *path, const char *format, dpk_error *err)
{
    const dpk_format *found;
    dpk_status status = dpk_source_open_head(&reader->source, path, err);
    if (status == DPK_OK)
        status = find_format(&reader->source, format, &found, err);
    /* If the head shows that the file has another format, open() refuses it without the rest. */
    if (status == DPK_OK && found->recognise(reader->source.data, reader->source.size))
        status = dpk_source_read_rest(&reader->source, err);
    if (status == DPK_OK)
        status = found->open(reader, err);
    if (status == DPK_OK)
        reader->format = found;
    return status;
}

void dpk_reader_close(dpk_reader *reader)
{
    if (reader->format != NULL && reader->format->close != NULL)
        reader->format->close(reader);
    if (reader->source.data != NULL)
        dpk_source_close(&reader->source);
    reader->format = NULL;
}
