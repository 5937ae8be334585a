/* SPDX-License-Identifier: MIT */
/* The small tools of core: text, array, json, isa, machine, isolate. */
#include "base/array.h"
#include "base/bytes.h"
#include "base/data.h"
#include "base/json.h"
#include "base/signal.h"
#include "base/text.h"
#include "machine/machine.h"
#include "model/isa.h"
#include "workers/isolate.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

Test(text, sizes_and_times_have_three_digits)
{
    char text[32];
    cr_expect_str_eq(dpk_text_bytes(0, text, sizeof text), "0 B");
    cr_expect_str_eq(dpk_text_bytes(999, text, sizeof text), "999 B");
    cr_expect_str_eq(dpk_text_bytes(1536, text, sizeof text), "1.54 kB");
    cr_expect_str_eq(dpk_text_bytes(54e6, text, sizeof text), "54 MB");
    cr_expect_str_eq(dpk_text_seconds(0.0123, text, sizeof text), "12.3 ms");
    cr_expect_str_eq(dpk_text_seconds(999.6e-6, text, sizeof text), "1.00 ms");
    cr_expect_str_eq(dpk_text_seconds(75, text, sizeof text), "75 s");
}

static const char *nearest(const char *word)
{
    static const char *const known[] = { "blur", "sobel", "median", "mandelbrot", "global_lock" };
    dpk_suggestion suggestion = { .word = word };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        dpk_suggest(&suggestion, known[i]);
    return suggestion.best != NULL ? suggestion.best : "";
}

Test(text, grows_until_its_memory_is_full)
{
    char text[] = "-----------";
    dpk_text to = dpk_text_begin(text, 8);
    cr_expect_str_eq(text, "");
    dpk_text_add(&to, "%s %d", "ab", 12);
    cr_expect_str_eq(text, "ab 12");
    dpk_text_add(&to, "%s", "345678");
    cr_expect_str_eq(text, "ab 1234");
    cr_expect_eq(to.used, 11);
    dpk_text_add(&to, "9");
    cr_expect_str_eq(text, "ab 1234");
    cr_expect_str_eq(text + 8, "---");
}

Test(text, no_control_character_is_printed)
{
    static const char *const cases[][2] = {
        { "plain.png", "plain.png" },       { "Bär 猫 🐈", "Bär 猫 🐈" },
        { "red\x1b[31m", "red\\x1b[31m" },  { "a\tb\nc\x7f", "a\\x09b\\x0ac\\x7f" },
        { "csi\xc2\x9b", "csi\\xc2\\x9b" }, /* U+009B is ESC [ in one character */
        { "\xc2\xa0", "\xc2\xa0" },         { "latin\xe4", "latin\\xe4" },
        { "cut\xe7\x8c", "cut\\xe7\\x8c" }, { "long\xc1\x9b", "long\\xc1\\x9b" },
    };
    char text[64];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_str_eq(dpk_text_safe(cases[i][0], text, sizeof text), cases[i][1]);
    cr_expect_str_eq(dpk_text_safe("ab\x1bz", text, 6), "ab");
    cr_expect_str_eq(dpk_text_safe("ab\x1bz", text, 7), "ab\\x1b");
    cr_expect_str_eq(dpk_text_safe("猫猫", text, 6), "猫");
    cr_expect_str_eq(dpk_text_safe("x", text, 1), "");
}

Test(text, typos_are_understood_and_other_words_are_not)
{
    cr_expect_str_eq(nearest("blurr"), "blur");
    cr_expect_str_eq(nearest("bulr"), "blur");
    cr_expect_str_eq(nearest("mandel"), "mandelbrot");
    cr_expect_str_eq(nearest("global-lok"), "global_lock");
    cr_expect_str_eq(nearest("photograph"), "");
    cr_expect_str_eq(nearest("xyzw"), "");
    cr_expect_str_eq(nearest(""), "");
}

Test(text, hyphen_and_underscore_are_one)
{
    cr_expect(dpk_same_name("limit-pixels", "limit_pixels"));
    cr_expect_not(dpk_same_name("limit", "limit_pixels"));
    cr_expect_not(dpk_same_name("limit_pixels", "limit"));
}

