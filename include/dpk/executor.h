/* SPDX-License-Identifier: MIT */
/* executor.h: the part of libdpk that calls functions of a program on workers, which are threads or
 * processes, as another program's thread pool or process pool does:
 *
 *     static int square(const void *argument, void *result, dpk_task *task)
 *     {
 *         double x = *(const double *)argument;
 *         (void)task;
 *         *(double *)result = x * x;
 *         return 0;
 *     }
 *
 *     dpk_executor executor;
 *     dpk_executor_options options = dpk_executor_options_default();
 *     dpk_error err;
 *     options.backend = "pool";
 *     if (dpk_executor_open(&executor, &options, &err) ||
 *         dpk_executor_map(executor, square, count, in, sizeof *in, out, sizeof *out, &err) ||
 *         dpk_executor_close(executor, &err))
 *         fprintf(stderr, "%s\n", err.text);
 *
 * The same program runs on each of these by changing one string:
 *
 * - "seq": the caller executes every task itself, in dpk_executor_map or dpk_executor_submit.
 * - "threads" (or "omp", by which kernels know threads): threads, started once.
 * - "fork": a process for each task, started for it and joined, at most `workers` at a time.
 * - "pool": processes, started once.
 *
 * A process may die of what it does, and others go on: a task whose worker dies is done again, up
 * to `retries` times, by a new worker, and no other task notices. After that it is a failed task,
 * with a sentence such as "worker 3 (process 4711) died of SIGSEGV in task 17". A crash on threads,
 * or on "seq", is one of the whole program.
 *
 * What tasks see. On threads and "seq", all memory is in common. Processes of a pool have a copy of
 * the program's memory as it was when they were started, at the same addresses, those of "fork" as
 * it was when their task was started; what they write there, nobody else sees. In common is only
 * what dpk_executor_alloc has given. Arguments and results are copied for you, or not even copied
 * if they lie in such memory. A function must be in the program, or in a library loaded before the
 * executor was opened. A task must not fork processes that go on when it has ended, nor end the
 * process other than by dying. It may run jobs of <dpk/run.h>.
 *
 * One thread at a time may use an executor; a call is refused while another thread is inside one. A
 * program may have several executors. No task may open or use any: a call from inside a task is
 * refused with DPK_USAGE, so that none can wait for itself.
 *
 * Executors have no thread that watches: that a worker has died, or takes too long, is noticed, and
 * its task done again, while the program submits, waits or maps. Workers that are processes ignore
 * what a terminal sends, and end with the thread that has started them, whatever ends that; if the
 * program goes on, they are replaced. What tasks print to standard output is written at the latest
 * when their worker has nothing to do. The program must not wait for children that it has not
 * started itself, as wait() does.
 *
 * All functions that can fail return DPK_OK, which is 0, or a status with a sentence in *err.
 * Handles are numbers that are looked up: one that was closed, or never was, is refused with
 * DPK_USAGE, and so is an executor in a process that has inherited it by a fork of the program's
 * own.
 *
 * A process that has run a job of <dpk/run.h> on OpenMP's threads (backend "omp") cannot open
 * executors of processes: dpk_executor_open refuses with DPK_FAILED, because OpenMP's runtime does
 * not survive a fork. For the same reason, tasks on processes must not use OpenMP if the program
 * itself has done so before. Threads of executors are no such threads.
 *
 * Later versions add functions and add fields at the ends of the structs; programs that were built
 * with this header keep working. */
#ifndef DPK_PUBLIC_EXECUTOR_H
#define DPK_PUBLIC_EXECUTOR_H

#include <dpk/dpk.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An executor, never 0. */
typedef uint64_t dpk_executor;

/* A task that was submitted, never 0. It is valid until dpk_executor_wait or dpk_executor_next has
 * said what became of the task, or the executor is closed. There is nothing to free. */
typedef uint64_t dpk_future;

/* ------------------------------------------------------------------------- what a task is */

/* A task as its function sees it. */
typedef struct dpk_task dpk_task;

