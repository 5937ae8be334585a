/* SPDX-License-Identifier: MIT */
/* own_memory.h: private memory of the process. Memory from dpk_alloc() is shared between processes,
 * and a fork need not copy its page table. Of private memory a child gets a copy: of the page table
 * at once, and of each page when parent or child writes to it. */
#ifndef DPK_OWN_MEMORY_H
#define DPK_OWN_MEMORY_H

#include <dpk/dpk.h>

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* At most this part of the machine's memory: a comparison keeps one process for each of its
 * variants, and the memory exists twice when a child writes to all of it. */
enum { SCENARIO_MEMORY_PART = 4 };

/* What dpk_kernel.not_on_pool says of scenarios with such memory. */
#define SCENARIO_NOT_ON_POOL "its memory is not shared, and made after the workers of a pool"

/* Small pages are those of a heap that grew little by little, huge ones those of large arrays. */
typedef enum scenario_pages { SCENARIO_SMALL_PAGES, SCENARIO_HUGE_PAGES } scenario_pages;

/* Returns `bytes` of private memory with every page touched; NULL, with *err filled, when there is
 * not that much. The memory is kept for the next run in this process, since touching it takes
 * longer than what is measured, until another size is requested. A scenario always requests the
 * same kind of pages. */
static inline unsigned char *scenario_own_memory(size_t bytes, scenario_pages pages, dpk_error *err)
{
    static unsigned char *memory;
    static size_t size;
    if (memory != NULL && size == bytes)
        return memory;
    if (memory != NULL)
        munmap(memory, size);
    memory = NULL;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (bytes / page > (size_t)sysconf(_SC_PHYS_PAGES) / SCENARIO_MEMORY_PART) {
        (void)dpk_fail(err, DPK_LIMIT, "%zu MB are more than a quarter of this machine's memory",
                       bytes / 1000000);
        return NULL;
    }
    void *mapped = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) {
        (void)dpk_fail(err, DPK_LIMIT, "cannot reserve %zu MB of memory: %s", bytes / 1000000,
                       strerror(errno));
        return NULL;
    }
#ifdef MADV_HUGEPAGE
    madvise(mapped, bytes, pages == SCENARIO_HUGE_PAGES ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
#else
    (void)pages;
#endif
    memory = mapped;
    size = bytes;
    for (size_t i = 0; i < bytes; i += page)
        memory[i] = 1;
    return memory;
}

#endif
