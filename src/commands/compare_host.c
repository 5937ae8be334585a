/* SPDX-License-Identifier: MIT */
/* compare_host.c: reads the kernel and its settings from the words of the measuring process. */
#include "commands/compare_host.h"

#include "commands/command.h"
#include "engine/job_settings.h"
#include "measure/host.h"
#include "measure/quota.h"
#include "measure/record.h"
#include "measure/serve.h"
#include "measure/whole.h"
#include "model/param.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#ifdef __linux__
#    include <signal.h>
#    include <sys/prctl.h>
#endif

static dpk_status serve(const dpk_kernel_row *row, int count, char *const *words, dpk_error *err)
{
    const dpk_kernel *kernel = row->variants[DPK_ISA_BASE];
    dpk_job_settings settings;
    dpk_job_settings_init(&settings);
    dpk_operands operands = { .words = calloc((size_t)count + 1, sizeof *operands.words) };
    void *self = calloc(1, kernel->size + 1);
    const dpk_param_set sets[] = { { "Parameters", kernel->params, self },
                                   { "Options", settings.params, &settings },
                                   { NULL, NULL, NULL } };
    dpk_status status = operands.words != NULL && self != NULL
                            ? dpk_param_parse(sets, count, words, &operands, err)
                            : dpk_fail(err, DPK_LIMIT, "not enough memory for a command line");
    if (status == DPK_OK)
        status = dpk_job_settings_resolve(&settings, err);
    if (status == DPK_OK) {
        const dpk_serving serving = { .kernel = dpk_kernel_variant(row, settings.isa),
                                      .self = self,
                                      .options = settings.options,
                                      .memory = (dpk_memory)settings.memory };
        status = dpk_serve(&serving, err);
    }
    free(operands.words);
    free(self);
    return status;
}

dpk_status dpk_compare_host(dpk_registry *registry, int count, char *const *words, dpk_error *err)
{
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
    /* The measuring process reports a crash: nobody needs a core dump of it. */
    setrlimit(RLIMIT_CORE, &(struct rlimit){ .rlim_cur = 0 });
    const dpk_kernel_row *row = count > 0 ? dpk_registry_find(registry, words[0]) : NULL;
    if (row == NULL)
        return dpk_fail(err, DPK_USAGE, "compare " DPK_HOST_WORD ": not for people");
    dpk_status status = dpk_quota_enter(err);
    return status == DPK_OK ? serve(row, count - 1, words + 1, err) : status;
}

dpk_status dpk_compare_command(dpk_registry *registry, int count, char *const *words,
                               dpk_error *err)
{
    const dpk_kernel_row *row = count > 0 ? dpk_registry_find(registry, words[0]) : NULL;
    if (row == NULL)
        return dpk_fail(err, DPK_USAGE, "compare " DPK_COMMAND_WORD ": not for people");
    dpk_recorder recorder;
    dpk_status status = dpk_recorder_begin(&recorder, err);
    if (status != DPK_OK)
        return status;
    return dpk_run_observed(row, &recorder.observer, count - 1, words + 1, err);
}
