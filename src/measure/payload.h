/* SPDX-License-Identifier: MIT */
/* payload.h: a kernel's inputs, decoded once and sent to every host process in a nameless file in
 * memory. Each host copies them into an arena, where inputs of any run lie, so that the times do
 * not depend on how they were sent. */
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

/* Checks that there is memory for arrays of these types and shapes in the payload and in `hosts`
 * hosts, all of which hold them at the same time. Errors: DPK_LIMIT. */
dpk_status dpk_payload_check(const dpk_array *arrays, size_t count, size_t hosts, dpk_error *err);

/* Makes a payload with room for the arrays, and maps it for filling. Errors: DPK_LIMIT. */
dpk_status dpk_payload_make(dpk_payload *payload, const dpk_array *arrays, size_t count,
                            size_t hosts, dpk_error *err);

/* In the host: copies the arrays from the file into the arena. Errors: DPK_LIMIT, DPK_FAILED. */
dpk_status dpk_payload_unpack(int descriptor, dpk_arena *arena, dpk_array *arrays, size_t *count,
                              dpk_error *err);

void dpk_payload_close(dpk_payload *payload);

#endif
