/* SPDX-License-Identifier: MIT */
/* payload.h: a kernel's inputs, decoded once and handed to every host process. They travel in a
 * nameless file in memory; each host copies them to memory of its own, of the kind inputs have in
 * any run, so that what is measured does not depend on how they came. */
#ifndef DPK_PAYLOAD_H
#define DPK_PAYLOAD_H

#include "base/arena.h"
#include "engine/run.h"

typedef struct dpk_payload {
    int descriptor; /* of the file in memory, -1 for none */
    size_t bytes;
    size_t count;
    dpk_array arrays[DPK_MAX_PORTS]; /* data: NULL, or where they are mapped */
    unsigned char *base;
} dpk_payload;

/* Whether there is memory for arrays of these types and shapes, in the payload and in so many
 * hosts, all of which hold them at a time. Errors: DPK_LIMIT. */
dpk_status dpk_payload_check(const dpk_array *arrays, size_t count, size_t hosts, dpk_error *err);

/* A payload with room for them, mapped and ready to be filled. Errors: DPK_LIMIT, as above, too. */
dpk_status dpk_payload_make(dpk_payload *payload, const dpk_array *arrays, size_t count,
                            size_t hosts, dpk_error *err);

/* In the host: copies the arrays out of the file into the arena. Errors: DPK_LIMIT, DPK_FAILED. */
dpk_status dpk_payload_unpack(int descriptor, dpk_arena *arena, dpk_array *arrays, size_t *count,
                              dpk_error *err);

void dpk_payload_close(dpk_payload *payload);

#endif
