/* SPDX-License-Identifier: MIT */
/* serve.h: the inside of a host process, which executes one variant whenever it is told to. */
#ifndef DPK_SERVE_H
#define DPK_SERVE_H

#include "engine/run.h"
#include "model/isa.h"

typedef struct dpk_serving {
    const dpk_kernel *kernel;
    const void *self; /* the kernel's struct, filled by parameters alone */
    dpk_run_options options;
    dpk_memory memory;
} dpk_serving;

/* Takes the inputs from DPK_HOST_INPUTS, answers requests from DPK_HOST_SOCKET until its other end
 * is closed. Between two of them it sleeps. Errors: DPK_FAILED when the coordinator is gone; all
 * others it tells the coordinator. */
dpk_status dpk_serve(const dpk_serving *serving, dpk_error *err);

#endif
