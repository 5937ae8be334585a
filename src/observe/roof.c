/* SPDX-License-Identifier: MIT */
/* roof.c: measuring the roof, and where a kernel stands below it. Bytes are counted as McCalpin's
 * STREAM counts them: what the program reads plus what it writes, not the reading of lines that
 * are about to be written, which ordinary stores cause and streaming stores would spare. */
#include "observe/roof.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "machine/machine.h"
#include "observe/roof_loops.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ------------------------------------------------------------------------------------ memory */

struct caches {
    double one; /* bytes of the largest cache */
    double all; /* of all of its level */
};

/* Bytes of the cache of this level that a processor leads, as the first of those that share it;
 * 0 if another one does, or if there is none. */
static double led_cache(long cpu, int level)
{
    char path[128], line[4096];
    const char *folder = "/sys/devices/system/cpu/cpu%ld/cache/index%d/%s";
    snprintf(path, sizeof path, folder, cpu, level, "shared_cpu_list");
    dpk_machine_line(path, line, sizeof line);
    char *end;
    if (strtol(line, &end, 10) != cpu || end == line)
        return 0;
    snprintf(path, sizeof path, folder, cpu, level, "size");
    return 1024 * strtod(dpk_machine_line(path, line, sizeof line), NULL);
}

static struct caches read_caches(unsigned jobs)
{
    struct caches caches = { 0, 0 };
    long processors = sysconf(_SC_NPROCESSORS_CONF);
    for (int level = 3; level >= 2 && caches.all == 0; level--)
        for (long cpu = 0; cpu < processors; cpu++) {
            double size = led_cache(cpu, level);
            caches.all += size;
            caches.one = size > caches.one ? size : caches.one;
        }
    if (caches.all == 0)
        caches.one = caches.all = 32 << 20; /* that of a common desktop */
    /* A thread at a time is on one processor, and its data in one processor's cache. */
    if (caches.all > jobs * caches.one)
        caches.all = jobs * caches.one;
    return caches;
}

/* Bytes of one of the two arrays: four times the caches, as STREAM demands, so that nearly nothing
 * of an array is left in them when its turn comes again. At least what takes some milliseconds, at
 * most 1 GiB, whose pages take half a second to come into being. */
static double array_bytes(double cache)
{
    const double least = 16 << 20, most = 1 << 30;
    double bytes = 4 * cache;
    return bytes < least ? least : bytes > most ? most : bytes;
}

/* -------------------------------------------------------------------------------------- crew */

/* Threads that do the same again and again, while all of them do. Not OpenMP's, which would outlive
 * the measurement and keep this process from forking workers. */
struct crew {
    const dpk_roof_loops *loops;
    unsigned threads;
    /* Done by each thread: once at first (may be NULL), then pieces 0, 1, … and again. */
    void (*prepare)(const struct crew *crew, unsigned thread);
    void (*work)(const struct crew *crew, unsigned thread, size_t piece);
    size_t pieces;
    uint64_t *best; /* nanoseconds: the shortest of each thread's each piece */
    /* A piece begins and ends for all together, as it must where they share what is measured: a
     * thread has more of it while another one is kept from running. */
    bool together;
    uint64_t *to, *from;
    size_t words;

    pthread_mutex_t gate; /* closed until all threads have started */
    pthread_barrier_t barrier;
    bool dismissed, done;
};

struct member {
    struct crew *crew;
    unsigned thread;
};

/* As many rounds as fit into this, in pieces of some milliseconds: each is undisturbed at least
 * once even on a busy machine, and the clock has time to rise. Six measurements make 0.9 s. */
static const uint64_t LONG_ENOUGH = 150000000;

static void meet(struct crew *crew)
{
    if (crew->together)
        pthread_barrier_wait(&crew->barrier);
}

static void *serve(void *context)
{
    struct member *member = context;
    struct crew *crew = member->crew;
    pthread_mutex_lock(&crew->gate);
    pthread_mutex_unlock(&crew->gate);
    if (crew->dismissed)
        return NULL;
    if (crew->prepare != NULL)
        crew->prepare(crew, member->thread);
    pthread_barrier_wait(&crew->barrier);

    const uint64_t begin = dpk_now();
    uint64_t *best = crew->best + member->thread * crew->pieces;
    bool done = false;
    for (size_t count = 0; !done; count++) {
        uint64_t start = dpk_now();
        meet(crew);
        crew->work(crew, member->thread, count % crew->pieces);
        meet(crew);
        uint64_t now = dpk_now(), taken = now - start;
        if (count < crew->pieces || taken < best[count % crew->pieces])
            best[count % crew->pieces] = taken;
        done = count + 1 >= crew->pieces && now - begin >= LONG_ENOUGH;
        if (crew->together) {
            if (member->thread == 0)
                crew->done = done;
            meet(crew);
            done = crew->done;
        }
    }
    return NULL;
}

