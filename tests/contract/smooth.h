/* SPDX-License-Identifier: MIT */
/* smooth.h: a kernel that keeps its promises until it is told not to. */
#ifndef SMOOTH_H
#define SMOOTH_H

#include <dpk/dpk.h>

/* What is wrong with it. */
#define FLAWS(X)                                                                                   \
    X(NO_FLAW)                                                                                     \
    X(OFF_BY_ONE)           /* from the reference */                                               \
    X(OFF_AT_A_LIMIT)       /* the same, but only with the parameter at its end */                 \
    X(READS_MORE_ROWS)      /* by a row */                                                         \
    X(STEPS_BY_STRIDE)      /* from row to row, past dpk_row */                                    \
    X(READS_BEFORE_INPUT)   /* by a byte */                                                        \
    X(READS_PAST_INPUT)     /* by a byte */                                                        \
    X(WRITES_BEFORE_OUTPUT) /* by a byte */                                                        \
    X(WRITES_PAST_OUTPUT)   /* by a byte */                                                        \
    X(WRITES_TO_INPUT)                                                                             \
    X(WRITES_TO_ITSELF) /* to its own struct */                                                    \
    X(LEAVES_ROW_UNWRITTEN)                                                                        \
    X(TRUSTS_SCRATCH)  /* to be zero */                                                            \
    X(COUNTS_CALLS)    /* in a static variable, which goes into the result */                      \
    X(COUNTS_ITEMS)    /* of the chunk; the result depends on it when they are many */             \
    X(WRITES_NEXT_ROW) /* too, which the next item puts right */                                   \
    X(READS_RESULT)    /* of the item before */                                                    \
    X(ACCUMULATES)     /* on what an earlier pass wrote */                                         \
    X(KNOWS_WORKER)    /* and computes otherwise where it is not the caller */                     \
    X(ABORTS)                                                                                      \
    X(ABORTS_AS_WORKER)                                                                            \
    X(WRITES_TO_INPUT_AS_WORKER)                                                                   \
    X(USES_NULL)                                                                                   \
    X(HANGS)                                                                                       \
    X(COUNTS_IN_32_BITS) /* where a row may be longer */                                           \
    X(OVERRUNS_SCRATCH)  /* by a byte */                                                           \
    X(PEEKS_IN_SHAPE)    /* at the contents of its input */                                        \
    X(PEEKS_IN_PREPARE)                                                                            \
    X(TOUCHES_MORE_ROWS)        /* by one, which it makes no use of */                             \
    X(TOUCHES_MORE_BEFORE)      /* by a byte */                                                    \
    X(ALLOCATES)                /* in a pass, and frees it again */                                \
    X(LEAKS)                    /* in a pass */                                                    \
    X(ALLOCATES_BY_THE_LIBRARY) /* that is, calls what allocates */                                \
    X(LEAKS_IN_PREPARE)                                                                            \
    X(LOCKS)         /* a mutex */                                                                 \
    X(STARTS_THREAD) /* and waits for its end */                                                   \
    X(LEAVES_DESCRIPTOR)                                                                           \
    X(PRINTS)                                                                                      \
    X(WRITES_TO_STDERR)

enum flaw {
#define FLAW_SYMBOL(symbol) symbol,
    FLAWS(FLAW_SYMBOL)
#undef FLAW_SYMBOL
};

/* The kernel with that flaw: image rows u8, each the mean of itself and its two neighbours, plus
 * the parameter `bias`. For this process and those it forks; one flaw at a time. */
dpk_kernel smooth_kernel(enum flaw flaw);

#endif
