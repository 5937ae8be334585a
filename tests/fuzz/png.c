/* SPDX-License-Identifier: MIT */
/* png.c: a fuzz target for reading PNG. Every input is read the short way and by libpng alone, side
 * by side, and, if it says it has parts, by parts in any order. All must come to the same verdict
 * with the same words, to the same metadata, and to the same pixels, row by row, as long as neither
 * refuses. (But for the streams that ISA-L takes and zlib does not: png_plain.h.) */
#include "base/array.h"
#include "formats/png/png_plain.h"
#include "harness.h"

#include <stdlib.h>
#include <string.h>

extern const dpk_format dpk_format_png;

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Both ways of undoing filters in turn. */
static dpk_isa choose_isa(bool best)
{
    return best ? dpk_isa_best() : DPK_ISA_BASE;
}

static void compare_meta(const fuzz_session *a, const fuzz_session *b)
{
    const dpk_meta_item *one = a->reader.meta.first, *other = b->reader.meta.first;
    for (; one != NULL && other != NULL; one = one->next, other = other->next)
        if (strcmp(one->type, other->type) != 0 || one->body != other->body ||
            one->size != other->size)
            break;
    const uint16_t *colour = a->reader.meta.background, *twin = b->reader.meta.background;
    bool same_background =
        colour == NULL ? twin == NULL : twin != NULL && memcmp(colour, twin, 6) == 0;
    if (one != other || !same_background || a->reader.meta.channels != b->reader.meta.channels)
        fuzz_fail("metadata differs", a, b);
}

/* Where rows can be had a few at a time, the short way gets room for one more than that. */
static size_t take_window(fuzz_session *session, uint32_t choice)
{
    dpk_array *array = &session->reader.array;
    size_t band = session->reader.whole ? array->shape[0] : 1 + choice % 7;
    if (band < array->shape[0])
        array->ring = band + 1;
    return band;
}

/* Whether plain was refused for a code with unused patterns of bits, and nothing else. */
static bool is_too_strict(const fuzz_session *plain)
{
#ifdef DPK_HAVE_ISAL
    const char *text = plain->error.text;
    return strstr(text, "invalid code lengths set") != NULL ||
           strstr(text, "invalid literal/lengths set") != NULL ||
           strstr(text, "invalid distances set") != NULL;
#else
    (void)plain;
    return false;
#endif
}

/* libpng may notice sooner that a stream has no end. */
static void read_both(fuzz_session *quick, fuzz_session *plain, size_t band)
{
    size_t rows = plain->reader.array.shape[0];
    for (size_t y = 0, next; y < rows && quick->status == DPK_OK; y = next) {
        next = least(y + band, rows);
        quick->status = dpk_format_png.rows(&quick->reader, y, next, &quick->error);
        if (plain->status == DPK_OK)
            plain->status = dpk_format_png.rows(&plain->reader, y, next, &plain->error);
        if (quick->status == DPK_OK && plain->status == DPK_OK)
            fuzz_compare_rows(quick, plain, y, next);
    }
    if (quick->status != DPK_OK || !is_too_strict(plain))
        fuzz_compare_words(quick, plain);
}

/* False if the parts turn out not to be what they are claimed to be. */
static bool read_parts(fuzz_session *session, uint32_t choice)
{
    dpk_reader *reader = &session->reader;
    size_t rows = reader->array.shape[0], part_rows = reader->part_rows;
    size_t parts = (rows - 1) / part_rows + 1;
    void *scratch = dpk_alloc(NULL, dpk_format_png.part_scratch(reader), &session->error);
    if (scratch == NULL)
        abort();
    for (size_t i = 0; i < parts; i++) {
        size_t place = (choice + i) % parts;
        size_t y = (choice & 1 ? place : parts - 1 - place) * part_rows;
        if (!dpk_format_png.decode_part(reader, y, least(y + part_rows, rows), scratch))
            return false;
    }
    return dpk_format_png.parts_agree(reader);
}

static void check_parts(const dpk_source *source, const fuzz_session *plain, uint32_t choice)
{
    fuzz_session parted;
    fuzz_open(&parted, &dpk_format_png, source, choose_isa(!(choice & 2)));
    if (parted.status != DPK_OK || parted.reader.part_rows == 0)
        fuzz_fail("parts come and go", &parted, plain);
    if (read_parts(&parted, choice)) {
        if (plain->status == DPK_OK)
            fuzz_compare_rows(&parted, plain, 0, plain->reader.array.shape[0]);
        else if (!is_too_strict(plain))
            fuzz_fail("parts of a refused file are accepted", &parted, plain);
    }
    fuzz_close(&parted);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    fuzz_session quick, plain;
    dpk_source source = fuzz_begin(data, size);
    uint32_t choice = fuzz_choice(&source);
    fuzz_open(&quick, &dpk_format_png, &source, choose_isa(choice & 2));
    fuzz_open(&plain, &dpk_format_png, &source, DPK_ISA_BASE);
    fuzz_compare_words(&quick, &plain);
    if (plain.status == DPK_OK) {
        *dpk_png_plain_of(&plain.reader) = NULL;
        compare_meta(&quick, &plain);
        read_both(&quick, &plain, take_window(&quick, choice >> 2));
        if (quick.reader.part_rows > 0)
            check_parts(&source, &plain, choice);
    }
    fuzz_close(&quick);
    fuzz_close(&plain);
    fuzz_end();
    return 0;
}
