/* SPDX-License-Identifier: MIT */
/* hash.c: the target `hash:`, which prints a digest of the result and discards the result itself.
 * The digest is XXH3 with 128 bits (https://github.com/Cyan4973/xxHash) of a description and the
 * elements: type name with its terminating zero, rank (1 byte), each extent (8 bytes), then the
 * elements in C order, every number little-endian. So the digest is the same on every machine, and
 * two arrays of one digest have one type, one shape and the same bytes. */
#include "base/array.h"
#include "base/bytes.h"
#include "files/format.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>

static dpk_status begin(dpk_writer *writer, dpk_error *err)
{
    const dpk_array *array = writer->array;
    XXH3_state_t *state = XXH3_createState();
    if (state == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for a digest");
    writer->state = state;
    XXH3_128bits_reset(state);
    const char *name = dpk_type_name(array->type);
    const unsigned char rank = (unsigned char)array->rank;
    XXH3_128bits_update(state, name, strlen(name) + 1);
    XXH3_128bits_update(state, &rank, 1);
    for (unsigned axis = 0; axis < array->rank; axis++) {
        unsigned char extent[8];
        dpk_store_le64(extent, array->shape[axis]);
        XXH3_128bits_update(state, extent, sizeof extent);
    }
    return DPK_OK;
}

static dpk_status write_rows(dpk_writer *writer, size_t y0, size_t y1, dpk_error *err)
{
    (void)err;
    const dpk_array *array = writer->array;
    const size_t bytes = dpk_row_bytes(array);
    const size_t unit = dpk_swap_unit(array->type);
    for (size_t y = y0; y < y1 && bytes > 0; y++) {
        const unsigned char *row = dpk_row(array, y);
        if (dpk_is_little_endian()) {
            XXH3_128bits_update(writer->state, row, bytes);
            continue;
        }
        unsigned char piece[4096]; /* stays in the first-level cache */
        for (size_t done = 0; done < bytes; done += sizeof piece) {
            size_t size = bytes - done < sizeof piece ? bytes - done : sizeof piece;
            dpk_copy_swapped(piece, row + done, size / unit, unit);
            XXH3_128bits_update(writer->state, piece, size);
        }
    }
    return DPK_OK;
}

static void abandon(dpk_writer *writer)
{
    XXH3_freeState(writer->state);
    writer->state = NULL;
}

static dpk_status finish(dpk_writer *writer, dpk_error *err)
{
    XXH128_canonical_t digest;
    XXH128_canonicalFromHash(&digest, XXH3_128bits_digest(writer->state));
    abandon(writer);
    char line[160];
    size_t used = 0;
    for (size_t i = 0; i < sizeof digest.digest; i++)
        used += (size_t)snprintf(line + used, sizeof line - used, "%02x", digest.digest[i]);
    char text[96];
    used += (size_t)snprintf(line + used, sizeof line - used, "  %s\n",
                             dpk_array_text(writer->array, text, sizeof text));
    return dpk_sink_write(writer->sink, line, used, err);
}

const dpk_format dpk_format_hash = {
    .name = "hash",
    .summary = "prints a digest of type, shape and elements",
    .begin = begin,
    .write = write_rows,
    .finish = finish,
    .abandon = abandon,
    .stdout_only = true,
};
