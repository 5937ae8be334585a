/* SPDX-License-Identifier: MIT */
/* The arena: what it hands out, and how tests make it catch mistakes. */
#include "base/arena.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static dpk_arena arena;
static dpk_error err;

Test(arena, memory_is_aligned_and_apart)
{
    cr_assert_eq(dpk_arena_open(&arena, DPK_MEMORY_PRIVATE, false, &err), DPK_OK);
    unsigned char *a = dpk_alloc(&arena, 1, &err), *b = dpk_alloc(&arena, 100, &err);
    unsigned char *none = dpk_alloc(&arena, 0, &err);
    cr_expect_eq((uintptr_t)a % 64, 0);
    cr_expect_eq((uintptr_t)b % 64, 0);
    cr_expect_geq(b - a, 64);
    cr_expect_not_null(none);
    dpk_arena_close(&arena);
}

Test(arena, too_much_is_refused_before_it_is_taken)
{
    cr_assert_eq(dpk_arena_open(&arena, DPK_MEMORY_PRIVATE, false, &err), DPK_OK);
    cr_expect_null(dpk_alloc(&arena, SIZE_MAX, &err));
    cr_expect_eq(err.status, DPK_LIMIT);
    cr_expect_null(dpk_alloc(&arena, arena.size + 1, &err));
    cr_expect_not_null(strstr(err.text, "not enough memory"));
    cr_expect_not_null(dpk_alloc(&arena, 1 << 20, &err));
    dpk_arena_close(&arena);
}

Test(arena, shared_memory_is_seen_by_both_and_inputs_are_inherited)
{
    cr_assert_eq(dpk_arena_open(&arena, DPK_MEMORY_SHARED, false, &err), DPK_OK);
    int *shared = dpk_alloc(&arena, sizeof(int), &err);
    int *input = dpk_alloc_input(&arena, sizeof(int), &err);
    *shared = 0;
    *input = 7;
    cr_assert_eq(dpk_arena_populate(&arena, 0, 1, &err), DPK_OK);
    pid_t pid = fork();
    if (pid == 0) {
        *shared = *input + 1;
        *input = 9;
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    cr_expect_eq(*shared, 8);
    cr_expect_eq(*input, 7);
    dpk_arena_close(&arena);
}

static int signal_of(void (*act)(unsigned char *), unsigned char *memory)
{
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGSEGV, SIG_DFL); /* also where a sanitizer has a handler */
        act(memory);
        _exit(0);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void write_behind(unsigned char *memory)
{
    ((volatile unsigned char *)memory)[128] = 1;
}

static void write_first(unsigned char *memory)
{
    ((volatile unsigned char *)memory)[0] = 1;
}

Test(arena, guards_catch_what_is_written_behind)
{
    cr_assert_eq(dpk_arena_open(&arena, DPK_MEMORY_PRIVATE, true, &err), DPK_OK);
    unsigned char *full = dpk_alloc(&arena, 128, &err), *odd = dpk_alloc(&arena, 100, &err);
    cr_expect_eq(signal_of(write_behind, full), SIGSEGV);
    cr_expect_eq(signal_of(write_first, full), 0);
    cr_expect(dpk_arena_intact(&arena));
    odd[100] = 1; /* within the alignment, short of the inaccessible page */
    cr_expect_not(dpk_arena_intact(&arena));
    dpk_arena_close(&arena);
}

Test(arena, sealed_memory_is_read_only)
{
    cr_assert_eq(dpk_arena_open(&arena, DPK_MEMORY_SHARED, true, &err), DPK_OK);
    unsigned char *input = dpk_alloc_input(&arena, 128, &err);
    cr_expect_eq(signal_of(write_first, input), 0);
    dpk_arena_seal(&arena, input, 128);
    cr_expect_eq(signal_of(write_first, input), SIGSEGV);
    dpk_arena_close(&arena);
}
