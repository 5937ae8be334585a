/* SPDX-License-Identifier: MIT */
/* png_file.h: PNG files taken apart into chunks and put together again, for seeds and for changing
 * what checksums would otherwise hide. */
#ifndef DPK_FUZZ_PNG_FILE_H
#define DPK_FUZZ_PNG_FILE_H

#include <dpk/dpk.h>

enum { PNG_CHUNKS_MOST = 256, PNG_RAW_MOST = 1 << 20, PNG_POOL = 4 << 20 };

typedef struct png_piece {
    char type[5];
    unsigned char *body; /* in the pool */
    size_t size;
} png_piece;

typedef struct png_file {
    png_piece pieces[PNG_CHUNKS_MOST];
    size_t count;
    size_t used; /* of the pool */
    unsigned char pool[PNG_POOL];
} png_file;

/* How rows are compressed. */
typedef struct png_packing {
    int level, strategy; /* zlib's */
    size_t cut;          /* most bytes in an IDAT chunk; 0: as many as there are */
    size_t part_rows;    /* so many rows in each chunk, that refers to nothing before it, and a
                            chunk that says so; 0: one stream */
    bool sloppy;         /* parts do refer to what is before them */
} png_packing;

typedef struct png_header {
    uint32_t columns, rows;
    unsigned depth, colour, interlaced;
} png_header;

/* A file of one chunk, the header. */
void png_start(png_file *file, const png_header *header);
bool png_header_of(const png_file *file, png_header *header);
void png_set_header(png_file *file, const png_header *header);

/* As far as chunks are whole. */
void png_take_apart(png_file *file, const unsigned char *data, size_t size);

/* With the right checksums. Returns the size, 0 if there is not so much room. */
size_t png_put_together(const png_file *file, unsigned char *to, size_t room);

/* A chunk with room for size bytes at a place among the others, whose body is to be filled; NULL
 * when there is no room. */
png_piece *png_insert(png_file *file, size_t place, const char *type, size_t size);
void png_remove(png_file *file, size_t place);
size_t png_find(const png_file *file, const char *type); /* the first one's place, or count */

/* Bytes of one filtered row, its filter's number included; 0 for a header that makes no sense. */
size_t png_row_bytes(const png_header *header);

/* What the IDAT chunks hold, as far as it goes; returns how much. */
size_t png_unpack(png_file *file, unsigned char *raw, size_t room);

/* Puts new IDAT chunks in place of the old ones, or at the end. */
void png_pack(png_file *file, const unsigned char *raw, size_t size, const png_packing *packing);

/* Makes the Adler-32 at the end of the stream the right one, if the stream has an end. */
void png_mend_adler(png_file *file);

#endif
