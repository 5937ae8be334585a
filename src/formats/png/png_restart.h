/* SPDX-License-Identifier: MIT */
/* png_restart.h: PNG files that can be decoded from several places at once. dpk writes each band of
 * rows as an IDAT chunk of its own that refers to nothing before it, and says so in a chunk ahead
 * of them, maRK: the number of rows in each part but the last (4 bytes, big-endian). No offsets:
 * lengths of chunks tell where the parts are. After the last part one more IDAT chunk ends the
 * stream.
 *
 * The name, bit 5 of its letters: m, ancillary: the image is complete without it. a, private: it is
 * not registered (a proposal of this kind, mARK, has not become part of the standard). R, reserved.
 * K, not to be copied by an editor that does not know it: rows of other lengths, or parts made
 * anew, would make it untrue.
 *
 * Anyone may write anything into a file. A part is taken for what it claims to be only if decoding
 * it alone proves that decoding the whole from the beginning yields the same: it begins where the
 * part before it ended, between two blocks and at a byte boundary; it has exactly its rows, refers
 * to no byte before its first and to no row above its first; and it ends as it began. */
#ifndef DPK_PNG_RESTART_H
#define DPK_PNG_RESTART_H

#include "files/format.h"
#include "formats/png/png_stage.h"

#define DPK_PNG_RESTART_TYPE "maRK"
#define DPK_PNG_RESTART_BYTES 4

/* Size of the body that ends the stream: an empty block of the fixed code, marked as the last, and
 * the Adler-32. */
#define DPK_PNG_CLOSING 6

/* Sets part_rows and the members that belong to it, if the file says that it has parts and its
 * chunks agree. Errors: DPK_LIMIT. */
dpk_status dpk_png_find_parts(const dpk_reader *reader, dpk_png_plain *plain, dpk_error *err);

/* The functions of format.h for a file with parts. */
size_t dpk_png_part_scratch(const dpk_png_plain *plain);
bool dpk_png_decode_part(const dpk_png_plain *plain, const dpk_array *array, size_t y0, size_t y1,
                         void *scratch);
bool dpk_png_parts_agree(const dpk_png_plain *plain, const dpk_array *array);

#endif
