/* SPDX-License-Identifier: MIT */
/* arena.c: reservations of addresses, and how much of each is handed out. To reserve costs nothing.
 * As much is reserved as the machine can still give, so that running out is an error before the
 * work begins, and not a worker that the kernel kills in the middle of it. */
#include "base/arena.h"

#include "base/bytes.h"
#include "base/text.h"
#include "machine/machine.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Page-table entries of huge pages cover this much; the base is aligned to it. */
#define HUGE_PAGE ((size_t)2 << 20)

/* Tests have small arrays, but very many: they need not ask each time how much memory there is. */
#define GUARDED_SIZE ((size_t)1 << 30)

/* What unspecified contents and the slack before a guard page look like in tests. */
enum { POISON = 0xA5 };

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

/* A reservation of size bytes at a multiple of HUGE_PAGE, or NULL. */
static unsigned char *reserve(size_t size, dpk_memory memory)
{
    int flags = MAP_ANONYMOUS | MAP_NORESERVE;
    flags |= memory == DPK_MEMORY_SHARED ? MAP_SHARED : MAP_PRIVATE;
    unsigned char *base = mmap(NULL, size + HUGE_PAGE, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (base == MAP_FAILED)
        return NULL;
    size_t head = (HUGE_PAGE - (uintptr_t)base % HUGE_PAGE) % HUGE_PAGE;
    if (head > 0)
        munmap(base, head);
    munmap(base + head + size, HUGE_PAGE - head);
    return base + head;
}

/* What is reserved must leave addresses for everything else: files that are mapped, stacks of
 * threads, what libraries allocate. A limit on addresses (ulimit -v), or strict overcommit, grants
 * so much; the arena takes three quarters of it, whatever it is, so that a larger limit never
 * allows less. Returns how much `size` bytes have to be lowered to. */
static size_t grantable(size_t size, size_t reservations)
{
    size_t low = 0, most = size / 3 * 4 * reservations, high = most;
    for (size_t bytes = high; high - low > HUGE_PAGE; bytes = low + (high - low) / 2) {
        int flags = MAP_ANONYMOUS | MAP_NORESERVE | MAP_PRIVATE;
        void *probe = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
        if (probe == MAP_FAILED) {
            high = bytes;
            continue;
        }
        munmap(probe, bytes);
        low = bytes;
        if (bytes == most)
            break;
    }
    return low == most ? size : low / 4 * 3 / reservations / HUGE_PAGE * HUGE_PAGE;
}

static void advise(const dpk_region *region, size_t size, bool guarded)
{
    if (region->base == NULL)
        return;
        /* A core dump of a worker would touch every page, and be as large as the machine's memory.
         */
#ifdef MADV_DONTDUMP
    madvise(region->base, size, MADV_DONTDUMP);
#endif
#ifdef MADV_HUGEPAGE
    if (!guarded)
        madvise(region->base, size, MADV_HUGEPAGE);
#endif
}

static dpk_status open_reservations(dpk_arena *arena, size_t size, dpk_error *err)
{
    const dpk_memory memory = arena->memory;
    const bool shared = memory == DPK_MEMORY_SHARED, guarded = arena->guarded;
    arena->size = arena->limit = grantable(size, shared ? 2 : 1);
    errno = ENOMEM;
    if (arena->size > 0)
        arena->work.base = reserve(arena->size, memory);
    if (arena->work.base != NULL && shared)
        arena->inputs.base = reserve(arena->size, DPK_MEMORY_PRIVATE);
    if (arena->work.base == NULL || (shared && arena->inputs.base == NULL)) {
        int error = errno;
        dpk_arena_close(arena);
        return dpk_fail(err, DPK_LIMIT, "cannot reserve memory: %s", strerror(error));
    }
    advise(&arena->work, arena->size, guarded);
    advise(&arena->inputs, arena->size, guarded);
    return DPK_OK;
}

dpk_status dpk_arena_open(dpk_arena *arena, dpk_memory memory, bool guarded, dpk_error *err)
{
    *arena = (dpk_arena){ .memory = memory, .guarded = guarded };
    size_t size = guarded ? GUARDED_SIZE : dpk_round_up(dpk_machine_memory() + 1, HUGE_PAGE);
    return open_reservations(arena, size, err);
}

dpk_status dpk_arena_open_sized(dpk_arena *arena, dpk_memory memory, size_t size, dpk_error *err)
{
    *arena = (dpk_arena){ .memory = memory };
    return open_reservations(arena, dpk_round_up(size + 1, HUGE_PAGE), err);
}

void dpk_arena_close(dpk_arena *arena)
{
    if (arena->tenant.end != NULL)
        arena->tenant.end(arena->tenant.self);
    if (arena->work.base != NULL)
        munmap(arena->work.base, arena->size);
    if (arena->inputs.base != NULL)
        munmap(arena->inputs.base, arena->size);
    *arena = (dpk_arena){ 0 };
}

/* Shared pages are removed from the memory itself: to drop them from this process alone would keep
 * them. */
static bool drop_pages(const dpk_region *region, size_t begin, size_t end, bool shared)
{
#if defined MADV_REMOVE && defined MADV_DONTNEED
    return madvise(region->base + begin, end - begin, shared ? MADV_REMOVE : MADV_DONTNEED) == 0;
#else
    (void)region, (void)begin, (void)end, (void)shared;
    return false;
#endif
}

bool dpk_arena_drop_pages(const dpk_arena *arena, size_t begin, size_t end)
{
    return drop_pages(&arena->work, begin, end, arena->memory == DPK_MEMORY_SHARED);
}

/* Where the system cannot drop pages, they stay, and are used again. */
static void give_back(dpk_region *region, size_t keep, bool shared, bool guarded)
{
    size_t end = dpk_round_up(dpk_size_max(region->used, region->kept), page_size());
    size_t begin = dpk_round_up(dpk_size_min(keep, end), page_size());
    if (end > 0 && guarded)
        mprotect(region->base, end, PROT_READ | PROT_WRITE);
    if (end > begin)
        (void)drop_pages(region, begin, end, shared);
    region->used = 0;
    region->kept = dpk_size_min(begin, end);
}

void dpk_arena_rewind(dpk_arena *arena, size_t keep)
{
    give_back(&arena->work, keep, arena->memory == DPK_MEMORY_SHARED, arena->guarded);
    give_back(&arena->inputs, keep, arena->inputs_shared, arena->guarded);
}

void dpk_arena_reset(dpk_arena *arena)
{
    dpk_arena_rewind(arena, 0);
}

void dpk_arena_forget(dpk_arena *arena)
{
    arena->work.kept = arena->work.base != NULL ? arena->size : 0;
    arena->inputs.kept = arena->inputs.base != NULL ? arena->size : 0;
    dpk_arena_reset(arena);
}

void dpk_arena_limit(dpk_arena *arena, size_t bytes)
{
    arena->limit = bytes < arena->size ? bytes : arena->size;
}

/* Every guarded allocation is a stretch of whole pages: this header, unused bytes, the memory
 * handed out, a slack shorter than DPK_ALIGNMENT, and an inaccessible page. */
struct guarded {
    size_t bytes;   /* handed out */
    size_t stretch; /* without the inaccessible page */
};

static unsigned char *guarded_memory(const struct guarded *header)
{
    return (unsigned char *)(uintptr_t)header + header->stretch - dpk_aligned(header->bytes);
}

static size_t left(const dpk_arena *arena)
{
    size_t used = arena->work.used + arena->inputs.used;
    return used < arena->limit ? arena->limit - used : 0;
}

static void *place_guarded(const dpk_arena *arena, dpk_region *region, size_t bytes)
{
    struct guarded *header = (struct guarded *)(void *)(region->base + region->used);
    size_t page = page_size();
    size_t stretch = dpk_round_up(sizeof *header + dpk_aligned(bytes), page);
    if (stretch + page > left(arena))
        return NULL;
    memset(header, POISON, stretch);
    *header = (struct guarded){ .bytes = bytes, .stretch = stretch };
    mprotect((unsigned char *)header + stretch, page, PROT_NONE);
    region->used += stretch + page;
    return guarded_memory(header);
}

static void *place(dpk_arena *arena, dpk_region *region, size_t bytes, dpk_error *err)
{
    void *memory = NULL;
    if (bytes <= left(arena) && dpk_aligned(bytes) <= left(arena)) {
        if (arena->guarded) {
            memory = place_guarded(arena, region, bytes);
        } else {
            memory = region->base + region->used;
            region->used += dpk_aligned(bytes);
        }
    }
    if (memory == NULL) {
        char need[32], have[32];
        (void)dpk_fail(err, DPK_LIMIT, "not enough memory: %s more needed, %s left",
                       dpk_text_bytes((double)bytes, need, sizeof need),
                       dpk_text_bytes((double)left(arena), have, sizeof have));
    }
    return memory;
}

void *dpk_alloc(dpk_arena *arena, size_t bytes, dpk_error *err)
{
    return place(arena, &arena->work, bytes, err);
}

void *dpk_alloc_input(dpk_arena *arena, size_t bytes, dpk_error *err)
{
    return place(arena, arena->inputs.base != NULL ? &arena->inputs : &arena->work, bytes, err);
}

/* Where that is refused, there are no inputs apart from other memory. */
void dpk_arena_share_inputs(dpk_arena *arena)
{
    if (arena->inputs.base == NULL || arena->inputs.used > 0 || arena->inputs_shared)
        return;
    int flags = MAP_ANONYMOUS | MAP_NORESERVE | MAP_SHARED | MAP_FIXED;
    void *base = mmap(arena->inputs.base, arena->size, PROT_READ | PROT_WRITE, flags, -1, 0);
    arena->inputs_shared = base != MAP_FAILED;
    if (arena->inputs_shared) {
        advise(&arena->inputs, arena->size, arena->guarded);
        return;
    }
    munmap(arena->inputs.base, arena->size);
    arena->inputs = (dpk_region){ .base = NULL };
}

void dpk_arena_protect_inputs(const dpk_arena *arena)
{
    if (arena->inputs_shared)
        mprotect(arena->inputs.base, arena->size, PROT_READ);
}

dpk_status dpk_arena_populate(const dpk_arena *arena, unsigned part, unsigned parts, dpk_error *err)
{
#ifdef MADV_POPULATE_WRITE
    if (arena->memory != DPK_MEMORY_SHARED || arena->guarded)
        return DPK_OK;
    size_t page = page_size(), pages = dpk_ceil_div(arena->work.used, page);
    size_t begin = pages * part / parts, end = pages * (part + 1) / parts;
    int failed =
        madvise(arena->work.base + begin * page, (end - begin) * page, MADV_POPULATE_WRITE);
    /* Kernels before 5.14 do not know the call: there, pages are faulted in as they are used. */
    if (failed != 0 && errno != EINVAL)
        return dpk_fail(err, DPK_LIMIT, "the machine has no %zu pages of shared memory left: %s",
                        end - begin, strerror(errno));
#else
    (void)arena, (void)part, (void)parts, (void)err;
#endif
    return DPK_OK;
}

void dpk_arena_seal(dpk_arena *arena, void *allocation, size_t bytes)
{
    size_t page = page_size();
    uintptr_t end = dpk_round_up((size_t)(uintptr_t)allocation + bytes, page);
    uintptr_t start = (uintptr_t)allocation / page * page;
    if (arena->guarded && end > start)
        mprotect((void *)start, end - start, PROT_READ);
}

static bool untouched(const unsigned char *begin, const unsigned char *end)
{
    while (begin < end && *begin == POISON)
        begin++;
    return begin == end;
}

static bool region_intact(const dpk_region *region)
{
    for (size_t mark = 0; mark < region->used;) {
        const struct guarded *header = (const struct guarded *)(const void *)(region->base + mark);
        const unsigned char *memory = guarded_memory(header);
        if (!untouched((const unsigned char *)(header + 1), memory) ||
            !untouched(memory + header->bytes, region->base + mark + header->stretch))
            return false;
        mark += header->stretch + page_size();
    }
    return true;
}

bool dpk_arena_intact(const dpk_arena *arena)
{
    return !arena->guarded || (region_intact(&arena->work) && region_intact(&arena->inputs));
}
