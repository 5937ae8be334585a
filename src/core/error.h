/* SPDX-License-Identifier: MIT */
/* error.h: what a status means outside: exit code and text. dpk_fail itself is in dpk.h. */
#ifndef DPK_ERROR_H
#define DPK_ERROR_H

#include "dpk.h"

int dpk_exit_code(dpk_status status);
const char *dpk_status_text(dpk_status status);

#endif
