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
