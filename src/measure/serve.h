/* SPDX-License-Identifier: MIT */
/* serve.h: the inside of a host process, which executes one variant on request. */
#ifndef DPK_SERVE_H
#define DPK_SERVE_H

#include "engine/run.h"
#include "model/isa.h"

typedef struct dpk_serving {
    const dpk_kernel *kernel;
    const void *self; /* the kernel's struct, with its parameters set and nothing else */
    dpk_run_options options;
    dpk_memory memory;
} dpk_serving;

/* Reads the inputs from DPK_HOST_INPUTS, then answers requests from DPK_HOST_SOCKET until the other
 * end closes. Between requests it sleeps. Errors: DPK_FAILED if the measuring process is gone; all
 * others go into replies. */
dpk_status dpk_serve(const dpk_serving *serving, dpk_error *err);

#endif
