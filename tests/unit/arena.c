/* SPDX-License-Identifier: MIT */
/* The arena: what it hands out, and how tests make it catch mistakes. */
#include "base/arena.h"
#include "machine/machine.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
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

/* Bytes of a mapping that is in memory, in kB, by a line of /proc/self/smaps; and its flags. */
static bool mapping_of(const void *address, const char *line, char *value, size_t size)
{
    FILE *file = fopen("/proc/self/smaps", "r");
    cr_assert(file != NULL);
    char text[512];
    bool inside = false, found = false;
    uintptr_t at = (uintptr_t)address;
    while (!found && fgets(text, sizeof text, file) != NULL) {
        unsigned long begin, end;
        if (sscanf(text, "%lx-%lx ", &begin, &end) == 2 && text[0] != 'V')
            inside = begin <= at && at < end;
        if (inside && strncmp(text, line, strlen(line)) == 0) {
            snprintf(value, size, "%s", text + strlen(line));
            found = true;
        }
    }
    fclose(file);
    return found;
}

Test(arena, core_dumps_leave_it_out)
{
    for (dpk_memory memory = DPK_MEMORY_PRIVATE; memory <= DPK_MEMORY_SHARED; memory++) {
        cr_assert_eq(dpk_arena_open(&arena, memory, false, &err), DPK_OK);
        char flags[512];
        cr_assert(mapping_of(dpk_alloc(&arena, 1, &err), "VmFlags:", flags, sizeof flags));
        cr_expect(strstr(flags, " dd") != NULL, "%s", flags);
        cr_assert(mapping_of(dpk_alloc_input(&arena, 1, &err), "VmFlags:", flags, sizeof flags));
        cr_expect(strstr(flags, " dd") != NULL, "%s", flags);
        dpk_arena_close(&arena);
    }
}

/* Many jobs one after the other: the same addresses again, and no page is kept. */
Test(arena, reset_gives_everything_back)
{
    enum { BYTES = 8 << 20 };
    for (dpk_memory memory = DPK_MEMORY_PRIVATE; memory <= DPK_MEMORY_SHARED; memory++) {
        for (int guarded = 0; guarded <= 1; guarded++) {
            cr_assert_eq(dpk_arena_open(&arena, memory, guarded, &err), DPK_OK);
            unsigned char *first = NULL, *first_input = NULL;
            for (int job = 0; job < 20; job++) {
                unsigned char *work = dpk_alloc(&arena, BYTES, &err);
                unsigned char *input = dpk_alloc_input(&arena, BYTES, &err);
                cr_assert(work != NULL && input != NULL, "%s", err.text);
                cr_expect(job == 0 || (work == first && input == first_input));
                first = work;
                first_input = input;
                memset(work, 1, BYTES);
                memset(input, 1, BYTES);
                dpk_arena_seal(&arena, input, BYTES);
                cr_expect(dpk_arena_intact(&arena));
                dpk_arena_reset(&arena);
            }
            unsigned char there[BYTES / 4096];
            cr_assert(mincore(first - (uintptr_t)first % 4096, BYTES / 2, there) == 0);
            size_t pages = 0;
            for (size_t i = 0; i < BYTES / 2 / 4096; i++)
                pages += there[i] & 1;
            cr_expect(pages == 0, "%zu pages are kept", pages);
            dpk_arena_close(&arena);
        }
    }
}

Test(arena, limit_is_a_sentence)
{
    cr_assert_eq(dpk_arena_open(&arena, DPK_MEMORY_SHARED, false, &err), DPK_OK);
    dpk_arena_limit(&arena, 3 << 20);
    cr_expect_not_null(dpk_alloc(&arena, 1 << 20, &err));
    cr_expect_not_null(dpk_alloc_input(&arena, 1 << 20, &err));
    cr_expect_null(dpk_alloc(&arena, (1 << 20) + 1, &err));
    cr_expect(err.status == DPK_LIMIT && strstr(err.text, "not enough memory"), "%s", err.text);
    cr_expect_not_null(dpk_alloc(&arena, 1 << 20, &err));
    cr_expect_null(dpk_alloc_input(&arena, 1, &err));
    dpk_arena_reset(&arena);
    cr_expect_not_null(dpk_alloc(&arena, 3 << 20, &err));
    dpk_arena_limit(&arena, SIZE_MAX);
    cr_expect_null(dpk_alloc(&arena, SIZE_MAX / 2, &err));
    cr_expect_not_null(dpk_alloc(&arena, 1 << 20, &err));
    dpk_arena_close(&arena);
}

