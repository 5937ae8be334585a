/* SPDX-License-Identifier: MIT */
/* foreign.h: naming files that dpk does not read, so that a user knows what is wrong with them. */
#ifndef DPK_FOREIGN_H
#define DPK_FOREIGN_H

#include <stddef.h>

/* What a file that begins like this is: "a JPEG file"; NULL if that is not known. */
const char *dpk_foreign_name(const unsigned char *head, size_t size);

#endif
