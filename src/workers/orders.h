/* SPDX-License-Identifier: MIT */
/* orders.h: what the workers of a crew are told, and how far they are with it, in memory that all
 * of them share. As long as a worker looks for its next order before it goes to sleep, and the
 * parent for answers before it does, neither makes a system call. A worker that sleeps is woken on
 * its seat (workers/seat.h), a parent that sleeps by a byte on the worker's stream, on which it
 * also hears the end of a worker. Nobody holds a lock, so that a worker may be killed at any
 * instruction. */
#ifndef DPK_ORDERS_H
#define DPK_ORDERS_H

#include <stdbool.h>
#include <stddef.h>

/* The longest order. */
enum { DPK_ORDER_BYTES = 128 };

typedef struct dpk_orders dpk_orders;

/* For so many workers, none of which has an order. Returns NULL with errno set if there is no
 * memory. */
dpk_orders *dpk_orders_new(unsigned workers);
void dpk_orders_free(dpk_orders *orders, unsigned workers);

/* For how long a worker, and the parent, look before they sleep, in ns: dpk_seat_spin. 0 at first.
 */
void dpk_orders_spin(dpk_orders *orders, unsigned worker_ns, unsigned parent_ns);

/* ------------------------------------------------------------------------------- in the parent */

/* Before a process is started as worker number `worker`: that it answers for the first time is
 * what it has been told. */
void dpk_orders_begin(dpk_orders *orders, unsigned worker);

/* Tells a worker that has answered. */
void dpk_orders_tell(dpk_orders *orders, unsigned worker, const void *order, size_t bytes);

/* Whether it has done what it was told. */
bool dpk_orders_answered(const dpk_orders *orders, unsigned worker);

/* The worker goes home when it has done what it was told. */
void dpk_orders_dismiss(dpk_orders *orders, unsigned worker);

/* The worker is dead, and is not waited for any more. */
void dpk_orders_bury(dpk_orders *orders, unsigned worker);

/* Looks for a while whether one of the workers before `end` answers: any of those that have not
 * yet, or, `together`, the last of them. */
void dpk_orders_look(const dpk_orders *orders, unsigned end, bool together);

/* The parent is about to sleep until a worker sends a byte: one that answers, or, `together`, the
 * last one that does. It has to look for answers once more before it does. */
void dpk_orders_sleep(dpk_orders *orders, bool together);
void dpk_orders_wake(dpk_orders *orders);

/* --------------------------------------------------------------------------------- in a worker */

/* Answers that all is done, and waits for the next order. Returns false when the worker is to go
 * home, or its parent is gone. */
bool dpk_orders_next(dpk_orders *orders, unsigned worker, int socket, void *order, size_t bytes);

#endif
