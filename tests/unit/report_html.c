/* SPDX-License-Identifier: MIT */
/* report_html.c: the page is well-formed, needs nothing from elsewhere, lets no text be markup, and
 * stays small and whole whatever was measured. How it looks in a browser is for tests/page. */
#include "report/report_html.h"
#include "comparison_fixture.h"
#include "report/report.h"

#include <ctype.h>

static char *page_of(const dpk_comparison *comparison)
{
    char *page = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&page, &size);
    cr_assert_not_null(stream);
    dpk_report_html(stream, comparison);
    cr_assert_not(ferror(stream));
    fclose(stream);
    return page;
}

/* ---------------------------------------------------------------------------------- well-formed */

/* The length of "&amp;" and its like at text, 0 for any other '&'. */
static size_t entity(const char *text)
{
    static const char *const entities[] = { "&amp;", "&lt;", "&gt;", "&quot;" };
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
        if (strncmp(text, entities[i], strlen(entities[i])) == 0)
            return strlen(entities[i]);
    return 0;
}

/* Past a tag's attributes, each with its value in double quotes; NULL if it is not like that. */
static const char *attributes(const char *next)
{
    while (isspace((unsigned char)*next)) {
        next += strspn(next, " \n");
        next += strcspn(next, "=/>\" \n");
        if (next[0] != '=' || next[1] != '"')
            return NULL;
        next += 2;
        for (; *next != '"'; next++)
            if (*next == '\0' || *next == '<' || (*next == '&' && entity(next) == 0))
                return NULL;
        next++;
    }
    return next;
}

/* XML's rules, as far as the page makes use of XML: tags nest, entities are known. Returns where
 * that ends to be so, NULL if it never does. */
static const char *malformed(const char *page)
{
    struct name {
        const char *begin;
        size_t length;
    } open[64];
    size_t depth = 0;
    const char *next = page + strlen("<!DOCTYPE html>");
    for (; *next != '\0'; next++) {
        if (*next == '&' && entity(next) == 0)
            return next;
        if (*next != '<')
            continue;
        bool end = next[1] == '/';
        struct name name = { next + 1 + end, strcspn(next + 1 + end, " \n/>") };
        const char *tail = attributes(name.begin + name.length);
        bool empty = tail != NULL && *tail == '/';
        if (tail == NULL || tail[empty] != '>' || depth == 64 || name.length == 0)
            return next;
        if (end && (depth == 0 || open[depth - 1].length != name.length ||
                    memcmp(open[depth - 1].begin, name.begin, name.length) != 0))
            return next;
        if (end)
            depth--;
        else if (!empty)
            open[depth++] = name;
        next = tail + empty;
    }
    return depth == 0 ? NULL : next;
}

static void expect_whole(const char *page)
{
    cr_assert_eq(strncmp(page, "<!DOCTYPE html>", 15), 0);
    const char *where = malformed(page);
    cr_expect_null(where, "malformed at: %.100s", where);
    const char *const numbers[] = { ">nan", ">-nan", "\"nan", "\"-nan", "inf%", ">inf" };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        cr_expect_null(strstr(page, numbers[i]), "%s", numbers[i]);
    cr_expect_lt(strlen(page), 500000, "%zu bytes", strlen(page));
}

Test(report_html, is_well_formed)
{
    dpk_comparison *comparison = example_comparison();
    dpk_summarise(comparison);
    char *page = page_of(comparison);
    expect_whole(page);
    cr_expect_not_null(strstr(page, "width=device-width"));
    cr_expect_not_null(strstr(page, "prefers-color-scheme: dark"));
    for (size_t i = 0; i < comparison->variant_count; i++)
        cr_expect_not_null(strstr(page, comparison->variants[i].name));
    free(page);
    free_comparison(comparison);
}

Test(report_html, needs_nothing_else)
{
    dpk_comparison *comparison = example_comparison();
    dpk_summarise(comparison);
    char *page = page_of(comparison);
    const char *const elsewhere[] = { "<script", "<link", "<img", "src=", "@import", "url(h" };
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
        cr_expect_null(strstr(page, elsewhere[i]), "%s", elsewhere[i]);
    for (const char *link = page; (link = strstr(link, "href=\"")) != NULL; link++)
        cr_expect_eq(link[6], '#');
    free(page);
    free_comparison(comparison);
}

