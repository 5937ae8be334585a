/* SPDX-License-Identifier: MIT */
/* batch_deaths.c: who had what, and whether it is done again. A file may have taken its place when
 * the worker that put it there has died before it could say so: done again, an output that replaces
 * its own input would be made from itself. So the supervisor looks which file is there. */
#include "engine/batch_deaths.h"

#include "base/text.h"
#include "workers/children.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

static bool is_in_place(const dpk_batch *batch, size_t file)
{
    const dpk_batch_cell *cell = &batch->board->cells[file];
    struct stat status;
    return cell->inode != 0 && stat(batch->files[file].output, &status) == 0 &&
           status.st_ino == cell->inode && status.st_dev == cell->device;
}

static bool belongs_to(const dpk_batch *batch, size_t file, unsigned worker)
{
    uint64_t word = atomic_load(&batch->board->cells[file].word);
    return word >> 8 == worker + 1;
}

/* That somebody kills a worker says less about its file than that it crashes. */
enum { KILLS_LIKE_A_CRASH = 3 };

static bool has_cost_too_many(const dpk_batch *batch, unsigned deaths, unsigned kills)
{
    unsigned weight = KILLS_LIKE_A_CRASH * (deaths - kills) + kills;
    return batch->retries == 0 ? deaths > 0 : weight >= KILLS_LIKE_A_CRASH * (batch->retries + 1);
}

/* It has died too often. */
static void lose(dpk_supervisor *supervisor, size_t file, const char *how)
{
    dpk_batch *batch = supervisor->batch;
    const dpk_batch_fate *fate = &batch->fates[file];
    char text[400];
    if (fate->timed_out)
        snprintf(text, sizeof text, "it took longer than %g s%s",
                 (double)dpk_batch_time_limit(batch) / 1e9,
                 fate->deaths > 1 ? ", each time it was tried" : "");
    else if (fate->deaths > 1)
        snprintf(text, sizeof text, "%u workers have died of it, the last of which %s",
                 fate->deaths, how);
    else
        snprintf(text, sizeof text, "the worker that did it %s", how);
    dpk_batch_end_file(batch, file, fate->timed_out ? DPK_BATCH_TIMED_OUT : DPK_BATCH_LOST, text);
}

/* The file is done, or not at all, or it waits again. */
static void settle(dpk_supervisor *supervisor, unsigned worker, size_t file, bool blamed,
                   const char *how)
{
    dpk_batch *batch = supervisor->batch;
    dpk_batch_cell *cell = &batch->board->cells[file];
    if (file >= batch->count || !belongs_to(batch, file, worker) || batch->fates[file].reported)
        return;
    dpk_batch_cell_state state = dpk_batch_cell_state_of(atomic_load(&cell->word));
    bool ended = state == DPK_BATCH_CELL_DONE || state == DPK_BATCH_CELL_FAILED;
    if (!ended && state == DPK_BATCH_CELL_STORING && !cell->overwrites &&
        is_in_place(batch, file)) {
        atomic_store(&cell->word, dpk_batch_cell_word(DPK_BATCH_CELL_DONE, worker));
        ended = true;
    }
    if (ended) {
        dpk_batch_report(batch, file);
        return;
    }
    dpk_sink_remove_temporary(batch->files[file].output, batch->name + file);
    batch->fates[file].deaths += blamed;
    batch->fates[file].kills += blamed && supervisor->killed;
    if (state == DPK_BATCH_CELL_STORING && cell->overwrites)
        dpk_batch_end_file(batch, file, DPK_BATCH_LOST,
                           "the worker died while it copied the output into the old file, which is "
                           "neither old nor new now");
    else if (has_cost_too_many(batch, batch->fates[file].deaths, batch->fates[file].kills))
        lose(supervisor, file, how);
    else
        dpk_batch_give_back(batch->board, file);
}

static bool settle_all(dpk_supervisor *supervisor, unsigned worker, bool blamed, const char *how)
{
    dpk_batch *batch = supervisor->batch;
    dpk_batch_seat *seat = &batch->board->seats[worker];
    bool had = false;
    for (int i = 0; i < DPK_BATCH_STORING; i++) {
        size_t storing = atomic_exchange(&seat->storing[i], 0);
        if (storing > 0)
            settle(supervisor, worker, storing - 1, false, how);
        had |= storing > 0;
    }
    dpk_batch_withdraw_offer(batch->board, worker);
    size_t file = atomic_exchange(&seat->file, 0);
    if (file > 0)
        settle(supervisor, worker, file - 1, blamed, how);
    atomic_store(&seat->since, 0);
    dpk_batch_hold(batch->board, worker, 0);
    dpk_eventcount_notify(&batch->board->changes);
    return had || file > 0;
}

bool dpk_batch_settle(dpk_supervisor *supervisor, unsigned worker, bool blamed)
{
    return settle_all(supervisor, worker, blamed, "was ended");
}

