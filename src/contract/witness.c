/* SPDX-License-Identifier: MIT */
/* witness.c: a page of shared memory and a signal handler that writes to it. */
#include "contract/witness.h"

#include "workers/children.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

/* The memory faults: recorded, then left to whoever handled them before, so that the process ends
 * as it would have. */
static const int faults[] = { SIGSEGV, SIGBUS };

enum { FAULTS = sizeof faults / sizeof *faults };

static struct {
    dpk_witness *witness;
    struct sigaction before[FAULTS];
} watch;

dpk_witness *dpk_witness_open(unsigned patience, dpk_error *err)
{
    dpk_witness *witness =
        mmap(NULL, sizeof *witness, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (witness == MAP_FAILED) {
        (void)dpk_fail(err, DPK_LIMIT, "not enough memory: %s", strerror(errno));
        return NULL;
    }
    witness->patience = patience;
    return witness;
}

void dpk_witness_close(dpk_witness *witness)
{
    munmap(witness, sizeof *witness);
}

/* Stands for addresses no pointer can have, of which the machine does not say what they were. */
#define WILD UINTPTR_MAX

static const char *access_of(const void *context)
{
#if defined(__x86_64__) && defined(REG_ERR)
    const ucontext_t *state = context;
    return state->uc_mcontext.gregs[REG_ERR] & 2 ? "wrote to" : "read";
#else
    (void)context;
    return "touched";
#endif
}

/* Returning repeats the instruction that faulted, now without this handler. */
static void on_fault(int number, siginfo_t *information, void *context)
{
    watch.witness->signal = number;
    watch.witness->access = access_of(context);
    watch.witness->address = (uintptr_t)information->si_addr;
#ifdef SI_KERNEL
    if (information->si_code == SI_KERNEL)
        watch.witness->address = WILD;
#endif
    for (size_t i = 0; i < FAULTS; i++)
        sigaction(faults[i], &watch.before[i], NULL);
}

static void on_alarm(int number)
{
    watch.witness->signal = number;
    signal(number, SIG_DFL);
    raise(number);
}

void dpk_witness_watch(dpk_witness *witness)
{
    watch.witness = witness;
    dpk_children_keep_fault_handlers();
    struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
    for (size_t i = 0; i < FAULTS; i++)
        sigaction(faults[i], &action, &watch.before[i]);
    signal(SIGALRM, on_alarm);
}

void dpk_witness_start(dpk_witness *witness)
{
    witness->region_count = 0;
    witness->signal = 0;
    witness->runs++;
    alarm(witness->patience);
}

void dpk_witness_rest(dpk_witness *witness)
{
    (void)witness;
    alarm(0);
}

/* Guard pages begin at most this far beside what they guard. */
enum { PADDING = 64 };

void dpk_witness_region(dpk_witness *witness, const void *begin, size_t bytes, size_t reach,
                        const char *name, ...)
{
    if (witness->region_count == DPK_REGIONS)
        return;
    dpk_witness_area *region = &witness->regions[witness->region_count++];
    *region = (dpk_witness_area){ .begin = (uintptr_t)begin,
                                  .end = (uintptr_t)begin + bytes,
                                  .reach = (uintptr_t)sysconf(_SC_PAGESIZE) + PADDING + reach };
    va_list arguments;
    va_start(arguments, name);
    vsnprintf(region->name, sizeof region->name, name, arguments);
    va_end(arguments);
}

/* How far outside the region; 0 inside. */
static uintptr_t distance(const dpk_witness_area *region, uintptr_t address)
{
    if (address < region->begin)
        return region->begin - address;
    return address < region->end ? 0 : address - region->end + 1;
}

static const dpk_witness_area *nearest(const dpk_witness *witness, uintptr_t address)
{
    const dpk_witness_area *best = &witness->regions[0];
    for (size_t i = 1; i < witness->region_count; i++)
        if (distance(&witness->regions[i], address) < distance(best, address))
            best = &witness->regions[i];
    return best;
}

const char *dpk_witness_text(const dpk_witness *witness, char *text, size_t size)
{
    const dpk_witness_area *region = nearest(witness, witness->address);
    uintptr_t address = witness->address, null = (uintptr_t)sysconf(_SC_PAGESIZE) + PADDING;
    uintptr_t apart = distance(region, address);
    text[0] = '\0';
    if (witness->signal == SIGALRM)
        snprintf(text, size, "the run did not end within %u seconds", witness->patience);
    else if (witness->signal != 0 && (address < null || address == WILD))
        snprintf(text, size, "it used a %s pointer", address == WILD ? "wild" : "null");
    else if (witness->signal != 0 && (witness->region_count == 0 || apart > region->reach))
        snprintf(text, size, "it touched address %#llx", (unsigned long long)address);
    else if (witness->signal != 0 && apart > 0)
        snprintf(text, size, "it touched byte %zu %s %s", (size_t)apart,
                 address < region->begin ? "before" : "past the end of", region->name);
    else if (witness->signal != 0)
        snprintf(text, size, "it %s %s, byte %zu", witness->access, region->name,
                 (size_t)(address - region->begin));
    return text;
}

dpk_status dpk_witness_fail(const dpk_witness *witness, dpk_error *err, const char *format, ...)
{
    char found[320];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(found, sizeof found, format, arguments);
    va_end(arguments);
    return dpk_fail(err, DPK_MISMATCH, "%s: %s", witness->doing, found);
}
