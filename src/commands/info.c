/* SPDX-License-Identifier: MIT */
/* info: describes this machine, or one kernel. The facts about the machine are those on which
 * measured times depend, and should be published with them. */
#include "base/array.h"
#include "base/json.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/help_page.h"
#include "machine/machine.h"
#include "machine/topology.h"
#include "model/param.h"
#include "observe/environment.h"
#include "observe/roof.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

/* Prints facts to the terminal or as JSON. */
struct sheet {
    dpk_json *json; /* NULL: text */
};

static void begin(struct sheet *sheet, const char *section)
{
    if (sheet->json != NULL)
        dpk_json_begin(sheet->json, section, '{');
    else
        printf("%s\n", section);
}

static void end(struct sheet *sheet)
{
    if (sheet->json != NULL)
        dpk_json_end(sheet->json, '}');
}

/* "huge pages" is "huge_pages" in JSON. */
static const char *json_key(const char *name, char *key, size_t size)
{
    snprintf(key, size, "%s", name);
    for (char *letter = key; *letter != '\0'; letter++)
        *letter = *letter == ' ' ? '_' : *letter;
    return key;
}

static void text_fact(struct sheet *sheet, const char *name, const char *value)
{
    char key[64];
    if (sheet->json != NULL)
        dpk_json_string(sheet->json, json_key(name, key, sizeof key), *value ? value : NULL);
    else
        printf("  %-20s %s\n", name, *value ? value : "unknown");
}

static void number_fact(struct sheet *sheet, const char *name, double value, const char *text)
{
    char key[64];
    if (sheet->json != NULL)
        dpk_json_number(sheet->json, json_key(name, key, sizeof key), value);
    else
        printf("  %-20s %s\n", name, text);
}

static void count_fact(struct sheet *sheet, const char *name, unsigned value)
{
    char text[32];
    snprintf(text, sizeof text, "%u", value);
    number_fact(sheet, name, value > 0 ? (double)value : NAN, value > 0 ? text : "unknown");
}

static void bytes_fact(struct sheet *sheet, const char *name, size_t value)
{
    /* Caches and memory have sizes of powers of two. */
    char text[32];
    if (value >= (size_t)1 << 30)
        snprintf(text, sizeof text, "%.1f GiB", (double)value / (1 << 30));
    else if (value >= 1 << 20)
        snprintf(text, sizeof text, "%.4g MiB", (double)value / (1 << 20));
    else
        snprintf(text, sizeof text, "%.4g KiB", (double)value / (1 << 10));
    number_fact(sheet, name, value > 0 ? (double)value : NAN, value > 0 ? text : "unknown");
}

static void show_processor(struct sheet *sheet)
{
    dpk_topology topology;
    dpk_topology_read(&topology);
    begin(sheet, "processor");
    text_fact(sheet, "model", topology.cpu);
    text_fact(sheet, "isa", dpk_isa_name(dpk_isa_best()));
    count_fact(sheet, "packages", topology.packages);
    count_fact(sheet, "cores", topology.cores);
    count_fact(sheet, "hardware threads", topology.threads);
    count_fact(sheet, "memory nodes", topology.nodes);
    bytes_fact(sheet, "cache l1d", topology.cache[0]);
    bytes_fact(sheet, "cache l2", topology.cache[1]);
    bytes_fact(sheet, "cache l3", topology.cache[2]);
    text_fact(sheet, "told by", topology.source);
    end(sheet);
}

static void show_workers(struct sheet *sheet)
{
    dpk_cpus cpus = dpk_machine_cpus();
    begin(sheet, "workers");
    count_fact(sheet, "processors online", cpus.online);
    count_fact(sheet, "affinity", cpus.affinity);
    char text[96];
    snprintf(text, sizeof text, "%.3g processors", cpus.quota);
    number_fact(sheet, "cgroup quota", cpus.quota > 0 ? cpus.quota : NAN,
                cpus.quota > 0 ? text : "none");
    snprintf(text, sizeof text, "%u (%s)", cpus.scheduler, cpus.scheduler_env);
    number_fact(sheet, "scheduler", cpus.scheduler > 0 ? (double)cpus.scheduler : NAN,
                cpus.scheduler > 0 ? text : "none");
    count_fact(sheet, "default jobs", cpus.jobs);
    end(sheet);
}

/* Reads the word in brackets of "always [madvise] never". */
static const char *chosen(const char *path, char *word, size_t size)
{
    char line[256];
    dpk_machine_line(path, line, sizeof line);
    const char *open = strchr(line, '[');
    snprintf(word, size, "%.*s", open ? (int)strcspn(open + 1, "]") : 0, open ? open + 1 : "");
    return word;
}

