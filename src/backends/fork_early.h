/* SPDX-License-Identifier: MIT */
/* fork_early.h: a backend for tests, which users are not offered: fork with workers that are
 * started before the run begins (dpk_backend.hire). What works with it touches nothing but the
 * arena, and what a process inherits on purpose: so would a pool of workers that stay. */
#ifndef DPK_FORK_EARLY_H
#define DPK_FORK_EARLY_H

#include "workers/backend.h"

/* Only in builds with tests. */
extern const dpk_backend dpk_fork_early;

#endif
