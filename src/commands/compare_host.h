/* SPDX-License-Identifier: MIT */
/* compare_host.h: `dpk compare --host`, the process in which a variant is measured. It is not for
 * people: it expects its coordinator behind one descriptor and its inputs behind another. */
#ifndef DPK_COMPARE_HOST_H
#define DPK_COMPARE_HOST_H

#include "engine/registry.h"

/* words: a kernel, its parameters, options of a run. */
dpk_status dpk_compare_host(dpk_registry *registry, int count, char *const *words, dpk_error *err);

#endif
