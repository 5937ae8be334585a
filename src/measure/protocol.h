/* SPDX-License-Identifier: MIT */
/* protocol.h: what the coordinator and a host process say to each other, over one socket pair. Both
 * are the same program, so a message is a struct. */
#ifndef DPK_PROTOCOL_H
#define DPK_PROTOCOL_H

#include "analysis/comparison.h"
#include "workers/exchange.h"

/* Where a host finds its end of the socket pair, and its inputs. */
enum { DPK_HOST_SOCKET = 3, DPK_HOST_INPUTS = 4 };

typedef enum dpk_request {
    DPK_REQUEST_CHECK = 1,  /* execute twice, untimed: digest, peak memory, timeline */
    DPK_REQUEST_SAMPLE,     /* execute once */
    DPK_REQUEST_WARM,       /* execute untimed, and then for a sample */
    DPK_REQUEST_KEEP_GOING, /* execute once, replacing workers that die */
} dpk_request;

/* The answer; of a check, reply.marks dpk_marks follow. */
typedef struct dpk_reply {
    dpk_status status;
    dpk_error err;
    dpk_sample sample;
    uint64_t digest;
    size_t peak;  /* bytes */
    size_t marks; /* of the timeline */
    size_t marks_lost;
    char note[160];
    dpk_failure failure;
} dpk_reply;

#endif
