/* SPDX-License-Identifier: MIT */
/* report_html_words.c: text and quantities in the page, escaped and rounded; and the axes of its
 * charts. */
#include "report/report_html.h"

#include "base/text.h"
#include "report/xml.h"

#include <math.h>
#include <string.h>

void dpk_html_text(FILE *stream, const char *text)
{
    for (const char *next = text; *next != '\0';) {
        int length = dpk_xml_length(next);
        if (length == 0)
            fputs(DPK_XML_UNKNOWN, stream);
        else if (*next == '&')
            fputs("&amp;", stream);
        else if (*next == '<')
            fputs("&lt;", stream);
        else if (*next == '>')
            fputs("&gt;", stream);
        else if (*next == '"')
            fputs("&quot;", stream);
        else
            fwrite(next, 1, (size_t)length, stream);
        next += length > 0 ? length : 1;
    }
}

static const char *unknown(char text[DPK_HTML_TEXT])
{
    return strcpy(text, "–");
}

/* Clocks count nanoseconds: what is less than half of one is what rounding has left. */
static double counted(double seconds)
{
    return fabs(seconds) < 0.5e-9 ? 0 : seconds;
}

const char *dpk_html_seconds(double seconds, char text[DPK_HTML_TEXT])
{
    if (!isfinite(seconds))
        return unknown(text);
    return counted(seconds) == 0 ? strcpy(text, "0")
                                 : dpk_text_seconds(seconds, text, DPK_HTML_TEXT);
}

const char *dpk_html_difference(double seconds, char text[DPK_HTML_TEXT])
{
    char size[DPK_HTML_TEXT / 2];
    if (!isfinite(seconds))
        return unknown(text);
    if (counted(seconds) == 0)
        return strcpy(text, "0");
    dpk_text_seconds(fabs(seconds), size, sizeof size);
    snprintf(text, DPK_HTML_TEXT, "%s%s", seconds < 0 ? "−" : "+", size);
    return text;
}

const char *dpk_html_bytes(double bytes, char text[DPK_HTML_TEXT])
{
    return isfinite(bytes) ? dpk_text_bytes(bytes, text, DPK_HTML_TEXT) : unknown(text);
}

const char *dpk_html_percent(double share, char text[DPK_HTML_TEXT])
{
    if (!isfinite(share))
        return unknown(text);
    snprintf(text, DPK_HTML_TEXT, "%.*f %%", fabs(share) < 0.0995 ? 1 : 0, 100 * share);
    return text;
}

/* Three significant digits, and no exponent where there is room. */
const char *dpk_html_number(double number, char text[DPK_HTML_TEXT])
{
    if (!isfinite(number))
        return unknown(text);
    double size = fabs(number);
    int decimals = size >= 99.95 || size == floor(size) ? 0
                   : size >= 9.995                      ? 1
                   : size >= 0.9995                     ? 2
                                                        : 3;
    if (size > 0 && size < 0.0995)
        snprintf(text, DPK_HTML_TEXT, "%.2g", number);
    else
        snprintf(text, DPK_HTML_TEXT, size < 1e9 ? "%.*f" : "%.*e", decimals, number);
    return text;
}

const char *dpk_html_range(dpk_interval interval, char text[DPK_HTML_TEXT])
{
    char low[DPK_HTML_TEXT], high[DPK_HTML_TEXT];
    if (!isfinite(interval.low) && !isfinite(interval.high))
        return unknown(text);
    snprintf(text, DPK_HTML_TEXT, "[%.24s, %.24s]",
             isinf(interval.low) ? "−∞" : dpk_html_number(interval.low, low),
             isinf(interval.high) ? "∞" : dpk_html_number(interval.high, high));
    return text;
}

const char *dpk_html_seconds_range(dpk_interval interval, char text[DPK_HTML_TEXT])
{
    static const struct {
        double seconds;
        const char *name;
    } units[] = { { 1, "s" }, { 1e-3, "ms" }, { 1e-6, "µs" }, { 1e-9, "ns" } };
    size_t unit = 0;
    double least = counted(interval.low), great = counted(interval.high);
    double most = fmax(fabs(least), fabs(great));
    char low[DPK_HTML_TEXT], high[DPK_HTML_TEXT];
    if (!isfinite(most))
        return unknown(text);
    while (unit < 3 && most < units[unit].seconds)
        unit++;
    snprintf(text, DPK_HTML_TEXT, "[%s%.20s, %s%.20s] %s", least < 0 ? "−" : "+",
             dpk_html_number(fabs(least) / units[unit].seconds, low), great < 0 ? "−" : "+",
             dpk_html_number(fabs(great) / units[unit].seconds, high), units[unit].name);
    return text;
}

