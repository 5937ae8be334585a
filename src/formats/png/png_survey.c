/* SPDX-License-Identifier: MIT */
/* png_survey.c: walks through all chunks before anything is decoded. It refuses pictures over the
 * pixel limit, collects metadata, and notes errors in chunks that the pixels do not depend on.
 * libpng does not see these chunks (png_view.h). */
#include "formats/png/png_parts.h"

#include "base/bytes.h"
#include "base/text.h"
#include "formats/limit.h"
#include "formats/png/png_meta.h"

#include <string.h>

/* Limits the memory for items. Pictures have far fewer chunks of metadata. */
enum { ITEMS_MOST = 10000 };

struct survey {
    dpk_reader *reader;
    dpk_png_chunk header, palette; /* type NULL: not met yet */
    bool pixels_seen, animated;
    const char *colours; /* type of the chunk that describes them, "iCCP" or "sRGB", or NULL */
    uint32_t seen;       /* bit i: a chunk under rule i has been taken */
    size_t items;
};

static void ignore(struct survey *survey, const dpk_png_chunk *chunk, const char *reason)
{
    dpk_reader *reader = survey->reader;
    dpk_png_note(reader->note, sizeof reader->note, "ignored: ", (const char *)chunk->type, reason);
}

/* Checks the claimed size before libpng does, which would call a picture of 2^31 columns invalid
 * and not too large. */
static dpk_status take_header(struct survey *survey, const dpk_png_chunk *chunk, dpk_error *err)
{
    const dpk_reader *reader = survey->reader;
    if (survey->header.type != NULL || !dpk_png_is_header(chunk) ||
        !dpk_png_is_intact(&reader->source, chunk))
        return DPK_OK;
    survey->header = *chunk;
    return dpk_check_pixels(reader, dpk_load_be32(chunk->body), dpk_load_be32(chunk->body + 4),
                            err);
}

/* ------------------------------------------------------------------- chunks that depend on others
 */

/* Returns whether sBIT, which has one byte for each channel, says that samples have fewer bits than
 * they are stored with. */
static bool is_telling(const struct survey *survey, const dpk_png_chunk *chunk)
{
    unsigned depth = survey->header.body[9] == 3 ? 8 : survey->header.body[8];
    for (size_t i = 0; i < chunk->size; i++)
        if (chunk->body[i] != depth)
            return true;
    return false;
}

/* Scales a number of `depth` bits to 16 bits. Returns false if it has more bits. The depth comes
 * from a header that has not been validated. */
static bool stretch(const unsigned char *number, unsigned depth, uint16_t *to)
{
    if (depth < 1 || depth > 16)
        return false;
    unsigned value = dpk_load_be16(number), most = (1u << depth) - 1;
    if (value > most)
        return false;
    *to = (uint16_t)(value * 65535 / most);
    return true;
}

/* Reads bKGD: a grey level or a colour, in 2 bytes per number, or an index into the palette. */
static bool read_background(const struct survey *survey, const dpk_png_chunk *chunk,
                            uint16_t colour[3])
{
    unsigned depth = survey->header.body[8], type = survey->header.body[9];
    const dpk_png_chunk *palette = &survey->palette;
    if (type == 3) {
        if (chunk->size != 1 || palette->type == NULL || 3u * chunk->body[0] + 3 > palette->size)
            return false;
        for (int i = 0; i < 3; i++)
            colour[i] = (uint16_t)(palette->body[3 * chunk->body[0] + i] * 257);
        return true;
    }
    bool grey = !(type & 2);
    if (chunk->size != (grey ? 2 : 6))
        return false;
    for (int i = 0; i < 3; i++)
        if (!stretch(chunk->body + (grey ? 0 : 2 * i), depth, &colour[i]))
            return false;
    return true;
}

static dpk_status take_background(struct survey *survey, const dpk_png_chunk *chunk, dpk_error *err)
{
    dpk_reader *reader = survey->reader;
    uint16_t colour[3];
    if (!read_background(survey, chunk, colour)) {
        ignore(survey, chunk, "invalid");
        return DPK_OK;
    }
    uint16_t *kept = dpk_alloc(reader->arena, sizeof colour, err);
    if (kept == NULL)
        return DPK_LIMIT;
    memcpy(kept, colour, sizeof colour);
    reader->meta.background = kept;
    return DPK_OK;
}

/* ------------------------------------------------------------------------------ ancillary chunks
 */

static dpk_status add_item(struct survey *survey, const dpk_png_chunk *chunk, bool bound, bool late,
                           dpk_error *err)
{
    dpk_reader *reader = survey->reader;
    dpk_meta_item item = { .bound = bound, .late = late, .body = chunk->body, .size = chunk->size };
    memcpy(item.type, chunk->type, 4);
    if (++survey->items > ITEMS_MOST)
        return dpk_fail(err, DPK_LIMIT, "'%s' has more chunks of metadata than the limit of %d",
                        reader->source.name, ITEMS_MOST);
    return dpk_meta_add(&reader->meta, reader->arena, &item, err);
}