static void show_memory(struct sheet *sheet)
{
    static const char thp[] = "/sys/kernel/mm/transparent_hugepage/";
    char path[128], word[64];
    begin(sheet, "memory");
    bytes_fact(sheet, "available", dpk_machine_memory());
    snprintf(path, sizeof path, "%senabled", thp);
    text_fact(sheet, "huge pages private", chosen(path, word, sizeof word));
    snprintf(path, sizeof path, "%sshmem_enabled", thp);
    text_fact(sheet, "huge pages shared", chosen(path, word, sizeof word));
    end(sheet);
}

/* Those that this build has on this machine. */
static const char *backends(char *names, size_t size)
{
    dpk_text text = dpk_text_begin(names, size);
    for (size_t i = 0; dpk_backends[i] != NULL; i++) {
        const dpk_backend *backend = dpk_backends[i];
        if (backend->unavailable == NULL || backend->unavailable() == NULL)
            dpk_text_add(&text, "%s%s", names[0] != '\0' ? " " : "", backend->name);
    }
    return names;
}

static void show_software(struct sheet *sheet)
{
    struct utsname system;
    char release[160] = "", names[128];
    if (uname(&system) == 0)
        snprintf(release, sizeof release, "%s %s", system.sysname, system.release);
    begin(sheet, "software");
    text_fact(sheet, "dpk", DPK_VERSION);
    text_fact(sheet, "kernel", release);
    text_fact(sheet, "compiler", DPK_COMPILER);
    text_fact(sheet, "openmp", DPK_OPENMP_VERSION);
    for (size_t i = 0; dpk_formats[i] != NULL; i++)
        if (dpk_formats[i]->built_on != NULL)
            text_fact(sheet, dpk_formats[i]->name, dpk_formats[i]->built_on());
    text_fact(sheet, "backends", backends(names, sizeof names));
    text_fact(sheet, "default backend", dpk_backend_default()->name);
    end(sheet);
}

/* Shows a rate of one thread, and of as many as may run. */
static void rates(struct sheet *sheet, const char *name, const double rate[2], unsigned jobs,
                  const char *unit)
{
    static const char *const who[] = { "one thread", "all threads" };
    for (int all = 0; all < 2; all++) {
        char key[32], text[32];
        snprintf(key, sizeof key, "%s %s", name, who[all]);
        snprintf(text, sizeof text, "%.3g %s", rate[all] * 1e-9, unit);
        if (sheet->json != NULL || all == 0 || jobs > 1)
            number_fact(sheet, key, rate[all], text);
    }
}

/* roof is NULL if it has not been measured yet. */
static void show_roof(struct sheet *sheet, const dpk_roof *roof)
{
    static const dpk_roof unknown = { .copy = { NAN, NAN },
                                      .fma32 = { NAN, NAN },
                                      .fma64 = { NAN, NAN } };
    begin(sheet, "roof");
    if (roof == NULL && sheet->json != NULL)
        roof = &unknown;
    if (roof != NULL) {
        count_fact(sheet, "threads", roof->jobs);
        rates(sheet, "copy", roof->copy, roof->jobs, "GB/s");
        rates(sheet, "f32", roof->fma32, roof->jobs, "GFLOP/s");
        rates(sheet, "f64", roof->fma64, roof->jobs, "GFLOP/s");
        text_fact(sheet, "kept in", *roof->kept || sheet->json ? roof->kept : "no file");
    } else {
        text_fact(sheet, "memory, arithmetic", "not measured yet: `dpk info --probe` does");
    }
    end(sheet);
}

static void show_machine(bool as_json, const dpk_roof *roof)
{
    dpk_json json = { .stream = stdout };
    struct sheet sheet = { .json = as_json ? &json : NULL };
    if (as_json)
        dpk_json_begin(&json, NULL, '{');
    show_processor(&sheet);
    show_workers(&sheet);
    show_memory(&sheet);
    show_roof(&sheet, roof);
    show_software(&sheet);
    if (as_json)
        dpk_json_end(&json, '}');
}

static void show_params_as_json(dpk_json *json, const dpk_param *params)
{
    dpk_json_begin(json, "parameters", '[');
    for (const dpk_param *param = params; param && param->name != NULL; param++) {
        bool bounded = dpk_param_is_bounded(param);
        char name[64];
        dpk_json_begin(json, NULL, '{');
        dpk_json_string(json, "name", dpk_typed_name(param->name, name, sizeof name));
        dpk_json_string(json, "default", param->def);
        dpk_json_number(json, "minimum", bounded ? param->min : NAN);
        dpk_json_number(json, "maximum", bounded ? param->max : NAN);
        dpk_json_string(json, "unit", param->unit);
        dpk_json_begin(json, "choices", '[');
        for (const dpk_choice *choice = param->choices; choice && choice->name; choice++)
            dpk_json_string(json, NULL, choice->name);
        dpk_json_end(json, ']');
        dpk_json_string(json, "help", param->help);
        dpk_json_end(json, '}');
    }
    dpk_json_end(json, ']');
}

