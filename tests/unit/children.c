/* SPDX-License-Identifier: MIT */
/* children: processes that are listed, whatever their number, from several threads, and ended. */
#include "workers/children.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void wait_for_end(void)
{
    for (;;)
        pause();
}

static void expect_no_children(void)
{
    errno = 0;
    cr_expect(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD, "a child process is left");
}

/* More than one block of the list holds. */
Test(children, all_are_ended)
{
    for (int i = 0; i < 300; i++) {
        pid_t pid = dpk_child_start(NULL, false);
        if (pid == 0)
            wait_for_end();
        cr_assert(pid > 0, "%s", strerror(errno));
    }
    dpk_children_end();
    expect_no_children();
}

Test(children, a_channel_ends_with_the_child)
{
    int channels[3];
    pid_t pids[3];
    for (int i = 0; i < 3; i++) {
        pids[i] = dpk_child_start(&channels[i], false);
        if (pids[i] == 0) {
            char byte;
            _exit(read(channels[i], &byte, 1) == 0 ? i : 9);
        }
    }
    /* No sibling keeps the parent's end, so that each ends as soon as it is closed. */
    for (int i = 2; i >= 0; i--) {
        dpk_child_hang_up(pids[i], channels[i]);
        int status = dpk_child_reap(pids[i]);
        cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == i);
    }
    expect_no_children();
}

Test(children, a_child_has_no_children)
{
    pid_t sibling = dpk_child_start(NULL, false);
    if (sibling == 0)
        wait_for_end();
    pid_t pid = dpk_child_start(NULL, false);
    if (pid == 0) {
        dpk_children_end(); /* which is not to reach the sibling */
        _exit(kill(sibling, 0) == 0 ? 0 : 1);
    }
    cr_expect(dpk_child_reap(pid) == 0);
    cr_expect(waitpid(sibling, NULL, WNOHANG) == 0, "the sibling has been ended");
    dpk_children_end();
    expect_no_children();
}

static void *start_and_reap(void *failures)
{
    for (int i = 0; i < 50; i++) {
        int channel;
        pid_t pid = dpk_child_start(&channel, false);
        if (pid == 0) {
            char byte;
            _exit(read(channel, &byte, 1) == 0 ? 5 : 9);
        }
        if (pid < 0) {
            ++*(int *)failures;
            continue;
        }
        dpk_child_hang_up(pid, channel);
        int status = dpk_child_reap(pid);
        *(int *)failures += !(WIFEXITED(status) && WEXITSTATUS(status) == 5);
    }
    return NULL;
}

/* Each child ends when its own channel does: those of other threads do not keep it open. */
Test(children, threads_do_not_disturb_each_other)
{
    pthread_t threads[4];
    int failures[4] = { 0 };
    for (int i = 0; i < 4; i++)
        cr_assert(pthread_create(&threads[i], NULL, start_and_reap, &failures[i]) == 0);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        cr_expect(failures[i] == 0, "%d failures", failures[i]);
    }
    expect_no_children();
}

Test(children, an_unknown_end_is_told)
{
    signal(SIGCHLD, SIG_IGN);
    pid_t pid = dpk_child_start(NULL, false);
    if (pid == 0)
        _exit(3);
    cr_expect(dpk_child_reap(pid) == DPK_END_UNKNOWN);
}
