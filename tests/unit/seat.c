/* SPDX-License-Identifier: MIT */
/* seat: no post is missed, between threads and between processes, whoever is killed meanwhile. */
#include "workers/seat.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* More rounds than can end within the time limit if each had to wait for the waiter's patience. */
enum { ROUNDS = 5000, SPIN_NS = 2000 };

/* Two players that take turns: each posts the other's seat, then waits on its own. */
static struct game {
    _Alignas(64) dpk_seat seats[2];
    _Atomic unsigned moves;
    _Atomic bool quits;
} * game;

static void set_up(void)
{
    game = mmap(NULL, sizeof *game, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert(game != MAP_FAILED);
}

static void tear_down(void)
{
    munmap(game, sizeof *game);
}

TestSuite(seat, .init = set_up, .fini = tear_down, .timeout = 120);

/* Waits until `moves` have been made. */
static void await(unsigned player, unsigned moves, unsigned spin_ns)
{
    dpk_seat *seat = &game->seats[player];
    for (;;) {
        uint32_t seen = dpk_seat_read(seat);
        if (atomic_load(&game->moves) >= moves)
            return;
        dpk_seat_wait(seat, seen, spin_ns);
    }
}

static void move(unsigned player)
{
    atomic_fetch_add(&game->moves, 1);
    dpk_seat_post(&game->seats[1 - player]);
}

static void play(unsigned player, unsigned spin_ns)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        await(player, 2 * round + player, spin_ns);
        move(player);
    }
}

static pid_t start(void (*act)(void))
{
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        act();
        _exit(0);
    }
    cr_assert(pid > 0);
    return pid;
}

static void end(pid_t pid, bool kill_it)
{
    int status;
    if (kill_it)
        kill(pid, SIGKILL);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_expect(kill_it || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
}

static void *play_second_in_a_thread(void *spin_ns)
{
    play(1, *(unsigned *)spin_ns);
    return NULL;
}

Test(seat, threads_take_turns)
{
    for (unsigned spin_ns = 0; spin_ns <= SPIN_NS; spin_ns += SPIN_NS) {
        pthread_t other;
        atomic_store(&game->moves, 0);
        cr_assert(pthread_create(&other, NULL, play_second_in_a_thread, &spin_ns) == 0);
        play(0, spin_ns);
        pthread_join(other, NULL);
        cr_expect_eq(atomic_load(&game->moves), 2 * ROUNDS);
    }
}

static void play_second(void)
{
    play(1, SPIN_NS);
}

static void play_second_asleep(void)
{
    play(1, 0);
}

Test(seat, processes_take_turns)
{
    pid_t other = start(play_second);
    play(0, SPIN_NS);
    end(other, false);
    atomic_store(&game->moves, 0);
    other = start(play_second_asleep);
    play(0, 0);
    end(other, false);
    cr_expect_eq(atomic_load(&game->moves), 2 * ROUNDS);
}

Test(seat, whoever_is_awake_is_not_woken)
{
    dpk_seat *seat = &game->seats[0];
    uint32_t seen = dpk_seat_read(seat);
    dpk_seat_post(seat);
    cr_expect_neq(dpk_seat_read(seat), seen);
    dpk_seat_wait(seat, seen, 0); /* returns at once */
    dpk_seat_wait(seat, seen, SPIN_NS);
    cr_expect_eq(atomic_load(&seat->parked), 0);
}

static void sleep_for_good(void)
{
    for (;;)
        dpk_seat_wait(&game->seats[1], dpk_seat_read(&game->seats[1]), 0);
}

/* Its successor on the seat hears every post, and posts go on. */
Test(seat, a_waiter_may_be_killed)
{
    pid_t first = start(sleep_for_good);
    while (atomic_load(&game->seats[1].parked) == 0)
        usleep(100);
    end(first, true);
    for (int i = 0; i < 10; i++)
        dpk_seat_post(&game->seats[1]);
    cr_expect_eq(atomic_load(&game->seats[1].parked), 0);
    pid_t second = start(play_second_asleep);
    play(0, 0);
    end(second, false);
    cr_expect_eq(atomic_load(&game->moves), 2 * ROUNDS);
}

static void move_once(void)
{
    await(1, 1, 0);
    move(1);
}

/* What a poster has done that was killed before it woke the waiter. */
Test(seat, a_poster_may_be_killed)
{
    pid_t waiter = start(move_once);
    while (atomic_load(&game->seats[1].parked) == 0)
        usleep(100);
    atomic_fetch_add(&game->moves, 1);
    atomic_fetch_add(&game->seats[1].word, 1);
    atomic_exchange(&game->seats[1].parked, 0);
    end(waiter, false);
    cr_expect_eq(atomic_load(&game->moves), 2);
}

static void post_for_good(void)
{
    for (;;)
        dpk_seat_post(&game->seats[0]);
}

static void wait_until_told(void)
{
    while (!atomic_load(&game->quits))
        dpk_seat_wait(&game->seats[0], dpk_seat_read(&game->seats[0]), 0);
}

/* Posters are killed wherever they are; the waiter is still there for those that come next. */
Test(seat, posters_are_killed_anywhere)
{
    pid_t waiter = start(wait_until_told);
    for (int i = 0; i < 50; i++) {
        uint32_t seen = dpk_seat_read(&game->seats[0]);
        pid_t poster = start(post_for_good);
        while (dpk_seat_read(&game->seats[0]) - seen < 10 + (uint32_t)i)
            sched_yield();
        end(poster, true);
    }
    atomic_store(&game->quits, true);
    dpk_seat_post(&game->seats[0]);
    end(waiter, false);
}

Test(seat, more_workers_than_processors_do_not_spin)
{
    cr_expect_eq(dpk_seat_spin(1 << 20), 0);
}