/* --------------------------------------------------------------------------------- what is said */

static const char *file_of(const dpk_batch *batch, size_t seat_file)
{
    return seat_file > 0 && seat_file <= batch->count ? batch->files[seat_file - 1].input : NULL;
}

/* So many lines are enough to see what goes on. */
enum { DEATHS_TOLD = 50 };

static void say(const dpk_supervisor *supervisor, const dpk_crew_news *news, const char *how,
                const char *what, size_t seat_file, bool hung, bool again)
{
    char text[600];
    if (supervisor->batch->totals.deaths == DEATHS_TOLD + 1)
        dpk_batch_note(supervisor->batch, "more workers have died: --stats counts them");
    if (supervisor->batch->totals.deaths > DEATHS_TOLD)
        return;
    const char *name = file_of(supervisor->batch, seat_file);
    dpk_text to = dpk_text_begin(text, sizeof text);
    dpk_text_add(&to, "worker %u (process %ld) ", news->worker, (long)news->pid);
    if (hung)
        dpk_text_add(&to, "was ended, as it had been busy for longer than %g s",
                     (double)dpk_batch_time_limit(supervisor->batch) / 1e9);
    else
        dpk_text_add(&to, "%s", how);
    if (name != NULL)
        dpk_text_add(&to, " while it %s '%s'%s", what, name, again ? "; that is done again" : "");
    else
        dpk_text_add(&to, " while it had nothing to do");
    dpk_batch_note(supervisor->batch, text);
}

/* Neither by the kernel, for lack of memory, nor because of a time-out. */
static bool is_killed(const dpk_supervisor *supervisor, int end)
{
    return end != DPK_END_UNKNOWN && WIFSIGNALED(end) &&
           (WTERMSIG(end) == SIGKILL || WTERMSIG(end) == SIGTERM) &&
           !dpk_crew_ran_out_of_memory(&supervisor->crew);
}

/* The file, as a seat says it, will not be tried again. */
static bool is_last_death(const dpk_supervisor *supervisor, size_t seat_file)
{
    if (seat_file > supervisor->batch->count)
        return true;
    const dpk_batch_fate *fate = &supervisor->batch->fates[seat_file - 1];
    return has_cost_too_many(supervisor->batch, fate->deaths + 1, fate->kills + supervisor->killed);
}

/* A guest's death may be the file's fault, too: after some of them, its leader is alone with it. */
static void blame_guest(dpk_batch *batch, size_t seat_file)
{
    if (seat_file == 0 || seat_file > batch->count)
        return;
    if (++batch->fates[seat_file - 1].guest_deaths > batch->retries)
        atomic_store(&batch->board->cells[seat_file - 1].alone, true);
}

void dpk_batch_bury(dpk_supervisor *supervisor, const dpk_crew_news *news)
{
    dpk_batch *batch = supervisor->batch;
    dpk_batch_seat *seat = &batch->board->seats[news->worker];
    dpk_patience *patience = &supervisor->patience[news->worker];
    size_t leads = atomic_load(&seat->file), joined = 0;
    unsigned leader;
    dpk_lost lost;
    char how[160];
    bool hung = patience->over;
    if (atomic_load(&batch->board->end) == DPK_BATCH_OVER)
        return;
    dpk_crew_end_text(&supervisor->crew, news->end, how, sizeof how);
    if (dpk_batch_remove_guest(batch->board, news->worker, &leader, &lost)) {
        joined = atomic_load(&batch->board->seats[leader].file);
        blame_guest(batch, joined);
    }
    batch->totals.deaths++;
    if (leads > 0 && leads <= batch->count) {
        batch->fates[leads - 1].timed_out = hung;
        batch->files[leads - 1].end = news->end;
        batch->files[leads - 1].worker = news->worker;
    }
    supervisor->killed = !hung && is_killed(supervisor, news->end);
    say(supervisor, news, how, leads > 0 ? "did" : "helped with", leads > 0 ? leads : joined, hung,
        leads == 0 || !is_last_death(supervisor, leads));
    bool had = settle_all(supervisor, news->worker, true, how);
    supervisor->idle_deaths += !had && joined == 0;
    *patience = (dpk_patience){ .since = 0 };
}

/* ----------------------------------------------------------------------------------- time limits
 */

/* A median of fewer says nothing. */
enum { TIMES_LEAST = 3 };

static int compare_times(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

uint64_t dpk_batch_time_limit(const dpk_batch *batch)
{
    const dpk_batch_options *options = &batch->options;
    if (options->timeout > 0)
        return (uint64_t)(options->timeout * 1e9);
    if (!(options->timeout_percent > 0) || batch->took_count < TIMES_LEAST)
        return 0;
    qsort(batch->took, batch->took_count, sizeof *batch->took, compare_times);
    return (uint64_t)((double)batch->took[batch->took_count / 2] * options->timeout_percent / 100) +
           1;
}
