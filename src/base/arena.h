/* SPDX-License-Identifier: MIT */
/* arena.h: the memory of one run, reserved before any worker starts. Allocating is moving a mark;
 * pages come into being when first touched. */
#ifndef DPK_ARENA_H
#define DPK_ARENA_H

#include "base/bytes.h"

#include <string.h>

typedef enum dpk_memory {
    DPK_MEMORY_AUTO,    /* what the backend needs: shared for processes, private otherwise */
    DPK_MEMORY_PRIVATE, /* MAP_PRIVATE: 2 MiB pages where the kernel grants them */
    DPK_MEMORY_SHARED,  /* MAP_SHARED: what one process writes, the others see; inputs, which are
                           complete before workers start, stay private */
} dpk_memory;

/* What dpk_alloc hands out begins at multiples of this: a cache line, and the widest vector. */
enum { DPK_ALIGNMENT = 64 };

static inline size_t dpk_aligned(size_t bytes)
{
    return dpk_round_up(bytes, DPK_ALIGNMENT);
}

/* One reservation of address space. */
typedef struct dpk_region {
    unsigned char *base;
    size_t used; /* bytes handed out, from base on */
    size_t kept; /* bytes whose pages were not given back when they were taken back */
} dpk_region;

/* What lives as long as an arena, whatever is allocated and taken back meanwhile: workers that see
 * it. */
typedef struct dpk_tenant {
    void *self;
    void (*end)(void *self); /* NULL: there is none */
} dpk_tenant;

struct dpk_arena {
    dpk_memory memory;  /* private or shared */
    bool guarded;       /* tests: every allocation ends at an inaccessible page */
    size_t size;        /* bytes of each reservation: no more than this machine can give */
    size_t limit;       /* bytes of all allocations together at most */
    dpk_region work;    /* what dpk_alloc hands out */
    dpk_region inputs;  /* private, where work is shared; otherwise empty */
    bool inputs_shared; /* dpk_arena_share_inputs */
    dpk_tenant tenant;  /* ended when the arena is closed */
};

/* Reserves address space, which core dumps leave out. memory must not be auto. Errors: DPK_LIMIT.
 */
dpk_status dpk_arena_open(dpk_arena *arena, dpk_memory memory, bool guarded, dpk_error *err);
void dpk_arena_close(dpk_arena *arena);

/* The same with no more than `size` bytes of address space: for many arenas at a time, and for jobs
 * whose needs are known. */
dpk_status dpk_arena_open_sized(dpk_arena *arena, dpk_memory memory, size_t size, dpk_error *err);

/* Takes back all that has been handed out, and gives its pages back to the system, for many jobs
 * one after the other. No process may use it any more; the tenant stays. */
void dpk_arena_reset(dpk_arena *arena);

/* Takes back all that has been handed out, but gives back only pages beyond the first `keep` bytes
 * of each region: for jobs that follow each other so fast that new pages would cost more than the
 * work. What is handed out next holds what was there before. */
void dpk_arena_rewind(dpk_arena *arena, size_t keep);

/* Gives the pages of bytes [begin, end) of what dpk_alloc hands out, both multiples of a page's
 * size, back to the system: they are zeroed when they are touched again. Returns false if they
 * stay. */
bool dpk_arena_drop_pages(const dpk_arena *arena, size_t begin, size_t end);

/* Gives back all pages, for who does not know what others have used of it. */
void dpk_arena_forget(dpk_arena *arena);

/* From now on, no more than so many bytes are handed out together, those already handed out
 * included; and never more than were reserved. */
void dpk_arena_limit(dpk_arena *arena, size_t bytes);

/* Like dpk_alloc, for arrays that are filled before a team is opened and never written again.
 * Processes inherit them without a page fault, in huge pages, and cannot damage them. */
void *dpk_alloc_input(dpk_arena *arena, size_t bytes, dpk_error *err) DPK_MUST_CHECK;

/* Zeroes what one of the two has handed out, unless that is NULL, and returns it. */
static inline void *dpk_zeroed(void *memory, size_t bytes)
{
    return memory != NULL ? memset(memory, 0, bytes) : NULL;
}

/* From now on, inputs are shared, too: for processes that exist before inputs do. Only before there
 * are any. */
void dpk_arena_share_inputs(dpk_arena *arena);

/* From now on, this process, which works for others, cannot write to inputs that are shared. */
void dpk_arena_protect_inputs(const dpk_arena *arena);

/* Makes the pages of part `part` of `parts` of the memory handed out so far present in this
 * process, if the memory is shared: such pages are small, and faulting them in one by one would
 * cost more than many a kernel. Errors: DPK_LIMIT, when the machine has no memory left. */
dpk_status dpk_arena_populate(const dpk_arena *arena, unsigned part, unsigned parts,
                              dpk_error *err);

/* From now on, writing to an allocation (from a guarded arena) is fatal. */
void dpk_arena_seal(dpk_arena *arena, void *allocation, size_t bytes);

/* Guarded arenas: true when the bytes beside each allocation, up to the inaccessible pages around
 * it, are as they were. */
bool dpk_arena_intact(const dpk_arena *arena);

#endif