/* Thousands apart by a thin space. */
const char *dpk_html_count(double count, char text[DPK_HTML_TEXT])
{
    char digits[32];
    if (!isfinite(count))
        return unknown(text);
    size_t length = (size_t)snprintf(digits, sizeof digits, "%.0f", fmin(count, 1e18));
    char *next = text;
    for (size_t i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0 && length > 4)
            next = stpcpy(next, "\u202f");
        *next++ = digits[i];
    }
    *next = '\0';
    return text;
}

/* ------------------------------------------------------------------------------------- axes */

double dpk_chart_axis_place(const dpk_chart_axis *axis, double value)
{
    double place = axis->logarithmic ? log(value / axis->begin) / log(axis->end / axis->begin)
                                     : (value - axis->begin) / (axis->end - axis->begin);
    return 100 * fmin(fmax(place, 0), 1);
}

/* 1, 2 or 5 times a power of ten: the nearest that is no less. */
static double round_step(double step)
{
    double power = pow(10, floor(log10(step)));
    double digit = step / power;
    return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
}

/* Powers of two in a wide logarithmic axis: every so manyth of them. */
static size_t powers(const dpk_chart_axis *axis, double ticks[DPK_TICKS_MAX])
{
    size_t count = 0;
    double octaves = log2(axis->end / axis->begin);
    double step = fmax(1, ceil(octaves / 8));
    for (double power = ceil(log2(axis->begin) / step) * step;
         power <= log2(axis->end) && count < DPK_TICKS_MAX; power += step)
        ticks[count++] = exp2(power);
    return count;
}

size_t dpk_chart_axis_ticks(const dpk_chart_axis *axis, double ticks[DPK_TICKS_MAX])
{
    double length = axis->end - axis->begin;
    if (!isfinite(length) || length <= 0)
        return 0;
    if (axis->logarithmic && axis->end / axis->begin > 4)
        return powers(axis, ticks);
    size_t count = 0;
    double step = round_step(length / 6);
    for (double i = ceil(axis->begin / step - 1e-9);
         i * step <= axis->end + 1e-9 * length && count < DPK_TICKS_MAX; i++)
        ticks[count++] = i * step + 0.0; /* -0 becomes 0 */
    return count;
}

void dpk_html_grid(FILE *stream, const dpk_chart_axis *axis)
{
    double ticks[DPK_TICKS_MAX];
    size_t count = dpk_chart_axis_ticks(axis, ticks);
    for (size_t i = 0; i < count; i++) {
        double place = dpk_chart_axis_place(axis, ticks[i]);
        fprintf(stream, "<line class=\"grid\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"-6\" y2=\"100%%\"/>",
                place, place);
    }
    fputc('\n', stream);
}

void dpk_html_axis(FILE *stream, const dpk_chart_axis *axis, double scale, const char *suffix)
{
    double ticks[DPK_TICKS_MAX];
    size_t count = dpk_chart_axis_ticks(axis, ticks);
    fputs(
        "<div class=\"row axis\" aria-hidden=\"true\"><span class=\"name\"></span>"
        "<svg height=\"24\">",
        stream);
    for (size_t i = 0; i < count; i++) {
        double place = dpk_chart_axis_place(axis, ticks[i]);
        fprintf(stream, "<text x=\"%.2f%%\" y=\"16\" text-anchor=\"%s\">%.6g%s</text>", place,
                place > 95 ? "end" : "middle", ticks[i] * scale, ticks[i] == 0 ? "" : suffix);
    }
    fputs("</svg><span class=\"value\"></span></div>\n", stream);
}

void dpk_html_axis_seconds(FILE *stream, const dpk_chart_axis *axis)
{
    if (axis->end >= 1)
        dpk_html_axis(stream, axis, 1, " s");
    else if (axis->end >= 1e-3)
        dpk_html_axis(stream, axis, 1e3, " ms");
    else
        dpk_html_axis(stream, axis, 1e6, " µs");
}