/* What a worker is to do. argument: what was given to dpk_executor_submit, or the task's element of
 * the arguments of dpk_executor_map; NULL if those have no bytes. result: where to write the
 * result, of as many bytes as the executor's result_bytes or dpk_executor_map's; NULL if there are
 * none. Each is aligned as malloc would, or as the elements of the program's own arrays are.
 * Returns 0, or any other number if it fails: the number is in the outcome. A task that is done
 * again begins with whatever its last attempt has left in memory in common, its result excepted,
 * which is overwritten. */
typedef int dpk_task_function(const void *argument, void *result, dpk_task *task);

/* Number of the task: of its element in dpk_executor_map, else how many were submitted before it.
 * In the function that begins a worker it is 0. */
DPK_API size_t dpk_task_index(const dpk_task *task);

/* Number of the worker that executes it, from 0, less than dpk_executor_workers. */
DPK_API unsigned dpk_task_worker(const dpk_task *task);

/* 1 for the first attempt; more when workers have died of it, or were ended because of the
 * time-out.
 */
DPK_API unsigned dpk_task_attempt(const dpk_task *task);

/* Says in a sentence why the task fails, and returns 1, so that a function can end with `return
 * dpk_task_fail(task, "no row %d", y)`. About 200 bytes are kept. */
DPK_API int dpk_task_fail(dpk_task *task, const char *format, ...) DPK_PRINTF(2, 3);

/* ----------------------------------------------------------------------- opening and closing */

/* As many workers as this process may really use: its processors, a quota, a batch scheduler. */
#define DPK_WORKERS_AUTOMATIC (-1)

/* How an executor works. To be made by dpk_executor_options_default, so that `size` is right. */
typedef struct dpk_executor_options {
    size_t size;         /* sizeof(dpk_executor_options) in the program */
    const char *backend; /* "seq", "threads" or "omp", "fork", "pool"; NULL: "pool" */
    int workers;         /* 1 to 1024, or DPK_WORKERS_AUTOMATIC, the default */

    /* Tasks of dpk_executor_map that a worker takes at a time; 0, the default: so many that they
     * take about 50 microseconds, but few enough that each worker gets several times some. */
    size_t chunk;

    /* Submitted tasks that wait or are executed at a time; 1 to 2^20, 1024 by default. One more
     * makes dpk_executor_submit wait until one has ended. Tasks that have ended do not count: what
     * came of them is kept until it is asked for, however many they are. */
    size_t in_flight;

    /* Seconds that an attempt at a task may take; 0, the default: any. Then its process is killed,
     * and replaced as one that has died. Threads cannot be killed: on these, and on "seq", a
     * time-out is refused. */
    double timeout;

    unsigned retries; /* how often a task is done again when its worker dies of it; default 2 */

    /* A worker is replaced by a new one after so many tasks, for functions that lose memory; 0, the
     * default: never. For processes; refused on threads and "seq". */
    size_t renew_after;

    /* Called once in each worker before its first task, also in those that replace one; on "fork",
     * before each task, on "seq", when the executor is opened. `argument` is begin_argument, result
     * is NULL. If it fails in a worker when the executor is opened, that fails with its sentence;
     * if it does so later, there is a worker less. No time-out ends it. NULL, the default: nothing.
     */
    dpk_task_function *begin;
    const void *begin_argument;

    /* Bytes of memory in common that dpk_executor_alloc and the copies that dpk_executor_map makes
     * may take together. Nothing is taken before it is written to. 0, the default: as much as the
     * machine, or this process's cgroup, has left. More than that is refused with DPK_LIMIT. */
    size_t shared_bytes;

    /* The most bytes of argument and of result that a submitted task may have; 64 by default, each
     * up to 2^16. Larger ones belong into memory in common, with their address in the argument. */
    size_t argument_bytes, result_bytes;
} dpk_executor_options;

