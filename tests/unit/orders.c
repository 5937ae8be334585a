/* SPDX-License-Identifier: MIT */
/* orders: what workers are told in shared memory is done once and answered, whoever dies meanwhile,
 * and whether parent and workers sleep or look on. */
#include "workers/orders.h"

#include "workers/crew.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS = 3, ROUNDS = 500 };

enum deed { ADD, DIE, WAIT };

struct order {
    enum deed deed;
    unsigned number;
};

/* Shared with the workers. */
static struct stage {
    _Atomic unsigned sums[WORKERS];
    _Atomic bool goes_on;
} * stage;

static dpk_crew crew;
static dpk_error err;

static void serve(void *context, unsigned worker, int socket)
{
    const dpk_crew *own = context;
    struct order order;
    while (dpk_orders_next(own->orders, worker, socket, &order, sizeof order)) {
        if (order.deed == DIE)
            raise(SIGKILL);
        while (order.deed == WAIT && !atomic_load(&stage->goes_on))
            usleep(100);
        atomic_fetch_add(&stage->sums[worker], order.number);
    }
}

static void start(unsigned worker)
{
    dpk_crew_news news;
    cr_assert(dpk_crew_start(&crew, worker));
    cr_assert_eq(dpk_crew_hear(&crew, &news, &err), DPK_OK, "%s", err.text);
    cr_assert(!news.ended && news.worker == worker);
}

static void open_crew(void)
{
    stage = mmap(NULL, sizeof *stage, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert(stage != MAP_FAILED);
    cr_assert_eq(dpk_crew_open(&crew, WORKERS, serve, &crew, &err), DPK_OK, "%s", err.text);
    cr_assert_eq(dpk_crew_share(&crew, &err), DPK_OK, "%s", err.text);
    for (unsigned worker = 0; worker < WORKERS; worker++)
        start(worker);
}

static void close_crew(void)
{
    dpk_crew_close(&crew);
    errno = 0;
    cr_expect(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD, "a worker is left");
}

TestSuite(orders, .init = open_crew, .fini = close_crew, .timeout = 120);

static void tell(unsigned worker, enum deed deed, unsigned number)
{
    const struct order order = { deed, number };
    cr_assert_eq(dpk_crew_tell(&crew, worker, &order, sizeof order, &err), DPK_OK);
    cr_expect(dpk_crew_is_busy(&crew, worker));
}

static void hear_all(void)
{
    while (dpk_crew_any_busy(&crew)) {
        dpk_crew_news news;
        cr_assert_eq(dpk_crew_hear(&crew, &news, &err), DPK_OK, "%s", err.text);
        cr_assert_not(news.ended);
    }
}

static void expect_sums_of(unsigned worker, unsigned number)
{
    cr_expect_eq(atomic_load(&stage->sums[worker]), number, "worker %u", worker);
}

Test(orders, all_are_done_once_and_in_turn)
{
    unsigned sum = 0;
    for (unsigned round = 0; round < 4 * ROUNDS; round++) {
        crew.together = round % 2 == 0;
        dpk_orders_spin(crew.orders, round < 2 * ROUNDS ? 0 : 2000, round % 4 < 2 ? 0 : 2000);
        for (unsigned worker = 0; worker < WORKERS; worker++)
            tell(worker, ADD, round + worker);
        hear_all();
        sum += round;
        for (unsigned worker = 0; worker < WORKERS; worker++)
            expect_sums_of(worker, sum + (round + 1) * worker);
    }
}

/* Who answers is heard, however often, while others go on. */
Test(orders, one_worker_does_not_wait_for_others)
{
    tell(0, WAIT, 1);
    for (unsigned round = 0; round < ROUNDS; round++) {
        dpk_crew_news news;
        tell(1, ADD, 1);
        cr_assert_eq(dpk_crew_hear(&crew, &news, &err), DPK_OK, "%s", err.text);
        cr_assert(news.worker == 1 && !news.ended);
    }
    cr_expect(dpk_crew_is_busy(&crew, 0));
    atomic_store(&stage->goes_on, true);
    hear_all();
    expect_sums_of(0, 1);
    expect_sums_of(1, ROUNDS);
}

Test(orders, waiting_has_an_end)
{
    dpk_crew_news news;
    for (int together = 0; together < 2; together++) {
        crew.together = together;
        atomic_store(&stage->goes_on, false);
        tell(0, WAIT, 1);
        cr_assert_eq(dpk_crew_hear_within(&crew, 5, &news, &err), DPK_OK);
        cr_expect_eq(news.worker, (unsigned)DPK_CREW_NOBODY);
        atomic_store(&stage->goes_on, true);
        hear_all();
    }
    /* Whoever has answered meanwhile is heard, though nobody has woken the caller for that. */
    crew.together = true;
    atomic_store(&stage->goes_on, false);
    tell(0, WAIT, 1);
    tell(1, ADD, 1);
    do
        cr_assert_eq(dpk_crew_hear_within(&crew, 1, &news, &err), DPK_OK);
    while (news.worker == DPK_CREW_NOBODY);
    cr_expect_eq(news.worker, 1u);
    atomic_store(&stage->goes_on, true);
    hear_all();
}

/* The others' answers are not lost, and whoever comes in its place is told anew. */
Test(orders, deaths_are_heard_among_answers)
{
    for (unsigned round = 0; round < 20; round++) {
        unsigned victim = round % WORKERS, answers = 0, deaths = 0;
        crew.together = round % 2 == 0;
        for (unsigned worker = 0; worker < WORKERS; worker++)
            tell(worker, worker == victim ? DIE : ADD, 1);
        while (dpk_crew_any_busy(&crew)) {
            dpk_crew_news news;
            cr_assert_eq(dpk_crew_hear(&crew, &news, &err), DPK_OK, "%s", err.text);
            answers += !news.ended;
            deaths += news.ended;
            cr_expect(!news.ended || (news.worker == victim && WIFSIGNALED(news.end)));
        }
        cr_expect(answers == WORKERS - 1 && deaths == 1);
        cr_expect_not(dpk_crew_is_there(&crew, victim));
        start(victim);
        tell(victim, ADD, 1);
        hear_all();
    }
    for (unsigned worker = 0; worker < WORKERS; worker++)
        expect_sums_of(worker, 20);
}

Test(orders, deaths_of_those_who_wait_are_heard)
{
    dpk_crew_news news;
    cr_assert_eq(dpk_crew_hear_within(&crew, 0, &news, &err), DPK_OK);
    cr_expect_eq(news.worker, (unsigned)DPK_CREW_NOBODY);
    dpk_crew_kill(&crew, 1);
    cr_assert_eq(dpk_crew_hear(&crew, &news, &err), DPK_OK);
    cr_expect(news.worker == 1 && news.ended);
    start(1);
    tell(1, ADD, 5);
    hear_all();
    expect_sums_of(1, 5);
}