Test(data, shuffled_numbers_are_all_there)
{
    enum { COUNT = 1000 };
    uint32_t order[COUNT];
    bool seen[COUNT] = { false };
    uint64_t state = 1;
    size_t kept = 0;
    dpk_shuffle(order, COUNT, &state);
    for (size_t i = 0; i < COUNT; i++) {
        cr_assert_lt(order[i], COUNT);
        cr_expect_not(seen[order[i]]);
        seen[order[i]] = true;
        kept += order[i] == i;
    }
    cr_expect_lt(kept, 10, "one is usual");
    dpk_shuffle(order, 0, &state);
}

Test(array, strides_and_words)
{
    dpk_array array = { .ring = 9 };
    const size_t shape[DPK_MAX_RANK] = { 4, 5, 3, 77 };
    dpk_array_shape(&array, DPK_U16, 3, shape);
    cr_expect_eq(array.stride[0], 30);
    cr_expect_eq(array.stride[2], 2);
    cr_expect_eq(array.shape[3], 1);
    cr_expect_eq(array.ring, 0);
    cr_expect_eq(dpk_count(&array), 60);
    cr_expect_eq(dpk_row_count(&array), 15);
    char text[96];
    cr_expect_str_eq(dpk_array_text(&array, text, sizeof text), "u16 4x5x3");
    dpk_array_shape(&array, DPK_F64, 0, shape);
    cr_expect_str_eq(dpk_array_text(&array, text, sizeof text), "f64");
    cr_expect_eq(dpk_count(&array), 1);
    cr_expect_eq(dpk_array_rows(&array), 1);
    cr_expect_str_eq(dpk_types_text(DPK_U8 | DPK_F32 | DPK_C128, text, sizeof text),
                     "u8, f32 or c128");
}

Test(array, rows_of_a_ring_take_turns)
{
    unsigned char bytes[3 * 4];
    dpk_array array = { .data = bytes };
    dpk_array_shape(&array, DPK_U8, 2, (const size_t[DPK_MAX_RANK]){ 100, 4 });
    array.ring = 3;
    cr_expect_eq(dpk_row(&array, 0), bytes);
    cr_expect_eq(dpk_row(&array, 2), bytes + 8);
    cr_expect_eq(dpk_row(&array, 7), bytes + 4);
}

Test(array, what_fits)
{
    cr_expect(dpk_array_fits(DPK_F64, 2, (const size_t[DPK_MAX_RANK]){ 1 << 20, 1 << 20 }));
    cr_expect_not(dpk_array_fits(DPK_F64, 2, (const size_t[DPK_MAX_RANK]){ SIZE_MAX / 4, 2 }));
    cr_expect_not(dpk_array_fits(DPK_U8, 3, (const size_t[DPK_MAX_RANK]){ SIZE_MAX, 0, SIZE_MAX }));
}

Test(json, nesting_and_escapes)
{
    char *text = NULL;
    size_t size = 0;
    dpk_json json = { .stream = open_memstream(&text, &size) };
    dpk_json_begin(&json, NULL, '{');
    dpk_json_string(&json, "a", "q\"\\\n");
    dpk_json_begin(&json, "b", '[');
    dpk_json_number(&json, NULL, 1.5);
    dpk_json_number(&json, NULL, 0.0 / 0.0);
    dpk_json_bool(&json, NULL, true);
    dpk_json_end(&json, ']');
    dpk_json_begin(&json, "c", '[');
    dpk_json_end(&json, ']');
    dpk_json_string(&json, "d", NULL);
    dpk_json_end(&json, '}');
    fclose(json.stream);
    cr_expect_str_eq(text,
                     "{\n  \"a\": \"q\\\"\\\\\\u000a\",\n  \"b\": [\n    1.5,\n    null,\n"
                     "    true\n  ],\n  \"c\": [],\n  \"d\": null\n}\n");
    free(text);
}

