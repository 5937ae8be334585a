/* SPDX-License-Identifier: MIT */
/* shell.c: which bytes a shell takes as they are, and how the others are quoted. */
#include "base/shell.h"

#include "base/utf8.h"

#include <ctype.h>
#include <string.h>

static bool is_plain(unsigned char byte)
{
    return byte < 0x80 && (isalnum(byte) || strchr("_@%+=:,./-", byte) != NULL);
}

/* C0, DEL, and C1, which UTF-8 writes as 0xc2 and a byte below 0xa0; or no character at all. */
static bool needs_number(const char *character)
{
    const unsigned char *byte = (const unsigned char *)character;
    return byte[0] < 0x20 || byte[0] == 0x7f || (byte[0] == 0xc2 && byte[1] < 0xa0) ||
           dpk_utf8_length(character) == 0;
}

static size_t step(const char *character)
{
    int length = dpk_utf8_length(character);
    return length > 0 ? (size_t)length : 1;
}

/* 'it'\''s' */
static void add_quoted(dpk_text *to, const char *word)
{
    dpk_text_add(to, "'");
    for (; *word != '\0'; word++)
        dpk_text_add(to, *word == '\'' ? "'\\''" : "%c", *word);
    dpk_text_add(to, "'");
}

/* $'a\012b' */
static void add_numbered(dpk_text *to, const char *word)
{
    dpk_text_add(to, "$'");
    while (*word != '\0') {
        size_t length = step(word);
        if (needs_number(word))
            for (size_t i = 0; i < length; i++)
                dpk_text_add(to, "\\%03o", (unsigned char)word[i]);
        else
            dpk_text_add(to, "%s%.*s", *word == '\'' || *word == '\\' ? "\\" : "", (int)length,
                         word);
        word += length;
    }
    dpk_text_add(to, "'");
}

void dpk_shell_add(dpk_text *to, const char *word)
{
    bool plain = *word != '\0', numbered = false;
    for (const char *at = word; *at != '\0'; at += step(at)) {
        plain = plain && is_plain((unsigned char)*at);
        numbered = numbered || needs_number(at);
    }
    if (plain)
        dpk_text_add(to, "%s", word);
    else if (numbered)
        add_numbered(to, word);
    else
        add_quoted(to, word);
}

const char *dpk_shell_word(const char *word, char *text, size_t size)
{
    dpk_text to = dpk_text_begin(text, size);
    dpk_shell_add(&to, word);
    return text;
}
