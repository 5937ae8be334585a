/* SPDX-License-Identifier: MIT */
/* compare_session.h: one comparison, from the words of a command line to what was measured. */
#ifndef DPK_COMPARE_SESSION_H
#define DPK_COMPARE_SESSION_H

#include "commands/compare_settings.h"
#include "commands/compare_signals.h"
#include "engine/registry.h"
#include "measure/payload.h"

typedef struct dpk_session {
    const dpk_kernel_row *row;
    dpk_compare_settings settings;
    dpk_operands operands;
    void *parameters; /* the kernel's struct */
    dpk_arena arena;
    dpk_run *run; /* never executed: it computes shapes, and refuses what hosts would refuse */
    dpk_payload payload;
    dpk_comparison *comparison;
    char *command, *inputs;        /* for people */
    char folder[256], output[320]; /* of commands measured as a whole, "" for none */
    const char **words;            /* options that all variants share, ending with NULL */
    char *word_text;
} dpk_session;

/* Reads the words after the kernel's name. options: dpk_compare_params or the like. Close the
 * session even if this fails. Errors: DPK_USAGE, DPK_LIMIT. */
dpk_status dpk_session_parse(dpk_session *session, const dpk_param *options, int count,
                             char *const *words, dpk_error *err);

/* Loads the inputs and measures. dpk_session_signal tells whether it ended early. Errors: those of
 * the files, the kernel and dpk_measure. */
dpk_status dpk_session_measure(dpk_session *session, dpk_error *err);

void dpk_session_close(dpk_session *session);

/* In compare_words.c: make session->words, with which every variant is called, and session->command
 * and ->inputs, which reports show. Errors: DPK_LIMIT. */
dpk_status dpk_session_make_words(dpk_session *session, dpk_error *err);
dpk_status dpk_session_describe(dpk_session *session, dpk_error *err);

#endif
