/* SPDX-License-Identifier: MIT */
/* png_mutate.c: changes PNG files where it matters. Random changes of a file get no further than
 * the first checksum; so a file is taken apart, one or a few of its chunks or of its rows are
 * changed, and it is put together with sums that are right, mostly. */
#include "png_file.h"

#include <stdlib.h>
#include <string.h>

size_t LLVMFuzzerMutate(unsigned char *data, size_t size, size_t room);
size_t LLVMFuzzerCustomMutator(unsigned char *data, size_t size, size_t room, unsigned seed);

/* Most bytes by which one change lets a chunk grow. */
enum { GROWTH = 64 };

static png_file file;
static unsigned char raw[PNG_RAW_MOST];
static uint32_t state;

static uint32_t draw(uint32_t below)
{
    state = state * 1664525 + 1013904223;
    return (uint32_t)(((uint64_t)(state >> 4) * below) >> 28);
}

static const char *draw_type(void)
{
    static const char *const types[] = { "IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "iCCP",
                                         "sRGB", "sBIT", "bKGD", "tEXt", "zTXt", "iTXt", "tIME",
                                         "eXIf", "acTL", "maRK", "pHYs", "cHRM", "oFFs", "sCAL",
                                         "sTER", "hIST", "prVt", "prVT" };
    return types[draw(sizeof types / sizeof *types)];
}

static size_t draw_place(void)
{
    return draw((uint32_t)file.count);
}

/* ---------------------------------------------------------------------------------------- chunks
 */

static void change_body(size_t place)
{
    png_piece *piece = file.pieces + place;
    size_t room = piece->size + GROWTH;
    if (room > sizeof file.pool - file.used)
        return;
    unsigned char *body = file.pool + file.used;
    memcpy(body, piece->body, piece->size);
    file.used += room;
    piece->body = body;
    piece->size = LLVMFuzzerMutate(body, piece->size, room);
}

static void insert_any(void)
{
    size_t place = draw((uint32_t)file.count + 1), size = draw(16);
    png_piece *piece = png_insert(&file, place, draw_type(), size);
    for (size_t i = 0; piece != NULL && i < size; i++)
        piece->body[i] = (unsigned char)draw(256);
}

static void copy_chunk(void)
{
    png_piece copied = file.pieces[draw_place()];
    png_piece *piece = png_insert(&file, draw((uint32_t)file.count + 1), copied.type, copied.size);
    if (piece != NULL)
        memcpy(piece->body, copied.body, copied.size);
}

/* In two of the same type, the stream they hold staying the same. */
static void split(size_t place)
{
    png_piece *piece = file.pieces + place;
    size_t cut = draw((uint32_t)piece->size + 1);
    png_piece *behind = png_insert(&file, place + 1, piece->type, piece->size - cut);
    if (behind == NULL)
        return;
    memcpy(behind->body, piece->body + cut, behind->size);
    piece->size = cut;
}

static void join(size_t place)
{
    if (place + 1 >= file.count)
        return;
    png_piece one = file.pieces[place], other = file.pieces[place + 1];
    png_piece *both = png_insert(&file, place, one.type, one.size + other.size);
    if (both == NULL)
        return;
    memcpy(both->body, one.body, one.size);
    memcpy(both->body + one.size, other.body, other.size);
    png_remove(&file, place + 1);
    png_remove(&file, place + 1);
}

static void swap(size_t a, size_t b)
{
    png_piece piece = file.pieces[a];
    file.pieces[a] = file.pieces[b];
    file.pieces[b] = piece;
}

/* Mostly at or behind the first IDAT chunk, where most is to be found out. */
static size_t draw_pixels(void)
{
    size_t first = png_find(&file, "IDAT");
    if (first == file.count || draw(4) == 0)
        return draw_place();
    return first + draw((uint32_t)(file.count - first));
}

static void change_chunk(void)
{
    switch (draw(10)) {
    case 0:
        insert_any();
        break;
    case 1:
        copy_chunk();
        break;
    case 2:
        if (file.count > 1)
            png_remove(&file, draw_place());
        break;
    case 3:
        swap(draw_place(), draw_place());
        break;
    case 4:
        memcpy(file.pieces[draw_place()].type, draw_type(), 4);
        break;
    case 5:
        split(draw_pixels());
        break;
    case 6:
        join(draw_pixels());
        break;
    default:
        change_body(draw_pixels());
    }
}

/* ------------------------------------------------------------------------------------------ rows
 */

static void draw_header(png_header *header)
{
    static const unsigned depths[] = { 1, 2, 4, 8, 8, 8, 16, 16 }, colours[] = { 0, 2, 3, 4, 6 };
    switch (draw(6)) {
    case 0:
        header->columns = 1 + draw(40);
        break;
    case 1:
        header->rows = 1 + draw(40);
        break;
    case 2:
        header->depth = depths[draw(8)];
        break;
    case 3:
        header->colour = colours[draw(5)];
        break;
    }
}

/* As many rows as the header says, with filters there are, unless they are changed after that. */
static size_t fit_rows(const png_header *header, size_t size)
{
    size_t row = png_row_bytes(header), wanted = row * header->rows;
    if (row == 0 || header->rows > PNG_RAW_MOST / row || header->interlaced != 0)
        return size;
    if (wanted > size)
        memset(raw + size, draw(256), wanted - size);
    for (size_t y = 0; y < header->rows; y++)
        raw[y * row] %= 5;
    return wanted;
}

/* Without a look at the row above in the first row of each part. */
static void fit_parts(const png_header *header, size_t part_rows)
{
    size_t row = png_row_bytes(header);
    if (part_rows > 0 && row > 0 && header->rows <= PNG_RAW_MOST / row)
        for (size_t y = 0; y < header->rows; y += part_rows)
            raw[y * row] &= 1;
}

static void change_rows(size_t room)
{
    png_header header;
    if (!png_header_of(&file, &header))
        return;
    size_t size = png_unpack(&file, raw, sizeof raw);
    draw_header(&header);
    png_set_header(&file, &header);
    size = fit_rows(&header, size);
    png_packing packing = { .level = (int)draw(10),
                            .strategy = (int)draw(5),
                            .cut = draw(3) == 0 ? 1 + draw(200) : 0,
                            .part_rows = draw(2) == 0 ? 1 + draw(8) : 0,
                            .sloppy = draw(8) == 0 };
    if (draw(8) != 0)
        fit_parts(&header, packing.part_rows);
    if (draw(2) == 0 && size < room)
        size = LLVMFuzzerMutate(raw, size, room);
    png_pack(&file, raw, size, &packing);
}

/* ------------------------------------------------------------------------------------------ files
 */

size_t LLVMFuzzerCustomMutator(unsigned char *data, size_t size, size_t room, unsigned seed)
{
    state = seed;
    png_take_apart(&file, data, size);
    if (file.count == 0 || draw(16) == 0)
        return LLVMFuzzerMutate(data, size, room);
    for (uint32_t changes = 1 + draw(3); changes > 0; changes--)
        if (draw(4) == 0)
            change_rows(room);
        else
            change_chunk();
    if (draw(8) != 0)
        png_mend_adler(&file);
    size_t made = png_put_together(&file, data, room);
    return made > 0 ? made : LLVMFuzzerMutate(data, size, room);
}
