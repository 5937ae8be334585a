/* SPDX-License-Identifier: MIT */
/* keep_going: workers die, others replace them, and only items on which they die again are left
 * out. */
#include "play.h"

#include <signal.h>
#include <string.h>

/* A worker that dies by chance costs nothing, whatever its end. */
static void expect_no_loss(void (*what_happens)(const struct work *, size_t, bool), unsigned jobs)
{
    struct play play = {
        .backend = "fork", .jobs = jobs, .items = 200, .grain = 7, .keep_going = true, .retries = 1
    };
    dpk_error err = { .text = "" };
    memset(stage, 0, sizeof *stage);
    happens = what_happens;
    size_t descriptors = open_descriptors();
    cr_expect(perform(&play, &err) == DPK_OK, "%s", err.text);
    cr_expect(play.right && play.failed_count == 0, "%zu items are left out", play.failed_count);
    cr_expect(play.deaths == 1 && strstr(play.death, "done again"), "%s", play.death);
    expect_no_children();
    cr_expect(open_descriptors() == descriptors);
}

Test(keep_going, those_who_keep_going_survive_chance, .init = set_up)
{
    for (unsigned jobs = 1; jobs <= 4; jobs++) {
        expect_no_loss(worker_is_killed, jobs);
        expect_no_loss(worker_aborts, jobs);
        expect_no_loss(worker_exits_quietly, jobs);
    }
}

static void some_items_are_deadly(const struct work *work, size_t item, bool worker)
{
    (void)work;
    if (worker && (item == 0 || item == 33 || item == 34 || item == 99))
        raise(SIGKILL);
}

Test(keep_going, deadly_items_are_left_out, .init = set_up)
{
    happens = some_items_are_deadly;
    for (size_t grain = 1; grain <= 100; grain += 33) {
        struct play play = { .backend = "fork",
                             .jobs = 3,
                             .items = 100,
                             .repeats = 2,
                             .grain = grain,
                             .keep_going = true,
                             .retries = 1 };
        dpk_error err = { .text = "" };
        cr_expect(perform(&play, &err) == DPK_OK, "%s", err.text);
        cr_expect(play.right && play.failed_count == 4, "%zu items", play.failed_count);
        cr_expect(play.failed[0] == 0 && play.failed[1] == 33 && play.failed[2] == 34 &&
                  play.failed[3] == 99);
    }
    expect_no_children();
}

static void every_item_is_deadly(const struct work *work, size_t item, bool worker)
{
    (void)work;
    (void)item;
    if (worker)
        raise(SIGKILL);
}

Test(keep_going, too_many_deaths_are_too_many, .init = set_up)
{
    happens = every_item_is_deadly;
    for (unsigned jobs = 3; jobs <= 1000; jobs += 997) {
        struct play play = { .backend = "fork",
                             .jobs = jobs,
                             .items = 20000,
                             .grain = 4,
                             .keep_going = true,
                             .retries = 1 };
        dpk_error err = { .text = "" };
        cr_expect(perform(&play, &err) == DPK_WORKER_LOST);
        cr_expect(strstr(err.text, "SIGKILL") && strstr(err.text, "given up"), "%s", err.text);
        expect_no_children();
    }
}
