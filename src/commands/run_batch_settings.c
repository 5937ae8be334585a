/* SPDX-License-Identifier: MIT */
/* run_batch_settings.c: what may be said of many files, and what of it goes together. */
#include "commands/run_batch_settings.h"

#include "base/number.h"
#include "machine/machine.h"

#include <string.h>

typedef dpk_batch_settings settings_type;

static const dpk_choice resumes[] = {
    { "no", DPK_RESUME_NO, "do all files" },
    { "yes", DPK_RESUME_BY_TIME, "a file counts as done if its size and its time are the same" },
    { "content", DPK_RESUME_BY_CONTENT, "if its bytes are; to be given from the first run on" },
    { NULL, 0, NULL },
};

const dpk_param dpk_batch_params[] = {
    DPK_PARAM(settings_type, out_dir, .optional = true,
              .help =
                  "folder for the outputs, which are called as their inputs; it is made if it is "
                  "not there"),
    DPK_PARAM(settings_type, out, .optional = true,
              .help = "what outputs are called, such as '{stem}-{kernel}.{ext}', in --out-dir or "
                      "from here; also {name}, {dir}, {number}, and {{ for a brace"),
    DPK_PARAM(settings_type, in_place, .optional = true,
              .help = "write the outputs over the inputs"),
    DPK_PARAM(settings_type, from, .optional = true,
              .help =
                  "file with names of inputs, one a line, or with zeros between them; -: standard "
                  "input"),
    DPK_PARAM(settings_type, recursive, .optional = true,
              .help = "folders stand for the files in and below them"),
    DPK_PARAM(settings_type, skip_existing, .optional = true,
              .help = "leave out files whose output is there"),
    DPK_PARAM(settings_type, newer, .optional = true,
              .help = "leave out files whose output is there and no older than they are"),
    DPK_PARAM(settings_type, dry_run, .optional = true,
              .help = "print what would be done, what it costs, and the memory it takes"),
    DPK_PARAM(settings_type, joblog, .optional = true,
              .help = "add a line for each file there, as GNU parallel does"),
    DPK_PARAM(settings_type, resume, .optional = true, .choices = resumes,
              .help = "leave out what is done according to --joblog"),
    DPK_PARAM(settings_type, retry_failed, .optional = true,
              .help = "do only what has failed according to --joblog"),
    DPK_PARAM(settings_type, halt, .optional = true,
              .help =
                  "soon,fail=N: begin no more files after N failures; now,fail=N: give up those "
                  "in work, too; or N% of all files"),
    DPK_PARAM(settings_type, memory_limit, .optional = true,
              .help =
                  "for the files in work at a time: bytes, or N% of what is left (default 25%)"),
    DPK_PARAM(settings_type, json, .optional = true,
              .help = "print what became of each file as JSON"),
    DPK_END,
};

/* --------------------------------------------------------------------------- what goes together */

static dpk_status refuse_pair(const char *one, const char *other, const char *why, dpk_error *err)
{
    return dpk_fail(err, DPK_USAGE, "%s and %s: %s", one, other, why);
}

static dpk_status check_pairs(const settings_type *settings, dpk_error *err)
{
    const char *named = settings->out_dir != NULL ? "--out-dir" : settings->out ? "--out" : NULL;
    const char *past = settings->resume != DPK_RESUME_NO ? "--resume"
                       : settings->retry_failed          ? "--retry-failed"
                                                         : NULL;
    const char *current = settings->skip_existing ? "--skip-existing"
                          : settings->newer       ? "--newer"
                                                  : NULL;
    if (settings->in_place && named != NULL)
        return refuse_pair("--in-place", named, "outputs go to one place", err);
    if (settings->in_place && current != NULL)
        return refuse_pair("--in-place", current, "every output is there, as it is the input", err);
    if (settings->skip_existing && settings->newer)
        return refuse_pair("--skip-existing", "--newer", "choose one of them", err);
    if (settings->resume != DPK_RESUME_NO && settings->retry_failed)
        return refuse_pair("--resume", "--retry-failed", "choose one of them", err);
    if (past != NULL && settings->joblog == NULL)
        return dpk_fail(err, DPK_USAGE, "%s needs --joblog=FILE, which says what was done", past);
    return DPK_OK;
}

