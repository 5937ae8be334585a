/* SPDX-License-Identifier: MIT */
/* batch_offer.c: loops that idle workers join. A guest first says where it wants to be, then takes
 * a place, then looks whether the offer is still the one it has seen: only then it is inside. */
#include "engine/batch_board.h"

#include <stdatomic.h>

/* A seat's `guest`: 1 + the leader, the place above, and whether it is inside. */
#define INSIDE ((uint64_t)1 << 63)

static uint64_t guest_word(unsigned leader, unsigned place)
{
    return (uint64_t)place << 32 | (leader + 1);
}

void dpk_batch_open_offer(dpk_batch_board *board, unsigned leader)
{
    atomic_fetch_add(&board->seats[leader].offer.word, 1);
    dpk_eventcount_notify(&board->changes);
}

bool dpk_batch_has_guests(const dpk_batch_offer *offer)
{
    unsigned places = atomic_load(&offer->places);
    for (unsigned place = 1; place < places; place++)
        if (atomic_load(&offer->guests[place]) != 0)
            return true;
    return false;
}

static void wait_for_guests(dpk_batch_offer *offer)
{
    for (;;) {
        uint32_t seen = dpk_eventcount_read(&offer->news);
        if (!dpk_batch_has_guests(offer))
            return;
        dpk_eventcount_wait(&offer->news, seen);
    }
}

void dpk_batch_close_offer(dpk_batch_board *board, unsigned leader)
{
    dpk_batch_offer *offer = &board->seats[leader].offer;
    atomic_fetch_add(&offer->word, 1);
    wait_for_guests(offer);
}

static bool find_place(const dpk_batch_board *board, dpk_batch_offer *offer, unsigned worker,
                       dpk_batch_seat *seat, unsigned leader, unsigned *place)
{
    unsigned places = atomic_load(&offer->places);
    places = places < board->jobs ? places : board->jobs;
    for (*place = 1; *place < places; ++*place) {
        uint32_t nobody = 0;
        atomic_store(&seat->guest, guest_word(leader, *place));
        if (atomic_compare_exchange_strong(&offer->guests[*place], &nobody, worker + 1))
            return true;
    }
    atomic_store(&seat->guest, 0);
    return false;
}

bool dpk_batch_enter(dpk_batch_board *board, unsigned worker, unsigned leader, unsigned *place)
{
    dpk_batch_seat *seat = &board->seats[worker];
    dpk_batch_offer *offer = &board->seats[leader].offer;
    uint64_t word = atomic_load(&offer->word);
    if (word % 2 == 0 || leader == worker || !find_place(board, offer, worker, seat, leader, place))
        return false;
    if (atomic_load(&offer->word) == word) {
        atomic_fetch_or(&seat->guest, INSIDE);
        return true;
    }
    dpk_batch_leave(board, worker, leader, *place);
    return false;
}

void dpk_batch_leave(dpk_batch_board *board, unsigned worker, unsigned leader, unsigned place)
{
    dpk_batch_seat *seat = &board->seats[worker];
    dpk_batch_offer *offer = &board->seats[leader].offer;
    atomic_store(&seat->guest, guest_word(leader, place));
    atomic_store(&offer->guests[place], 0);
    atomic_store(&seat->guest, 0);
    dpk_eventcount_notify(&offer->news);
}

double dpk_batch_offer_left(const dpk_batch_offer *offer)
{
    if (offer->claims == NULL)
        return offer->loop.left != NULL ? offer->weight * (double)offer->loop.left(offer->loop.self)
                                        : 0;
    size_t next = atomic_load(&offer->claims->next), chunks = offer->claims->chunks;
    return next < chunks ? offer->weight * (double)(chunks - next) : 0;
}

bool dpk_batch_remove_guest(dpk_batch_board *board, unsigned worker, unsigned *leader,
                            dpk_lost *what)
{
    dpk_batch_seat *seat = &board->seats[worker];
    uint64_t guest = atomic_load(&seat->guest);
    unsigned place = (unsigned)(guest >> 32 & 0xffff);
    *leader = (unsigned)(guest & 0xffffffff) - 1;
    *what = (dpk_lost){ .deaths = 0 };
    if (guest == 0 || *leader >= board->jobs || place >= board->jobs)
        return false;
    dpk_batch_offer *offer = &board->seats[*leader].offer;
    bool inside = (guest & INSIDE) != 0 && atomic_load(&offer->guests[place]) == worker + 1;
    if (inside && offer->claims == NULL && offer->loop.lost != NULL)
        offer->loop.lost(offer->loop.self, place, DPK_RETRIES_MAX, what);
    else if (inside && offer->claims != NULL && dpk_claims_give_back(offer->claims, place))
        atomic_fetch_add(&offer->losses, 1);
    if (atomic_load(&offer->guests[place]) == worker + 1)
        atomic_store(&offer->guests[place], 0);
    atomic_store(&seat->guest, 0);
    dpk_eventcount_notify(&offer->news);
    return inside;
}

/* Guests of a stream are told to stop; for those of a loop there are no chunks left to take. */
void dpk_batch_withdraw_offer(dpk_batch_board *board, unsigned leader)
{
    dpk_batch_offer *offer = &board->seats[leader].offer;
    uint64_t word = atomic_load(&offer->word);
    if (word % 2 == 0)
        return;
    atomic_store(&offer->word, word + 1);
    if (offer->claims != NULL)
        atomic_store(&offer->claims->next, offer->claims->chunks);
    else if (offer->loop.stop != NULL)
        offer->loop.stop(offer->loop.self);
}
