/* SPDX-License-Identifier: MIT */
/* run_stats.h: the ledger of one run, for people, and its timeline, for viewers. */
#ifndef DPK_RUN_STATS_H
#define DPK_RUN_STATS_H

#include "engine/run.h"
#include "model/isa.h"

/* Prints on standard error where the time of an executed run went. wall: ns, measured around it. */
void dpk_print_stats(const dpk_run *run, uint64_t wall, dpk_isa isa);

/* Errors: DPK_OUTPUT_FAILED. */
dpk_status dpk_save_trace(const dpk_run *run, const char *path, dpk_error *err);

#endif
