/* SPDX-License-Identifier: MIT */
/* stream.c: a format whose files are arrays in memory. Its pieces are the rows' bytes. */
#include "contract/stream.h"

#include "base/array.h"

#include <string.h>

/* Of the stream being prepared: a format is asked with nothing but the array at hand. */
static size_t rows_of_band;

static bool decode_part(const dpk_reader *reader, size_t y0, size_t y1, void *scratch)
{
    (void)scratch;
    const dpk_array *from = reader->state;
    for (size_t y = y0; y < y1; y++)
        memcpy(dpk_row(&reader->array, y), dpk_row(from, y), dpk_row_bytes(from));
    return true;
}

static size_t part_scratch(const dpk_reader *reader)
{
    (void)reader;
    return 0;
}

static bool parts_agree(const dpk_reader *reader)
{
    (void)reader;
    return true;
}

static dpk_status rows(dpk_reader *reader, size_t y0, size_t y1, dpk_error *err)
{
    (void)err;
    decode_part(reader, y0, y1, NULL);
    return DPK_OK;
}

static dpk_status begin(dpk_writer *writer, dpk_error *err)
{
    (void)writer;
    (void)err;
    return DPK_OK;
}

static size_t band_rows(const dpk_array *array)
{
    (void)array;
    return rows_of_band;
}

static size_t piece_bound(const dpk_writer *writer, size_t count)
{
    return count * dpk_row_bytes(writer->array);
}

static size_t encode_scratch(const dpk_writer *writer)
{
    (void)writer;
    return 0;
}

static size_t encode(const dpk_writer *writer, size_t y0, size_t y1, void *piece, void *scratch)
{
    (void)scratch;
    size_t bytes = dpk_row_bytes(writer->array);
    for (size_t y = y0; y < y1; y++)
        memcpy((char *)piece + (y - y0) * bytes, dpk_row(writer->array, y), bytes);
    return (y1 - y0) * bytes;
}

static dpk_status append(dpk_writer *writer, size_t y0, size_t y1, const void *piece, size_t bytes,
                         dpk_error *err)
{
    (void)y1;
    (void)err;
    memcpy(dpk_row(writer->state, y0), piece, bytes);
    return DPK_OK;
}

static const dpk_format memory = {
    .name = "memory",
    .rows = rows,
    .decode_part = decode_part,
    .part_scratch = part_scratch,
    .parts_agree = parts_agree,
    .begin = begin,
    .band_rows = band_rows,
    .piece_bound = piece_bound,
    .encode_scratch = encode_scratch,
    .encode = encode,
    .append = append,
    .finish = begin,
};

dpk_status dpk_stream_prepare(dpk_stream **made, dpk_run *run, const dpk_array *inputs, size_t band,
                              size_t part, dpk_error *err)
{
    rows_of_band = band;
    dpk_stream *stream = dpk_alloc(run->arena, sizeof *stream, err);
    *made = stream;
    if (stream == NULL)
        return DPK_LIMIT;
    *stream = (dpk_stream){ .run = run, .ends = { stream->readers, stream->writers } };
    for (size_t i = 0; i < dpk_run_outputs(run); i++)
        stream->writers[i] =
            (dpk_writer){ .format = &memory, .array = dpk_run_output(run, i), .arena = run->arena };
    for (size_t i = 0; i < dpk_run_inputs(run); i++) {
        dpk_reader *reader = &stream->readers[i];
        *reader = (dpk_reader){ .format = &memory, .arena = run->arena, .array = inputs[i] };
        reader->part_rows = part;
        reader->state = (void *)(uintptr_t)&inputs[i];
    }
    return dpk_pipeline_prepare(run, &stream->ends, DPK_STREAM_ON, err);
}

dpk_status dpk_stream_execute(dpk_stream *stream, dpk_array *outputs, dpk_error *err)
{
    for (size_t i = 0; i < dpk_run_outputs(stream->run); i++)
        stream->writers[i].state = &outputs[i];
    return dpk_pipeline_execute(stream->run, &stream->ends, err);
}
