/* SPDX-License-Identifier: MIT */
/* source.c: files, empty files, pipes and what cannot be read. */
#include "files/source.h"

#include "files.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>

TestSuite(source, .init = enter_directory, .fini = remove_directory);

Test(source, regular_file_is_mapped)
{
    dpk_source source;
    dpk_error error;
    put_file("x", "hello", 5);
    cr_assert_eq(dpk_source_open(&source, "x", &error), DPK_OK);
    cr_expect_not_null(source.mapping);
    cr_expect_eq(source.size, 5);
    cr_expect_arr_eq(source.data, "hello", 5);
    cr_expect_str_eq(source.name, "x");
    dpk_source_close(&source);
    dpk_source_close(&source);
}

Test(source, addresses_are_known_while_mapped)
{
    dpk_source first, second;
    dpk_error error;
    put_file("x", "hello", 5);
    put_file("y", "you", 3);
    cr_expect_null(dpk_source_at(&error));
    cr_assert_eq(dpk_source_open(&first, "x", &error), DPK_OK);
    cr_assert_eq(dpk_source_open(&second, "y", &error), DPK_OK);
    const unsigned char *x = first.data, *y = second.data;
    cr_expect_str_eq(dpk_source_at(x), "x");
    cr_expect_str_eq(dpk_source_at(x + 4), "x");
    cr_expect_null(dpk_source_at(x + 5));
    cr_expect_str_eq(dpk_source_at(y), "y");
    dpk_source_close(&first);
    cr_expect_null(dpk_source_at(x));
    cr_expect_str_eq(dpk_source_at(y + 2), "y");
    dpk_source_close(&second);
    cr_expect_null(dpk_source_at(y));
}

/* More files at a time than any fixed table would hold. */
Test(source, any_number_of_mapped_files_is_known)
{
    enum { FILES = 40 };
    static dpk_source sources[FILES];
    dpk_error error;
    put_file("x", "hello", 5);
    for (int i = 0; i < FILES; i++)
        cr_assert_eq(dpk_source_open(&sources[i], "x", &error), DPK_OK);
    for (int i = 0; i < FILES; i++)
        cr_expect_str_eq(dpk_source_at(sources[i].data + 4), "x");
    for (int i = 0; i < FILES; i++)
        dpk_source_close(&sources[i]);
}

/* Opens and closes files, and sees that those it has open are found under their names. */
static void *open_many_times(void *path)
{
    static atomic_int mistakes;
    enum { TIMES = 5000 };
    for (int i = 0; i < TIMES; i++) {
        dpk_source first, second;
        if (dpk_source_open(&first, path, NULL) != DPK_OK)
            return &mistakes;
        if (dpk_source_open(&second, "y", NULL) != DPK_OK)
            return &mistakes;
        const char *one = dpk_source_at(first.data), *other = dpk_source_at(second.data + 2);
        bool right = one != NULL && strcmp(one, path) == 0 && other != NULL && *other == 'y';
        dpk_source_close(&first);
        dpk_source_close(&second);
        if (!right)
            return &mistakes;
    }
    return NULL;
}

