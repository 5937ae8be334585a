/* SPDX-License-Identifier: MIT */
/* settings.h: which parameters a kernel is run with in a check. */
#ifndef DPK_SETTINGS_H
#define DPK_SETTINGS_H

#include <dpk/dpk.h>

enum { DPK_SETTING_MOST = 240 };

/* Parameters as one would type them; "" for the defaults. */
typedef struct dpk_setting {
    char text[DPK_SETTING_MOST];
} dpk_setting;

typedef struct dpk_settings {
    dpk_setting *settings;
    size_t count;
    bool defaults; /* the first of them is the defaults */
} dpk_settings;

/* The defaults, then each parameter at its limits, each choice, each flag; where there can be no
 * defaults, because there is no input or a parameter must be given, none of these; and in any
 * case what .checks says. Errors: DPK_LIMIT; DPK_MISMATCH, when that is nothing. */
dpk_status dpk_settings_list(const dpk_kernel *kernel, dpk_settings *settings, dpk_error *err);
void dpk_settings_free(dpk_settings *settings);

/* Of a list's first setting the one with all whole numbers at their most. */
dpk_setting dpk_settings_largest(const dpk_settings *settings, const dpk_kernel *kernel);

/* Stores the defaults and what the setting says in self. Errors: DPK_USAGE. */
dpk_status dpk_setting_apply(const dpk_setting *setting, const dpk_kernel *kernel, void *self,
                             dpk_error *err);

#endif
