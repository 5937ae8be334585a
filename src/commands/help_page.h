/* SPDX-License-Identifier: MIT */
/* help_page.h: help texts, made from declarations and tables. All print to standard output. */
#ifndef DPK_HELP_PAGE_H
#define DPK_HELP_PAGE_H

#include "commands/command.h"

/* Everything about one kernel. */
void dpk_print_kernel_page(const dpk_kernel_row *row);

void dpk_print_command_page(const dpk_command *command);

/* Columns of a page of help: those of the terminal, but no more than can be read well. */
unsigned dpk_page_columns(void);

/* A paragraph, indented; lines of the text that begin with a space are printed as they are. */
void dpk_print_text(const char *text, unsigned indent);

/* Lists, an entry with its summary on each line; kernels by group. What does not fit into a page of
 * so many columns continues on the next line. */
void dpk_print_kernels(unsigned page, const dpk_registry *registry);
void dpk_print_backends(unsigned page);
void dpk_print_formats(unsigned page);
void dpk_print_commands(unsigned page);
void dpk_print_environment(unsigned page); /* the variables that dpk reads */

#endif
