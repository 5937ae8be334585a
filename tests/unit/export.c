/* SPDX-License-Identifier: MIT */
/* export.c: comparisons as JSON, CSV and Markdown. That the JSON is what its schema says is
 * schema/run.sh's to find out, which has these tests leave their files in the folder DPK_TEST_KEEP.
 */
#include "comparison_fixture.h"
#include "files.h"
#include "report/report.h"

TestSuite(export, .init = enter_directory, .fini = remove_directory);

struct knobs {
    bool exact;
    int shift;
    unsigned edge;
    size_t width;
    float sigma;
    double gain;
    const char *word;
};

static const dpk_choice edges[] = { { "clamp", 0, NULL }, { "wrap", 7, NULL }, { NULL, 0, NULL } };

static const dpk_param params[] = {
    DPK_PARAM(struct knobs, exact, .def = "no"),
    DPK_PARAM(struct knobs, shift, .def = "0"),
    DPK_PARAM(struct knobs, edge, .def = "clamp", .choices = edges),
    DPK_PARAM(struct knobs, width, .def = "0"),
    DPK_PARAM(struct knobs, sigma, .def = "1"),
    DPK_PARAM(struct knobs, gain, .def = "1"),
    DPK_PARAM(struct knobs, word, .def = ""),
    DPK_END,
};

static const struct knobs knobs = { true, -3, 7, 1u << 31, 0.5f, 0.1, "say \"|\", so" };
static const dpk_kernel kernel = { .name = "knobs", .params = params };

/* The example, with all that a writer could stumble over. */
static dpk_comparison *thorny_comparison(void)
{
    dpk_comparison *comparison = example_comparison();
    comparison->kernel = &kernel;
    comparison->self = &knobs;
    comparison->command = "knobs 'a|b, \"c\"\\\n`<d>*_&~\xe9.png'";
    comparison->roof_known = false;
    comparison->cost = (dpk_cost){ 0 };
    strcpy(comparison->variants[1].note, "fewer threads | than asked for");
    comparison->variants[2].peak = 0;
    dpk_summarise(comparison);
    return comparison;
}

/* One round of one variant: nothing has an interval, and there is nothing to compare with. */
static dpk_comparison *smallest_comparison(void)
{
    static const struct plan plans[] = {
        { .backend = "seq", .jobs = 1, .phase = { [DPK_WORK] = 100 } }
    };
    dpk_comparison *comparison = make_comparison(plans, 1, (struct design){ 1, 1, 0.01, 1 });
    comparison->kernel = &kernel;
    comparison->self = &knobs;
    comparison->inputs = "";
    comparison->before = comparison->after = (dpk_environment){
        .cores = NAN,
        .aslr = NAN,
        .load = NAN,
        .pressure = NAN,
        .cgroup_pressure = NAN,
        .throttling = { NAN, NAN },
        .busy = NAN,
        .stolen = NAN,
        .total = NAN,
        .own = NAN,
    };
    dpk_summarise(comparison);
    return comparison;
}

/* On four processors, and with two backends of which one scales without end. */
static dpk_comparison *scaling_comparison(void)
{
    static const double ms[][3] = { { 100, 50, 25 }, { 104, 60, 45 } };
    static const char *const backends[] = { "omp", "fork" };
    struct plan plans[6];
    for (int i = 0; i < 6; i++)
        plans[i] = (struct plan){ .backend = backends[i / 3],
                                  .jobs = 1u << i % 3,
                                  .phase = { [DPK_WORK] = ms[i / 3][i % 3] } };
    dpk_comparison *comparison = make_comparison(plans, 6, (struct design){ 4, 5, 0, 1 });
    comparison->before.cpus.online = comparison->before.cpus.affinity = 4;
    dpk_summarise(comparison);
    return comparison;
}

/* What the report writes, which is to be freed; also kept as a file of that name if asked for. */
static char *written(void (*report)(FILE *, const dpk_comparison *), dpk_comparison *comparison,
                     const char *name)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    cr_assert_not_null(stream);
    report(stream, comparison);
    cr_assert_eq(fclose(stream), 0);
    free_comparison(comparison);
    const char *keep = getenv("DPK_TEST_KEEP");
    if (keep != NULL) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", keep, name);
        put_file(path, text, size);
    }
    return text;
}

static size_t occurrences(const char *text, const char *word)
{
    size_t count = 0;
    for (; (text = strstr(text, word)) != NULL; text += strlen(word))
        count++;
    return count;
}