dpk_status dpk_batch_is_meant(const settings_type *settings, bool *many, dpk_error *err)
{
    char name[64];
    *many = settings->out_dir != NULL || settings->out != NULL || settings->in_place;
    for (const dpk_param *param = dpk_batch_params; param->name != NULL && !*many; param++)
        if (dpk_param_has_value(param, settings))
            return dpk_fail(err, DPK_USAGE,
                            "%s is for many files: --out-dir=DIR, --out=PATTERN or --in-place says "
                            "where their outputs go",
                            dpk_param_option(param, name, sizeof name));
    return check_pairs(settings, err);
}

/* --------------------------------------------------------------------------------------- values */

/* "3" or "10%", at the end of a text: into *count or *percent. */
static bool read_failures(const char *text, size_t *count, double *percent)
{
    dpk_number number;
    size_t length = dpk_number_read(text, &number);
    if (length == 0 || !(number.value > 0))
        return false;
    if (strcmp(text + length, "%") == 0 && number.value <= 100)
        *percent = number.value;
    else if (text[length] == '\0' && number.is_whole)
        *count = (size_t)number.whole;
    return *percent > 0 || *count > 0;
}

static dpk_status read_halt(const char *word, dpk_batch_options *options, dpk_error *err)
{
    static const char soon[] = "soon,fail=", now[] = "now,fail=";
    if (word == NULL || strcmp(word, "never") == 0)
        return DPK_OK;
    const char *value = NULL;
    if (strncmp(word, soon, sizeof soon - 1) == 0)
        options->halt = DPK_HALT_SOON, value = word + sizeof soon - 1;
    else if (strncmp(word, now, sizeof now - 1) == 0)
        options->halt = DPK_HALT_NOW, value = word + sizeof now - 1;
    if (value != NULL && read_failures(value, &options->halt_failures, &options->halt_percent))
        return DPK_OK;
    return dpk_fail(err, DPK_USAGE,
                    "--halt '%s': must be never, or soon or now and after how many failures, such "
                    "as soon,fail=3 or now,fail=10%%",
                    word);
}

static dpk_status read_memory(const char *word, size_t *bytes, dpk_error *err)
{
    dpk_number number;
    *bytes = 0;
    if (word == NULL)
        return DPK_OK;
    size_t length = dpk_number_read(word, &number);
    bool part = length > 0 && strcmp(word + length, "%") == 0 && number.value <= 100;
    if ((!part && (word[length] != '\0' || !number.is_whole)) || !(number.value > 0))
        return dpk_fail(err, DPK_USAGE,
                        "--memory-limit '%s': must be bytes, such as 2G, or a part of the memory "
                        "that is left, such as 50%%",
                        word);
    double all = part ? (double)dpk_machine_memory() : 0;
    *bytes = part ? (size_t)(all * number.value / 100) + 1 : (size_t)number.whole;
    return DPK_OK;
}

dpk_status dpk_batch_read_settings(const settings_type *settings, dpk_job *model,
                                   dpk_batch_options *options, dpk_error *err)
{
    const dpk_backend *backend;
    dpk_status status = read_halt(settings->halt, options, err);
    if (status == DPK_OK)
        status = read_memory(settings->memory_limit, &options->memory_limit, err);
    if (status == DPK_OK)
        status = dpk_backend_choose(model->settings.backend_name, &backend, err);
    if (status == DPK_OK)
        status = dpk_job_check_processes(&model->settings, backend, err);
    if (status == DPK_OK)
        status = dpk_job_timeout(model->settings.timeout, &options->timeout,
                                 &options->timeout_percent, err);
    model->settings.timeout = NULL;
    return status;
}
