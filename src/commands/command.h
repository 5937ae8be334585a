/* SPDX-License-Identifier: MIT */
/* command.h: what a user can ask. One file of commands/ is one command; its descriptor is the
 * last thing in it: `const dpk_command dpk_command_NAME = { … };`. Only this layer prints. */
#ifndef DPK_COMMAND_H
#define DPK_COMMAND_H

#include "engine/observer.h"
#include "engine/registry.h"

typedef struct dpk_command {
    const char *name;
    const char *usage;       /* what follows the name */
    const char *summary;     /* one line */
    const char *details;     /* more, or NULL */
    const dpk_param *params; /* its options, for its page; NULL for none */

    /* Which options of a run it takes besides; NULL for none. */
    bool (*takes)(const dpk_param *run_option);

    /* words: what follows the name on the command line. Returns what the program ends with; for
     * all but DPK_OK, err says why. */
    dpk_status (*run)(dpk_registry *registry, int count, char *const *words, dpk_error *err);
} dpk_command;

/* Made by the build, sorted by name; ends with a NULL. */
extern const dpk_command *const dpk_commands[];

/* The command of that name, NULL if there is none. */
const dpk_command *dpk_command_find(const char *name);

/* "no command or kernel 'x'; did you mean …?" */
dpk_status dpk_unknown_name(const dpk_registry *registry, const char *name, dpk_error *err);

/* `dpk run` of this kernel with these words. The observer, which may be NULL, is told when the
 * output is complete. Errors: those of the command. */
dpk_status dpk_run_observed(const dpk_kernel_row *row, const dpk_observer *observer, int count,
                            char *const *words, dpk_error *err);

/* Options of `dpk run` besides those of every job, ends with DPK_END. */
extern const dpk_param dpk_run_params[];

/* Prints a note or a warning: not the result, not an error. */
void dpk_say(const char *format, ...) DPK_PRINTF(1, 2);

#endif
