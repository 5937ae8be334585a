/* SPDX-License-Identifier: MIT */
/* png_read.c: reads PNG files with libpng, except for the pixels of plain files without errors
 * (png_plain.h). libpng reports errors by longjmp. Each entry point here calls setjmp first, keeps
 * no local variables that the jump could invalidate, and returns a dpk_status. */
#include "formats/png/png_parts.h"

#include "base/array.h"
#include "base/bytes.h"
#include "formats/limit.h"
#include "formats/png/png_plain.h"
#include "formats/png/png_restart.h"
#include "formats/png/png_view.h"

#include <png.h>
#include <stdio.h>
#include <string.h>

/* What libpng reported. */
struct log {
    bool strict;      /* complaints are errors */
    bool surplus;     /* there is more data than the pixels need */
    char error[96];   /* why it gave up */
    char warning[96]; /* its first complaint that was no error */
};

struct reading {
    png_structp png;
    png_infop info;
    dpk_png_view view;    /* what libpng reads */
    size_t next;          /* row libpng is to decode, where it does it in order */
    dpk_png_plain *plain; /* NULL: libpng decodes */
    dpk_png_inflate *decoder;
    struct log log;
};

PNG_FUNCTION(static void, stop, (png_structp png, png_const_charp reason), PNG_NORETURN);

static void stop(png_structp png, png_const_charp reason)
{
    struct log *log = png_get_error_ptr(png);
    snprintf(log->error, sizeof log->error, "%s", reason);
    png_longjmp(png, 1);
}

/* Returns whether the complaint is only about data that the pixels do not need. */
static bool is_surplus(png_const_charp complaint)
{
    static const char *const known[] = { "Extra compressed data", "Too much image data",
                                         "Too many IDATs found" };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strstr(complaint, known[i]) != NULL)
            return true;
    return false;
}

/* While pixels are decoded, libpng uses the same call for errors such as a wrong checksum and for
 * data that it does not need. */
static void complain(png_structp png, png_const_charp complaint)
{
    struct log *log = png_get_error_ptr(png);
    if (log->strict && is_surplus(complaint))
        log->surplus = true;
    else if (log->strict)
        stop(png, complaint);
    else if (log->warning[0] == '\0')
        snprintf(log->warning, sizeof log->warning, "%s", complaint);
}

static void read_bytes(png_structp png, png_bytep to, size_t count)
{
    struct reading *reading = png_get_io_ptr(png);
    if (!dpk_png_view_read(&reading->view, to, count))
        png_error(png, "the file is truncated");
}

/* Before libpng rejects a file, it often warns of the field that is wrong. The message contains
 * both. */
static dpk_status undecodable(dpk_reader *reader, dpk_error *err)
{
    const struct reading *reading = reader->state;
    const struct log *log = &reading->log;
    dpk_png_close(reader);
    bool detail = log->warning[0] != '\0';
    return dpk_fail(err, DPK_BAD_INPUT, "cannot decode '%s' as PNG: %s%s%s%s", reader->source.name,
                    log->error, detail ? " (" : "", log->warning, detail ? ")" : "");
}

static dpk_status read_head(dpk_reader *reader, dpk_error *err)
{
    struct reading *reading = reader->state;
    if (setjmp(png_jmpbuf(reading->png)) != 0)
        return undecodable(reader, err);
    png_set_read_fn(reading->png, reading, read_bytes);

    /* The pixel limit has been checked, and chunks may have any size. If the file is cut inside an
     * ancillary chunk, libpng sees that chunk; it must not allocate memory for it. */
    png_set_user_limits(reading->png, DPK_PNG_EXTENT_MAX, DPK_PNG_EXTENT_MAX);
    png_set_chunk_malloc_max(reading->png, 0);
    png_set_keep_unknown_chunks(reading->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_set_benign_errors(reading->png, 1);
    png_read_info(reading->png, reading->info);
    reading->log.strict = true;

    png_set_expand(reading->png);
    if (dpk_is_little_endian())
        png_set_swap(reading->png);
    reader->whole = png_set_interlace_handling(reading->png) > 1;
    size_t shape[DPK_MAX_RANK] = { png_get_image_height(reading->png, reading->info),
                                   png_get_image_width(reading->png, reading->info) };
    dpk_status status = dpk_check_pixels(reader, shape[1], shape[0], err);
    if (status != DPK_OK)
        return status;
    png_read_update_info(reading->png, reading->info);
    shape[2] = png_get_channels(reading->png, reading->info);
    dpk_type type = png_get_bit_depth(reading->png, reading->info) == 16 ? DPK_U16 : DPK_U8;
    if (!dpk_array_fits(type, 3, shape))
        return dpk_fail(err, DPK_LIMIT, "'%s' is too large for memory", reader->source.name);
    dpk_array_shape(&reader->array, type, 3, shape);
    reader->image = true;
    reader->meta.channels = shape[2];
    return DPK_OK;
}

static void add_note(dpk_reader *reader, const char *note)
{
    size_t used = strlen(reader->note);
    snprintf(reader->note + used, sizeof reader->note - used, "%s%s", used > 0 ? "; " : "", note);
}

/* Notes that libpng warned of the palette or the transparency but went on. */
static void note_complaint(dpk_reader *reader)
{
    const struct reading *reading = reader->state;
    char note[128];
    snprintf(note, sizeof note, "a damaged part was ignored (%s)", reading->log.warning);
    if (reading->log.warning[0] != '\0')
        add_note(reader, note);
}

static dpk_status open_plain(dpk_reader *reader, dpk_error *err)
{
    struct reading *reading = reader->state;
    reading->decoder = dpk_alloc(reader->arena, sizeof *reading->decoder, err);
    if (reading->decoder == NULL)
        return DPK_LIMIT;
    dpk_status status = dpk_png_plain_open(reader, reading->decoder, &reading->plain, err);
    if (status == DPK_OK && reading->plain != NULL)
        reader->part_rows = reading->plain->part_rows;
    return status;
}

dpk_status dpk_png_open(dpk_reader *reader, dpk_error *err)
{
    dpk_status status = dpk_png_survey(reader, err);
    if (status != DPK_OK)
        return status;
    struct reading *reading = dpk_alloc(reader->arena, sizeof *reading, err);
    if (reading == NULL)
        return DPK_LIMIT;
    *reading = (struct reading){ .view = dpk_png_view_begin(&reader->source) };
    reader->state = reading;
    reading->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reading->log, stop, complain);
    if (reading->png != NULL)
        reading->info = png_create_info_struct(reading->png);
    if (reading->info != NULL)
        status = read_head(reader, err);
    else
        status = dpk_fail(err, DPK_LIMIT, "not enough memory to decode '%s'", reader->source.name);
    if (status == DPK_OK)
        status = open_plain(reader, err);
    if (status == DPK_OK)
        note_complaint(reader);
    else
        dpk_png_close(reader);
    return status;
}

