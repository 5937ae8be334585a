/* SPDX-License-Identifier: MIT */
/* account.h: where a worker's time goes. A worker is in one phase at any moment. When it changes to
 * another one, the time since the last change is charged to the phase that it leaves. So the phases
 * always add up to the time between the first change and the last, whatever happens in between. */
#ifndef DPK_ACCOUNT_H
#define DPK_ACCOUNT_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum dpk_phase {
    DPK_LOAD,  /* reading and decoding */
    DPK_START, /* from the request for workers until all are there */
    DPK_WORK,  /* the kernel's passes, and conversions around them */
    DPK_WAIT,  /* for a job, for a chunk, for the others to finish */
    DPK_STORE, /* encoding and writing */
    DPK_STOP,  /* from the last job until no worker is left */
    DPK_PHASES,
} dpk_phase;

/* "load", "start", … */
extern const char *const dpk_phase_names[DPK_PHASES];

/* Whether workers share the phase's work, so that each has less the more there are. The other
 * phases are what having workers costs. */
static inline bool dpk_phase_is_shared(int phase)
{
    return phase == DPK_LOAD || phase == DPK_WORK || phase == DPK_STORE;
}

/* What the kernel says a thread or process has used. */
typedef struct dpk_usage {
    uint64_t cpu;  /* ns of processor time, exactly */
    uint64_t user; /* ns; the kernel divides cpu up by sampling, so that only long sums are right */
    uint64_t system; /* ns */
    uint64_t minor_faults;
    uint64_t major_faults;
    uint64_t voluntary_switches;
    uint64_t involuntary_switches;
} dpk_usage;

/* Of the calling thread; of this process and all of its children that have been reaped. Zeros where
 * the system does not say. */
dpk_usage dpk_usage_of_thread(void);
dpk_usage dpk_usage_of_process(void);

/* Converts a struct rusage, where the processor time is user and system together. */
struct rusage;
dpk_usage dpk_usage_of_rusage(const struct rusage *seen);

/* total += after - before */
void dpk_usage_add(dpk_usage *total, const dpk_usage *after, const dpk_usage *before);

/* A stretch of one phase, for the timeline. */
typedef struct dpk_event {
    uint64_t begin, end; /* as dpk_now() */
    uint64_t chunk;      /* of the job, or band of the stream; while DPK_WORK or DPK_STORE */
    const char *pass;    /* its name; NULL outside of jobs */
    dpk_phase phase;
} dpk_event;

typedef struct dpk_account {
    uint64_t ns[DPK_PHASES];
    uint64_t since;
    dpk_phase phase;
    dpk_usage used; /* by this worker, while it had a job */

    /* The timeline, if one is kept. When it is full, further events are only counted. */
    dpk_event *events;
    size_t event_count, event_most, events_lost;
    const char *pass;
    uint64_t chunk;
} dpk_account;

/* Opens the account: from `now` on, time is charged to the phase. */
void dpk_account_open(dpk_account *account, dpk_phase phase, uint64_t now);

/* Adds an event that ends now to the timeline. */
void dpk_account_note(dpk_account *account, uint64_t now);

/* Changes to a phase. */
static inline void dpk_account_switch(dpk_account *account, dpk_phase phase)
{
    uint64_t now = dpk_now();
    account->ns[account->phase] += now - account->since;
    if (account->events != NULL)
        dpk_account_note(account, now);
    account->since = now;
    account->phase = phase;
}

#endif
