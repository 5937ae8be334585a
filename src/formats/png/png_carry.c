/* SPDX-License-Identifier: MIT */
/* png_carry.c: writes the metadata of an input to a PNG output, and notes what was left out. */
#include "formats/png/png_parts.h"

#include "formats/png/png_meta.h"

#include <string.h>

static void leave_out(dpk_writer *writer, const char *type, const char *reason)
{
    dpk_png_note(writer->note, sizeof writer->note, "left out: ", type, reason);
}

/* An ICC profile describes either grey or RGB pixels. A file of the other kind must not contain it.
 */
static bool profile_fits(const dpk_writer *writer)
{
    return (writer->meta->channels <= 2) == (writer->array->shape[2] <= 2);
}

static bool is_carried(dpk_writer *writer, const dpk_meta_item *item)
{
    const char *reason = NULL;
    if (item->bound)
        reason = "true of the input's pixels only";
    else if (strcmp(item->type, "iCCP") == 0 && !profile_fits(writer))
        reason = writer->meta->channels <= 2 ? "for grey pictures" : "for colour pictures";
    if (reason != NULL)
        leave_out(writer, item->type, reason);
    return reason == NULL;
}

/* Writes the background in terms of the output's pixels: as a grey level or a colour, scaled to the
 * size of their samples, in 2 bytes each. */
static dpk_status write_background(dpk_writer *writer, dpk_error *err)
{
    const uint16_t *colour = writer->meta->background;
    const dpk_array *array = writer->array;
    size_t count = array->shape[2] <= 2 ? 1 : 3;
    unsigned char body[6];
    if (count == 1 && (colour[0] != colour[1] || colour[1] != colour[2])) {
        leave_out(writer, "bKGD", "a colour");
        return DPK_OK;
    }
    for (size_t i = 0; i < count; i++) {
        unsigned value = array->type == DPK_U16 ? colour[i] : (colour[i] + 128u) / 257;
        body[2 * i] = (unsigned char)(value >> 8);
        body[2 * i + 1] = (unsigned char)value;
    }
    return dpk_png_write_chunk(writer->sink, "bKGD", body, 2 * count, NULL, err);
}

dpk_status dpk_png_write_meta(dpk_writer *writer, bool late, dpk_error *err)
{
    const dpk_meta *meta = writer->meta;
    dpk_status status = DPK_OK;
    if (meta == NULL)
        return DPK_OK;
    if (!late && meta->background != NULL)
        status = write_background(writer, err);
    for (const dpk_meta_item *item = meta->first; item != NULL && status == DPK_OK;
         item = item->next)
        if (item->late == late && is_carried(writer, item))
            status = dpk_png_write_chunk(writer->sink, item->type, item->body, item->size,
                                         meta->source, err);
    return status;
}
