/* SPDX-License-Identifier: MIT */
/* crash_items.h: items that dereference NULL, given as text: "7", "7,12,40-47", or "none". */
#ifndef DPK_CRASH_ITEMS_H
#define DPK_CRASH_ITEMS_H

#include "scenario.h"

#include <stdlib.h>
#include <string.h>

/* Reads "7" or "40-47", and a comma if there is one. Returns what follows, NULL for anything else.
 */
static inline const char *scenario_next_range(const char *text, size_t *first, size_t *last)
{
    char *end;
    if (*text < '0' || *text > '9')
        return NULL;
    *first = *last = strtoull(text, &end, 10);
    if (*end == '-' && end[1] >= '0' && end[1] <= '9')
        *last = strtoull(end + 1, &end, 10);
    if (*end == ',' && end[1] != '\0')
        return end + 1;
    return *end == '\0' ? end : NULL;
}

/* Refuses what is no such text, and items that there are not. `option` is the parameter's name. */
static inline dpk_status scenario_check_crashes(const char *option, const char *crashes,
                                                size_t items, dpk_error *err)
{
    size_t first, last;
    bool none = strcmp(crashes, "none") == 0;
    const char *text = crashes;
    do {
        text = none ? "" : scenario_next_range(text, &first, &last);
        if (text == NULL)
            return dpk_fail(err, DPK_USAGE,
                            "--%s '%s': must be numbers and ranges, such as 7,12,40-47, or none",
                            option, crashes);
        if (!none && (first > last || last >= items))
            return dpk_fail(err, DPK_USAGE, "--%s '%s': must be of the %zu items, from 0 on",
                            option, crashes, items);
    } while (*text != '\0');
    return DPK_OK;
}

static inline bool scenario_crashes(const char *crashes, size_t item)
{
    size_t first, last;
    bool found = false;
    if (strcmp(crashes, "none") == 0)
        return false;
    for (const char *text = crashes; *text != '\0' && !found;) {
        text = scenario_next_range(text, &first, &last);
        found = item >= first && item <= last;
    }
    return found;
}

/* The compiler knows neither what the pointer is nor that nobody looks at what it points to. */
static inline void scenario_dereference_null(void)
{
    volatile int *volatile nowhere = NULL;
    *nowhere = 0;
}

#endif
