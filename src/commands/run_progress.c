/* SPDX-License-Identifier: MIT */
/* run_progress.c: the handler of a timer adds up the chunks that workers count anyway. A thread in
 * its place would make it impossible to fork workers. */
#include "commands/run_progress.h"

#include "base/clock.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

static const dpk_run *volatile shown;
static uint64_t started;
static volatile sig_atomic_t visible;

/* A handler may call write() but not printf(). */
static char *put_text(char *to, const char *text)
{
    while (*text != '\0')
        *to++ = *text++;
    return to;
}

static char *put_number(char *to, uint64_t number)
{
    char digits[20];
    int count = 0;
    do
        digits[count++] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    while (count > 0)
        *to++ = digits[--count];
    return to;
}

static void show(int number)
{
    (void)number;
    const dpk_run *run = shown;
    if (run == NULL || run->team.workers == NULL)
        return;
    uint64_t total = dpk_run_chunks(run), done = 0;
    for (unsigned w = 0; w < run->team.jobs; w++)
        done += run->team.workers[w].chunks;
    if (done == 0 || done >= total)
        return;
    uint64_t seconds = (dpk_now() - started) / 1000000000u * (total - done) / done;
    char line[96], *end = put_text(line, "\rdpk: ");
    end = put_number(end, done * 100 / total);
    end = put_text(end, " %, about ");
    end = put_number(end, seconds + 1);
    end = put_text(end, " s left\033[K");
    visible = write(STDERR_FILENO, line, (size_t)(end - line)) > 0;
}

static void set_timer(long microseconds)
{
    const struct itimerval timer = { .it_interval.tv_usec = microseconds / 4,
                                     .it_value.tv_sec = microseconds > 0 };
    setitimer(ITIMER_REAL, &timer, NULL);
}

void dpk_progress_start(const dpk_run *run)
{
    const char *terminal = getenv("TERM");
    if (!isatty(STDERR_FILENO) || terminal == NULL || strcmp(terminal, "dumb") == 0)
        return;
    started = dpk_now();
    shown = run;
    struct sigaction action = { .sa_handler = show, .sa_flags = SA_RESTART };
    sigaction(SIGALRM, &action, NULL);
    set_timer(999999);
}

void dpk_progress_stop(void)
{
    if (shown == NULL)
        return;
    set_timer(0);
    signal(SIGALRM, SIG_IGN);
    shown = NULL;
    static const char clear[] = "\r\033[K";
    if (visible)
        visible = write(STDERR_FILENO, clear, sizeof clear - 1) < 0;
}