Test(json, strings_are_unicode)
{
    static const struct {
        const char *text, *json;
    } cases[] = {
        { "é€😀", "\"é€😀\"" },
        { "\x7f\xc2\x80\xef\xbf\xbf\xf4\x8f\xbf\xbf",
          "\"\x7f\xc2\x80\xef\xbf\xbf\xf4\x8f\xbf\xbf\"" },
        { "a\xe9.png", "\"a\\ufffd.png\"" },  /* Latin 1 */
        { "\xe2\x82", "\"\\ufffd\\ufffd\"" }, /* cut short */
        { "\xc0\xaf", "\"\\ufffd\\ufffd\"" }, /* not the shortest */
        { "\xe0\x80\xaf", "\"\\ufffd\\ufffd\\ufffd\"" },
        { "\xf0\x80\x80\xaf", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"" },
        { "\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"" },            /* a surrogate */
        { "\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"" }, /* beyond the last */
        { "\xff", "\"\\ufffd\"" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = NULL;
        size_t size = 0;
        dpk_json json = { .stream = open_memstream(&text, &size) };
        dpk_json_string(&json, NULL, cases[i].text);
        fclose(json.stream);
        cr_expect_str_eq(text, cases[i].json);
        free(text);
    }
}

Test(isa, levels_by_name)
{
    dpk_isa isa;
    dpk_error err;
    cr_assert_eq(dpk_isa_find("auto", &isa, &err), DPK_OK);
    cr_expect_eq(isa, dpk_isa_best());
    cr_assert_eq(dpk_isa_find("base", &isa, &err), DPK_OK);
    cr_expect_eq(isa, DPK_ISA_BASE);
    cr_expect_eq(dpk_isa_find("v9", &isa, &err), DPK_USAGE);
}

Test(machine, environment_lowers_the_number_of_jobs)
{
    unsetenv("OMP_NUM_THREADS");
    setenv("SLURM_CPUS_PER_TASK", "1", 1);
    dpk_cpus cpus = dpk_machine_cpus();
    cr_expect_eq(cpus.jobs, 1);
    cr_expect_str_eq(cpus.scheduler_env, "SLURM_CPUS_PER_TASK");
    setenv("SLURM_CPUS_PER_TASK", "100000", 1);
    cpus = dpk_machine_cpus();
    cr_expect_leq(cpus.jobs, cpus.online);
    setenv("SLURM_CPUS_PER_TASK", "nonsense", 1);
    cr_expect_eq(dpk_machine_cpus().scheduler, 0);
    cr_expect_gt(dpk_machine_memory(), 1 << 20);
}

struct task {
    int what, result;
};

static dpk_status act(void *context, dpk_error *err)
{
    struct task *task = context;
    if (task->what == 1)
        raise(SIGSEGV);
    if (task->what == 2)
        _exit(3);
    task->result = 42;
    return task->what == 3 ? dpk_fail(err, DPK_MISMATCH, "as asked") : DPK_OK;
}

static dpk_status isolate(int what, int *result, dpk_error *err)
{
    struct task task = { .what = what };
    dpk_status status = dpk_isolate(act, &task, &task.result, sizeof task.result, err);
    *result = task.result;
    return status;
}

Test(isolate, results_errors_and_crashes_come_back)
{
    dpk_error err;
    int result;
    cr_expect_eq(isolate(0, &result, &err), DPK_OK);
    cr_expect_eq(result, 42);
    cr_expect_eq(isolate(3, &result, &err), DPK_MISMATCH);
    cr_expect_str_eq(err.text, "as asked");
    cr_expect_eq(isolate(2, &result, &err), DPK_FAILED);
    cr_expect_not_null(strstr(err.text, "exit code 3"), "%s", err.text);
#ifndef DPK_SANITIZED /* whose run-time turns the signal into an exit code */
    cr_expect_eq(isolate(1, &result, &err), DPK_FAILED);
    cr_expect_not_null(strstr(err.text, "SIGSEGV"), "%s", err.text);
#endif
}

Test(signal, names)
{
    char name[32];
    cr_expect_str_eq(dpk_signal_name(SIGSEGV, name, sizeof name), "SIGSEGV");
    cr_expect_str_eq(dpk_signal_name(SIGTERM, name, sizeof name), "SIGTERM");
    cr_expect_str_eq(dpk_signal_name(64, name, sizeof name), "signal 64");
    cr_expect_str_eq(dpk_signal_name(-1, name, sizeof name), "signal -1");
}

Test(bytes, sizes_are_rounded_up_without_overflow)
{
    cr_expect_eq(dpk_ceil_div(0, 8), 0);
    cr_expect_eq(dpk_ceil_div(1, 8), 1);
    cr_expect_eq(dpk_ceil_div(16, 8), 2);
    cr_expect_eq(dpk_ceil_div(SIZE_MAX, 2), SIZE_MAX / 2 + 1);
    cr_expect_eq(dpk_round_up(17, 8), 24);
    cr_expect_eq(dpk_round_up(24, 8), 24);
    cr_expect_eq(dpk_size_min(3, 5), 3);
    cr_expect_eq(dpk_size_max(3, 5), 5);
}
