/* SPDX-License-Identifier: MIT */
/* stream_damage: before they die, workers of a stream write over the tables that all share.
 * Whatever comes of it, the leader neither crashes nor waits for ever. */
#include "stream_play.h"

#include "engine/flow.h"
#include "engine/flow_state.h"
#include "play.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

TestSuite(stream_damage, .init = open_stage, .fini = close_stage, .timeout = 300);

/* Inherited by the workers. */
static dpk_flow *flow;

/* dpk_job_compute by hand, which leaves the flow to be seen. */
static dpk_status stream(dpk_job *job, dpk_error *err)
{
    dpk_run *run = job->run;
    const dpk_flow_plan plan = { .run = run,
                                 .readers = job->readers,
                                 .writers = job->writers,
                                 .writer_count = 1,
                                 .band = run->window.band,
                                 .slots = 6 };
    bool lied = false;
    dpk_writer *writer = &job->writers[0];
    dpk_status status = writer->format->begin(writer, err);
    if (status != DPK_OK)
        return status;
    status = dpk_flow_make(&flow, &plan, err);
    if (status == DPK_OK)
        status = dpk_run_open(run, dpk_flow_bands(flow), dpk_flow_scratch(flow), err);
    if (status == DPK_OK)
        status = dpk_flow_execute(flow, &lied, err);
    dpk_run_close(run);
    if (status == DPK_OK && !lied)
        return writer->format->finish(writer, err);
    if (writer->format->abandon != NULL)
        writer->format->abandon(writer);
    return status == DPK_OK ? dpk_fail(err, DPK_WORKER_LOST, "found out by its parts") : status;
}

/* ------------------------------------------------------------------------------- the damage */

static void fill_state(int byte)
{
    memset(flow->state, byte, sizeof *flow->state + flow->slots * sizeof(dpk_slot));
}

static void everything_is_zero(void)
{
    fill_state(0);
}

static void everything_is_garbage(void)
{
    fill_state(0xa7);
}

static void everything_is_high(void)
{
    fill_state(0xff);
}

static void cells_are_garbage(void)
{
    for (size_t s = 0; s < flow->slots; s++)
        atomic_store(&flow->state->slot[s].cell, 0xa7a7a7a7a7a7a7a7);
}

/* Of all others, too: nobody comes to do these. */
static void cells_are_taken_by_nobody(void)
{
    for (size_t s = 0; s < flow->slots; s++)
        dpk_cell_take(&flow->state->slot[s].cell, dpk_cell_read(&flow->state->slot[s].cell).number,
                      500);
}

static void all_is_done_already(void)
{
    for (size_t s = 0; s < flow->slots; s++) {
        dpk_slot *slot = &flow->state->slot[s];
        dpk_cell_settle(&slot->cell, dpk_cell_read(&slot->cell).number);
        for (size_t i = 0; i < DPK_MAX_PORTS; i++)
            slot->bytes[i] = SIZE_MAX / 2;
    }
}

static void writing_has_failed(void)
{
    for (size_t s = 0; s < flow->slots; s++) {
        dpk_slot *slot = &flow->state->slot[s];
        slot->status = (dpk_status)12345;
        memset(&slot->err, 'x', sizeof slot->err);
        dpk_cell_settle(&slot->cell, dpk_cell_read(&slot->cell).number);
    }
}

static void counters_are_high(void)
{
    atomic_store(&flow->state->appended, SIZE_MAX);
    atomic_store(&flow->state->next_part, SIZE_MAX);
    for (size_t i = 0; i < flow->lanes; i++)
        atomic_store(&flow->lane[i].next, SIZE_MAX);
}

static void counters_are_low(void)
{
    atomic_store(&flow->state->appended, 0);
    atomic_store(&flow->state->decoded[0], 0);
}

static void it_is_stopped(void)
{
    atomic_store(&flow->state->stopped, true);
}

static void (*const damages[])(void) = { everything_is_zero,        everything_is_garbage,
                                         everything_is_high,        cells_are_garbage,
                                         cells_are_taken_by_nobody, all_is_done_already,
                                         writing_has_failed,        counters_are_high,
                                         counters_are_low,          it_is_stopped };

/* --------------------------------------------------------------------------------------- tests */

static void (*damage)(void);

static void damage_and_die(void)
{
    damage();
    raise(SIGKILL);
}

/* What is written in it may be wrong where the tables said that it was right. */
static void expect_an_end(const struct scene *scene, size_t row)
{
    char note[2048];
    dpk_error err = { .text = "" };
    size_t files = count_files();
    strike->point = AT_ROW;
    strike->row = row;
    strike->instead = damage_and_die;
    atomic_store(&strike->left, 1);
    dpk_status status = run_scene(scene, note, sizeof note, &err);
    cr_expect(status == DPK_OK || status == DPK_WORKER_LOST || status == DPK_OUTPUT_FAILED, "%s",
              err.text);
    cr_expect(status == DPK_OK || err.text[0] != '\0');
    if (status == DPK_OK)
        cr_expect(remove(scene->outputs[0]) == 0);
    cr_expect(count_files() == files);
    expect_no_children();
}

static void expect_ends(const char *output, const char *schedule)
{
    const struct scene scene = { .kernel = &kernel_smooth,
                                 .inputs = { "in.ppm" },
                                 .outputs = { output },
                                 .backend = "fork",
                                 .words = { "--jobs=3", schedule },
                                 .compute = stream };
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        damage = damages[i];
        expect_an_end(&scene, 500);
        expect_an_end(&scene, 1999);
    }
}

Test(stream_damage, the_leader_survives)
{
    make_picture("in.ppm", DPK_U8, 2000, 200, 3);
    expect_ends("out.ppm", "--schedule=dynamic");
    expect_ends("out.ppm", "--schedule=static");
    expect_ends("out.png", "--schedule=dynamic");
}