static void show_kernel_as_json(const dpk_kernel_row *row)
{
    const dpk_kernel *kernel = row->variants[DPK_ISA_BASE];
    dpk_json json = { .stream = stdout };
    char text[96];
    dpk_json_begin(&json, NULL, '{');
    dpk_json_string(&json, "name", dpk_typed_name(kernel->name, text, sizeof text));
    dpk_json_string(&json, "summary", kernel->summary);
    dpk_json_string(&json, "group", kernel->group);
    dpk_json_string(&json, "plugin", row->plugin);
    dpk_json_begin(&json, "ports", '[');
    for (const dpk_port *port = kernel->ports; port->name != NULL; port++) {
        dpk_json_begin(&json, NULL, '{');
        dpk_json_string(&json, "name", port->name);
        dpk_json_bool(&json, "output", port->output);
        dpk_json_bool(&json, "image", port->image);
        dpk_json_string(&json, "types", dpk_types_text(port->types, text, sizeof text));
        dpk_json_string(&json, "help", port->help);
        dpk_json_end(&json, '}');
    }
    dpk_json_end(&json, ']');
    show_params_as_json(&json, kernel->params);
    dpk_json_string(&json, "details", kernel->details);
    dpk_json_end(&json, '}');
}

/* The result is kept even if the machine was busy, so the user is warned. */
static dpk_status probe(dpk_roof *roof, dpk_error *err)
{
    dpk_environment before, after;
    dpk_environment_read(&before, "", DPK_COMPILER);
    dpk_status status = dpk_roof_probe(roof, err);
    if (status != DPK_OK)
        return status;
    dpk_environment_read(&after, "", DPK_COMPILER);
    dpk_load load = dpk_environment_difference(&before, &after);
    dpk_warnings warnings;
    dpk_environment_warnings(&after, &load, roof->jobs, 0, &warnings);
    for (size_t i = 0; i < warnings.count; i++)
        dpk_say("%s", warnings.text[i]);
    return DPK_OK;
}

struct settings {
    bool json, probe, help;
};

static const dpk_param params[] = {
    DPK_PARAM(struct settings, json, .def = "no", .help = "as JSON"),
    DPK_PARAM(struct settings, probe, .def = "no",
              .help = "measure how fast memory and arithmetic are at the most, and keep it"),
    DPK_PARAM(struct settings, help, .letter = 'h', .def = "no", .help = "print this help"),
    DPK_END,
};

static dpk_status show_kernel(const dpk_registry *registry, const char *name, bool json,
                              dpk_error *err)
{
    const dpk_kernel_row *row = dpk_registry_find(registry, name);
    if (row == NULL)
        return dpk_unknown_name(registry, name, err);
    if (json)
        show_kernel_as_json(row);
    else
        dpk_print_kernel_page(row);
    return DPK_OK;
}

static dpk_status show_this_machine(const struct settings *settings, dpk_error *err)
{
    dpk_roof roof;
    bool known = settings->probe || dpk_roof_cached(&roof);
    dpk_status status = settings->probe ? probe(&roof, err) : DPK_OK;
    if (status == DPK_OK)
        show_machine(settings->json, known ? &roof : NULL);
    return status;
}

static dpk_status run(dpk_registry *registry, int count, char *const *words, dpk_error *err)
{
    struct settings settings;
    dpk_operands operands = { .words = calloc((size_t)count + 1, sizeof *operands.words) };
    const dpk_param_set sets[] = { { "Options", params, &settings }, { NULL, NULL, NULL } };
    if (operands.words == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for the command line");
    dpk_status status = dpk_param_parse(sets, count, words, &operands, err);
    if (status == DPK_OK && settings.help)
        dpk_print_command_page(dpk_command_find("info"));
    else if (status == DPK_OK && operands.count + settings.probe > 1)
        status = dpk_fail(err, DPK_USAGE, "info takes one kernel at most, or --probe, and --json");
    else if (status == DPK_OK && operands.count == 0)
        status = show_this_machine(&settings, err);
    else if (status == DPK_OK)
        status = show_kernel(registry, operands.words[0], settings.json, err);
    free(operands.words);
    return status;
}

const dpk_command dpk_command_info = {
    .name = "info",
    .usage = "[--json] [--probe | KERNEL]",
    .summary = "this machine as dpk sees it, or one kernel's page",
    .params = params,
    .run = run,
};