Test(source, threads_map_files_at_the_same_time)
{
    enum { THREADS = 4 };
    static char paths[THREADS][2] = { "a", "b", "c", "d" };
    pthread_t threads[THREADS];
    put_file("y", "you", 3);
    for (int i = 0; i < THREADS; i++) {
        put_file(paths[i], "hello", 5);
        cr_assert_eq(pthread_create(&threads[i], NULL, open_many_times, paths[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        void *mistake;
        pthread_join(threads[i], &mistake);
        cr_expect_null(mistake);
    }
}

Test(source, end_of_a_file_cut_short_is_a_signal, .signal = SIGBUS)
{
    dpk_source source;
    dpk_error error;
    put_file("x", "hello", 5);
    cr_assert_eq(dpk_source_open(&source, "x", &error), DPK_OK);
    dpk_source_touch_end(&source);
    cr_assert_eq(truncate("x", 0), 0);
    signal(SIGBUS, SIG_DFL); /* the sanitizers have a handler of their own */
    dpk_source_touch_end(&source);
}

/* KiB of the mapping that begins at data which this process has in memory; -1 if it is not told. */
static long resident(const unsigned char *data)
{
    char line[4096];
    long kib = -1;
    bool here = false;
    FILE *maps = fopen("/proc/self/smaps", "r");
    while (maps != NULL && kib < 0 && fgets(line, sizeof line, maps) != NULL) {
        unsigned long begin, end;
        if (sscanf(line, "%lx-%lx", &begin, &end) == 2)
            here = begin == (uintptr_t)data;
        else if (here)
            sscanf(line, "Rss: %ld", &kib);
    }
    if (maps != NULL)
        fclose(maps);
    return kib;
}

Test(source, what_has_been_read_is_given_back)
{
    enum { SIZE = (9 << 20) + 4321, KIB = 1024 };
    static unsigned char bytes[SIZE];
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (unsigned char)(i * 31 >> 3);
    dpk_source source;
    dpk_error error;
    put_file("x", bytes, SIZE);
    cr_assert_eq(dpk_source_open(&source, "x", &error), DPK_OK);
    cr_expect_arr_eq(source.data, bytes, SIZE);
    long all = resident(source.data);
    if (all < SIZE / KIB)
        cr_skip_test("no /proc/self/smaps on this system");

    /* At most: a system that maps by megabytes gives back by megabytes. */
    dpk_source_done(&source, 65536, 65536 + 13 * 65536);
    cr_expect_leq(resident(source.data), all - 13 * 64);
    dpk_source_move_on(&source, 5 << 20, (9 << 20) + 1); /* by multiples of 4 MiB */
    cr_expect_leq(resident(source.data), all - 13 * 64 - 4 * KIB);
    dpk_source_done(&source, 8 << 20, SIZE);
    cr_expect_leq(resident(source.data), 4 * KIB - 13 * 64);
    cr_expect_arr_eq(source.data, bytes, SIZE);
    dpk_source_close(&source);
}

Test(source, empty_file_has_data)
{
    dpk_source source;
    dpk_error error;
    put_file("x", "", 0);
    cr_assert_eq(dpk_source_open(&source, "x", &error), DPK_OK);
    cr_expect_eq(source.size, 0);
    cr_expect_not_null(source.data);
    dpk_source_close(&source);
}

Test(source, sizeless_file_is_read)
{
    dpk_source source;
    dpk_error error;
    if (access("/proc/self/status", R_OK) != 0)
        cr_skip_test("no /proc on this system");
    cr_assert_eq(dpk_source_open(&source, "/proc/self/status", &error), DPK_OK);
    cr_expect_gt(source.size, 100);
    dpk_source_close(&source);
}

/* Feeds standard input from a child that writes `size` bytes in pieces. */
static void feed_standard_input(size_t size)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    if (fork() == 0) {
        unsigned char piece[4099];
        for (size_t done = 0; done < size;) {
            size_t count = size - done < sizeof piece ? size - done : sizeof piece;
            for (size_t i = 0; i < count; i++)
                piece[i] = (unsigned char)((done + i) * 31 >> 3);
            ssize_t written = write(ends[1], piece, count);
            if (written < 0)
                _exit(1);
            done += (size_t)written;
        }
        _exit(0);
    }
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    close(ends[1]);
}

Test(source, pipe_is_read_to_its_end)
{
    static const size_t sizes[] = { 0, 1, 4099, 1 << 20, 5 << 20 };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        dpk_source source;
        dpk_error error;
        feed_standard_input(sizes[i]);
        if (i % 2 == 1)
            fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
        cr_assert_eq(dpk_source_open(&source, "-", &error), DPK_OK);
        cr_expect_eq(source.size, sizes[i]);
        for (size_t byte = 0; byte < source.size; byte++)
            cr_assert_eq(source.data[byte], (unsigned char)(byte * 31 >> 3));
        dpk_source_close(&source);
        wait(NULL);
    }
}

Test(source, standard_input_continues_where_it_is)
{
    dpk_source source;
    dpk_error error;
    put_file("x", "headbody", 8);
    int descriptor = open("x", O_RDONLY);
    lseek(descriptor, 4, SEEK_SET);
    dup2(descriptor, STDIN_FILENO);
    cr_assert_eq(dpk_source_open(&source, "-", &error), DPK_OK);
    cr_expect_eq(source.size, 4);
    cr_expect_arr_eq(source.data, "body", 4);
    dpk_source_close(&source);
}

/* Of an endless device no more is read than it takes to see what it is. */
Test(source, head_is_read_first)
{
    dpk_source source;
    dpk_error error;
    cr_assert_eq(dpk_source_open_head(&source, "/dev/zero", &error), DPK_OK);
    cr_expect_geq(source.descriptor, 0);
    cr_expect_eq(source.size, 4096);
    dpk_source_close(&source);
    cr_expect_eq(source.descriptor, -1);
    feed_standard_input(10000);
    cr_assert_eq(dpk_source_open_head(&source, "-", &error), DPK_OK);
    cr_expect_eq(source.size, 4096);
    cr_assert_eq(dpk_source_read_rest(&source, &error), DPK_OK);
    cr_assert_eq(dpk_source_read_rest(&source, &error), DPK_OK);
    cr_expect_eq(source.size, 10000);
    for (size_t byte = 0; byte < source.size; byte++)
        cr_assert_eq(source.data[byte], (unsigned char)(byte * 31 >> 3));
    dpk_source_close(&source);
    wait(NULL);
}

static void expect_unreadable(const char *path, const char *sentence)
{
    dpk_source source;
    dpk_error error = { 0 };
    expect_failure(dpk_source_open(&source, path, &error), DPK_BAD_INPUT, &error, path);
    cr_expect_str_eq(error.text, sentence);
    dpk_source_close(&source);
}

Test(source, unreadable_things_are_named)
{
    mkdir("folder", 0777);
    put_file("x", "hello", 5);
    expect_unreadable("missing.png", "cannot read 'missing.png': No such file or directory");
    expect_unreadable("", "cannot read '': No such file or directory");
    expect_unreadable("folder", "cannot read 'folder': Is a directory");
    expect_unreadable("x/y", "cannot read 'x/y': 'x' is not a folder");
    expect_unreadable("folder/no/y", "cannot read 'folder/no/y': there is no folder 'folder/no'");
    cr_assert_eq(symlink("gone", "link"), 0);
    expect_unreadable("link", "cannot read 'link': it is a link to 'gone', which does not exist");
    close(STDIN_FILENO);
    expect_unreadable("-", "cannot read 'standard input': Bad file descriptor");
}
