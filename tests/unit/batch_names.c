/* SPDX-License-Identifier: MIT */
/* batch_names.c: which files a batch is about, what their outputs are called, and which of them
 * cannot be: with names of any bytes, real folders and real links. */
#include "base/shell.h"
#include "engine/batch_list.h"
#include "engine/batch_name.h"
#include "engine/batch_target.h"
#include "files.h"

#include <fcntl.h>

TestSuite(batch_names, .init = enter_directory, .fini = remove_directory);

static dpk_error err;

/* ---------------------------------------------------------------------------------------- lists */

static dpk_status read_list(dpk_batch_list *list, const char *bytes, size_t size)
{
    put_file("list", bytes, size);
    *list = (dpk_batch_list){ .recursive = true };
    return dpk_batch_list_read(list, "list", &err);
}

static void expect_paths(const dpk_batch_list *list, size_t count, const char *const *paths)
{
    cr_expect_eq(list->count, count, "%zu", list->count);
    for (size_t i = 0; i < count && i < list->count; i++)
        cr_expect_str_eq(list->inputs[i].path, paths[i]);
}

/* Puts files of these names there, and reads a list of them. */
static void expect_names(const char *text, size_t size, size_t count, const char *const *paths)
{
    dpk_batch_list list;
    for (size_t i = 0; i < count; i++)
        put_text(paths[i], "");
    cr_assert_eq(read_list(&list, text, size), DPK_OK, "%s", err.text);
    expect_paths(&list, count, paths);
    dpk_batch_list_free(&list);
}

Test(batch_names, a_line_is_a_name_whatever_is_in_it)
{
    const char *const paths[] = {
        "two words", "-dash", "quote'\"", "back\\slash", "\xff\xfe", "x"
    };
    const char text[] = "two words\n-dash\n\nquote'\"\nback\\slash\n\xff\xfe\nx";
    expect_names(text, sizeof text - 1, 6, paths);
}

Test(batch_names, zeros_allow_newlines_in_names)
{
    const char *const paths[] = { "new\nline", "\n", "a" };
    const char text[] = "new\nline\0\n\0\0a";
    expect_names(text, sizeof text - 1, 3, paths);
}

static void expect_refusal(const char *text, dpk_status status, const char *sentence)
{
    dpk_batch_list list;
    cr_expect_eq(read_list(&list, text, strlen(text)), status);
    cr_expect_str_eq(err.text, sentence);
    dpk_batch_list_free(&list);
}

Test(batch_names, what_a_list_names_must_be_a_file)
{
    put_text("a", "");
    put_text("folder/none.txt", "");
    cr_assert_eq(mkfifo("pipe", 0666), 0);
    expect_refusal("a\n\nmissing\n", DPK_BAD_INPUT,
                   "'list', line 3: cannot open 'missing': No such file or directory");
    expect_refusal("a\na/b\n", DPK_BAD_INPUT,
                   "'list', line 2: cannot open 'a/b': 'a' is not a folder");
    expect_refusal("a\r\n", DPK_BAD_INPUT,
                   "'list', line 1: cannot open 'a\\x0d': No such file or directory (there is a "
                   "carriage return at the end of the line)");
    expect_refusal("pipe", DPK_BAD_INPUT,
                   "'list', line 1: 'pipe' is no regular file: each of many files is read twice, "
                   "first its head and later the rest");
    expect_refusal("-", DPK_USAGE,
                   "'list', line 1: standard input cannot be one of many files; './-' is a file of "
                   "that name, and --from=- reads names there");
    expect_refusal(
        "folder", DPK_BAD_INPUT,
        "'list', line 1: no file in or below 'folder' has a name that ends like those of "
        "a format that is read (see `dpk list formats`)");
}

