/* SPDX-License-Identifier: MIT */
/* report_plot.c: gnuplot draws all three kinds of files, and text in a plot is never a command;
 * what cannot be drawn is refused and leaves nothing behind. */
#include "comparison_fixture.h"
#include "files.h"
#include "report/report.h"
#include "report/xml.h"

#include <sys/stat.h>

TestSuite(report_plot, .init = enter_directory, .fini = remove_directory);

static bool has_gnuplot(void)
{
    return system("gnuplot --version >/dev/null 2>&1") == 0;
}

static dpk_status plot(const char *path, const char *command, bool laws, dpk_error *error)
{
    dpk_comparison *comparison = example_comparison();
    dpk_summarise(comparison);
    comparison->command = command;
    if (!laws)
        comparison->law_count = 0;
    dpk_status status = dpk_report_plot(path, comparison, error);
    free_comparison(comparison);
    return status;
}

Test(report_plot, draws_by_the_name)
{
    static const struct {
        const char *name, *magic;
    } files[] = { { "a.svg", "<?xml" }, { "a.png", "\x89PNG" }, { "a.pdf", "%PDF-" } };
    dpk_error error;
    if (!has_gnuplot())
        cr_skip_test("gnuplot is not installed");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        cr_assert_eq(dpk_report_plot_check(files[i].name, &error), DPK_OK, "%s", error.text);
        cr_expect_eq(count_entries("."), (int)i);
        for (int laws = 0; laws < 2; laws++)
            cr_assert_eq(plot(files[i].name, "blur", laws == 1, &error), DPK_OK, "%s", error.text);
        char head[6] = "";
        FILE *file = fopen(files[i].name, "rb");
        cr_assert_not_null(file);
        cr_expect_eq(fread(head, 1, 5, file), 5);
        cr_expect_eq(strncmp(head, files[i].magic, strlen(files[i].magic)), 0);
        fclose(file);
    }
    cr_expect_eq(count_entries("."), 3);
}

Test(report_plot, text_is_no_command)
{
    dpk_error error;
    if (!has_gnuplot())
        cr_skip_test("gnuplot is not installed");
    cr_assert_eq(plot("a.svg", "it's `touch b` \"\n!touch c\n@d $e {/:Bold f} <&>", true, &error),
                 DPK_OK, "%s", error.text);
    cr_expect_eq(count_entries("."), 1);
    cr_expect_eq(system("grep --quiet --fixed-strings \"it's\" a.svg"), 0);
}

/* Is every byte of the file part of a character that XML knows? */
static bool is_xml_text(const char *path)
{
    struct bytes file = get_file(path);
    char *text = calloc(file.size + 1, 1);
    cr_assert_not_null(text);
    memcpy(text, file.data, file.size);
    const char *next = text;
    while (*next != '\0' && dpk_xml_length(next) > 0)
        next += dpk_xml_length(next);
    bool whole = next == text + file.size;
    free(text);
    free(file.data);
    return whole;
}

/* Names of files are any bytes; a drawing in SVG is XML. */
Test(report_plot, any_name_gives_valid_svg)
{
    static const char *const names[] = { "\xff.pgm",     "a\x1b[31mb\x01", "\xc3",
                                         "\xed\xa0\x80", "\xef\xbf\xbf",   "r\xc3\xa9sum\xc3\xa9" };
    dpk_error error;
    if (!has_gnuplot())
        cr_skip_test("gnuplot is not installed");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        cr_assert_eq(plot("a.svg", names[i], true, &error), DPK_OK, "%s", error.text);
        cr_expect(is_xml_text("a.svg"), "%zu", i);
    }
    cr_expect_eq(system("grep --quiet --fixed-strings 'r\xc3\xa9sum\xc3\xa9' a.svg"), 0);
}

/* The same before there is anything to draw. */
static dpk_status refusal(const char *path, dpk_error *error)
{
    dpk_status status = plot(path, "blur", true, error);
    dpk_error early;
    cr_expect_eq(dpk_report_plot_check(path, &early), status);
    cr_expect_str_eq(early.text, error->text);
    return status;
}

Test(report_plot, refuses)
{
    dpk_error error;
    cr_expect_eq(refusal("a.gif", &error), DPK_USAGE);
    cr_expect_not_null(strstr(error.text, ".pdf"));
    cr_expect_eq(refusal("svg", &error), DPK_USAGE);
    cr_expect_eq(refusal("none/a.svg", &error), DPK_OUTPUT_FAILED);
    setenv("PATH", "none", 1);
    cr_expect_eq(refusal("a.svg", &error), DPK_USAGE);
    cr_expect_not_null(strstr(error.text, "gnuplot-nox"));
    cr_expect_eq(count_entries("."), 0);
}

Test(report_plot, tells_what_gnuplot_says)
{
    dpk_error error;
    cr_assert_eq(mkdir("bin", 0777), 0);
    FILE *file = fopen("bin/gnuplot", "w");
    cr_assert_not_null(file);
    fputs("#!/bin/sh\necho 'line 7: no such thing' >&2\nexit 1\n", file);
    fclose(file);
    cr_assert_eq(chmod("bin/gnuplot", 0777), 0);
    setenv("PATH", "bin", 1);
    cr_expect_eq(plot("a.svg", "blur", true, &error), DPK_OUTPUT_FAILED);
    cr_expect_not_null(strstr(error.text, "no such thing"));
    cr_expect_eq(unlink("bin/gnuplot"), 0);
    cr_expect_eq(count_entries("."), 1);
}
