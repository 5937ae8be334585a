/* SPDX-License-Identifier: MIT */
/* fork_death.c: what a dead worker had in hand, in words and as work to be done again. What a
 * worker has written about itself may be wrong. */
#include "backends/fork_death.h"

#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct death {
    const dpk_crew_news *news;
    char who[48];     /* "worker 3 (process 4711)" */
    char how[160];    /* "was killed by signal 9 (SIGKILL, Killed)" */
    char over[176];   /* "while it worked on chunk 5 of 12 of pass 'rows', items 40 to 47" */
    const char *next; /* "it is done again" */
    dpk_death follows;
    dpk_loss loss;
};

static void say_who_and_how(const dpk_team *team, struct death *death)
{
    const dpk_fork_state *state = team->state;
    const dpk_crew_news *news = death->news;
    snprintf(death->who, sizeof death->who, "worker %u (process %ld)", news->worker,
             (long)news->pid);
    if (state->members[news->worker].hung)
        snprintf(death->how, sizeof death->how,
                 "was ended after %.6g s without progress (--timeout)", team->timeout);
    else
        dpk_crew_end_text(&state->crew, news->end, death->how, sizeof death->how);
}

static void say_nothing(struct death *death, const char *when)
{
    snprintf(death->over, sizeof death->over, "%s", when);
    death->next = "another is in its place";
}

static void say_items(const dpk_loop *job, struct death *death)
{
    const dpk_span *span = &death->loss.span;
    char items[64];
    if (span->end - span->begin == 1)
        snprintf(items, sizeof items, "item %zu", span->begin);
    else
        snprintf(items, sizeof items, "items %zu to %zu", span->begin, span->end - 1);
    snprintf(death->over, sizeof death->over,
             "while it worked on chunk %zu of %zu of pass '%.40s', %s", span->begin / job->grain,
             job->chunks, job->pass->name, items);
}

static void take_back_chunks(const dpk_team *team, struct death *death)
{
    const dpk_fork_state *state = team->state;
    death->follows = dpk_supervision_died(state->supervision, death->news->worker, &death->loss);
    if (death->loss.span.end == death->loss.span.begin) {
        say_nothing(death, "between two chunks");
        return;
    }
    death->next = "it is done again";
    say_items(team->job, death);
}

static void take_back_bands(const dpk_team *team, struct death *death)
{
    const dpk_fork_state *state = team->state;
    const dpk_loop *job = team->job;
    dpk_lost lost = { .text = "" };
    size_t things = job->lost(job->self, death->news->worker, team->retries, &lost);
    lost.text[sizeof lost.text - 1] = '\0';
    bool serves = state->members[death->news->worker].serves;
    bool too_many = dpk_supervision_counts(state->supervision, things > 0 || serves);
    death->follows = too_many             ? DPK_DEATH_GIVE_UP
                     : team->retries == 0 ? DPK_DEATH_FAILED
                                          : DPK_DEATH_AGAIN;
    if (things == 0) {
        say_nothing(death, "between two bands");
        return;
    }
    death->next = lost.again ? "it is done again" : "it is looked for what is deadly in it";
    snprintf(death->over, sizeof death->over, "while it worked on %s", lost.text);
}

static void take_back_nothing(const dpk_team *team, struct death *death)
{
    const dpk_fork_state *state = team->state;
    bool too_many = dpk_supervision_counts(state->supervision, false);
    bool first = team->retries == 0 && !team->keep_going;
    death->follows = too_many ? DPK_DEATH_GIVE_UP : first ? DPK_DEATH_FAILED : DPK_DEATH_AGAIN;
    say_nothing(death, "before it had work");
}

static dpk_status fail(const dpk_team *team, const struct death *death, dpk_error *err)
{
    const dpk_fork_state *state = team->state;
    size_t deaths = dpk_supervision_deaths(state->supervision);
    if (death->follows == DPK_DEATH_GIVE_UP)
        return dpk_fail(err, DPK_WORKER_LOST,
                        "%zu workers have died, the last of which %s %s: given up", deaths,
                        death->how, death->over);
    if (death->loss.deaths > 1)
        return dpk_fail(
            err, DPK_WORKER_LOST,
            "no worker survives item %zu of pass '%s': %u have died of it, and the last "
            "of them, %s, %s",
            death->loss.span.begin, team->job->pass->name, death->loss.deaths, death->who,
            death->how);
    return dpk_fail(err, DPK_WORKER_LOST, "%s %s %s", death->who, death->how, death->over);
}

bool dpk_fork_replace(dpk_team *team, unsigned w)
{
    dpk_fork_state *state = team->state;
    state->birth.replaces = true;
    state->birth.populates = false;
    state->members[w] = (dpk_fork_member){ .orders = state->members[w].orders + 1 };
    state->members[w].starting = dpk_crew_start(&state->crew, w);
    return state->members[w].starting;
}

/* What the worker has written of itself is vetted, and its time goes on as that of the next one. */
static dpk_status replace(dpk_team *team, struct death *death, dpk_error *err)
{
    dpk_fork_state *state = team->state;
    unsigned w = death->news->worker;
    dpk_worker_restore(team, w);
    dpk_account_switch(&team->workers[w].account, DPK_WAIT);
    char text[DPK_LOSS_TEXT], next[128];
    if (dpk_fork_replace(team, w)) {
        snprintf(next, sizeof next, "%s", death->next);
    } else {
        snprintf(next, sizeof next, "no other can be started in its place: %s", strerror(errno));
        dpk_supervision_abandon(state->supervision, w);
        if (!dpk_crew_any_there(&state->crew, team->jobs))
            return dpk_fail(err, DPK_WORKER_LOST, "%s %s, and %s", death->who, death->how, next);
    }
    dpk_text line = dpk_text_begin(text, sizeof text);
    dpk_text_add(&line, "%s %s %s; %s", death->who, death->how, death->over, next);
    dpk_losses_add(&team->deaths, text);
    return DPK_OK;
}

/* As far as there is room to note it. */
static void leave_out(dpk_team *team, struct death *death)
{
    const dpk_failed_item failed = { team->job->pass, death->loss.span.begin, death->news->end,
                                     false };
    death->follows = DPK_DEATH_GIVE_UP;
    if (team->failed_count == DPK_FAILED_MOST)
        return;
    dpk_failed_add(team->failed, &team->failed_count, failed);
    death->follows = DPK_DEATH_AGAIN;
    death->next = "it is left out";
}

dpk_status dpk_fork_bury(dpk_team *team, const dpk_crew_news *news, dpk_error *err)
{
    struct death death = { .news = news };
    say_who_and_how(team, &death);
    dpk_text last = dpk_text_begin(team->last_death, sizeof team->last_death);
    dpk_text_add(&last, "%s %s", death.who, death.how);
    if (team->job == NULL)
        take_back_nothing(team, &death);
    else if (team->job->stream)
        take_back_bands(team, &death);
    else
        take_back_chunks(team, &death);
    if (death.follows == DPK_DEATH_FAILED && team->keep_going)
        leave_out(team, &death);
    return death.follows == DPK_DEATH_AGAIN ? replace(team, &death, err) : fail(team, &death, err);
}
