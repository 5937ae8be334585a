/* SPDX-License-Identifier: MIT */
/* crash: some items dereference NULL. A signal that a fault raises ends the process with all of its
 * threads (POSIX.1-2017, 2.4.3), so threads lose the results of all other items. Of several worker
 * processes only one ends. Its supervisor learns which item it was working on, replaces it and goes
 * on, as Erlang's supervisors do (J. Armstrong, Making reliable distributed systems in the presence
 * of software errors, thesis, KTH Stockholm 2003). */
#include "crash_items.h"

struct crash {
    struct scenario scenario;
    const char *item; /* "none", or which ones: "7", "7,12,40-47" */
};

static dpk_status shape(void *self, dpk_error *err)
{
    struct crash *crash = self;
    dpk_status status = scenario_check_crashes("item", crash->item, crash->scenario.items, err);
    return status == DPK_OK ? scenario_shape(self, err) : status;
}

static void work(const void *self, dpk_span span, void *scratch)
{
    const struct crash *crash = self;
    for (size_t item = span.begin; item < span.end; item++) {
        const dpk_span one = { .begin = item, .end = item + 1, .step = span.step };
        if (scenario_crashes(crash->item, item))
            scenario_dereference_null();
        scenario_arithmetic(self, one, scratch);
    }
}

static const dpk_param params[] = {
    DPK_PARAM(struct crash, item, .def = "none",
              .help = "items that dereference NULL, from 0 on: 7 or 7,12,40-47, or none"),
    SCENARIO_ITEMS("2048"),
    SCENARIO_OPERATIONS("8000"),
    DPK_END,
};

static const dpk_pass passes[] = {
    { .name = "items", .extent = scenario_items, .reads = dpk_reads_same, .work = work },
    DPK_END,
};

static const dpk_lesson lesson = {
    .winner = DPK_PROCESSES_WIN,
    .strongest = "--item=1000",
    .mechanism =
        "What one thread does wrong ends the program with all of its threads. Of "
        "processes only the one that did it dies: another takes its place, and all "
        "else is done.",
    .literature =
        "J. Armstrong, Making reliable distributed systems in the presence of software "
        "errors, thesis, KTH Stockholm 2003",
    .signs = DPK_SIGN_DEATH,
    .rule =
        "Items that may crash the program, as of untrusted files or fragile libraries: take "
        "processes, which lose only these.",
};

DPK_KERNEL(crash, .summary = "items that dereference NULL: who dies of it, and what is left",
           .group = "scenario",
           .details =
               "By default no item does. With the backends seq and omp such an item ends the "
               "program. With fork it ends a worker: the program says on which items, and ends "
               "with exit code 6. With --keep-going it also delivers all other items.",
           .examples = (const char *const[]){ "dpk crash hash:",
                                              "dpk crash hash: --item=5 --backend=fork "
                                              "--keep-going || [ $? = 6 ]",
                                              NULL },
           .size = sizeof(struct crash), .params = params, .ports = SCENARIO_PORTS, .shape = shape,
           .passes = passes, .reference = scenario_arithmetic_reference,
           .checks = (const char *const[]){ "--items=0", "--items=1 --operations=1",
                                            "--items=67 --operations=3",
                                            "--items=129 --operations=5", NULL },
           .lesson = &lesson);
