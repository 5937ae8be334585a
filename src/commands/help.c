/* SPDX-License-Identifier: MIT */
/* help: what dpk is, or the page of one command or kernel. */
#include "base/error.h"
#include "commands/command.h"
#include "commands/help_page.h"

#include <stdio.h>
#include <string.h>

static void print_overview(const dpk_registry *registry)
{
    printf(
        "dpk %s, a data-parallel toolkit: one kernel, run by a loop, by threads or by processes\n"
        "\n"
        "Usage:\n"
        "  dpk KERNEL IN… OUT [--parameter=value …] [-j N] [--backend=omp|fork|seq]\n"
        "  dpk COMMAND …\n"
        "\n"
        "Files are recognised by content and written by name: *.png, *.pgm, *.ppm, *.pam,\n"
        "*.npy; `-` is standard input and output, `hash:` prints a digest, `null:` discards.\n"
        "\n"
        "Commands:\n",
        DPK_VERSION);
    for (size_t i = 0; dpk_commands[i] != NULL; i++)
        printf("  %-12s %s\n", dpk_commands[i]->name, dpk_commands[i]->summary);
    putchar('\n');
    dpk_print_kernels(registry);
    printf(
        "\n"
        "Options: `dpk KERNEL --help` lists them. --plugin=FILE adds a kernel; so does each\n"
        ".so in the directories of DPK_PLUGIN_PATH.\n"
        "\n"
        "Examples:\n"
        "  dpk blur in.png out.png --sigma=4 -j8\n"
        "  dpk blur in.png hash: --backend=fork\n"
        "\n"
        "Exit codes:\n");
#define PRINT_CODE(symbol, code, text) printf("  %-3d %s\n", code, text);
    DPK_STATUS_LIST(PRINT_CODE)
#undef PRINT_CODE
    printf("  128+n ended by signal n\n");
}

static dpk_status run(dpk_registry *registry, int count, char *const *words, dpk_error *err)
{
    if (count == 0) {
        print_overview(registry);
        return DPK_OK;
    }
    const dpk_kernel_row *row = dpk_registry_find(registry, words[0]);
    const dpk_command *command = dpk_command_find(words[0]);
    if (row != NULL)
        dpk_print_kernel_page(row);
    else if (command != NULL)
        dpk_print_command_page(command);
    else
        return dpk_unknown_name(registry, words[0], err);
    return DPK_OK;
}

const dpk_command dpk_command_help = {
    .name = "help",
    .usage = "[COMMAND|KERNEL]",
    .summary = "this text, or the page of one command or kernel",
    .run = run,
};
