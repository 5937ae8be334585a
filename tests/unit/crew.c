/* SPDX-License-Identifier: MIT */
/* crew: workers end when they are told to, whoever else has a copy of their streams. */
#include "workers/crew.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Answers until there is nobody to answer. */
static void serve(void *context, unsigned worker, int socket)
{
    char byte;
    (void)context;
    (void)worker;
    do
        if (!dpk_crew_answer(socket))
            return;
    while (recv(socket, &byte, 1, 0) == 1);
}

/* A program that uses libdpk may fork by itself while a job runs; its child inherits the streams.
 * Ends by the time limit if the worker waits for that child to end. */
Test(crew, ends_though_another_child_holds_its_streams, .timeout = 60)
{
    dpk_crew crew;
    dpk_error err;
    dpk_crew_news news;
    cr_assert_eq(dpk_crew_open(&crew, 1, serve, NULL, &err), DPK_OK, "%s", err.text);
    cr_assert(dpk_crew_start(&crew, 0));
    cr_assert_eq(dpk_crew_hear(&crew, &news, &err), DPK_OK, "%s", err.text);
    cr_assert_not(news.ended);
    pid_t other = fork();
    if (other == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        pause();
        _exit(0);
    }
    cr_assert(other > 0);
    dpk_crew_close(&crew);
    cr_expect_eq(kill(other, SIGKILL), 0);
    cr_expect_eq(waitpid(other, NULL, 0), other);
}

/* Two workers that are there and have nothing to do, of which the second one is stopped. */
static void open_with_a_stopped_one(dpk_crew *crew)
{
    dpk_error err;
    cr_assert_eq(dpk_crew_open(crew, 2, serve, NULL, &err), DPK_OK, "%s", err.text);
    for (unsigned worker = 0; worker < 2; worker++) {
        dpk_crew_news news;
        cr_assert(dpk_crew_start(crew, worker));
        cr_assert_eq(dpk_crew_hear(crew, &news, &err), DPK_OK, "%s", err.text);
        cr_assert_not(news.ended);
    }
    int status;
    cr_assert_eq(kill(crew->members[1].pid, SIGSTOP), 0);
    cr_assert_eq(waitpid(crew->members[1].pid, &status, WUNTRACED), crew->members[1].pid);
    cr_assert(WIFSTOPPED(status));
}

/* What a stopped worker is told it does not do, and nothing is heard of it until it is killed. */
Test(crew, a_stopped_worker_can_be_ended, .timeout = 60)
{
    dpk_crew crew;
    dpk_error err;
    dpk_crew_news news;
    open_with_a_stopped_one(&crew);
    cr_assert_eq(dpk_crew_tell(&crew, 1, "", 1, &err), DPK_OK, "%s", err.text);
    cr_assert_eq(dpk_crew_hear_within(&crew, 20, &news, &err), DPK_OK, "%s", err.text);
    cr_expect(news.worker == DPK_CREW_NOBODY && dpk_crew_is_busy(&crew, 1));
    dpk_crew_kill(&crew, 1);
    cr_assert_eq(dpk_crew_hear_within(&crew, 60000, &news, &err), DPK_OK, "%s", err.text);
    cr_expect(news.worker == 1 && news.ended && WIFSIGNALED(news.end));
    cr_expect(WTERMSIG(news.end) == SIGKILL && !dpk_crew_is_there(&crew, 1));
    dpk_crew_close(&crew);
    cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1);
}

/* Ends by the time limit if the crew waits for the stopped one. */
Test(crew, ends_though_a_worker_is_stopped, .timeout = 60)
{
    dpk_crew crew;
    open_with_a_stopped_one(&crew);
    dpk_crew_end_within(&crew, 20);
    cr_expect_not(dpk_crew_is_there(&crew, 0) || dpk_crew_is_there(&crew, 1));
    dpk_crew_close(&crew);
    cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1);
}

Test(crew, closes_though_a_worker_is_stopped, .timeout = 60)
{
    dpk_crew crew;
    dpk_error err;
    dpk_crew_news news;
    cr_assert_eq(dpk_crew_open(&crew, 1, serve, NULL, &err), DPK_OK, "%s", err.text);
    cr_assert(dpk_crew_start(&crew, 0));
    cr_assert_eq(dpk_crew_hear(&crew, &news, &err), DPK_OK, "%s", err.text);
    cr_assert_eq(kill(crew.members[0].pid, SIGSTOP), 0);
    dpk_crew_close(&crew);
    cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1);
}
