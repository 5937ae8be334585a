/* SPDX-License-Identifier: MIT */
/* error.h: what a status means outside: exit code and text. dpk_fail itself is in dpk.h. */
#ifndef DPK_ERROR_H
#define DPK_ERROR_H

#include <dpk/dpk.h>

int dpk_exit_code(dpk_status status);

/* What a dpk that ended with this code meant; DPK_FAILED for a code that is none of its own. */
dpk_status dpk_status_of_exit_code(int code);

const char *dpk_status_text(dpk_status status);

#endif
