/* SPDX-License-Identifier: MIT */
/* memory_layout: the same workers write the same blocks in memory of several kinds. The system
 * provides a page of new memory when it is first written, by a page fault, or earlier, when it is
 * asked to populate the memory. Each of the two has a pass, so that their times can be compared;
 * mapping takes only microseconds and is done before. */
#define _GNU_SOURCE /* memfd_create() */
#include "scenario.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A huge page on most machines, so that no two workers write to one; and its numbers. */
enum { BLOCK = 2 * 1024 * 1024, BLOCK_LOG2 = 21, NUMBERS = BLOCK / 8 };

/* No more than this part of the machine's memory: a comparison keeps a process for each variant. */
enum { MEMORY_PART = 4 };

enum { PRIVATE, SHARED, MEMFD, HUGEPAGE, HUGETLB };

struct memory_layout {
    struct scenario base; /* an item is a block */
    unsigned layout, populate;
    uint64_t *memory; /* NULL without blocks */
};

/* ------------------------------------------------------------------------------------- mapping */

static void *map_anonymous(size_t bytes, int flags)
{
    return mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
}

/* The mapping keeps the file when nobody has it open. */
static void *map_memfd(size_t bytes)
{
    void *mapped = MAP_FAILED;
#ifdef MFD_CLOEXEC
    int file = memfd_create("dpk", MFD_CLOEXEC);
    if (file >= 0 && ftruncate(file, (off_t)bytes) == 0)
        mapped = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    int error = errno;
    if (file >= 0)
        close(file);
    errno = error;
#else
    (void)bytes;
    errno = ENOSYS;
#endif
    return mapped;
}

/* Shared, so that they are reserved now: a process that found none left would be killed. */
static void *map_hugetlb(size_t bytes)
{
#if defined(MAP_HUGETLB) && defined(MAP_HUGE_SHIFT)
    return map_anonymous(bytes, MAP_SHARED | MAP_HUGETLB | BLOCK_LOG2 << MAP_HUGE_SHIFT);
#else
    (void)bytes;
    errno = ENOSYS;
    return MAP_FAILED;
#endif
}