Test(export, json_has_every_sample_and_parameter)
{
    dpk_comparison *comparison = thorny_comparison();
    size_t samples = comparison->rounds * comparison->variant_count;
    char *text = written(dpk_report_json, comparison, "compare-thorny.json");
    static const char *const parts[] = {
        "\"schema\": \"dpk-compare\"",
        "\"version\": 1",
        "\"exact\": true",
        "\"shift\": -3",
        "\"edge\": \"wrap\"",
        "\"width\": 2147483648",
        "\"sigma\": 0.5",
        "\"gain\": 0.10000000000000001",
        "\"word\": \"say \\\"|\\\", so\"",
        "\"digest\": \"0123456789abcdef\"",
        "\"roof\": null",
        "\"peak_bytes\": null",
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        cr_expect(strstr(text, parts[i]) != NULL, "%s", parts[i]);
    cr_expect_eq(occurrences(text, "\"wall_ns\""), samples);
    free(text);
}

Test(export, json_of_all_and_of_least)
{
    dpk_comparison *comparison = example_comparison();
    dpk_summarise(comparison);
    char *text = written(dpk_report_json, comparison, "compare-example.json");
    cr_expect(strstr(text, "\"amdahl\": {") != NULL);
    cr_expect(strstr(text, "\"parameters\": {},") != NULL);
    free(text);
    text = written(dpk_report_json, smallest_comparison(), "compare-smallest.json");
    cr_expect(strstr(text, "\"inputs\": null") != NULL);
    cr_expect(strstr(text, "\"verdict\": null") != NULL);
    cr_expect(strstr(text, "\"winner\": null") != NULL);
    cr_expect(strstr(text, "\"processor\": null") != NULL);
    cr_expect(strstr(text, "nan") == NULL && strstr(text, "inf") == NULL);
    free(text);
}

Test(export, json_of_laws)
{
    char *text = written(dpk_report_json, scaling_comparison(), "compare-scaling.json");
    cr_expect_eq(occurrences(text, "\"amdahl\": {"), 2);
    cr_expect_eq(occurrences(text, "\"usl\": {"), 2);
    cr_expect_eq(occurrences(text, "\"withheld\": null"), 2);
    cr_expect_eq(occurrences(text, "\"withheld\": \"the speed-up is that"), 2);
    cr_expect_eq(occurrences(text, "\"best_jobs\": {\n          \"estimate\": null"), 1, "%s",
                 strstr(text, "\"laws\""));
    free(text);
}

/* Splits a table of RFC 4180 as strictly as it is written: fields of the next record, unquoted in
 * place. */
static size_t next_record(char **text, char *fields[], size_t most)
{
    size_t count = 0;
    char *from = *text, *to = *text;
    for (bool more = true; more; count++) {
        cr_assert(count < most);
        fields[count] = to;
        bool quoted = *from == '"';
        for (from += quoted; *from != '\0'; *to++ = *from++) {
            if (quoted && from[0] == '"' && *++from != '"')
                quoted = false;
            if (!quoted && (*from == ',' || *from == '\n'))
                break;
        }
        cr_assert(*from == ',' || *from == '\n');
        more = *from++ == ',';
        *to++ = '\0';
    }
    *text = from;
    return count;
}

Test(export, csv_has_a_row_per_sample)
{
    dpk_comparison *comparison = thorny_comparison();
    const dpk_comparison copy = *comparison;
    dpk_sample last = copy.variants[copy.variant_count - 1].samples[copy.rounds - 1];
    char *text = written(dpk_report_csv, comparison, "compare.csv"), *rest = text;
    char *header[32], *row[32], number[32];
    size_t columns = next_record(&rest, header, 32), rows = 0;
    for (; *rest != '\0'; rows++) {
        cr_assert_eq(next_record(&rest, row, 32), columns);
        cr_expect_str_eq(row[0], copy.command);
    }
    cr_expect_eq(rows, copy.rounds * copy.variant_count);
    static const char *const titles[] = { "round", "generation", "wall_ns", "stop_ns",
                                          "involuntary_switches" };
    const uint64_t values[] = { copy.rounds - 1, copy.generation[copy.rounds - 1], last.wall,
                                last.ledger.ns[DPK_STOP], last.used.involuntary_switches };
    for (size_t i = 0, found = 0; i < columns; i++) {
        if (found == 5 || strcmp(header[i], titles[found]) != 0)
            continue;
        snprintf(number, sizeof number, "%llu", (unsigned long long)values[found++]);
        cr_expect_str_eq(row[i], number, "%s", header[i]);
    }
    free(text);
}

/* Bars between cells: those without a backslash before them. */
static size_t cells(const char *line)
{
    size_t count = 0;
    for (const char *letter = line; *letter != '\0'; letter++) {
        if (*letter == '\\')
            letter++;
        else if (*letter == '|')
            count++;
    }
    return count;
}

static size_t check_tables(char *text)
{
    size_t tables = 0, columns = 0;
    char *rest = NULL;
    for (char *line = text; line != NULL && *line != '\0'; line = rest) {
        rest = strchr(line, '\n');
        cr_assert_not_null(rest, "a line without end");
        *rest++ = '\0';
        if (*line != '|') {
            columns = 0;
            continue;
        }
        tables += columns == 0;
        columns = columns == 0 ? cells(line) : columns;
        cr_expect_eq(cells(line), columns, "%s", line);
    }
    return tables;
}

Test(export, markdown_tables_are_rectangles)
{
    char *text = written(dpk_report_markdown, thorny_comparison(), "compare.md");
    cr_expect(strstr(text, "    dpk compare knobs 'a|b, \"c\"\\ `<d>*_&~\xe9.png'\n") == text);
    cr_expect(strstr(text, "fewer threads \\| than asked for") != NULL);
    cr_expect_eq(check_tables(text), 5, "results, ledger, counters, speed-up, laws");
    free(text);
    text = written(dpk_report_markdown, scaling_comparison(), "compare-scaling.md");
    cr_expect(strstr(text, "- omp, Amdahl: the speed-up is that of the number of workers") != NULL);
    cr_expect(strstr(text, "- omp, USL: the speed-up is that of the number of workers") != NULL);
    cr_expect(strstr(text, "- fork, ") == NULL);
    cr_expect_eq(check_tables(text), 5);
    free(text);
    text = written(dpk_report_markdown, smallest_comparison(), "compare-smallest.md");
    cr_expect(strstr(text, "nan") == NULL && strstr(text, "inf") == NULL);
    cr_expect_eq(check_tables(text), 3, "results, ledger, counters");
    free(text);
}
