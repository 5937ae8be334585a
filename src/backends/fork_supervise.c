/* SPDX-License-Identifier: MIT */
/* fork_supervise: a team that keeps going when workers die.
 *
 * The parent hands out chunks and computes none, so that whatever happens in them does not happen
 * to it. A worker that dies is replaced, and what it worked on is done again, in halves: passes
 * allow that for any part of a chunk. So what kills workers is narrowed to single items (delta
 * debugging in its simplest form; A. Zeller, R. Hildebrandt, Simplifying and isolating
 * failure-inducing input, IEEE TSE 28, 2002). An item on which alone two workers have died is left
 * out; after one, it may have been chance: someone who kills processes, or memory that ran short.
 */
#include "backends/fork_team.h"
#include "base/text.h"
#include "workers/isolate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Deaths of one team. To replace a worker takes a millisecond or so: a kernel that dies of
 * everything is given up within seconds. Enough to find some hundred items. */
enum { DEATHS_MOST = 2 * DPK_LOST_MOST };

/* Each death takes one piece of work away and brings two at most. */
enum { PIECES_MOST = DEATHS_MOST + 1 };

struct piece {
    dpk_span span;
    bool suspect; /* one item, on which one worker has died */
};

struct supervision {
    dpk_team *team;
    size_t next; /* chunk that nobody has had yet */
    struct piece again[PIECES_MOST];
    size_t again_count;
    struct piece given[]; /* by worker; empty for one that has nothing */
};

/* ---------------------------------------------------------------------------- what is to be done
 */

static void put_back(struct supervision *s, size_t begin, size_t end, struct piece of)
{
    of.span.begin = begin;
    of.span.end = end;
    s->again[s->again_count++] = of;
}

/* What has killed goes first: when it is narrowed early, the others meanwhile do the rest. */
static bool next_piece(struct supervision *s, struct piece *piece)
{
    const dpk_loop *job = s->team->job;
    if (s->again_count > 0)
        *piece = s->again[--s->again_count];
    else if (s->next < job->chunks)
        *piece = (struct piece){ .span = dpk_chunk_span(job, s->next++) };
    else
        return false;
    return true;
}

/* A worker that cannot be told any more is heard to be gone. Returns whether anyone is busy. */
static bool hand_out(struct supervision *s)
{
    struct dpk_fork_state *state = s->team->state;
    bool any_busy = false;
    for (unsigned w = 0; w < s->team->jobs; w++) {
        struct dpk_fork_child *child = &state->children[w];
        if (child->socket >= 0 && !child->busy && next_piece(s, &s->given[w])) {
            state->spans[w] = s->given[w].span;
            child->busy = true;
            send(child->socket, "", 1, MSG_NOSIGNAL);
        }
        any_busy |= child->socket >= 0 && child->busy;
    }
    return any_busy;
}

/* -------------------------------------------------------------------------- when a worker has died
 */

static void narrow(struct supervision *s, struct piece piece, int end)
{
    size_t items = piece.span.end - piece.span.begin;
    if (items == 1 && piece.suspect) {
        const dpk_lost lost = { s->team->job->pass, piece.span.begin, end, false };
        dpk_lost_add(s->team->lost, &s->team->lost_count, lost);
    } else if (items == 1) {
        piece.suspect = true;
        put_back(s, piece.span.begin, piece.span.end, piece);
    } else if (items > 1) {
        size_t middle = piece.span.begin + items / 2;
        put_back(s, middle, piece.span.end, piece);
        put_back(s, piece.span.begin, middle, piece);
    }
}

static bool nobody_is_left(const dpk_team *team)
{
    const struct dpk_fork_state *state = team->state;
    for (unsigned w = 0; w < team->jobs; w++)
        if (state->children[w].socket >= 0)
            return false;
    return true;
}

static dpk_status replace(struct supervision *s, unsigned w, dpk_error *err)
{
    dpk_team *team = s->team;
    struct dpk_fork_state *state = team->state;
    struct piece piece = s->given[w];
    s->given[w] = (struct piece){ .suspect = false };
    int end = dpk_fork_bury(team, w);
    state->deaths++;
    char text[96];
    dpk_wait_status_text(end, text, sizeof text);
    if (state->deaths > DEATHS_MOST)
        return dpk_fail(err, DPK_WORKER_LOST,
                        "%zu workers have died, the last of them in pass '%s', which %s: given up",
                        state->deaths, team->job->pass->name, text);
    narrow(s, piece, end);
    bool replaced = dpk_fork_start(team, w, true);
    dpk_text note = dpk_text_begin(team->note, sizeof team->note);
    dpk_text_add(&note, "%zu worker process%s died", state->deaths, state->deaths == 1 ? "" : "es");
    if (replaced)
        dpk_text_add(&note, ", and %s replaced", state->deaths == 1 ? "was" : "were");
    else
        dpk_text_add(&note, ", not all of which can be replaced");
    dpk_text_add(&note, "; the last of them %s", text);
    if (!replaced && nobody_is_left(team))
        return dpk_fail(err, DPK_WORKER_LOST,
                        "worker %u %s, and no other can be started in its place: %s", w, text,
                        strerror(errno));
    return DPK_OK;
}

/* ------------------------------------------------------------------------------------- the job */

static dpk_status listen_to_workers(struct supervision *s, dpk_error *err)
{
    struct dpk_fork_state *state = s->team->state;
    dpk_status status = DPK_OK;
    if (poll(state->polls, s->team->jobs, -1) <= 0)
        return DPK_OK;
    for (unsigned w = 0; w < s->team->jobs && status == DPK_OK; w++) {
        if (state->polls[w].revents == 0)
            continue;
        enum dpk_fork_news news = dpk_fork_hear(s->team, w);
        if (news == DPK_FORK_READY)
            s->given[w] = (struct piece){ .suspect = false };
        else if (news == DPK_FORK_GONE)
            status = replace(s, w, err);
    }
    return status;
}

/* Bands of a stream, which are encoded when all is computed: the parent does that alone, for then
 * nothing that happens to workers can keep the output from being written. */
static void stream_alone(dpk_team *team)
{
    dpk_loop_enter(team->job, &team->workers[0]);
    for (size_t i = 0; i < team->job->chunks; i++)
        dpk_chunk(team->job, i, &team->workers[0]);
    dpk_loop_leave(&team->workers[0]);
}

dpk_status dpk_fork_supervise(dpk_team *team, dpk_error *err)
{
    if (team->job->stream) {
        stream_alone(team);
        return DPK_OK;
    }
    struct supervision *s = calloc(1, sizeof *s + team->jobs * sizeof s->given[0]);
    dpk_status status =
        s != NULL ? DPK_OK : dpk_fail(err, DPK_LIMIT, "not enough memory to supervise workers");
    if (s != NULL)
        s->team = team;
    while (status == DPK_OK && hand_out(s))
        status = listen_to_workers(s, err);
    if (status != DPK_OK)
        dpk_fork_end(team, true);
    free(s);
    return status;
}
