/* SPDX-License-Identifier: MIT */
/* list: the kernels, backends, formats and commands there are. */
#include "commands/command.h"
#include "commands/help_page.h"

#include <stdio.h>
#include <string.h>

static void list_kernels(const dpk_registry *registry)
{
    dpk_print_kernels(registry);
}

static void list_backends(const dpk_registry *registry)
{
    (void)registry;
    for (size_t i = 0; dpk_backends[i] != NULL; i++) {
        const dpk_backend *backend = dpk_backends[i];
        const char *why = backend->unavailable != NULL ? backend->unavailable() : NULL;
        printf("  %-12s %s%s%s%s%s\n", backend->name, backend->summary,
               backend == dpk_backend_default() ? " (the default)" : "", why ? " (not here: " : "",
               why ? why : "", why ? ")" : "");
    }
}

static void list_formats(const dpk_registry *registry)
{
    (void)registry;
    for (size_t i = 0; dpk_formats[i] != NULL; i++) {
        const dpk_format *format = dpk_formats[i];
        char name[32];
        snprintf(name, sizeof name, "%s%s", format->name, format->suffixes == NULL ? ":" : "");
        printf("  %-12s %s%s%s\n", name, format->summary, format->open ? "; read" : "",
               format->begin ? format->open ? " and written" : "; written" : "");
    }
}

static void list_commands(const dpk_registry *registry)
{
    (void)registry;
    for (size_t i = 0; dpk_commands[i] != NULL; i++)
        printf("  %-12s %s\n", dpk_commands[i]->name, dpk_commands[i]->summary);
}

static dpk_status run(dpk_registry *registry, int count, char *const *words, dpk_error *err)
{
    static const struct {
        const char *name;
        void (*list)(const dpk_registry *);
    } kinds[] = { { "kernels", list_kernels },
                  { "backends", list_backends },
                  { "formats", list_formats },
                  { "commands", list_commands } };
    const char *wanted = count > 0 ? words[0] : "kernels";
    for (size_t i = 0; count < 2 && i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].name, wanted) == 0) {
            kinds[i].list(registry);
            return DPK_OK;
        }
    }
    return dpk_fail(err, DPK_USAGE, "list: '%s' is none of kernels, backends, formats, commands",
                    words[count - 1]);
}

const dpk_command dpk_command_list = {
    .name = "list",
    .usage = "[kernels|backends|formats|commands]",
    .summary = "list the kernels, or what else there is",
    .run = run,
};
