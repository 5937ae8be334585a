/* SPDX-License-Identifier: MIT */
/* format.h: where arrays come from and go to. One file of formats/ is one format; its descriptor
 * is the last thing in it: `const dpk_format dpk_format_NAME = { … };`. */
#ifndef DPK_FORMAT_H
#define DPK_FORMAT_H

#include "base/arena.h"
#include "files/meta.h"
#include "files/sink.h"
#include "files/source.h"
#include "model/isa.h"
#include <dpk/dpk.h>

typedef struct dpk_format dpk_format;

/* Reading: open() looks at the head and fills array's type and shape; rows() then decodes, in
 * order and once each, the rows [y0, y1) (items of the first axis; the one element of a rank-0
 * array is its row 0) to where dpk_row(array, y) says, which the caller has allocated in between.
 * Row y0 - 1 is still there. */
typedef struct dpk_reader {
    const dpk_format *format;
    dpk_source source;
    dpk_arena *arena;    /* for meta and the format's state */
    size_t limit_pixels; /* more rows × columns than this: DPK_LIMIT, before memory is taken */
    dpk_isa isa;         /* level of code that is compiled for several */
    dpk_array array;     /* C-contiguous */
    bool image;          /* the format holds pictures, not arrays */
    bool whole;          /* rows() needs all rows of array in memory, not a window of them */
    const void *mapped;  /* the elements themselves, where the file holds them just as an array
                            does: then rows() need not be called; NULL otherwise */
    dpk_meta meta;
    size_t part_rows; /* rows of the parts the file consists of, if it claims that each of them
                         can be decoded without the others; 0 if it does not */
    char note[160];   /* what could not be taken over, "" if all was; for standard error */
    void *state;      /* the format's own */
} dpk_reader;

typedef struct dpk_writer {
    const dpk_format *format;
    dpk_sink *sink;         /* NULL for formats that write nothing */
    const dpk_array *array; /* type and shape known from begin() on, data from rows() on */
    const void *options;    /* as the format's params declare them; NULL: their defaults */
    dpk_isa isa;            /* level of code that is compiled for several */
    const dpk_meta *meta;   /* of the first input, or NULL */
    const char *suffix;     /* as accepts() got it: "pgm" and "pam" are one format */
    dpk_arena *arena;       /* for the format's state */
    char note[160];         /* what could not be carried over, "" if all was */
    void *state;
} dpk_writer;

struct dpk_format {
    const char *name; /* "png"; also the prefix of a virtual target: "hash:" */
    const char *summary;
    const char *(*built_on)(void); /* libraries that decide how fast it is; NULL: nothing to say */
    const char *const *suffixes;   /* without dot, ends with NULL; NULL for virtual formats */

    /* Options of the command line for outputs in this format, members of a struct of params_size
     * bytes; their names begin with the format's. NULL and 0 for none. */
    const dpk_param *params;
    size_t params_size;

    /* Reading; all NULL for formats that are only written. Errors: DPK_BAD_INPUT, DPK_LIMIT. */
    bool (*recognise)(const unsigned char *head, size_t size); /* by content, never by name */
    dpk_status (*open)(dpk_reader *reader, dpk_error *err);
    dpk_status (*rows)(dpk_reader *reader, size_t y0, size_t y1, dpk_error *err);

    /* In place of rows(), where open() set part_rows: decodes the part that is rows [y0, y1); any
     * worker, any order. Changes nothing but these rows and scratch, and in the state what belongs
     * to the part. False when the part is not what it claims to be. */
    bool (*decode_part)(const dpk_reader *reader, size_t y0, size_t y1, void *scratch);
    size_t (*part_scratch)(const dpk_reader *reader); /* bytes */
    /* After all parts: whether rows() would have read the same. */
    bool (*parts_agree)(const dpk_reader *reader);

    void (*close)(dpk_reader *reader); /* frees what is not in the arena; NULL for nothing */

    /* Writing; all NULL for formats that are only read. accepts() says, before anything is
     * computed, why an array of this type and shape cannot be written (DPK_USAGE with a sentence
     * that names a format which can); NULL: everything can. Errors of the others:
     * DPK_OUTPUT_FAILED, DPK_LIMIT. */
    dpk_status (*accepts)(const dpk_array *array, const char *suffix, dpk_error *err);
    dpk_status (*begin)(dpk_writer *writer, dpk_error *err);
    dpk_status (*write)(dpk_writer *writer, size_t y0, size_t y1, dpk_error *err);
    dpk_status (*finish)(dpk_writer *writer, dpk_error *err);

    /* Every row has its place in the file, and write() puts it there (dpk_sink_write_at) and does
     * nothing else: unless the sink is direct, anyone may write any rows in any order. */
    bool placed;

    /* Writing in parallel, in place of write(): any worker encodes a band of rows into a piece,
     * then the pieces are appended in order. All NULL where rows must be written one after the
     * other. Bands are cut by the array's type and shape alone, so that the bytes of the file do
     * not depend on who encodes. */
    size_t (*band_rows)(const dpk_array *array);
    size_t (*piece_bound)(const dpk_writer *writer, size_t rows); /* most bytes of a piece */
    size_t (*encode_scratch)(const dpk_writer *writer);           /* bytes encode() works in */
    /* Encodes rows [y0, y1), a whole band or the last one, and returns the piece's bytes. Cannot
     * fail; changes nothing but piece and scratch. */
    size_t (*encode)(const dpk_writer *writer, size_t y0, size_t y1, void *piece, void *scratch);
    dpk_status (*append)(dpk_writer *writer, size_t y0, size_t y1, const void *piece, size_t bytes,
                         dpk_error *err);

    void (*abandon)(dpk_writer *writer); /* frees what is not in the arena; NULL for nothing */
    bool stdout_only; /* a virtual format that prints: its sink is standard output */
};

/* Whether anyone may write any rows in any order. */
static inline bool dpk_writes_in_place(const dpk_writer *writer)
{
    return writer->format->placed && !writer->sink->direct;
}

#endif
