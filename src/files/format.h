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

/* Reading takes two steps. open() parses the head and sets the array's type and shape. The caller
 * allocates memory for rows, and then rows() decodes the rows [y0, y1) to the addresses that
 * dpk_row(array, y) gives: in order, each row once. Rows are the items of the first axis; an array
 * of rank 0 has one. While rows() decodes row y0, row y0 - 1 is still in memory. */
typedef struct dpk_reader {
    const dpk_format *format;
    dpk_source source;
    dpk_arena *arena;    /* for meta and the format's state */
    size_t limit_pixels; /* more rows × columns than this: DPK_LIMIT, before memory is taken */
    dpk_isa isa;         /* level of code that is compiled for several */
    dpk_array array;     /* C-contiguous */
    bool image;          /* the format holds pictures, not arrays */
    bool whole;          /* rows() needs memory for all rows of array, not for a window of them */
    const void *mapped;  /* the elements, if the file stores them exactly as an array does: then
                            rows() need not be called; else NULL */
    dpk_meta meta;
    size_t part_rows; /* rows of a part, if the file claims to consist of parts that can be decoded
                         independently of each other; else 0 */
    char note[160];   /* what of the file is ignored, for the user; "" if nothing is */
    void *state;      /* the format's own */
} dpk_reader;

typedef struct dpk_writer {
    const dpk_format *format;
    dpk_sink *sink;         /* NULL for formats that write nothing */
    const dpk_array *array; /* type and shape known from begin() on, data from rows() on */
    const void *options;    /* as the format's params declare them; NULL: their defaults */
    dpk_isa isa;            /* level of code that is compiled for several */
    const dpk_meta *meta;   /* of the first input, or NULL */
    const char *suffix;     /* as passed to accepts(): "pgm" and "pam" are one format */
    dpk_arena *arena;       /* for the format's state */
    bool led;               /* workers do not see the sink: write() is the leader's */
    char note[160];         /* what of the input is not written; "" if all is */
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

    /* Used in place of rows() if open() has set part_rows. Decodes the part of rows [y0, y1), on
     * any worker and in any order. Changes only these rows, scratch, and what the state holds of
     * this part. Returns false if the part is not what the file claims it to be. */
    bool (*decode_part)(const dpk_reader *reader, size_t y0, size_t y1, void *scratch);
    size_t (*part_scratch)(const dpk_reader *reader); /* bytes */
    /* Called after all parts: says whether rows() would have decoded the same. */
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

    /* Every row has a fixed place in the file, and write() does nothing but put it there
     * (dpk_sink_write_at). Then any worker may write any rows in any order, unless the sink is
     * direct. */
    bool placed;

    /* Writing in parallel, in place of write(): any worker encodes a band of rows into a piece, and
     * the pieces are appended in order. All are NULL if rows must be written one after the other.
     * The array's type and shape alone decide where bands begin, so that the bytes of the file do
     * not depend on the workers. */
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
    return writer->format->placed && !writer->led && !writer->sink->direct;
}

#endif