/* Adam7 has seven passes, each of which refines all rows. No row is complete before the last pass,
 * so the first call decodes everything. */
static void read_interlaced(struct reading *reading, const dpk_array *array)
{
    for (int pass = 0; pass < 7; pass++)
        for (size_t y = 0; y < array->shape[0]; y++)
            png_read_row(reading->png, dpk_row(array, y), NULL);
}

/* Decodes rows [y0, y1). Skips rows before y0, which the plain decoder has delivered. */
static void read_rows(struct reading *reading, const dpk_array *array, size_t y0, size_t y1)
{
    for (; reading->next < y0; reading->next++)
        png_read_row(reading->png, NULL, NULL);
    for (; reading->next < y1; reading->next++)
        png_read_row(reading->png, dpk_row(array, reading->next), NULL);
}

/* Reads the end of the file. libpng does not report whether IDAT chunks that it began to read after
 * the last row belong to the stream or follow it. */
static void read_end(dpk_reader *reader)
{
    struct reading *reading = reader->state;
    size_t begun = reading->view.idat_count;
    png_read_end(reading->png, reading->info);
    bool late = reading->view.idat_count > begun;
    if (reading->log.surplus ||
        (late && !dpk_png_stream_is_exact(&reader->source, reading->decoder)))
        add_note(reader, "data after the pixels was ignored");
}

/* Decodes rows with libpng. */
static dpk_status read_pixels(dpk_reader *reader, size_t y0, size_t y1, dpk_error *err)
{
    struct reading *reading = reader->state;
    const dpk_array *array = &reader->array;
    if (setjmp(png_jmpbuf(reading->png)) != 0)
        return undecodable(reader, err);
    if (!reader->whole)
        read_rows(reading, array, y0, y1);
    else if (y0 == 0)
        read_interlaced(reading, array);
    if (y1 == array->shape[0])
        read_end(reader);
    return DPK_OK;
}

dpk_status dpk_png_rows(dpk_reader *reader, size_t y0, size_t y1, dpk_error *err)
{
    struct reading *reading = reader->state;
    const dpk_array *array = &reader->array;
    dpk_png_plain *plain = reading->plain;
    if (plain != NULL && dpk_png_plain_rows(plain, array, y0, y1) &&
        (y1 < array->shape[0] || dpk_png_plain_end(plain)))
        return DPK_OK;
    reading->plain = NULL;
    return read_pixels(reader, y0, y1, err);
}

bool dpk_png_read_part(const dpk_reader *reader, size_t y0, size_t y1, void *scratch)
{
    const struct reading *reading = reader->state;
    const dpk_png_plain *plain = reading->plain;
    bool good = dpk_png_decode_part(plain, &reader->array, y0, y1, scratch);
    const dpk_png_chunk *chunk = &plain->parts[y0 / plain->part_rows].chunk;
    size_t begin = (size_t)(chunk->body - reader->source.data);
    dpk_source_done(&reader->source, begin, begin + chunk->size);
    return good;
}

size_t dpk_png_read_scratch(const dpk_reader *reader)
{
    const struct reading *reading = reader->state;
    return dpk_png_part_scratch(reading->plain);
}

bool dpk_png_read_agrees(const dpk_reader *reader)
{
    const struct reading *reading = reader->state;
    return dpk_png_parts_agree(reading->plain, &reader->array);
}

dpk_png_plain **dpk_png_plain_of(const dpk_reader *reader)
{
    struct reading *reading = reader->state;
    return &reading->plain;
}

void dpk_png_close(dpk_reader *reader)
{
    struct reading *reading = reader->state;
    if (reading != NULL)
        png_destroy_read_struct(&reading->png, &reading->info, NULL);
}
