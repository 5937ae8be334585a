/* SPDX-License-Identifier: MIT */
/* failed.c: a table of items, and the same in words. */
#include "workers/failed.h"

#include "workers/isolate.h"

#include <stdio.h>

void dpk_failed_add(dpk_failed_item *table, size_t *count, dpk_failed_item one)
{
    size_t place = *count;
    while (place > 0 && table[place - 1].pass == one.pass && table[place - 1].item > one.item)
        place--;
    if (place > 0 && table[place - 1].pass == one.pass && table[place - 1].item == one.item)
        return;
    for (size_t i = (*count)++; i > place; i--)
        table[i] = table[i - 1];
    table[place] = one;
}

/* How many items, from the first on, follow each other: 40, 41, 42. */
static size_t run_length(const dpk_failed_item *failed, size_t count)
{
    size_t length = 1;
    while (length < count && failed[length].item == failed->item + length)
        length++;
    return length;
}

/* "7, 12 and 40 to 47" */
static void write_items(const dpk_failed_item *failed, size_t count, char *text, size_t size)
{
    size_t used = 0;
    for (size_t i = 0, length; i < count && used < size; i += length) {
        length = run_length(failed + i, count - i);
        const char *between = i == 0 ? "" : i + length == count ? " and " : ", ";
        used += (size_t)snprintf(text + used, size - used, "%s%zu", between, failed[i].item);
        if (length > 1 && used < size)
            used +=
                (size_t)snprintf(text + used, size - used, " to %zu", failed[i].item + length - 1);
    }
    if (used >= size)
        snprintf(text + size - sizeof "…", sizeof "…", "…");
}

size_t dpk_failed_text(const dpk_failed_item *table, size_t count, char *text, size_t size)
{
    size_t items = 1;
    while (items < count && table[items].pass == table->pass)
        items++;
    char which[160], end[96];
    write_items(table, items, which, sizeof which);
    bool one = items == 1;
    snprintf(text, size, "item%s %s of pass '%s' %s left out, %s: whoever worked on %s %s",
             one ? "" : "s", which, table->pass->name, one ? "is" : "are",
             table->cleared
                 ? "with zeros in place of the result"
                 : "and what the output holds in its place, or because of it, is undefined",
             one ? "it" : "them", dpk_wait_status_text(table->end, end, sizeof end));
    return items;
}
