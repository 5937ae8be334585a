/* SPDX-License-Identifier: MIT */
/* temporary.c: a list of files that signal handlers remove. Each entry says whether its file has a
 * name. While a thread gives a file its name, it blocks signals and marks the entry, so that a
 * handler in another thread waits until it can tell. */
#include "files/temporary.h"

#include "base/clock.h"
#include "base/slots.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

enum state { NAMELESS, CHANGING, NAMED };

struct dpk_temporary {
    dpk_slot slot;
    atomic_int state;  /* enum state */
    atomic_int folder; /* valid, like name, unless NAMELESS */
    char name[32];
};

static dpk_slots temporaries;
static atomic_bool ending;

/* A handler waits for a system call of another thread; but not for ever, as a network file system
 * may not answer. */
enum { YIELDS_MOST = 100000 };

void dpk_temporary_remove_all(void)
{
    atomic_store(&ending, true);
    for (dpk_temporary *temporary = dpk_slots_first(&temporaries); temporary != NULL;
         temporary = dpk_slots_next(temporary)) {
        for (int i = 0; i < YIELDS_MOST && atomic_load(&temporary->state) == CHANGING; i++)
            sched_yield();
        if (atomic_load(&temporary->state) != NAMELESS)
            unlinkat(atomic_load(&temporary->folder), temporary->name, 0);
    }
}

static int create(const dpk_temporary *temporary, const void *mode)
{
    return openat(temporary->folder, temporary->name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC,
                  *(const mode_t *)mode);
}

static int link_descriptor(const dpk_temporary *temporary, const void *descriptor)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", *(const int *)descriptor);
    return linkat(AT_FDCWD, path, temporary->folder, temporary->name, AT_SYMLINK_FOLLOW);
}

/* Calls make, which gives the file its name and returns -1 if it cannot. */
static int give_name(dpk_temporary *temporary,
                     int (*make)(const dpk_temporary *temporary, const void *context),
                     const void *context)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    atomic_store(&temporary->state, CHANGING);
    int result = -1;
    errno = EINTR;
    if (!atomic_load(&ending))
        result = make(temporary, context);
    int why = errno;
    atomic_store(&temporary->state, result >= 0 ? NAMED : NAMELESS);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = why;
    return result;
}

/* Whether a nameless file could get a name later, which needs /proc and may be forbidden by a
 * filter of system calls: asks for a name that cannot be given, and sees which error comes. */
static bool can_be_linked(int descriptor, int folder)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    return linkat(AT_FDCWD, path, folder, ".", AT_SYMLINK_FOLLOW) != 0 && errno == EEXIST;
}

static int open_nameless(int folder, mode_t mode)
{
#ifdef O_TMPFILE
    int descriptor = openat(folder, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
    if (descriptor < 0 || can_be_linked(descriptor, folder))
        return descriptor;
    close(descriptor);
#endif
    return -1;
}

static void spell_name(char *text, size_t size, uint64_t bits)
{
    snprintf(text, size, ".dpk-%016llx", (unsigned long long)bits);
}

/* 64 random bits: no second try is needed. Where the system gives none, the time will do, as
 * nothing is ever overwritten by that name. */
static uint64_t choose_name(const dpk_temporary *temporary)
{
    uint64_t bits;
    if (getrandom(&bits, sizeof bits, 0) != (ssize_t)sizeof bits)
        bits = dpk_now() ^ (uint64_t)getpid() << 32 ^ (uintptr_t)temporary;
    return bits;
}

int dpk_temporary_open(dpk_temporary **temporary, const dpk_target *target, mode_t mode,
                       uint64_t name)
{
    dpk_temporary *taken = dpk_slots_take(&temporaries, sizeof *taken);
    *temporary = NULL;
    if (taken == NULL)
        return -1;
    atomic_store(&taken->folder, target->folder);
    spell_name(taken->name, sizeof taken->name, name != 0 ? name : choose_name(taken));
    int descriptor = open_nameless(target->folder, mode);
    if (descriptor < 0)
        descriptor = give_name(taken, create, &mode);
    if (descriptor >= 0)
        *temporary = taken;
    else
        dpk_slots_give_back(taken);
    return descriptor;
}

bool dpk_temporary_link(dpk_temporary *temporary, int descriptor)
{
    return dpk_temporary_is_named(temporary) ||
           give_name(temporary, link_descriptor, &descriptor) == 0;
}

bool dpk_temporary_place(const dpk_temporary *temporary, int descriptor, const char *name)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    return !dpk_temporary_is_named(temporary) &&
           linkat(AT_FDCWD, path, temporary->folder, name, AT_SYMLINK_FOLLOW) == 0;
}

void dpk_temporary_remove(int folder, uint64_t name)
{
    char text[sizeof((dpk_temporary *)0)->name];
    spell_name(text, sizeof text, name);
    unlinkat(folder, text, 0);
}

bool dpk_temporary_rename(dpk_temporary *temporary, const char *name)
{
    if (renameat(temporary->folder, temporary->name, temporary->folder, name) != 0)
        return false;
    atomic_store(&temporary->state, NAMELESS);
    return true;
}

void dpk_temporary_close(dpk_temporary *temporary)
{
    if (temporary == NULL)
        return;
    if (dpk_temporary_is_named(temporary))
        unlinkat(temporary->folder, temporary->name, 0);
    atomic_store(&temporary->state, NAMELESS);
    dpk_slots_give_back(temporary);
}

bool dpk_temporary_is_named(const dpk_temporary *temporary)
{
    return atomic_load(&temporary->state) == NAMED;
}

int dpk_temporary_spool(int folder)
{
    int descriptor = -1;
#ifdef O_TMPFILE
    const char *temporary = getenv("TMPDIR");
    descriptor = openat(folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor < 0)
        descriptor =
            open(temporary != NULL ? temporary : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
#endif
    return descriptor >= 0 ? descriptor : memfd_create("dpk output", MFD_CLOEXEC);
}
