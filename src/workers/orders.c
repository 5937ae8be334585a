/* SPDX-License-Identifier: MIT */
/* orders.c: two counters for each worker: orders that it was told, and orders that it has done.
 * Only the parent writes the one, and only the worker the other. */
#include "workers/orders.h"

#include "base/clock.h"
#include "workers/exchange.h"
#include "workers/seat.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

struct place {
    _Alignas(64) dpk_seat seat;
    _Atomic uint32_t told;
    _Atomic bool begins; /* and has not answered yet */
    _Atomic bool dismissed;
    _Alignas(64) _Atomic uint32_t done;
    _Alignas(64) unsigned char order[DPK_ORDER_BYTES];
};

/* Longer than anyone looks on. */
enum { SPIN_MOST_NS = 100000 };

/* Whom the parent sleeps for. */
enum { NOBODY, ANYONE, EVERYONE };

struct dpk_orders {
    _Alignas(64) _Atomic uint32_t awaited;
    unsigned workers, worker_spin, parent_spin;
    struct place places[];
};

static size_t bytes_of(unsigned workers)
{
    return sizeof(dpk_orders) + workers * sizeof(struct place);
}

dpk_orders *dpk_orders_new(unsigned workers)
{
    dpk_orders *orders =
        mmap(NULL, bytes_of(workers), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (orders == MAP_FAILED)
        return NULL;
    orders->workers = workers;
    return orders;
}

void dpk_orders_free(dpk_orders *orders, unsigned workers)
{
    if (orders != NULL)
        munmap(orders, bytes_of(workers));
}

void dpk_orders_spin(dpk_orders *orders, unsigned worker_ns, unsigned parent_ns)
{
    orders->worker_spin = worker_ns;
    orders->parent_spin = parent_ns;
}

/* ------------------------------------------------------------------------------- in the parent */

static bool has_answered(const struct place *place)
{
    return atomic_load(&place->done) == atomic_load(&place->told);
}

bool dpk_orders_answered(const dpk_orders *orders, unsigned worker)
{
    return has_answered(&orders->places[worker]);
}

void dpk_orders_begin(dpk_orders *orders, unsigned worker)
{
    struct place *place = &orders->places[worker];
    atomic_store(&place->dismissed, false);
    atomic_store(&place->begins, true);
    atomic_store(&place->done, atomic_fetch_add(&place->told, 1));
}

void dpk_orders_tell(dpk_orders *orders, unsigned worker, const void *order, size_t bytes)
{
    struct place *place = &orders->places[worker];
    memcpy(place->order, order, bytes);
    atomic_fetch_add(&place->told, 1);
    dpk_seat_post(&place->seat);
}

void dpk_orders_dismiss(dpk_orders *orders, unsigned worker)
{
    struct place *place = &orders->places[worker];
    atomic_store(&place->dismissed, true);
    dpk_seat_post(&place->seat);
}

void dpk_orders_bury(dpk_orders *orders, unsigned worker)
{
    struct place *place = &orders->places[worker];
    atomic_store(&place->done, atomic_load(&place->told));
}

static bool all_have_answered(const dpk_orders *orders, unsigned end)
{
    for (unsigned worker = 0; worker < end; worker++)
        if (!has_answered(&orders->places[worker]))
            return false;
    return true;
}

static unsigned count_of_busy(const dpk_orders *orders, unsigned end)
{
    unsigned busy = 0;
    for (unsigned worker = 0; worker < end; worker++)
        busy += !has_answered(&orders->places[worker]);
    return busy;
}

void dpk_orders_look(const dpk_orders *orders, unsigned end, bool together)
{
    unsigned busy = count_of_busy(orders, end);
    unsigned wanted = together || busy == 0 ? 0 : busy - 1;
    unsigned spin_ns = orders->parent_spin; /* unless a worker has written there */
    uint64_t until = dpk_now() + (spin_ns < SPIN_MOST_NS ? spin_ns : SPIN_MOST_NS);
    while (count_of_busy(orders, end) > wanted && dpk_now() < until)
        dpk_seat_relax();
}

void dpk_orders_sleep(dpk_orders *orders, bool together)
{
    atomic_store(&orders->awaited, together ? EVERYONE : ANYONE);
}

void dpk_orders_wake(dpk_orders *orders)
{
    atomic_store(&orders->awaited, NOBODY);
}

/* --------------------------------------------------------------------------------- in a worker */

static bool is_parent_to_wake(dpk_orders *orders)
{
    uint32_t awaited = atomic_load(&orders->awaited);
    return awaited != NOBODY && (awaited == ANYONE || all_have_answered(orders, orders->workers)) &&
           atomic_exchange(&orders->awaited, NOBODY) != NOBODY;
}

/* A worker that dies before it sends the byte is heard to have died. A byte is also
 * sent before the first answer, so that a worker which may not send is found out before it has
 * work. */
static bool answer(dpk_orders *orders, struct place *place, int socket)
{
    if (atomic_exchange(&place->begins, false) && !dpk_send_all(socket, "", 1))
        return false;
    atomic_store(&place->done, atomic_load(&place->told));
    return !is_parent_to_wake(orders) || dpk_send_all(socket, "", 1);
}

static bool parent_is_gone(int socket)
{
    char byte;
    ssize_t got = recv(socket, &byte, 1, MSG_DONTWAIT | MSG_PEEK);
    return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
}

bool dpk_orders_next(dpk_orders *orders, unsigned worker, int socket, void *order, size_t bytes)
{
    struct place *place = &orders->places[worker];
    if (!answer(orders, place, socket))
        return false;
    for (;;) {
        uint32_t seen = dpk_seat_read(&place->seat);
        if (!has_answered(place)) {
            memcpy(order, place->order, bytes);
            return true;
        }
        if (atomic_load(&place->dismissed))
            return false;
        dpk_seat_wait(&place->seat, seen, orders->worker_spin);
        if (dpk_seat_read(&place->seat) == seen && parent_is_gone(socket))
            return false;
    }
}
