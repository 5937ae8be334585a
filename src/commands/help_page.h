/* SPDX-License-Identifier: MIT */
/* help_page.h: help texts, made from declarations. All print to standard output. */
#ifndef DPK_HELP_PAGE_H
#define DPK_HELP_PAGE_H

#include "commands/command.h"

/* Everything about one kernel. */
void dpk_print_kernel_page(const dpk_kernel_row *row);

void dpk_print_command_page(const dpk_command *command);

/* One line for each kernel, by group. */
void dpk_print_kernels(const dpk_registry *registry);

#endif