#ifndef DPK_SANITIZED /* which reserves terabytes of addresses itself */

/* Megabytes of the arena, and of what can be had beside it, under a limit on addresses. */
static void sizes_under_limit(size_t megabytes, dpk_memory memory, size_t sizes[2])
{
    int ends[2];
    sizes[0] = sizes[1] = 0;
    cr_assert(pipe(ends) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        const struct rlimit limit = { megabytes << 20, megabytes << 20 };
        if (setrlimit(RLIMIT_AS, &limit) == 0 &&
            dpk_arena_open(&arena, memory, false, &err) == DPK_OK) {
            sizes[0] = arena.size >> 20;
            while (mmap(NULL, 8 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
                sizes[1] += 8;
        }
        _exit(write(ends[1], sizes, 2 * sizeof *sizes) > 0 ? 0 : 1);
    }
    cr_assert(read(ends[0], sizes, 2 * sizeof *sizes) == (ssize_t)(2 * sizeof *sizes));
    waitpid(pid, NULL, 0);
    close(ends[0]);
    close(ends[1]);
}

/* What a limit allows, a larger one allows, too: in the arena and beside it. */
Test(arena, larger_limits_never_allow_less)
{
    for (dpk_memory memory = DPK_MEMORY_PRIVATE; memory <= DPK_MEMORY_SHARED; memory++) {
        size_t before[2] = { 0, 0 }, now[2];
        size_t most = dpk_machine_memory() >> 20; /* of which others take a part meanwhile */
        for (size_t megabytes = 64; megabytes < most; megabytes += megabytes / 9) {
            sizes_under_limit(megabytes, memory, now);
            cr_expect(now[0] + 4 >= before[0] && now[1] + 8 >= before[1],
                      "%zu MB: %zu and %zu, with less: %zu and %zu", megabytes, now[0], now[1],
                      before[0], before[1]);
            before[0] = now[0];
            before[1] = now[1];
        }
        cr_expect(before[0] > 0);
    }
}

#endif

/* Where pages come from decides what following jobs pay: kept ones hold what was there. */
Test(arena, pages_are_kept_as_far_as_is_asked_for)
{
    enum { BYTES = 1 << 20, PART = 1 << 16 };
    for (int memory = DPK_MEMORY_PRIVATE; memory <= DPK_MEMORY_SHARED; memory++) {
        cr_assert_eq(dpk_arena_open(&arena, (dpk_memory)memory, false, &err), DPK_OK);
        static const size_t keeps[] = { SIZE_MAX, BYTES, PART, 0 };
        for (size_t i = 0; i < sizeof keeps / sizeof *keeps; i++) {
            unsigned char *bytes = dpk_alloc(&arena, BYTES, &err);
            cr_assert_not_null(bytes);
            memset(bytes, 7, BYTES);
            dpk_arena_rewind(&arena, keeps[i]);
            cr_expect_eq(arena.work.kept, keeps[i] < BYTES ? keeps[i] : BYTES);
            cr_expect_eq(dpk_alloc(&arena, BYTES, &err), bytes);
            cr_expect_eq(bytes[0], keeps[i] > 0 ? 7 : 0);
            cr_expect_eq(bytes[BYTES - 1], keeps[i] >= BYTES ? 7 : 0);
            dpk_arena_reset(&arena);
        }
        dpk_arena_close(&arena);
    }
}

static int ends;

static void end(void *self)
{
    ends += *(int *)self;
}

Test(arena, a_tenant_stays_until_the_arena_is_closed)
{
    int one = 1;
    cr_assert_eq(dpk_arena_open(&arena, DPK_MEMORY_PRIVATE, false, &err), DPK_OK);
    arena.tenant = (dpk_tenant){ .self = &one, .end = end };
    dpk_arena_reset(&arena);
    dpk_arena_rewind(&arena, SIZE_MAX);
    cr_expect_eq(ends, 0);
    dpk_arena_close(&arena);
    cr_expect_eq(ends, 1);
    cr_expect_null(arena.tenant.end);
}
