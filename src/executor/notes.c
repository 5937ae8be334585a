/* SPDX-License-Identifier: MIT */
/* notes.c: what has happened to an executor, in sentences for its user. */
#include "executor/kind.h"

#include <stdarg.h>
#include <stdio.h>

void dpk_note(dpk_executing *executor, const char *format, ...)
{
    dpk_notes *notes = &executor->notes;
    size_t place = notes->count++;
    va_list arguments;
    va_start(arguments, format);
    if (place < DPK_NOTES - 1)
        vsnprintf(notes->texts[place], DPK_NOTE_SIZE, format, arguments);
    else
        snprintf(notes->texts[DPK_NOTES - 1], DPK_NOTE_SIZE, "%zu more notes are not kept",
                 notes->count - (DPK_NOTES - 1));
    va_end(arguments);
}