Test(batch_names, a_folder_is_its_files_sorted_and_without_the_outputs)
{
    const char *const paths[] = { "in/B.png", "in/a.png", "in/link.png", "in/sub/deep/c.ppm" };
    dpk_batch_list list = { .recursive = true, .output = "in/out" };
    put_text("in/a.png", "");
    put_text("in/B.png", "");
    put_text("in/note.txt", "");
    put_text("in/.hidden.png", "");
    put_text("in/.thumbnails/d.png", "");
    put_text("in/sub/deep/c.ppm", "");
    put_text("in/out/e.png", "");
    cr_assert_eq(symlink("a.png", "in/link.png"), 0);
    cr_assert_eq(symlink("missing.png", "in/nowhere.png"), 0);
    cr_assert_eq(symlink("..", "in/cycle"), 0);
    cr_assert_eq(dpk_batch_list_add(&list, "in//", &err), DPK_OK, "%s", err.text);
    expect_paths(&list, 4, paths);
    cr_expect_eq(list.passed_over, 1);
    cr_expect_eq(list.inputs[0].root, 3);
    dpk_batch_list_free(&list);
    list.recursive = false;
    cr_expect_eq(dpk_batch_list_add(&list, "in", &err), DPK_USAGE);
    cr_expect_str_eq(err.text, "'in' is a folder: --recursive takes the files in and below it");
    dpk_batch_list_free(&list);
}

/* ------------------------------------------------------------------------------------- patterns */

static const char *name_of(const char *folder, const char *pattern, const char *suffix,
                           const char *path, size_t root)
{
    static char text[64];
    const dpk_batch_naming naming = {
        .folder = folder, .pattern = pattern, .kernel = "blur", .suffix = suffix, .count = 120
    };
    const dpk_batch_input input = { .path = path, .root = root };
    cr_assert_eq(dpk_batch_check_naming(&naming, &err), DPK_OK, "%s", err.text);
    return dpk_batch_name(&naming, &input, 7, text, sizeof text, &err) == DPK_OK ? text : err.text;
}

