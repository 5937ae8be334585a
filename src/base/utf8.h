/* SPDX-License-Identifier: MIT */
/* utf8.h: the one decoder of UTF-8. Names of files are any bytes; who prints them into a format of
 * Unicode text has to know which of them are characters. */
#ifndef DPK_UTF8_H
#define DPK_UTF8_H

/* Bytes of the UTF-8 sequence that the zero-terminated text begins with, 1 to 4. Returns 0 if it
 * begins with none (RFC 3629): incomplete, not the shortest, half of a surrogate pair, or beyond
 * Unicode. */
int dpk_utf8_length(const char *text);

#endif
