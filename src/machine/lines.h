/* SPDX-License-Identifier: MIT */
/* lines.h: single lines of the small text files in which Linux describes itself. */
#ifndef DPK_LINES_H
#define DPK_LINES_H

#include <stddef.h>

/* Reads the first line of a file into line, without its newline; "" if the file cannot be read.
 * Returns line. */
const char *dpk_machine_line(const char *path, char *line, size_t size);

/* What follows `name` in the first line of a file that begins with it; "" if no line does. line is
 * memory for it. */
const char *dpk_machine_entry(const char *path, const char *name, char *line, size_t size);

#endif
