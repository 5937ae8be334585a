/* SPDX-License-Identifier: MIT */
/* shell.h: words as a shell reads them, so that a command line that is shown or logged can be
 * executed, whatever bytes the names of files in it consist of. */
#ifndef DPK_SHELL_H
#define DPK_SHELL_H

#include "base/text.h"

/* Adds a word, quoted only if it must be: 'two words', and $'\012' for control characters and bytes
 * that are not UTF-8. So the text has neither tabs nor newlines. */
void dpk_shell_add(dpk_text *to, const char *word);

/* The same as a text of its own, cut if it does not fit. Writes to text and returns it. */
const char *dpk_shell_word(const char *word, char *text, size_t size);

/* Bytes that are enough for any word of so many bytes, the zero included. */
static inline size_t dpk_shell_bound(size_t bytes)
{
    return 4 * bytes + 4;
}

#endif
