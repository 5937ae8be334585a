/* SPDX-License-Identifier: MIT */
/* report_tour.c: which of a tour's lessons are rules, and what is said of the others. */
#include "report/report_tour.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const dpk_lesson lesson = { .winner = DPK_PROCESSES_WIN,
                                   .mechanism = "A reason.",
                                   .rule = "A rule." };
static const dpk_kernel kernel = { .name = "scenario", .summary = "a scenario", .lesson = &lesson };

static dpk_tour *tour_of(const dpk_outcome *outcomes, size_t count)
{
    dpk_tour *tour = calloc(1, sizeof *tour);
    cr_assert_not_null(tour);
    for (size_t i = 0; i < count; i++) {
        dpk_stop *stop = &tour->stops[tour->count++];
        *stop = (dpk_stop){ .kernel = &kernel, .outcome = outcomes[i] };
        snprintf(stop->name, sizeof stop->name, "lesson-%zu", i);
        stop->sides[1].summary.ratio = (dpk_interval){ 0.9, 0.6, 1.3 };
    }
    return tour;
}

/* The title of the one group that the stop is in, and what is said there. */
static const char *group_of(const dpk_tour *tour, const dpk_stop *stop, char text[512])
{
    static dpk_rules rules;
    const char *title = NULL;
    for (size_t group = 0; group < DPK_RULE_GROUPS; group++) {
        if (!dpk_tour_rules(tour, group, &rules))
            continue;
        for (size_t i = 0; i < rules.count; i++) {
            if (rules.stops[i] != stop)
                continue;
            cr_expect_null(title, "in two groups: %s and %s", title, rules.title);
            title = rules.title;
            dpk_rule rule;
            dpk_rule_write(&rules, i, &rule);
            strcpy(text, rule.text);
        }
    }
    return title;
}

Test(report_tour, too_noisy_to_tell_is_no_denial)
{
    static const struct {
        dpk_outcome outcome;
        const char *title, *word;
    } cases[] = {
        { DPK_CONFIRMED, "Processes win", "A rule." },
        { DPK_UNEXPLAINED, "Not confirmed here", ": unexplained." },
        { DPK_NOT_SEEN, "Not confirmed here", ": not seen." },
        { DPK_DENIED, "Not confirmed here", ": denied." },
        { DPK_NOISY, "Too noisy to tell here", "[0.6, 1.3]: too noisy to tell." },
    };
    enum { CASES = sizeof cases / sizeof *cases };
    dpk_outcome outcomes[CASES];
    for (size_t i = 0; i < CASES; i++)
        outcomes[i] = cases[i].outcome;
    dpk_tour *tour = tour_of(outcomes, CASES);
    for (size_t i = 0; i < CASES; i++) {
        char text[512] = "";
        const char *title = group_of(tour, &tour->stops[i], text);
        cr_expect_str_eq(title, cases[i].title);
        cr_expect_not_null(strstr(text, cases[i].word), "%s", text);
    }
    free(tour);
}

/* One of three reports of the tour, which the caller frees: Markdown, a page, or a terminal's. */
enum { REPORTS = 3 };

static char *report_of(const dpk_tour *tour, size_t which)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    cr_assert_not_null(stream);
    if (which == 0)
        dpk_report_tour_markdown(stream, tour);
    else if (which == 1)
        dpk_report_tour_html(stream, tour);
    for (size_t i = 0; which == 2 && i < tour->count; i++)
        dpk_tour_stop_text(stream, &tour->stops[i], i + 1, 80);
    if (which == 2)
        dpk_tour_rules_text(stream, tour, 80);
    cr_assert_eq(fclose(stream), 0);
    return text;
}

/* Every report begins with what others used, where it is known. */
Test(report_tour, load_comes_before_the_rules)
{
    static const char load[] = "Other programs used 70 % of the processors.";
    dpk_tour *tour = tour_of((const dpk_outcome[]){ DPK_NOISY }, 1);
    tour->stops[0].sides[0].summary.seconds.median = 1;
    for (int known = 0; known <= 1; known++) {
        snprintf(tour->load, sizeof tour->load, "%s", known ? load : "");
        for (size_t i = 0; i < REPORTS; i++) {
            char *text = report_of(tour, i);
            const char *place = strstr(text, load), *rules = strstr(text, "Too noisy to tell here");
            cr_assert_not_null(rules);
            cr_expect_eq(place != NULL, known, "%s", text);
            cr_expect(place == NULL || place < rules, "%s", text);
            free(text);
        }
    }
    free(tour);
}

/* Where someone died at one setting and both were timed at another, every report has both. */
Test(report_tour, deaths_and_times_may_stand_together)
{
    for (int fatal = 0; fatal <= 1; fatal++) {
        dpk_tour *tour = tour_of((const dpk_outcome[]){ DPK_CONFIRMED }, 1);
        dpk_stop *stop = &tour->stops[0];
        stop->fatal = fatal;
        for (size_t side = 0; side < 2; side++) {
            dpk_variant *variant = &stop->sides[side];
            snprintf(variant->name, sizeof variant->name, "%s", side ? "processes" : "threads");
            snprintf(variant->failure.text, sizeof variant->failure.text, "delivered %zu", side);
            variant->summary.seconds.median = variant->summary.wall = 0.7314;
        }
        cr_expect_eq(dpk_stop_is_race(stop), !fatal);
        for (size_t i = 0; i < REPORTS; i++) {
            char *text = report_of(tour, i);
            cr_expect_not_null(strstr(text, "delivered 0"), "%s", text);
            cr_expect_not_null(strstr(text, "delivered 1"), "%s", text);
            cr_expect_eq(strstr(text, "731") != NULL, !fatal, "%s", text);
            free(text);
        }
        free(tour);
    }
}