/* Fills crew->best. */
static dpk_status measure(struct crew *crew, struct member *members, pthread_t *threads,
                          dpk_error *err)
{
    if (pthread_barrier_init(&crew->barrier, NULL, crew->threads) != 0)
        return dpk_fail(err, DPK_LIMIT, "no barrier for %u threads", crew->threads);
    pthread_mutex_init(&crew->gate, NULL);
    pthread_mutex_lock(&crew->gate);
    members[0] = (struct member){ .crew = crew };
    unsigned started = 1;
    for (; started < crew->threads; started++) {
        members[started] = (struct member){ .crew = crew, .thread = started };
        if (pthread_create(&threads[started], NULL, serve, &members[started]) != 0)
            break;
    }
    crew->dismissed = started < crew->threads;
    pthread_mutex_unlock(&crew->gate);
    serve(&members[0]);
    for (unsigned thread = 1; thread < started; thread++)
        pthread_join(threads[thread], NULL);
    pthread_barrier_destroy(&crew->barrier);
    pthread_mutex_destroy(&crew->gate);
    if (crew->dismissed)
        return dpk_fail(err, DPK_LIMIT, "cannot start %u threads to measure with", crew->threads);
    return DPK_OK;
}

/* Sets *rate to how often a second all threads together can do what one does in a round. */
static dpk_status measure_rate(struct crew *crew, double *rate, dpk_error *err)
{
    struct member *members = calloc(crew->threads, sizeof *members);
    pthread_t *threads = calloc(crew->threads, sizeof *threads);
    crew->best = calloc(crew->threads * crew->pieces, sizeof *crew->best);
    dpk_status status = DPK_LIMIT;
    if (members == NULL || threads == NULL || crew->best == NULL)
        (void)dpk_fail(err, status, "not enough memory for %u threads", crew->threads);
    else
        status = measure(crew, members, threads, err);
    *rate = 0;
    for (unsigned thread = 0; status == DPK_OK && thread < crew->threads; thread++) {
        double round = 0;
        for (size_t piece = 0; piece < crew->pieces; piece++)
            round += (double)crew->best[(crew->together ? 0 : thread * crew->pieces) + piece];
        *rate += 1e9 / round;
    }
    free(crew->best);
    free(members);
    free(threads);
    return status;
}

/* ------------------------------------------------------------------------------------ measuring */

/* Each thread has as many words of the arrays as any other. */
static size_t share(const struct crew *crew)
{
    return crew->words / crew->threads;
}

/* Pages are in the memory of the processor that writes them first. */
static void touch(const struct crew *crew, unsigned thread)
{
    memset(crew->from + thread * share(crew), 1, share(crew) * sizeof *crew->from);
    memset(crew->to + thread * share(crew), 2, share(crew) * sizeof *crew->to);
}

/* Some milliseconds. All other pieces lie between two uses of one: those that happen to stay in a
 * cache count as what they are, a part of the whole. */
enum { PIECE = (8 << 20) / sizeof(uint64_t) };

static void copy(const struct crew *crew, unsigned thread, size_t piece)
{
    size_t words = share(crew) / crew->pieces, begin = thread * share(crew) + piece * words;
    crew->loops->copy(crew->to + begin, crew->from + begin, words, 0);
}

static dpk_status copy_in(dpk_arena *arena, struct crew *crew, double *rate, dpk_error *err)
{
    crew->to = dpk_alloc(arena, crew->words * sizeof *crew->to, err);
    crew->from = dpk_alloc(arena, crew->words * sizeof *crew->from, err);
    if (crew->to == NULL || crew->from == NULL)
        return DPK_LIMIT;
    dpk_status status = measure_rate(crew, rate, err);
    *rate *= 2 * (double)(share(crew) / crew->pieces * crew->pieces * sizeof *crew->to);
    return status;
}

