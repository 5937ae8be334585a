/* SPDX-License-Identifier: MIT */
/* xml.h: which characters XML documents may hold (XML 1.0, section 2.2). Pages and plots show names
 * of files, which are any bytes. */
#ifndef DPK_XML_H
#define DPK_XML_H

#include "base/utf8.h"

/* What stands in place of a byte that is no part of a character that XML knows: U+FFFD. */
#define DPK_XML_UNKNOWN "\xef\xbf\xbd"

/* Bytes of the UTF-8 character that the zero-terminated text begins with; 0 if it begins with none,
 * or with one that XML does not know. */
static inline int dpk_xml_length(const char *text)
{
    const unsigned char *byte = (const unsigned char *)text;
    int length = dpk_utf8_length(text);
    if (length == 1 && byte[0] < 0x20)
        return byte[0] == '\t' || byte[0] == '\n' || byte[0] == '\r' ? 1 : 0;
    return length == 3 && byte[0] == 0xef && byte[1] == 0xbf && byte[2] >= 0xbe ? 0 : length;
}

#endif
