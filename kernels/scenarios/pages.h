/* SPDX-License-Identifier: MIT */
/* pages.h: memory that a worker maps for itself. When the system refuses, the pointer is NULL, and
 * operations on it do nothing. */
#ifndef DPK_PAGES_H
#define DPK_PAGES_H

#ifndef _DEFAULT_SOURCE
#    define _DEFAULT_SOURCE /* MAP_ANONYMOUS, madvise() */
#endif
#include "scenario.h"

#include <sys/mman.h>
#include <unistd.h>

/* A page, or NULL, and its size. */
struct page {
    unsigned char *bytes;
    size_t size;
};

static inline size_t pages_bytes(size_t count)
{
    return count * (size_t)sysconf(_SC_PAGESIZE);
}

static inline unsigned char *pages_map(size_t count)
{
    void *pages =
        mmap(NULL, pages_bytes(count), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return pages == MAP_FAILED ? NULL : pages;
}

static inline void pages_unmap(unsigned char *pages, size_t count)
{
    if (pages != NULL)
        munmap(pages, pages_bytes(count));
}

/* Writes to each page, so that it is in memory. */
static inline void pages_touch(unsigned char *pages, size_t count)
{
    if (pages == NULL)
        return;
    for (size_t at = 0; at < pages_bytes(count); at += pages_bytes(1))
        *(volatile unsigned char *)(pages + at) = 1;
}

#endif
