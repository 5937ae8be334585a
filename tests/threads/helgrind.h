/* SPDX-License-Identifier: MIT */
/* helgrind.h: C's atomic operations as helgrind can follow them. It knows mutexes and threads
 * alone, and takes what atomic operations order for races. Included before every other file
 * (-include, see helgrind.sh), this tells it: a store orders what was done before it, a load what
 * is done after it. What is relaxed orders nothing. All other memory is checked as ever. */
#ifndef DPK_TEST_HELGRIND_H
#define DPK_TEST_HELGRIND_H

#include <stdatomic.h>
#include <valgrind/helgrind.h>

#define HG_ADDRESS(object) ((void *)(uintptr_t)(object))
#define HG_BEFORE(object)                                                                          \
    do {                                                                                           \
        VALGRIND_HG_DISABLE_CHECKING(HG_ADDRESS(object), sizeof *(object));                        \
        ANNOTATE_HAPPENS_BEFORE(HG_ADDRESS(object));                                               \
    } while (0)
#define HG_AFTER(object)                                                                           \
    do {                                                                                           \
        VALGRIND_HG_DISABLE_CHECKING(HG_ADDRESS(object), sizeof *(object));                        \
        ANNOTATE_HAPPENS_AFTER(HG_ADDRESS(object));                                                \
    } while (0)
#define HG_ORDERS(order) ((order) != memory_order_relaxed)

#undef atomic_load_explicit
#undef atomic_store_explicit
#undef atomic_load
#undef atomic_store
#undef atomic_exchange
#undef atomic_fetch_add
#undef atomic_fetch_sub
#undef atomic_fetch_or
#undef atomic_fetch_and
#undef atomic_compare_exchange_strong
#undef atomic_compare_exchange_weak

#define atomic_load_explicit(object, order)                                                        \
    __extension__({                                                                                \
        VALGRIND_HG_DISABLE_CHECKING(HG_ADDRESS(object), sizeof *(object));                        \
        __auto_type hg_value = __atomic_load_n(object, __ATOMIC_SEQ_CST);                          \
        if (HG_ORDERS(order))                                                                      \
            HG_AFTER(object);                                                                      \
        hg_value;                                                                                  \
    })
#define atomic_store_explicit(object, value, order)                                                \
    do {                                                                                           \
        VALGRIND_HG_DISABLE_CHECKING(HG_ADDRESS(object), sizeof *(object));                        \
        if (HG_ORDERS(order))                                                                      \
            HG_BEFORE(object);                                                                     \
        __atomic_store_n(object, value, __ATOMIC_SEQ_CST);                                         \
    } while (0)
#define atomic_load(object) atomic_load_explicit(object, memory_order_seq_cst)
#define atomic_store(object, value) atomic_store_explicit(object, value, memory_order_seq_cst)

#define HG_CHANGE(object, operation)                                                               \
    __extension__({                                                                                \
        HG_BEFORE(object);                                                                         \
        __auto_type hg_changed = operation;                                                        \
        HG_AFTER(object);                                                                          \
        hg_changed;                                                                                \
    })
#define atomic_exchange(object, value)                                                             \
    HG_CHANGE(object, __atomic_exchange_n(object, value, __ATOMIC_SEQ_CST))
#define atomic_fetch_add(object, value)                                                            \
    HG_CHANGE(object, __atomic_fetch_add(object, value, __ATOMIC_SEQ_CST))
#define atomic_fetch_sub(object, value)                                                            \
    HG_CHANGE(object, __atomic_fetch_sub(object, value, __ATOMIC_SEQ_CST))
#define atomic_fetch_or(object, value)                                                             \
    HG_CHANGE(object, __atomic_fetch_or(object, value, __ATOMIC_SEQ_CST))
#define atomic_fetch_and(object, value)                                                            \
    HG_CHANGE(object, __atomic_fetch_and(object, value, __ATOMIC_SEQ_CST))
#define atomic_compare_exchange_strong(object, expected, value)                                    \
    HG_CHANGE(object, __atomic_compare_exchange_n(object, expected, value, false,                  \
                                                  __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
#define atomic_compare_exchange_weak atomic_compare_exchange_strong

#endif