static void *map(unsigned layout, size_t bytes)
{
    void *mapped = layout == MEMFD ? map_memfd(bytes)
                   : layout == HUGETLB
                       ? map_hugetlb(bytes)
                       : map_anonymous(bytes, layout == SHARED ? MAP_SHARED : MAP_PRIVATE);
#ifdef MADV_HUGEPAGE
    if (mapped != MAP_FAILED && layout != HUGETLB)
        madvise(mapped, bytes, layout == HUGEPAGE ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
#endif
    return mapped;
}

/* Whether the system makes huge pages of private memory where a program asks for it. */
static bool grants_huge_pages(void)
{
    char line[64] = "[never]";
    FILE *file = fopen("/sys/kernel/mm/transparent_hugepage/enabled", "r");
    if (file != NULL) {
        if (fgets(line, sizeof line, file) == NULL)
            line[0] = '\0';
        fclose(file);
    }
    return strstr(line, "[never]") == NULL;
}

/* What can keep a machine from having the layout at all; NULL if it does not. */
static const char *why_not(const struct memory_layout *scenario)
{
    if (scenario->layout == HUGEPAGE && !grants_huge_pages())
        return "--layout=hugepage: this system makes no huge pages "
               "(/sys/kernel/mm/transparent_hugepage/enabled)";
    size_t pages = (size_t)sysconf(_SC_PHYS_PAGES), page = (size_t)sysconf(_SC_PAGESIZE);
    if (scenario->base.items > pages / MEMORY_PART / (BLOCK / page))
        return "so many blocks are more than a quarter of this machine's memory";
    return NULL;
}

/* Maps anew, as what a run before has mapped may still have pages; what this one has mapped ends
 * with the process, or here. */
static dpk_status prepare(void *self, dpk_arena *arena, dpk_error *err)
{
    static void *mapped;
    static size_t bytes;
    struct memory_layout *scenario = self;
    (void)arena;
    if (mapped != NULL)
        munmap(mapped, bytes);
    mapped = NULL;
    const char *why = why_not(scenario);
    if (why != NULL)
        return dpk_fail(err, DPK_LIMIT, "%s", why);
    if (scenario->base.items == 0)
        return DPK_OK;
    /* A block more, as they begin at multiples of their size; hugetlb's do. */
    bytes = (scenario->base.items + (scenario->layout != HUGETLB)) * BLOCK;
    void *begin = map(scenario->layout, bytes);
    if (begin == MAP_FAILED)
        return dpk_fail(err, DPK_LIMIT, "cannot map %zu MB%s: %s", bytes / 1000000,
                        scenario->layout == HUGETLB
                            ? " of the huge pages set aside in /proc/sys/vm/nr_hugepages"
                            : "",
                        strerror(errno));
    mapped = begin;
    size_t beyond = (uintptr_t)begin % BLOCK;
    scenario->memory = (void *)((char *)begin + (beyond > 0 ? BLOCK - beyond : 0));
    return DPK_OK;
}

/* -------------------------------------------------------------------------------------- passes */

static uint64_t *block(const struct memory_layout *scenario, size_t item)
{
    return scenario->memory + item * NUMBERS;
}

/* A pass has all blocks or none, and leaves those out that are not its own: so with
 * --schedule=static a worker writes what it has populated. */
static size_t populated(const void *self)
{
    const struct memory_layout *scenario = self;
    return scenario->populate > 0 ? scenario->base.items : 0;
}

static size_t fresh(const void *self)
{
    const struct memory_layout *scenario = self;
    return scenario->populate < 100 ? scenario->base.items : 0;
}

/* Kernels before 5.14 have no call for it, and mmap()'s flag is for who maps alone. */
static void populate_block(uint64_t *numbers)
{
#ifdef MADV_POPULATE_WRITE
    if (madvise(numbers, BLOCK, MADV_POPULATE_WRITE) == 0)
        return;
#endif
    size_t page = (size_t)sysconf(_SC_PAGESIZE) / sizeof *numbers;
    for (size_t i = 0; i < NUMBERS; i += page)
        *(volatile uint64_t *)&numbers[i] = 0;
}

static void populate(const void *self, dpk_span span, void *scratch)
{
    const struct memory_layout *scenario = self;
    (void)scratch;
    for (size_t item = span.begin; item < span.end; item++)
        if (scenario_is_own(item, scenario->populate))
            populate_block(block(scenario, item));
}

/* The sum of the numbers, as they are read back. */
static uint64_t write_block(uint64_t *numbers, size_t item)
{
    uint64_t first = scenario_mix(item), sum = 0;
    for (size_t i = 0; i < NUMBERS; i++)
        numbers[i] = first + i;
#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < NUMBERS; i++)
        sum += numbers[i];
    return sum;
}

static void write_those(const struct memory_layout *scenario, dpk_span span, bool are_populated)
{
    uint64_t *out = scenario->base.out.data;
    for (size_t item = span.begin; item < span.end; item++)
        if (scenario_is_own(item, scenario->populate) == are_populated)
            out[item] = write_block(block(scenario, item), item);
}

static void write_populated(const void *self, dpk_span span, void *scratch)
{
    (void)scratch;
    write_those(self, span, true);
}

static void write_fresh(const void *self, dpk_span span, void *scratch)
{
    (void)scratch;
    write_those(self, span, false);
}

/* Threads would otherwise keep what processes give back when they end. What is shared stays in its
 * file until it is removed there. */
static void release(const void *self, dpk_span span, void *scratch)
{
    const struct memory_layout *scenario = self;
    int advice = MADV_DONTNEED;
#ifdef MADV_REMOVE
    if (scenario->layout != PRIVATE && scenario->layout != HUGEPAGE)
        advice = MADV_REMOVE;
#endif
    (void)scratch;
    for (size_t item = span.begin; item < span.end; item++)
        madvise(block(scenario, item), BLOCK, advice);
}

/* Numbers first, first + 1, … have the sum NUMBERS · first + NUMBERS (NUMBERS - 1) / 2. */
static bool reference(const void *self, dpk_arena *arena)
{
    const struct memory_layout *scenario = self;
    uint64_t *out = scenario->base.out.data;
    (void)arena;
    for (uint64_t item = 0; item < scenario->base.items; item++)
        out[item] = NUMBERS * scenario_mix(item) + (uint64_t)NUMBERS * (NUMBERS - 1) / 2;
    return true;
}

static const dpk_choice layouts[] = {
    { "private", PRIVATE, "the process's own, in small pages; others do not see it" },
    { "shared", SHARED, "shared with processes forked later, in small pages" },
    { "memfd", MEMFD, "a file in memory, which other programs could map, too" },
    { "hugepage", HUGEPAGE, "the process's own, in huge pages where the system finds some" },
    { "hugetlb", HUGETLB, "shared, of the huge pages that an administrator has set aside" },
    { NULL, 0, NULL },
};

static const dpk_param params[] = {
    DPK_PARAM(struct scenario, items, .def = "32", .max = 1 << 16,
              .help = "how many blocks of 2 MiB to write"),
    DPK_PARAM(struct memory_layout, layout, .choices = layouts, .def = "private",
              .help = "what memory they are in"),
    DPK_PARAM(struct memory_layout, populate, .def = "50", .max = 100, .unit = "%",
              .help = "how many of a hundred blocks get their pages before they are written"),
    DPK_END,
};

static const dpk_port ports[] = {
    DPK_OUT(struct scenario, out, .types = DPK_I64, .help = "the sum of each block"),
    DPK_END,
};

static const dpk_pass passes[] = {
    { .name = "populate", .extent = populated, .work = populate },
    { .name = "write", .extent = populated, .work = write_populated },
    { .name = "first-write", .extent = fresh, .work = write_fresh },
    { .name = "release", .extent = scenario_items, .work = release },
    DPK_END,
};

static const dpk_lesson lesson = {
    .winner = DPK_THREADS_WIN,
    .strongest = "--layout=private --populate=100",
    .mechanism =
        "Pages are populated for an address space. What one thread has populated, all threads can "
        "write; a process that writes a block another has populated faults for each page of it, "
        "and of private memory gets pages of its own. With --schedule=static each process writes "
        "what it has populated itself. The kind of memory decides more than who writes to it: "
        "huge pages come by 512 small ones a fault.",
    .history =
        "Linux populates memory that is being mapped since 2.5.46 (MAP_POPULATE; private memory "
        "since 2.6.23), makes huge pages by itself since 2.6.38, and populates a part of a mapping "
        "since 5.14 (MADV_POPULATE_WRITE).",
    .literature =
        "J. Navarro et al., Practical, transparent operating system support for superpages, OSDI "
        "2002",
    .signs = DPK_SIGN_WORK | DPK_SIGN_SYSTEM | DPK_SIGN_FAULTS,
    .rule =
        "Memory that one worker fills and another writes: take threads, or memory that is "
        "shared.",
};

DPK_KERNEL(
    memory_layout, .summary = "new memory of several kinds, populated or faulted in",
    .group = "scenario",
    .details =
        "The passes: populate some blocks, write to those, write to the others, which faults their "
        "pages in, and give all back. --stats and dpk sweep --passes say what each takes and how "
        "many pages come into being in it.",
    .examples = (const char *const[]){ "dpk sweep memory-layout "
                                       "--layout=private,shared,memfd,hugepage --passes "
                                       "--backends=omp,fork --schedule=static --budget=1",
                                       "dpk memory-layout null: --layout=shared --stats",
                                       "dpk compare memory-layout --populate=100 "
                                       "--backends=omp,fork --budget=2",
                                       NULL },
    .size = sizeof(struct memory_layout), .params = params, .ports = ports, .shape = scenario_shape,
    .prepare = prepare, .passes = passes, .reference = reference,
    .checks = (const char *const[]){ "--items=0", "--items=1 --populate=0",
                                     "--items=3 --layout=shared",
                                     "--items=2 --layout=memfd --populate=100",
                                     "--items=3 --layout=hugepage --populate=40", NULL },
    .lesson = &lesson, .not_on_pool = "it maps memory that older workers do not have");
