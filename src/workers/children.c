/* SPDX-License-Identifier: MIT */
/* children.c: a list of processes that grows, never shrinks, and is never locked: threads change it
 * and signal handlers read it at any moment. Entries of processes that have ended are used again.
 */
#include "workers/children.h"

#include "workers/exchange.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#    include <sys/prctl.h>
#endif

struct entry {
    _Atomic pid_t pid;   /* 0: free */
    _Atomic int channel; /* this process's end of a stream to it, -1 for none */
};

/* Enough for most programs; more are allocated when they are needed. */
enum { ENTRIES = 64 };

struct block {
    struct entry entries[ENTRIES];
    struct block *_Atomic next;
};

static struct block first;

/* Of a child: written once, when it begins. */
static pid_t parent;
static bool dies_with_parent;

static struct block *next_block(struct block *block)
{
    struct block *next = atomic_load(&block->next);
    if (next != NULL)
        return next;
    struct block *added = calloc(1, sizeof *added);
    if (added != NULL && !atomic_compare_exchange_strong(&block->next, &next, added)) {
        free(added);
        return next;
    }
    return added;
}

/* Without memory for another block, the process is not listed. It still dies with this one. */
static void list(pid_t pid, int channel)
{
    for (struct block *block = &first; block != NULL; block = next_block(block)) {
        for (int i = 0; i < ENTRIES; i++) {
            pid_t none = 0;
            if (atomic_compare_exchange_strong(&block->entries[i].pid, &none, pid)) {
                atomic_store(&block->entries[i].channel, channel);
                return;
            }
        }
    }
}

void dpk_children_add(pid_t pid)
{
    list(pid, -1);
}

static struct entry *find(pid_t pid)
{
    for (struct block *block = &first; block != NULL; block = atomic_load(&block->next))
        for (int i = 0; i < ENTRIES; i++)
            if (atomic_load(&block->entries[i].pid) == pid)
                return &block->entries[i];
    return NULL;
}

void dpk_children_remove(pid_t pid)
{
    struct entry *entry = find(pid);
    if (entry == NULL)
        return;
    atomic_store(&entry->channel, -1);
    atomic_store(&entry->pid, 0);
}

void dpk_children_signal(int number)
{
    for (struct block *block = &first; block != NULL; block = atomic_load(&block->next)) {
        for (int i = 0; i < ENTRIES; i++) {
            pid_t pid = atomic_load(&block->entries[i].pid);
            if (pid != 0)
                kill(pid, number);
        }
    }
}

void dpk_children_end(void)
{
    dpk_children_signal(SIGKILL);
    for (struct block *block = &first; block != NULL; block = atomic_load(&block->next)) {
        for (int i = 0; i < ENTRIES; i++) {
            pid_t pid = atomic_load(&block->entries[i].pid);
            unsigned interrupted = 0;
            while (pid != 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR &&
                   interrupted++ < DPK_PATIENCE)
                continue;
        }
    }
}

/* ------------------------------------------------------------------------------- in the child */

/* The parent's children are not the child's; and as long as the child holds the parent's end of a
 * stream to another one, that one does not notice the parent's end. */
static void forget_siblings(void)
{
    for (struct block *block = &first; block != NULL; block = atomic_load(&block->next)) {
        for (int i = 0; i < ENTRIES; i++) {
            struct entry *entry = &block->entries[i];
            if (atomic_load(&entry->pid) != 0 && atomic_load(&entry->channel) >= 0)
                close(atomic_load(&entry->channel));
            atomic_store(&entry->channel, -1);
            atomic_store(&entry->pid, 0);
        }
    }
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#    define SANITIZED 1
#elif defined(__has_feature)
#    define SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#    define SANITIZED 0
#endif

/* A handler of the parent would do the parent's work once more: end its affairs, or recover from a
 * fault by a jump to the middle of the program that uses libdpk. Sanitizers report faults by
 * handlers of their own, which stay. */
static _Atomic bool keeps_fault_handlers = SANITIZED;

void dpk_children_keep_fault_handlers(void)
{
    atomic_store(&keeps_fault_handlers, true);
}

static void reset_handlers(void)
{
    static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };
    for (int number = 1; number < NSIG; number++) {
        struct sigaction action;
        bool kept = false;
        for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
            kept |= atomic_load(&keeps_fault_handlers) && number == faults[i];
        if (!kept && sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_IGN &&
            action.sa_handler != SIG_DFL)
            signal(number, SIG_DFL);
    }
}

static void begin_life(pid_t from, bool survives)
{
    forget_siblings();
    reset_handlers();
    signal(SIGINT, SIG_IGN);
    signal(SIGQUIT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGTERM, survives ? SIG_IGN : SIG_DFL);
    if (survives) {
        setsid(); /* a signal for the parent's group does not reach it */
        return;
    }
    parent = from;
    dies_with_parent = false;
#ifdef __linux__
    dies_with_parent = prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;
#endif
    if (getppid() != from)
        _exit(0);
}

bool dpk_child_orphaned(void)
{
    return parent != 0 && !dies_with_parent && getppid() != parent;
}

/* ------------------------------------------------------------------------------ in the parent */

/* One child at a time is started: between socketpair() and close(), another one would inherit the
 * end of the stream that only the first one may hold. */
static pthread_mutex_t starting = PTHREAD_MUTEX_INITIALIZER;

static pid_t start(int *channel, bool survives, pid_t from)
{
    int pair[2] = { -1, -1 };
    if (channel != NULL && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return -1;
    pid_t pid = fork();
    int error = errno, own = pid == 0 ? 1 : 0;
    if (channel != NULL) {
        close(pair[1 - own]);
        *channel = pair[own];
    }
    if (pid == 0)
        begin_life(from, survives);
    if (pid > 0 && !survives)
        list(pid, pair[0]);
    if (pid < 0 && channel != NULL)
        close(*channel);
    errno = error;
    return pid;
}

/* Signals are blocked meanwhile: the parent's handlers must not run in the child. */
pid_t dpk_child_start(int *channel, bool survives)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    pthread_mutex_lock(&starting);
    pid_t pid = start(channel, survives, getpid());
    int error = errno;
    pthread_mutex_unlock(&starting);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return pid;
}

void dpk_child_hang_up(pid_t pid, int channel)
{
    pthread_mutex_lock(&starting);
    struct entry *entry = find(pid);
    if (entry != NULL)
        atomic_store(&entry->channel, -1);
    close(channel);
    pthread_mutex_unlock(&starting);
}

/* The list is changed before the number is free for another process, which must not be killed. */
int dpk_child_reap(pid_t pid)
{
    siginfo_t info;
    int status = DPK_END_UNKNOWN;
    unsigned interrupted = 0;
    while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR &&
           interrupted++ < DPK_PATIENCE)
        continue;
    dpk_children_remove(pid);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR && interrupted++ < DPK_PATIENCE)
        continue;
    return status;
}

/* Whoever has stopped it may never let it go on. */
int dpk_child_reap_told(pid_t pid)
{
    siginfo_t info = { .si_code = 0 };
    unsigned interrupted = 0;
    while (waitid(P_PID, (id_t)pid, &info, WEXITED | WSTOPPED | WNOWAIT) < 0 && errno == EINTR &&
           interrupted++ < DPK_PATIENCE)
        continue;
    if (info.si_code == CLD_STOPPED)
        kill(pid, SIGKILL);
    return dpk_child_reap(pid);
}
