/* SPDX-License-Identifier: MIT */
/* account.c: asks the kernel what was used, and writes the timeline. */
#include "workers/account.h"

#include <sys/resource.h>
#include <time.h>

/* Shorter phases, in ns, would fill a timeline without being seen on it. */
enum { SHORTEST_EVENT = 200 };

const char *const dpk_phase_names[DPK_PHASES] = {
    [DPK_LOAD] = "load", [DPK_START] = "start", [DPK_WORK] = "work",
    [DPK_WAIT] = "wait", [DPK_STORE] = "store", [DPK_STOP] = "stop",
};

void dpk_account_open(dpk_account *account, dpk_phase phase, uint64_t now)
{
    account->phase = phase;
    account->since = now;
}

void dpk_account_note(dpk_account *account, uint64_t now)
{
    if (now - account->since < SHORTEST_EVENT)
        return;
    if (account->event_count == account->event_most) {
        account->events_lost++;
        return;
    }
    dpk_event *event = &account->events[account->event_count++];
    *event = (dpk_event){ .begin = account->since, .end = now, .phase = account->phase };
    if (account->phase == DPK_WORK || account->phase == DPK_STORE) {
        event->pass = account->pass;
        event->chunk = account->chunk;
    }
}

static uint64_t nanoseconds(struct timeval time)
{
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_usec * 1000u;
}

dpk_usage dpk_usage_of_rusage(const struct rusage *seen)
{
    dpk_usage usage = { .user = nanoseconds(seen->ru_utime),
                        .system = nanoseconds(seen->ru_stime),
                        .minor_faults = (uint64_t)seen->ru_minflt,
                        .major_faults = (uint64_t)seen->ru_majflt,
                        .voluntary_switches = (uint64_t)seen->ru_nvcsw,
                        .involuntary_switches = (uint64_t)seen->ru_nivcsw };
    usage.cpu = usage.user + usage.system;
    return usage;
}

dpk_usage dpk_usage_of_thread(void)
{
    dpk_usage usage = { 0 };
#ifdef RUSAGE_THREAD
    struct rusage seen;
    struct timespec cpu;
    if (getrusage(RUSAGE_THREAD, &seen) == 0)
        usage = dpk_usage_of_rusage(&seen);
    usage.cpu = 0;
    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu) == 0)
        usage.cpu = (uint64_t)cpu.tv_sec * 1000000000u + (uint64_t)cpu.tv_nsec;
#endif
    return usage;
}

dpk_usage dpk_usage_of_process(void)
{
    const dpk_usage nothing = { 0 };
    dpk_usage usage = nothing;
    const int parts[] = { RUSAGE_SELF, RUSAGE_CHILDREN };
    for (int i = 0; i < 2; i++) {
        struct rusage seen;
        if (getrusage(parts[i], &seen) != 0)
            continue;
        dpk_usage part = dpk_usage_of_rusage(&seen);
        dpk_usage_add(&usage, &part, &nothing);
    }
    return usage;
}

void dpk_usage_add(dpk_usage *total, const dpk_usage *after, const dpk_usage *before)
{
    total->cpu += after->cpu - before->cpu;
    total->user += after->user - before->user;
    total->system += after->system - before->system;
    total->minor_faults += after->minor_faults - before->minor_faults;
    total->major_faults += after->major_faults - before->major_faults;
    total->voluntary_switches += after->voluntary_switches - before->voluntary_switches;
    total->involuntary_switches += after->involuntary_switches - before->involuntary_switches;
}
