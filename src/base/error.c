/* SPDX-License-Identifier: MIT */
/* error.c: failing with a sentence, which is safe to print whatever file names are in it. */
#include "base/error.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

dpk_status dpk_fail(dpk_error *err, dpk_status status, const char *format, ...)
{
    if (err == NULL)
        return status;
    va_list arguments;
    va_start(arguments, format);
    char text[2 * sizeof err->text]; /* so that it is cut between characters */
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    dpk_text_safe(text, err->text, sizeof err->text);
    err->status = status;
    return status;
}

#define EXIT_CODE(symbol, code, text) [symbol] = code,
static const int codes[] = { DPK_STATUS_LIST(EXIT_CODE) };
#undef EXIT_CODE

int dpk_exit_code(dpk_status status)
{
    return codes[status];
}

dpk_status dpk_status_of_exit_code(int code)
{
    for (size_t status = 0; status < sizeof codes / sizeof *codes; status++)
        if (codes[status] == code)
            return (dpk_status)status;
    return DPK_FAILED;
}
