/* SPDX-License-Identifier: MIT */
/* handles.c: a list without locks (base/slots.h). Entries are never freed, so that one can be
 * looked at whatever has become of its executor. */
#include "executor/handles.h"

#include "base/slots.h"
#include "executor/task.h"

#include <inttypes.h>
#include <pthread.h>
#include <unistd.h>

struct entry {
    dpk_slot slot;
    atomic_bool busy;            /* a thread is inside */
    _Atomic dpk_executor handle; /* 0: none */
    _Atomic pid_t owner;
    _Atomic unsigned generation; /* the owner's */
    dpk_executing *_Atomic executor;
};

static dpk_slots entries;
static _Atomic uint64_t opened; /* executors so far: no number is used twice */

/* How many forks this process is away from the one that opened its first executor. To compare that
 * takes no system call. */
static _Atomic unsigned generation;
static pthread_once_t watching = PTHREAD_ONCE_INIT;

static void note_fork(void)
{
    atomic_fetch_add(&generation, 1);
}

static void watch_forks(void)
{
    pthread_atfork(NULL, NULL, note_fork);
}

/* Numbers look like no future, whose lower half is a small one. */
static dpk_executor next_handle(void)
{
    return (atomic_fetch_add(&opened, 1) + 1) << 32 | 0xdec0de;
}

dpk_executor dpk_handle_add(dpk_executing *executor)
{
    struct entry *entry = dpk_slots_take(&entries, sizeof *entry);
    if (entry == NULL)
        return 0;
    pthread_once(&watching, watch_forks);
    dpk_executor handle = next_handle();
    atomic_store(&entry->busy, true);
    atomic_store(&entry->owner, getpid());
    atomic_store(&entry->generation, atomic_load(&generation));
    atomic_store(&entry->executor, executor);
    atomic_store(&entry->handle, handle);
    return handle;
}

static struct entry *find(dpk_executor handle)
{
    for (struct entry *entry = dpk_slots_first(&entries); entry; entry = dpk_slots_next(entry))
        if (handle != 0 && atomic_load(&entry->handle) == handle)
            return entry;
    return NULL;
}

dpk_status dpk_handle_outside(dpk_error *err)
{
    if (dpk_task_inside())
        return dpk_fail(err, DPK_USAGE,
                        "a task can neither open nor use an executor: it might wait for itself");
    return DPK_OK;
}

static dpk_executing *not_open(dpk_executor handle, dpk_error *err)
{
    (void)dpk_fail(err, DPK_USAGE, "executor %#" PRIx64 " is not open: it was closed, or never was",
                   handle);
    return NULL;
}

dpk_executing *dpk_handle_enter(dpk_executor handle, dpk_error *err)
{
    if (dpk_handle_outside(err) != DPK_OK)
        return NULL;
    struct entry *entry = find(handle);
    if (entry == NULL)
        return not_open(handle, err);
    if (atomic_load(&entry->generation) != atomic_load(&generation)) {
        (void)dpk_fail(err, DPK_USAGE, "executor %#" PRIx64 " belongs to process %ld, not to this",
                       handle, (long)atomic_load(&entry->owner));
        return NULL;
    }
    if (atomic_exchange(&entry->busy, true)) {
        (void)dpk_fail(err, DPK_USAGE,
                       "another thread is using executor %#" PRIx64
                       ": one at a time may, or each has its own",
                       handle);
        return NULL;
    }
    if (atomic_load(&entry->handle) == handle)
        return atomic_load(&entry->executor);
    atomic_store(&entry->busy, false);
    return not_open(handle, err);
}

void dpk_handle_leave(dpk_executor handle)
{
    struct entry *entry = find(handle);
    if (entry != NULL)
        atomic_store(&entry->busy, false);
}

void dpk_handle_remove(dpk_executor handle)
{
    struct entry *entry = find(handle);
    if (entry == NULL)
        return;
    atomic_store(&entry->handle, 0);
    atomic_store(&entry->executor, NULL);
    atomic_store(&entry->busy, false);
    dpk_slots_give_back(entry);
}
