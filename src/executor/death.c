/* SPDX-License-Identifier: MIT */
/* death.c: which worker, which process, which signal, which task, and who may have sent it. */
#include "executor/death.h"

#include "base/clock.h"
#include "base/signal.h"
#include "base/text.h"
#include "workers/children.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

void dpk_death_describe(dpk_death *death, dpk_executing *executor, const dpk_crew *crew,
                        const dpk_crew_news *news)
{
    int end = news->end;
    char name[32];
    dpk_text text = dpk_text_begin(death->text, sizeof death->text);
    death->executor = executor;
    death->news = *news;
    dpk_text_add(&text, "worker %u (process %ld) ", news->worker, (long)news->pid);
    if (end == DPK_END_UNKNOWN)
        dpk_text_add(&text, "ended, and the system does not tell how,");
    else if (!WIFSIGNALED(end))
        dpk_text_add(&text, "ended with exit code %d", WEXITSTATUS(end));
    else
        dpk_text_add(&text, "died of %s", dpk_signal_name(WTERMSIG(end), name, sizeof name));
    if (end != DPK_END_UNKNOWN && WIFSIGNALED(end) && WTERMSIG(end) == SIGKILL && !death->meant &&
        dpk_crew_ran_out_of_memory(crew))
        dpk_text_add(&text, ", as it seems by the kernel, which has run out of memory,");
}

void dpk_death_tell(const dpk_death *death, dpk_task_record *record, unsigned attempts)
{
    int end = death->news.end;
    bool known = end != DPK_END_UNKNOWN;
    char text[DPK_NOTE_SIZE];
    record->worker = death->news.worker;
    record->process = death->news.pid;
    record->attempts = attempts;
    record->signal = known && WIFSIGNALED(end) ? WTERMSIG(end) : 0;
    record->exit_code = known && WIFEXITED(end) ? WEXITSTATUS(end) : 0;
    record->ended = dpk_now();
    record->state = death->meant ? DPK_TASK_TIMED_OUT : DPK_TASK_DIED;
    if (death->meant)
        snprintf(text, sizeof text, "took longer than %g s: worker %u (process %ld) was killed",
                 death->executor->options.timeout, record->worker, record->process);
    else
        snprintf(text, sizeof text, "%s in task %" PRIu64, death->text, record->task);
    dpk_task_record_say(record, text);
}

void dpk_death_note(const dpk_death *death, uint64_t task)
{
    dpk_executing *executor = death->executor;
    if (death->meant)
        dpk_note(executor,
                 "task %" PRIu64
                 " took longer than %g s, and worker %u (process %ld) was killed; "
                 "the task is done again",
                 task, executor->options.timeout, death->news.worker, (long)death->news.pid);
    else
        dpk_note(executor, "%s in task %" PRIu64 "; the task is done again", death->text, task);
}
