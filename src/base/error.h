/* SPDX-License-Identifier: MIT */
/* error.h: exit codes and texts of statuses. dpk_fail itself is declared in dpk.h. */
#ifndef DPK_ERROR_H
#define DPK_ERROR_H

#include <dpk/dpk.h>

int dpk_exit_code(dpk_status status);

/* Returns the status for which dpk ends with this code; DPK_FAILED if there is none. */
dpk_status dpk_status_of_exit_code(int code);

#endif