static inline dpk_executor_options dpk_executor_options_default(void)
{
    dpk_executor_options options = { sizeof(dpk_executor_options),
                                     NULL,
                                     DPK_WORKERS_AUTOMATIC,
                                     0,
                                     1024,
                                     0,
                                     2,
                                     0,
                                     NULL,
                                     NULL,
                                     0,
                                     64,
                                     64 };
    return options;
}

/* Opens an executor and starts its workers. If the system gives fewer than were asked for, there
 * are fewer, and a note says so; if it gives none at all, the caller executes tasks itself, as on
 * "seq", and a note says that. options: NULL for the defaults. *executor is 0 if this fails.
 * Errors: DPK_USAGE, for options that cannot be; DPK_LIMIT, when there is not so much memory;
 * DPK_FAILED, when this process cannot have processes as workers, or a worker cannot begin. */
DPK_API dpk_status dpk_executor_open(dpk_executor *executor, const dpk_executor_options *options,
                                     dpk_error *err) DPK_MUST_CHECK;

/* Closes an executor. Tasks that wait are dropped. Those that are being executed end first on
 * threads; processes are killed. All that dpk_executor_alloc gave is gone, on every backend.
 * Errors: DPK_USAGE alone, for one that is not open. */
DPK_API dpk_status dpk_executor_close(dpk_executor executor, dpk_error *err);

/* Workers there are now; 0 if the executor is not open, or another thread is inside. */
DPK_API unsigned dpk_executor_workers(dpk_executor executor);

/* Note number i, from 0, of an executor: that fewer workers could be started, or that one has died,
 * of what, and that its task is done again. NULL after the last one; of many notes the first are
 * kept, and the last says how many are not. The text belongs to the executor. */
DPK_API const char *dpk_executor_note(dpk_executor executor, size_t i);

/* Memory that all workers and the caller have in common, at the same address, zeroed, 64-byte
 * aligned, until the executor is closed. NULL, with *err filled, if there is not so much of it
 * (DPK_LIMIT), or the executor is not open (DPK_USAGE). */
DPK_API void *dpk_executor_alloc(dpk_executor executor, size_t bytes,
                                 dpk_error *err) DPK_MUST_CHECK;

/* ----------------------------------------------------------------- what became of a task */

typedef enum dpk_task_state {
    DPK_TASK_NONE,      /* there is no task */
    DPK_TASK_WAITING,   /* not begun */
    DPK_TASK_RUNNING,   /* not ended */
    DPK_TASK_DONE,      /* there is a result */
    DPK_TASK_FAILED,    /* its function has returned another number than 0 */
    DPK_TASK_DIED,      /* workers died of it, more often than it was to be done again */
    DPK_TASK_TIMED_OUT, /* its last attempt took too long */
    DPK_TASK_CANCELLED,
} dpk_task_state;

/* To be made by dpk_outcome_default, so that `size` is right. Moments are in nanoseconds of
 * CLOCK_MONOTONIC, 0 for what has not happened. */
typedef struct dpk_outcome {
    size_t size; /* sizeof(dpk_outcome) in the program */
    dpk_task_state state;
    int value;         /* what the function returned */
    uint64_t task;     /* dpk_task_index */
    unsigned worker;   /* of the last attempt */
    unsigned attempts; /* begun */
    long process;      /* that made the last attempt */
    int signal;        /* by which that process ended, if the task died or timed out; or 0 */
    int exit_code;     /* with which it ended, if the task died; or 0 */
    uint64_t queued;   /* when it was submitted, or its map began */
    uint64_t started;  /* when its last attempt began; of tasks of a map, when their chunk did */
    uint64_t ended;
    char text[256]; /* a sentence, if there is no result: the task's own, or what happened; else ""
                     */
} dpk_outcome;

static inline dpk_outcome dpk_outcome_default(void)
{
    dpk_outcome outcome;
    memset(&outcome, 0, sizeof outcome);
    outcome.size = sizeof outcome;
    return outcome;
}

/* -------------------------------------------------------------------------- many tasks at once */