/* A file may have a profile or the sRGB mark, not both. The first one counts, as in libpng. */
static const char *colours_of(const dpk_png_chunk *chunk)
{
    return dpk_png_is_type(chunk, "iCCP") ? "iCCP" : dpk_png_is_type(chunk, "sRGB") ? "sRGB" : NULL;
}

/* Returns what is wrong with a chunk, or NULL. */
static const char *fault_of(const struct survey *survey, const dpk_png_chunk *chunk, int number)
{
    const dpk_png_rule *rule = dpk_png_rule_at(number);
    if (survey->header.type == NULL)
        return "before the header";
    if (rule->early && survey->pixels_seen)
        return "after the pixels";
    if (!dpk_png_is_intact(&survey->reader->source, chunk))
        return "damaged";
    if (!dpk_png_is_valid(rule, chunk))
        return "invalid";
    if (rule->once && (survey->seen >> number & 1) != 0)
        return "repeated";
    if (survey->colours != NULL && colours_of(chunk) != NULL)
        return strcmp(survey->colours, "iCCP") == 0 ? "beside iCCP" : "beside sRGB";
    return NULL;
}

static dpk_status take_ancillary(struct survey *survey, const dpk_png_chunk *chunk, dpk_error *err)
{
    int number = dpk_png_rule_of(chunk);
    const dpk_png_rule *rule = dpk_png_rule_at(number);
    survey->animated = survey->animated || dpk_png_is_type(chunk, "acTL");
    if (rule->fate == DPK_PNG_SILENT)
        return DPK_OK;
    const char *fault = fault_of(survey, chunk, number);
    if (fault != NULL) {
        ignore(survey, chunk, fault);
        return DPK_OK;
    }
    survey->seen |= UINT32_C(1) << number;
    if (survey->colours == NULL)
        survey->colours = colours_of(chunk);
    if (dpk_png_is_type(chunk, "bKGD"))
        return take_background(survey, chunk, err);
    if (dpk_png_is_type(chunk, "sBIT") && !is_telling(survey, chunk))
        return DPK_OK;
    /* Chunks of known types may be moved before the pixels. PNG forbids that for unknown types. */
    bool late = survey->pixels_seen && rule->type[0] == '\0';
    return add_item(survey, chunk, rule->fate == DPK_PNG_BOUND, late, err);
}

/* -------------------------------------------------------------------------------------- the walk
 */

/* Before the pixels, libpng checks tRNS and warns of errors. */
static dpk_status take_chunk(struct survey *survey, const dpk_png_chunk *chunk, dpk_error *err)
{
    if (dpk_png_is_type(chunk, "IHDR"))
        return take_header(survey, chunk, err);
    if (dpk_png_is_type(chunk, "IDAT"))
        survey->pixels_seen = true;
    else if (dpk_png_is_type(chunk, "PLTE") && survey->pixels_seen)
        ignore(survey, chunk, "after the pixels");
    else if (dpk_png_is_type(chunk, "PLTE"))
        survey->palette = *chunk;
    else if (dpk_png_is_type(chunk, "tRNS") && survey->pixels_seen)
        ignore(survey, chunk, "after the pixels: nothing becomes transparent");
    else if (dpk_png_is_type(chunk, "IEND") && chunk->size > 0)
        ignore(survey, chunk, "has contents");
    else if (dpk_png_is_ancillary(chunk) && !dpk_png_is_type(chunk, "tRNS"))
        return take_ancillary(survey, chunk, err);
    return DPK_OK;
}

static void note_animation(char *note, size_t size)
{
    char list[160];
    dpk_text to = dpk_text_begin(list, sizeof list);
    dpk_text_add(&to, "%s", note);
    to = dpk_text_begin(note, size);
    dpk_text_add(&to, "an animation, of which only the first picture was read%s%s",
                 list[0] != '\0' ? "; " : "", list);
}

dpk_status dpk_png_survey(dpk_reader *reader, dpk_error *err)
{
    struct survey survey = { .reader = reader };
    size_t position = DPK_PNG_FIRST_CHUNK;
    dpk_png_chunk chunk = { NULL, NULL, 0 };
    dpk_status status = DPK_OK;
    reader->meta = (dpk_meta){ .source = &reader->source };
    reader->note[0] = '\0';
    while (status == DPK_OK && dpk_png_next_chunk(&reader->source, &position, &chunk)) {
        status = take_chunk(&survey, &chunk, err);
        if (dpk_png_is_type(&chunk, "IEND"))
            break;
    }
    if (survey.animated)
        note_animation(reader->note, sizeof reader->note);
    return status;
}