static dpk_status measure_copy(struct crew *crew, double cache, double *rate, dpk_error *err)
{
    dpk_arena arena;
    dpk_status status = dpk_arena_open(&arena, DPK_MEMORY_PRIVATE, false, err);
    if (status != DPK_OK)
        return status;
    crew->words = (size_t)(array_bytes(cache) / sizeof *crew->to);
    crew->prepare = touch;
    crew->work = copy;
    crew->pieces = share(crew) / PIECE + 1;
    crew->together = true;
    /* Others need memory, too; and smaller arrays would measure the caches. */
    if (array_bytes(cache) > (double)arena.size / 4) {
        char needed[32], left[32];
        status = dpk_fail(err, DPK_LIMIT, "measuring memory takes two arrays of %s; %s are left",
                          dpk_text_bytes(array_bytes(cache), needed, sizeof needed),
                          dpk_text_bytes((double)arena.size, left, sizeof left));
    } else {
        status = copy_in(&arena, crew, rate, err);
    }
    dpk_arena_close(&arena);
    return status;
}

/* A millisecond or two. */
enum { ROUNDS = 1 << 19 };

/* Values tend to 2 and stay ordinary numbers. Compilers must take the result to be of use. */
static void compute32(const struct crew *crew, unsigned thread, size_t piece)
{
    (void)thread;
    (void)piece;
    volatile double result = crew->loops->fma32(ROUNDS, 0.5, 1);
    (void)result;
}

static void compute64(const struct crew *crew, unsigned thread, size_t piece)
{
    (void)thread;
    (void)piece;
    volatile double result = crew->loops->fma64(ROUNDS, 0.5, 1);
    (void)result;
}

/* Figures [index], by so many threads in reach of caches of so many bytes. */
static dpk_status measure_all(dpk_roof *roof, int index, unsigned threads, double cache,
                              dpk_error *err)
{
    const dpk_roof_loops *loops = dpk_roof_loops_at(roof->isa);
    struct crew copying = { .loops = loops, .threads = threads };
    struct crew computing32 = {
        .loops = loops, .threads = threads, .work = compute32, .pieces = 1
    };
    struct crew computing64 = {
        .loops = loops, .threads = threads, .work = compute64, .pieces = 1
    };
    dpk_status status = measure_copy(&copying, cache, &roof->copy[index], err);
    if (status == DPK_OK)
        status = measure_rate(&computing32, &roof->fma32[index], err);
    if (status == DPK_OK)
        status = measure_rate(&computing64, &roof->fma64[index], err);
    roof->fma32[index] *= ROUNDS * loops->operations32;
    roof->fma64[index] *= ROUNDS * loops->operations64;
    return status;
}

/* All can do at least what one can. On a busy machine, where they never all run at a time, it may
 * have looked otherwise. */
static void raise_to_first(double rate[2])
{
    rate[1] = rate[1] > rate[0] ? rate[1] : rate[0];
}

dpk_status dpk_roof_probe(dpk_roof *roof, dpk_error *err)
{
    *roof = (dpk_roof){ .kept = "" };
    dpk_roof_identify(roof);
    const struct caches caches = read_caches(roof->jobs);
    dpk_status status = measure_all(roof, 0, 1, caches.one, err);
    if (status == DPK_OK && roof->jobs > 1)
        status = measure_all(roof, 1, roof->jobs, caches.all, err);
    raise_to_first(roof->copy);
    raise_to_first(roof->fma32);
    raise_to_first(roof->fma64);
    if (status == DPK_OK)
        dpk_roof_keep(roof);
    return status;
}

/* ---------------------------------------------------------------------------------------- share */

static double between(const dpk_roof *roof, const double rate[2], unsigned jobs)
{
    if (jobs <= 1)
        return rate[0];
    if (jobs >= roof->jobs)
        return rate[1];
    return rate[0] + (rate[1] - rate[0]) * (jobs - 1) / (roof->jobs - 1);
}

double dpk_roof_share(const dpk_roof *roof, unsigned jobs, dpk_type type, double bytes_per_second,
                      double operations_per_second, dpk_bound *bound)
{
    /* A copy that counts two bytes moves three: no data that is only read goes faster. */
    const double memory_most = 1.5;
    bool wide = (type & (DPK_F64 | DPK_C128 | DPK_I64)) != 0;
    double memory = bytes_per_second / between(roof, roof->copy, jobs);
    double arithmetic =
        operations_per_second / between(roof, wide ? roof->fma64 : roof->fma32, jobs);
    *bound = DPK_BOUND_UNKNOWN;
    if (!isfinite(memory + arithmetic) || memory + arithmetic <= 0)
        return NAN;
    *bound = arithmetic > memory    ? DPK_BOUND_ARITHMETIC
             : memory > memory_most ? DPK_BOUND_CACHE
                                    : DPK_BOUND_MEMORY;
    return arithmetic > memory ? arithmetic : memory;
}