/* Executes `count` tasks and returns when all have ended: task i with element i of `arguments`, of
 * argument_bytes each, and writes its result to element i of `results`, of result_bytes each. Both
 * arrays may be any memory of the program; in memory of dpk_executor_alloc they need not be copied
 * for processes. Either is NULL when its elements have 0 bytes.
 *
 * Every task is executed, whatever becomes of others. If some have no result, the first of them is
 * in *err, dpk_executor_failed lists all, and their elements of `results` are unspecified; all
 * other results are there. Errors: DPK_FAILED and DPK_WORKER_LOST, when tasks have failed, the
 * latter if a worker died of one or timed out; DPK_USAGE; DPK_LIMIT, when the memory in common does
 * not suffice for copies. */
DPK_API dpk_status dpk_executor_map(dpk_executor executor, dpk_task_function *function,
                                    size_t count, const void *arguments, size_t argument_bytes,
                                    void *results, size_t result_bytes,
                                    dpk_error *err) DPK_MUST_CHECK;

/* Task number i, from 0, of those of the last dpk_executor_map that have no result, in the order of
 * their elements. Returns false after the last one. */
DPK_API bool dpk_executor_failed(dpk_executor executor, size_t i, dpk_outcome *outcome);

/* ---------------------------------------------------------------------------- task by task */

/* Submits a task, with a copy of the `bytes` of *argument. If in_flight tasks wait or are being
 * executed, this waits until one of them has ended, which needs nothing from the caller. On "fork",
 * a task begins in a call of this or of dpk_executor_wait or dpk_executor_next, as the caller
 * starts its process. *future is 0 if this fails. Errors: DPK_USAGE; DPK_LIMIT, when memory runs
 * out; DPK_WORKER_LOST, when all workers have died and none can be started. */
DPK_API dpk_status dpk_executor_submit(dpk_executor executor, dpk_future *future,
                                       dpk_task_function *function, const void *argument,
                                       size_t bytes, dpk_error *err) DPK_MUST_CHECK;

/* Waits until a task has ended, but no longer than `timeout` seconds; 0: only looks; negative: as
 * long as it takes. If it has ended, copies `bytes` of its result, up to result_bytes, to *result
 * (NULL for 0 bytes), fills in *outcome, and forgets the future. Else *outcome says
 * DPK_TASK_WAITING or DPK_TASK_RUNNING, and the future stays valid.
 *
 * With an outcome, this returns DPK_OK whatever became of the task. Without one (NULL) it fails
 * with the task's sentence if there is no result: DPK_FAILED, or DPK_WORKER_LOST if it died or
 * timed out; and with DPK_LIMIT if it has not ended in time. Errors besides: DPK_USAGE. */
DPK_API dpk_status dpk_executor_wait(dpk_executor executor, dpk_future future, double timeout,
                                     void *result, size_t bytes, dpk_outcome *outcome,
                                     dpk_error *err) DPK_MUST_CHECK;

/* The same for whichever task ends next, in *future: tasks as they are completed. When there is no
 * task that has not been asked for, *future is 0, *outcome says DPK_TASK_NONE, and this returns
 * DPK_OK at once. When time is over, *future is 0, and *outcome says DPK_TASK_RUNNING; without an
 * outcome the call fails with DPK_LIMIT. */
DPK_API dpk_status dpk_executor_next(dpk_executor executor, dpk_future *future, double timeout,
                                     void *result, size_t bytes, dpk_outcome *outcome,
                                     dpk_error *err) DPK_MUST_CHECK;

/* Cancels a task that waits; and with kill_it also one that is being executed, by killing its
 * process, which is replaced. Its outcome is then DPK_TASK_CANCELLED, and is to be asked for like
 * any other. Errors: DPK_FAILED, when the task has ended already, or is being executed and not to
 * be killed, or cannot be killed because its worker is a thread; DPK_USAGE. */
DPK_API dpk_status dpk_executor_cancel(dpk_executor executor, dpk_future future, bool kill_it,
                                       dpk_error *err) DPK_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
