/* SPDX-License-Identifier: MIT */
/* stream_hands: what a stream says of what a worker has in hand, from which those that hang are
 * told from those that wait. No worker is started. */
#include "stream_play.h"

#include "engine/flow.h"
#include "engine/flow_state.h"

#include <stdatomic.h>
#include <string.h>

TestSuite(stream_hands, .init = open_stage, .fini = close_stage);

static void look(dpk_flow *flow, bool fixed)
{
    const size_t rows = flow->inputs[0].rows;
    size_t b = 0;
    dpk_lost what;
    dpk_flow_reset(flow, 3);
    flow->run->team.jobs = 3;
    cr_expect(dpk_flow_held(flow, 0) != 0, "the leader has to decode");
    cr_expect(dpk_flow_held(flow, 1) == 0, "others have to wait for it");

    atomic_store(&flow->state->decoded[0], rows);
    uint64_t owed = dpk_flow_held(flow, 1);
    cr_expect(owed != 0 && dpk_flow_held(flow, 1) == owed, "a band can be taken");
    cr_assert(dpk_flow_claim(flow, 1, &b));
    cr_expect(b == (fixed ? 1 : 0));
    uint64_t held = dpk_flow_held(flow, 1);
    cr_expect(held != 0 && held != owed, "it is taken");

    cr_expect(dpk_flow_lost(flow, 1, 2, &what) == 1 && what.again && what.deaths == 1);
    cr_expect(strncmp(what.text, fixed ? "band 1 of " : "band 0 of ", 10) == 0, "%s", what.text);
    size_t again = 0;
    cr_assert(dpk_flow_claim(flow, 1, &again) && again == b);
    cr_expect(dpk_flow_held(flow, 1) != held, "it is another time");
    cr_expect(dpk_flow_lost(flow, 1, 1, &what) == 1 && !what.again && what.deaths == 2);
    cr_expect(dpk_flow_lost(flow, 2, 2, &what) == 0 && what.text[0] == '\0');

    while (dpk_flow_claim(flow, 2, &b))
        continue;
    cr_expect(dpk_flow_held(flow, 0) != 0, "the leader has to blame");
}

static dpk_status look_at_hands(dpk_job *job, dpk_error *err)
{
    const dpk_flow_plan plan = { .run = job->run,
                                 .readers = job->readers,
                                 .writers = job->writers,
                                 .writer_count = 1,
                                 .band = job->run->window.band,
                                 .slots = 6 };
    dpk_flow *flow;
    dpk_writer *writer = &job->writers[0];
    if (writer->format->begin(writer, err) == DPK_OK && dpk_flow_make(&flow, &plan, err) == DPK_OK)
        look(flow, job->run->options.schedule == DPK_STATIC);
    if (writer->format->abandon != NULL)
        writer->format->abandon(writer);
    return dpk_fail(err, DPK_FAILED, "looked at");
}

Test(stream_hands, who_hangs_and_who_waits)
{
    static const char *const schedules[] = { "--schedule=dynamic", "--schedule=static" };
    make_picture("in.png", DPK_U8, 2000, 20, 3);
    for (size_t i = 0; i < 2; i++) {
        const struct scene scene = { .kernel = &kernel_smooth,
                                     .inputs = { "in.png" },
                                     .outputs = { "out.ppm" },
                                     .backend = "fork",
                                     .words = { "--jobs=3", schedules[i] },
                                     .compute = look_at_hands };
        dpk_error err = { .text = "" };
        char note[512];
        cr_expect(run_scene(&scene, note, sizeof note, &err) == DPK_FAILED);
        cr_expect(strcmp(err.text, "looked at") == 0, "%s", err.text);
    }
}