Test(batch_names, patterns_take_paths_apart)
{
    const struct {
        const char *folder, *pattern, *suffix, *path, *output;
        size_t root;
    } cases[] = {
        { NULL, "{stem}-{kernel}.{ext}", NULL, "a/b.tar.png", "b.tar-blur.png", 0 },
        { NULL, "{dir}/{name}", NULL, "b.png", "./b.png", 0 },
        { NULL, "{dir}/{name}", NULL, "/b.png", "//b.png", 0 },
        { NULL, "{dir}/{name}", NULL, "a/b/c.png", "a/b/c.png", 0 },
        { NULL, "{number}.{ext}", NULL, "b.png", "007.png", 0 },
        { NULL, "{{{stem}}}", NULL, "b.png", "{b}", 0 },
        { NULL, "{stem}.{ext}", NULL, "a.b/plain", "plain", 0 },
        { NULL, "{stem}.{ext}", NULL, ".png", ".png", 0 },
        { NULL, "{stem}.{ext}", "ppm", "plain", "plain.ppm", 0 },
        { NULL, "{ext}", "pgm", "a.png", "pgm", 0 },
        { NULL, "{stem}", NULL, "hash:.png", "./hash:", 0 },
        { NULL, "{stem}", NULL, "-.png", "./-", 0 },
        { NULL, "null:", NULL, "a.png", "null:", 0 },
        { "out", NULL, NULL, "a/b.png", "out/b.png", 0 },
        { "out", "{stem}", NULL, "hash:.png", "out/hash:", 0 },
        { "out/", NULL, NULL, "a/b.png", "out/b.png", 0 },
        { "out", NULL, "npy", "a/b.png", "out/b.npy", 0 },
        { "out", NULL, NULL, "in/a/b.png", "out/a/b.png", 3 },
        { "out", "x-{name}", NULL, "in/a/b.png", "out/a/x-b.png", 3 },
        { "out", "{dir}/{name}", NULL, "in/a/b.png", "out/in/a/b.png", 3 },
        { "out", "{name}", NULL, "../b.png", "out/b.png", 0 },
        { "out", "..{name}", NULL, "b.png", "out/..b.png", 0 },
        { "out", "{dir}/{name}", NULL, "../b.png",
          "the output for '../b.png' would not be in 'out': its folder has '..' in it, and {dir} "
          "takes it over",
          0 },
        { "out", "{name}{name}{name}{name}{name}{name}", NULL, "twelve bytes",
          "the name of the output for 'twelve bytes' is too long", 0 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_str_eq(name_of(cases[i].folder, cases[i].pattern, cases[i].suffix, cases[i].path,
                                 cases[i].root),
                         cases[i].output);
}

Test(batch_names, patterns_that_are_none_are_refused)
{
    const char *const patterns[] = {
        "", "a/", "{stem", "{}", "{Stem}", "{stem}}", "}", "{ stem }"
    };
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        const dpk_batch_naming naming = { .pattern = patterns[i] };
        cr_expect_eq(dpk_batch_check_naming(&naming, &err), DPK_USAGE, "%s", patterns[i]);
    }
    const dpk_batch_naming nowhere = { .folder = "" };
    cr_expect_eq(dpk_batch_check_naming(&nowhere, &err), DPK_USAGE);
}

/* -------------------------------------------------------------------------------------- targets */

static dpk_status check(size_t count, const char *const pairs[][2], bool in_place)
{
    dpk_batch_list list = { .inputs = NULL };
    dpk_batch_file files[4] = { { .input = NULL } };
    for (size_t i = 0; i < count; i++) {
        files[i] = (dpk_batch_file){ .input = pairs[i][0], .output = pairs[i][1] };
        cr_assert_eq(dpk_batch_list_add(&list, pairs[i][0], &err), DPK_OK, "%s", err.text);
    }
    dpk_status status = dpk_batch_check_targets(&list, files, in_place, &err);
    dpk_batch_list_free(&list);
    return status;
}

#define CHECK(in_place, ...)                                                                       \
    check(sizeof((const char *const[][2]){ __VA_ARGS__ }) / sizeof(char *[2]),                     \
          (const char *const[][2]){ __VA_ARGS__ }, in_place)

Test(batch_names, outputs_are_compared_by_what_they_lead_to)
{
    put_text("a", "");
    put_text("b", "");
    put_text("out/c", "");
    cr_assert_eq(symlink("out", "link"), 0);
    cr_assert_eq(symlink("c", "out/d"), 0);
    cr_assert_eq(link("a", "hard"), 0);
    cr_expect_eq(CHECK(false, { "a", "x" }, { "b", "y" }), DPK_OK);
    cr_expect_eq(CHECK(false, { "a", "/dev/null" }, { "b", "/dev/null" }), DPK_OK);
    cr_expect_eq(CHECK(false, { "a", "x" }, { "hard", "y" }), DPK_OK);
    cr_expect_eq(CHECK(true, { "a", "a" }, { "b", "b" }), DPK_OK);

    cr_expect_eq(CHECK(false, { "a", "out/x" }, { "b", "./link//x" }), DPK_USAGE);
    cr_expect_str_eq(err.text,
                     "'a' and 'b' would both be written to 'out/x': {dir} or {number} in "
                     "--out would tell them apart");
    cr_expect_eq(CHECK(false, { "a", "out/c" }, { "b", "link/d" }), DPK_USAGE);
    cr_expect_eq(CHECK(false, { "a", "new//x" }, { "b", "new/./x" }), DPK_USAGE);
    cr_expect_eq(CHECK(false, { "a", "x" }, { "a", "y" }, { "a", "x" }), DPK_USAGE);
    cr_expect_str_eq(err.text, "'a' is named twice");
    cr_expect_eq(CHECK(false, { "a", "hard" }), DPK_USAGE);
    cr_expect_str_eq(err.text,
                     "'hard', the output for 'a', is an input: only --in-place writes "
                     "over inputs");
    cr_expect_eq(CHECK(false, { "a", "x" }, { "b", "a" }), DPK_USAGE);
    cr_expect_str_eq(err.text,
                     "'a', the output for 'b', is an input: only --in-place writes over "
                     "inputs");
    cr_expect_eq(CHECK(true, { "a", "a" }, { "b", "b" }, { "a", "a" }), DPK_USAGE);
    cr_expect_str_eq(err.text, "'a' is named twice");
    cr_expect_eq(CHECK(true, { "a", "a" }, { "hard", "hard" }), DPK_USAGE);
    cr_expect_str_eq(err.text, "'a' and 'hard' are the same file");
}

Test(batch_names, folders_are_made_where_they_were_asked_for)
{
    dpk_batch_file file = { .output = "out/sub/deep/x" };
    put_text("plain", "");
    cr_expect_eq(dpk_batch_check_folder("out", &err), DPK_OK);
    cr_expect_eq(dpk_batch_check_folder("out/", &err), DPK_OK);
    cr_expect_eq(dpk_batch_check_folder(".", &err), DPK_OK);
    cr_expect_eq(dpk_batch_check_folder("plain", &err), DPK_OUTPUT_FAILED);
    cr_expect_str_eq(err.text, "--out-dir 'plain': is a file, not a folder");
    cr_expect_eq(dpk_batch_check_folder("missing/out", &err), DPK_OUTPUT_FAILED);
    cr_expect_str_eq(err.text,
                     "cannot make the folder 'missing/out': there is no folder 'missing'");

    cr_expect_eq(dpk_batch_plan_folder(&file, "out", &err), DPK_OK);
    cr_expect(file.folder_later);
    cr_expect_eq(count_entries("."), 1);
    cr_expect_eq(dpk_batch_make_folder(&file, "out", &err), DPK_OK, "%s", err.text);
    cr_expect_eq(dpk_batch_make_folder(&file, "out/", &err), DPK_OK, "%s", err.text);
    cr_expect_eq(count_entries("out/sub/deep"), 0);
    cr_expect_eq(dpk_batch_plan_folder(&file, "out", &err), DPK_OK);
    cr_expect_not(file.folder_later);

    file.output = "elsewhere/x";
    cr_expect_eq(dpk_batch_plan_folder(&file, NULL, &err), DPK_OUTPUT_FAILED);
    cr_expect_str_eq(err.text, "cannot write 'elsewhere/x': there is no folder 'elsewhere'");
    file.output = "plain/y/x";
    cr_expect_eq(dpk_batch_make_folder(&file, "plain", &err), DPK_OUTPUT_FAILED);
}

static bool is_current(long long in, long long out, bool newer)
{
    const struct timespec times[] = { { .tv_sec = 1 }, { out / 1000, out % 1000 } };
    const dpk_batch_input input = { .status.st_mtim = { in / 1000, in % 1000 } };
    const dpk_batch_file file = { .output = "x" };
    put_text("x", "");
    cr_assert_eq(utimensat(AT_FDCWD, "x", times, 0), 0);
    return dpk_batch_is_there(&file, &input, newer);
}

Test(batch_names, newer_is_decided_as_make_does)
{
    const dpk_batch_file missing = { .output = "missing" };
    const dpk_batch_input input = { .root = 0 };
    cr_expect(is_current(5000, 5000, true));
    cr_expect(is_current(5000, 5001, true));
    cr_expect(is_current(5999, 6000, true));
    cr_expect_not(is_current(5001, 5000, true));
    cr_expect_not(is_current(6000, 5999, true));
    cr_expect(is_current(6000, 5999, false));
    cr_expect_not(dpk_batch_is_there(&missing, &input, false));
}

/* -------------------------------------------------------------------------------------- quoting */

/* What a shell makes of the quoted word. */
static void expect_word(const char *word, const char *quoted)
{
    char text[64], back[64] = "";
    cr_expect_str_eq(dpk_shell_word(word, text, sizeof text), quoted);
    setenv("QUOTED", text, 1);
    FILE *shell = popen("exec bash -c 'eval \"printf %s $QUOTED\"'", "r");
    cr_assert_not_null(shell);
    size_t got = fread(back, 1, sizeof back - 1, shell);
    back[got] = '\0';
    cr_expect_eq(pclose(shell), 0);
    cr_expect_str_eq(back, word);
}

Test(batch_names, quoted_words_are_read_back_by_a_shell)
{
    expect_word("in/a-b_1.png", "in/a-b_1.png");
    expect_word("two words", "'two words'");
    expect_word("$HOME", "'$HOME'");
    expect_word("it's", "'it'\\''s'");
    expect_word("\xc3\xbc.png", "'\xc3\xbc.png'");
    expect_word("a\tb\nc", "$'a\\011b\\012c'");
    expect_word(
        "'\\\xff"
        "1",
        "$'\\'\\\\\\3771'");
    expect_word("\xc2\x9b", "$'\\302\\233'");
    cr_expect_str_eq(dpk_shell_word("", (char[8]){ "" }, 8), "''");
}
