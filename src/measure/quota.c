/* SPDX-License-Identifier: MIT */
/* quota.c: a limit by CFS bandwidth control (P. Turner, B. B. Rao, N. Rao, CPU bandwidth control
 * for CFS, Linux Symposium 2010). In each period the processes of a cgroup may run for its quota;
 * once it is used up, they are kept from all processors until the next period.
 *
 * The measuring process stays outside the cgroup, so that it uses none of the quota. A cgroup
 * outlives its processes, so a guardian makes it and removes it: a process that survives the
 * measuring process, even if that is ended by SIGKILL. */
#include "measure/quota.h"

#include "workers/exchange.h"
#include "workers/isolate.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define QUOTA_VARIABLE "DPK_QUOTA_CGROUP"

/* Microseconds. The usual period is ten times as long. With that, an execution of some tens of
 * milliseconds would meet the limit only now and then, and its time would depend on when it began.
 * The system refuses quotas below a millisecond, so smaller shares get longer periods. */
enum { PERIOD = 10000, LEAST_QUOTA = 1000 };

static bool write_file(const char *folder, const char *name, const char *text)
{
    char path[640];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    size_t length = strlen(text);
    bool written = write(file, text, length) == (ssize_t)length;
    int why = errno;
    close(file);
    errno = why;
    return written;
}

/* What the guardian reports when it has made a cgroup, or has failed to. */
struct report {
    char folder[sizeof((dpk_quota *)0)->folder];
    bool unified;
    dpk_error why; /* of the nearest cgroup in which it failed */
};

static bool set_limit(const struct report *report, double processors)
{
    char text[64];
    double period = fmax(PERIOD, ceil(LEAST_QUOTA / processors));
    long long allowed = llround(processors * period);
    if (report->unified) {
        snprintf(text, sizeof text, "%lld %.0f", allowed, period);
        return write_file(report->folder, "cpu.max", text);
    }
    snprintf(text, sizeof text, "%.0f", period);
    if (!write_file(report->folder, "cpu.cfs_period_us", text))
        return false;
    snprintf(text, sizeof text, "%lld", allowed);
    return write_file(report->folder, "cpu.cfs_quota_us", text);
}

static dpk_status enter(const char *folder, dpk_error *err)
{
    if (write_file(folder, "cgroup.procs", "0"))
        return DPK_OK;
    return dpk_fail(err, DPK_FAILED, "cannot enter the cgroup '%s': %s", folder, strerror(errno));
}

dpk_status dpk_quota_enter(dpk_error *err)
{
    const char *folder = getenv(QUOTA_VARIABLE);
    return folder != NULL ? enter(folder, err) : DPK_OK;
}

/* -------------------------------------------------------------------------------- the guardian */

struct duty {
    double processors;
    int socket; /* takes the report; it closes when the measuring process ends */
    int other;
    struct report *report;
};

static dpk_status try_to_enter(void *context, dpk_error *err)
{
    return enter(((const struct report *)context)->folder, err);
}

static dpk_status make_below(const char *directory, struct report *report, double processors,
                             dpk_error *err)
{
    int length = snprintf(report->folder, sizeof report->folder, "%s/dpk-XXXXXX", directory);
    bool fits = length < (int)sizeof report->folder;
    if (!fits || mkdtemp(report->folder) == NULL)
        return dpk_fail(err, DPK_FAILED, "cannot make a cgroup in '%s': %s", directory,
                        strerror(fits ? errno : ENAMETOOLONG));
    dpk_status status = DPK_OK;
    if (!set_limit(report, processors))
        status = dpk_fail(err, DPK_FAILED, "cgroups in '%s' have no limit of processor time: %s",
                          directory, strerror(errno));
    if (status == DPK_OK) /* tried by a process that ends at once */
        status = dpk_isolate(try_to_enter, report, NULL, 0, err);
    if (status != DPK_OK)
        rmdir(report->folder);
    return status;
}

/* Takes the nearest cgroup in which it succeeds. In version 1 that is this process's own; in
 * version 2, where a cgroup with processes cannot have children with limits, it is one above. */
static void look_at(const char *directory, bool unified, void *context)
{
    const struct duty *duty = context;
    struct report *report = duty->report;
    dpk_error why;
    if (report->folder[0] != '\0')
        return;
    report->unified = unified;
    if (make_below(directory, report, duty->processors, &why) == DPK_OK)
        return;
    report->folder[0] = '\0';
    if (report->why.text[0] == '\0')
        report->why = why;
}

/* The measured processes exit with the measuring process, but may first be throttled by their
 * quota; waits for them for up to a minute. */
static void guard(const void *context)
{
    enum { TRIES = 6000 };
    const struct timespec pause = { .tv_nsec = 10000000 };
    const struct duty *duty = context;
    struct report report = { .unified = false };
    struct duty own = { .processors = duty->processors, .report = &report };
    char byte;
    close(duty->other);
    dpk_machine_cgroups("", "cpu", look_at, &own);
    if (report.folder[0] == '\0' && report.why.text[0] == '\0')
        (void)dpk_fail(&report.why, DPK_FAILED, "no cgroup limits processor time here");
    if (dpk_send_all(duty->socket, &report, sizeof report))
        dpk_receive_all(duty->socket, &byte, sizeof byte);
    if (report.folder[0] == '\0')
        return;
    for (int i = 0; i < TRIES && rmdir(report.folder) != 0 && errno == EBUSY; i++)
        nanosleep(&pause, NULL);
}

/* ------------------------------------------------------------------------------ in who measures */

static void dismiss(dpk_quota *quota)
{
    close(quota->socket);
    while (waitpid(quota->guardian, NULL, 0) < 0 && errno == EINTR)
        continue;
    *quota = (dpk_quota){ .guardian = 0 };
}

dpk_status dpk_quota_begin(dpk_quota *quota, double processors, dpk_error *err)
{
    int pair[2];
    *quota = (dpk_quota){ .guardian = 0 };
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return dpk_fail(err, DPK_FAILED, "cannot talk to another process: %s", strerror(errno));
    const struct duty duty = { .processors = processors, .socket = pair[1], .other = pair[0] };
    pid_t guardian = dpk_start_beside(guard, &duty, true);
    int why = errno;
    close(pair[1]);
    if (guardian < 0) {
        close(pair[0]);
        return dpk_fail(err, DPK_FAILED, "cannot start a process: %s", strerror(why));
    }
    *quota = (dpk_quota){ .guardian = guardian, .socket = pair[0] };
    struct report report = { .why.text = "its guardian is gone" };
    bool told = dpk_receive_all(quota->socket, &report, sizeof report);
    if (told && report.folder[0] != '\0' && setenv(QUOTA_VARIABLE, report.folder, 1) == 0) {
        memcpy(quota->folder, report.folder, sizeof quota->folder);
        quota->unified = report.unified;
        return DPK_OK;
    }
    dismiss(quota);
    return dpk_fail(err, DPK_FAILED, "--quota: %s",
                    report.why.text[0] != '\0' ? report.why.text : "not enough memory");
}

dpk_throttling dpk_quota_end(dpk_quota *quota)
{
    dpk_throttling seen = { 0, 0 };
    if (quota->guardian == 0)
        return seen;
    unsetenv(QUOTA_VARIABLE);
    seen = dpk_machine_throttling_of(quota->folder, quota->unified);
    dismiss(quota);
    return seen;
}
