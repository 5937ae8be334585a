/* SPDX-License-Identifier: MIT */
/* options.h: what a program asks of an executor, checked. */
#ifndef DPK_EXECUTOR_OPTIONS_H
#define DPK_EXECUTOR_OPTIONS_H

#include "executor/kind.h"

/* Completes options: *known becomes what is asked for, with a number of workers, *kind who
 * executes. asked: NULL for the defaults. Errors: DPK_USAGE, in a sentence that says what could be
 * asked. */
dpk_status dpk_executor_options_check(const dpk_executor_options *asked,
                                      dpk_executor_options *known, const dpk_kind **kind,
                                      dpk_error *err);

#endif
