/* SPDX-License-Identifier: MIT */
/* protocol.h: the requests and replies that the measuring process and a host exchange over a socket
 * pair. Both are the same program, so each message is a struct. */
#ifndef DPK_PROTOCOL_H
#define DPK_PROTOCOL_H

#include "analysis/comparison.h"
#include "workers/exchange.h"

/* The descriptors at which a host finds its end of the socket pair and its inputs. */
enum { DPK_HOST_SOCKET = 3, DPK_HOST_INPUTS = 4 };

typedef enum dpk_request {
    DPK_REQUEST_CHECK = 1,  /* execute twice, untimed, for digest, peak memory and timeline */
    DPK_REQUEST_SAMPLE,     /* execute once */
    DPK_REQUEST_WARM,       /* execute untimed, then once for a sample */
    DPK_REQUEST_KEEP_GOING, /* execute once, replacing workers that die */
} dpk_request;

/* The reply. That to a check is followed by `marks` dpk_marks. */
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