/* ------------------------------------------------------------------------------------------ text
 */

Test(report_html, text_is_no_markup)
{
    dpk_comparison *comparison = example_comparison();
    dpk_summarise(comparison);
    comparison->command =
        "blur '<img src=x onerror=alert(1)>' \"a&b\".png \xff\xc0\xaf\x01\xed\xa0\x80";
    strcpy(comparison->variants[1].note, "</p><script>");
    strcpy(comparison->before.processor, "<&>\"");
    char *page = page_of(comparison);
    expect_whole(page);
    cr_expect_null(strstr(page, "<img"));
    cr_expect_null(strstr(page, "<script"));
    cr_expect_not_null(strstr(page,
                              "<code>blur '&lt;img src=x onerror=alert(1)&gt;' "
                              "&quot;a&amp;b&quot;.png "));
    cr_expect_not_null(strstr(page, "<dd>&lt;&amp;&gt;&quot;</dd>"));
    cr_expect_null(strchr(page, '\x01'));
    cr_expect_null(strchr(page, '\xff'));
    free(page);
    free_comparison(comparison);
}

static bool escapes_to(const char *text, const char *wanted)
{
    char *got = NULL;
    size_t size;
    FILE *stream = open_memstream(&got, &size);
    dpk_html_text(stream, text);
    fclose(stream);
    bool equal = strcmp(got, wanted) == 0;
    free(got);
    return equal;
}

Test(report_html, bytes_that_are_no_letter_are_replaced)
{
    cr_expect(escapes_to("σ × 日 😀\n", "σ × 日 😀\n"));
    cr_expect(escapes_to("a\x80z", "a\ufffdz"));                 /* continues nothing */
    cr_expect(escapes_to("\xc0\xaf", "\ufffd\ufffd"));           /* longer than it need be */
    cr_expect(escapes_to("\xe6\x97", "\ufffd\ufffd"));           /* cut off */
    cr_expect(escapes_to("\xed\xa0\x80", "\ufffd\ufffd\ufffd")); /* a surrogate */
    cr_expect(escapes_to("\xf5\x80\x80\x80", "\ufffd\ufffd\ufffd\ufffd"));
    cr_expect(escapes_to("\x1b[0m", "\ufffd[0m"));
}

Test(report_html, quantities)
{
    char text[DPK_HTML_TEXT];
    cr_expect_str_eq(dpk_html_seconds(NAN, text), "–");
    cr_expect_str_eq(dpk_html_seconds(0.0123, text), "12.3 ms");
    cr_expect_str_eq(dpk_html_difference(-0.0123, text), "−12.3 ms");
    cr_expect_str_eq(dpk_html_percent(0.0123, text), "1.2 %");
    cr_expect_str_eq(dpk_html_percent(0.5, text), "50 %");
    cr_expect_str_eq(dpk_html_number(1.117, text), "1.12");
    cr_expect_str_eq(dpk_html_number(0.5218, text), "0.522");
    cr_expect_str_eq(dpk_html_count(999, text), "999");
    cr_expect_str_eq(dpk_html_count(1234567, text), "1\u202f234\u202f567");
    cr_expect_str_eq(dpk_html_range((dpk_interval){ 1.12, 1.09, 1.15 }, text), "[1.09, 1.15]");
    cr_expect_str_eq(dpk_html_range((dpk_interval){ 2, -INFINITY, INFINITY }, text), "–");
    cr_expect_str_eq(dpk_html_seconds_range((dpk_interval){ 0, -2e-6, 1.5e-3 }, text),
                     "[−0.002, +1.50] ms");
}

