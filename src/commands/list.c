/* SPDX-License-Identifier: MIT */
/* list: prints all kernels, backends, formats or commands. */
#include "base/table.h"
#include "commands/command.h"
#include "commands/help_page.h"

#include <string.h>

static dpk_status run(dpk_registry *registry, int count, char *const *words, dpk_error *err)
{
    static const struct {
        const char *name;
        void (*print)(unsigned page);
    } kinds[] = { { "backends", dpk_print_backends },
                  { "formats", dpk_print_formats },
                  { "commands", dpk_print_commands } };
    const unsigned page = dpk_terminal_columns_or(1000); /* for programs: one line each */
    const char *wanted = count > 0 ? words[count - 1] : "kernels";
    if (count < 2 && strcmp(wanted, "kernels") == 0) {
        dpk_print_kernels(page, registry);
        return DPK_OK;
    }
    for (size_t i = 0; count < 2 && i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].name, wanted) == 0) {
            kinds[i].print(page);
            return DPK_OK;
        }
    }
    return dpk_fail(err, DPK_USAGE,
                    "list '%s': must be one of kernels, backends, formats, commands", wanted);
}

const dpk_command dpk_command_list = {
    .name = "list",
    .usage = "[kernels|backends|formats|commands]",
    .summary = "list the kernels, or what else there is",
    .run = run,
};
