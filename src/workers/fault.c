/* SPDX-License-Identifier: MIT */
/* fault.c: what the environment asks for, and how it is done. */
#include "workers/fault.h"

#ifdef DPK_FAULTS

#    include <signal.h>
#    include <stdatomic.h>
#    include <stdbool.h>
#    include <stdlib.h>
#    include <string.h>
#    include <sys/mman.h>
#    include <sys/resource.h>
#    include <time.h>
#    include <unistd.h>

/* 1 + the number of this worker; 0: of none. */
static _Thread_local unsigned self;

/* How often a fault has struck: in memory that all processes share. */
static atomic_uint *strikes;

/* What stands behind "word:" or "word=" in the environment, "" behind a word that stands alone, and
 * NULL if the word is not there. */
static const char *asked_for(const char *word)
{
    size_t length = strlen(word);
    for (const char *at = getenv("DPK_FAULT"); at != NULL; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, word, length) != 0)
            continue;
        if (at[length] == ':' || at[length] == '=')
            return at + length + 1;
        if (at[length] == ',' || at[length] == '\0')
            return "";
    }
    return NULL;
}

static double number_of(const char *word)
{
    const char *text = asked_for(word);
    return text != NULL ? strtod(text, NULL) : 0;
}

static void rest(double ns)
{
    if (ns <= 0)
        return;
    const struct timespec time = { .tv_sec = (time_t)(ns * 1e-9),
                                   .tv_nsec = (long)(ns - (double)(time_t)(ns * 1e-9) * 1e9) };
    nanosleep(&time, NULL);
}

void dpk_fault_open(void)
{
    if (strikes != NULL || asked_for("kind") == NULL)
        return;
    void *memory =
        mmap(NULL, sizeof *strikes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    strikes = memory != MAP_FAILED ? memory : NULL;
}

void dpk_fault_start(unsigned worker)
{
    self = worker + 1;
    if (worker > 0)
        rest(number_of("start") * 1e6);
}

static bool is_kind(const char *kind, const char *name)
{
    size_t length = strlen(name);
    return strncmp(kind, name, length) == 0 && (kind[length] == ',' || kind[length] == '\0');
}

static void use_up_memory(void)
{
    enum { BLOCK = 1 << 20 };
    struct rlimit limit;
    bool limited = getrlimit(RLIMIT_DATA, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
    /* Not by malloc: what is allocated and never read, compilers leave out. */
    while (limited && mmap(NULL, BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                           0) != MAP_FAILED)
        continue;
    raise(limited ? SIGABRT : SIGKILL);
}

static void strike(const char *kind)
{
    if (is_kind(kind, "segv"))
        raise(SIGSEGV);
    else if (is_kind(kind, "kill"))
        raise(SIGKILL);
    else if (is_kind(kind, "stop"))
        raise(SIGSTOP);
    else if (is_kind(kind, "exit"))
        _exit(3);
    else if (is_kind(kind, "oom"))
        use_up_memory();
    else if (is_kind(kind, "slow"))
        rest(200e6);
    while (is_kind(kind, "hang"))
        pause();
}

void dpk_fault_span(size_t span)
{
    const char *kind = self > 0 ? asked_for("kind") : NULL;
    if (kind == NULL || strikes == NULL)
        return;
    if ((asked_for("worker") != NULL && number_of("worker") != self - 1) ||
        (asked_for("span") != NULL && number_of("span") != (double)span))
        return;
    if (asked_for("always") != NULL || atomic_fetch_add(strikes, 1) == 0)
        strike(kind);
}

void dpk_fault_chunk(size_t chunk, size_t chunks, uint64_t took)
{
    double times = number_of("chunk");
    if (chunk + 1 == chunks && times > 1)
        rest((times - 1) * (double)took);
}

void dpk_fault_stop(unsigned worker)
{
    if (worker > 0)
        rest(number_of("stop") * 1e6);
}

#endif