Test(report_html, ticks_are_round)
{
    double ticks[DPK_TICKS_MAX];
    dpk_chart_axis axis = { 0, 0.101, false };
    cr_assert_eq(dpk_chart_axis_ticks(&axis, ticks), 6);
    for (int i = 0; i < 6; i++)
        cr_expect_float_eq(ticks[i], 0.02 * i, 1e-12);
    cr_expect_float_eq(dpk_chart_axis_place(&axis, 0.0505), 50, 1e-9);
    cr_expect_eq(dpk_chart_axis_place(&axis, 5), 100);
    axis = (dpk_chart_axis){ 0.1, 10, true };
    cr_assert_eq(dpk_chart_axis_ticks(&axis, ticks), 7); /* 1/8 to 8 */
    cr_expect_float_eq(ticks[0], 0.125, 1e-12);
    cr_expect_float_eq(dpk_chart_axis_place(&axis, 1), 50, 1e-9);
    axis = (dpk_chart_axis){ 1, 1, false };
    cr_expect_eq(dpk_chart_axis_ticks(&axis, ticks), 0);
}

/* --------------------------------------------------------------------------------------- extremes
 */

/* One variant, one round, and nothing known. */
Test(report_html, of_almost_nothing)
{
    static const struct plan plan = { "seq", 1, { [DPK_WORK] = 1 }, .peak = 0 };
    dpk_comparison *comparison = make_comparison(&plan, 1, (struct design){ 1, 1, 0, 1 });
    comparison->inputs = "";
    comparison->roof_known = false;
    comparison->cost = (dpk_cost){ 0 };
    comparison->variants[0].timeline.count = 0;
    dpk_summarise(comparison);
    comparison->load = (dpk_load){ NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN };
    comparison->warnings.count = 0;
    char *page = page_of(comparison);
    expect_whole(page);
    free(page);
    free_comparison(comparison);
}

/* All workers change phases all the time, much faster than a pixel. */
static dpk_timeline dense_timeline(unsigned workers, size_t each)
{
    dpk_timeline timeline = { .marks = calloc(workers * each, sizeof(dpk_mark)),
                              .count = workers * each,
                              .lost = 12345 };
    cr_assert_not_null(timeline.marks);
    uint64_t random = 1;
    for (size_t i = 0; i < timeline.count; i++) {
        fixture_normal(&random);
        timeline.marks[i] = (dpk_mark){ .begin = i % each * 5000,
                                        .end = (i % each + 1) * 5000,
                                        .worker = (uint32_t)(i / each),
                                        .phase = (uint16_t)(random >> 40) % DPK_PHASES };
    }
    return timeline;
}

Test(report_html, of_very_much)
{
    enum { ROUNDS = 1000, WORKERS = 64, EACH = 20000 };
    dpk_comparison *comparison = example_comparison();
    dpk_summarise(comparison);
    size_t count = comparison->variant_count;
    dpk_timeline timeline = dense_timeline(WORKERS, EACH);
    dpk_sample *samples = calloc(ROUNDS, sizeof *samples);
    cr_assert_not_null(samples);
    for (size_t r = 0; r < ROUNDS; r++)
        samples[r].wall = 90000000 + r % 97 * 100000;
    dpk_comparison *large = malloc(sizeof *large);
    *large = *comparison;
    large->rounds = ROUNDS;
    large->variant_count = DPK_VARIANTS_MAX;
    for (size_t i = 0; i < DPK_VARIANTS_MAX; i++) {
        large->variants[i] = comparison->variants[i % count];
        large->variants[i].timeline = timeline;
        large->variants[i].samples = samples;
    }
    char *page = page_of(large);
    expect_whole(page);
    free(page);
    free(large);
    free(samples);
    free(timeline.marks);
    free_comparison(comparison);
}

/* What draws with them elsewhere would draw in black. */
Test(report_html, colours_are_found_in_the_style)
{
    char text[8];
    for (int phase = 0; phase < DPK_PHASES; phase++)
        cr_expect_str_neq(dpk_page_colour(dpk_phase_names[phase], text), "#000000", "%s",
                          dpk_phase_names[phase]);
    for (int i = 0; i < DPK_SERIES; i++) {
        char name[16];
        snprintf(name, sizeof name, "series-%d", i);
        cr_expect_str_neq(dpk_page_colour(name, text), "#000000", "%s", name);
    }
    cr_expect_str_eq(dpk_page_colour("ground", text), "#ffffff", "that of a light page");
    cr_expect_str_eq(dpk_page_colour("none such", text), "#000000");
}
