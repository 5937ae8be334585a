/* SPDX-License-Identifier: MIT */
/* help: prints an overview of dpk, or the page of one command or kernel. */
#include "base/error.h"
#include "base/table.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/help_page.h"

#include <stdio.h>
#include <string.h>

/* "fork|omp|seq". */
static const char *backend_names(char *names, size_t size)
{
    dpk_text text = dpk_text_begin(names, size);
    for (size_t i = 0; dpk_backends[i] != NULL; i++)
        dpk_text_add(&text, "%s%s", i > 0 ? "|" : "", dpk_backends[i]->name);
    return names;
}

static void print_exit_codes(unsigned page)
{
    char code_text[16];
    printf("\nExit codes:\n");
#define PRINT_CODE(symbol, code, text)                                                             \
    snprintf(code_text, sizeof code_text, "  %-3d ", code);                                        \
    dpk_paragraph(stdout, page, code_text, text);
    DPK_STATUS_LIST(PRINT_CODE)
#undef PRINT_CODE
    printf("  128+n ended by signal n\n");
}

static void print_overview(const dpk_registry *registry)
{
    char names[128];
    unsigned page = dpk_page_columns();
    printf(
        "dpk %s, a data-parallel toolkit: one kernel, run by a loop, by threads or by processes\n"
        "\n"
        "Usage:\n"
        "  dpk KERNEL IN… OUT… [--parameter=value …] [-j N] [--backend=%s]\n"
        "  dpk KERNEL IN… --out-dir=DIR       (many files, each as if alone)\n"
        "  dpk COMMAND …\n"
        "\n"
        "Commands:\n",
        DPK_VERSION, backend_names(names, sizeof names));
    dpk_print_commands(page);
    putchar('\n');
    dpk_print_kernels(page, registry);
    printf("\nBackends:\n");
    dpk_print_backends(page);
    printf("\nFormats:\n");
    dpk_print_formats(page);
    dpk_print_text(
        "Inputs are recognised by their content, outputs by the end of their name. `-` is "
        "standard input or output.",
        2);
    printf("\nOptions:\n");
    dpk_print_text(
        "`dpk KERNEL --help` explains those of a kernel, `dpk help run` those of every "
        "kernel, and `dpk COMMAND --help` those of a command. --plugin=FILE adds a kernel "
        "to any of them. Numbers may end in k, M, G or T (powers of 1000) or Ki, Mi, Gi "
        "or Ti (powers of 1024).",
        2);
    printf("\nEnvironment:\n");
    dpk_print_environment(page);
    printf(
        "\n"
        "Examples:\n"
        "  dpk blur in.png out.png --sigma=4 -j8\n"
        "  dpk blur in.png hash: --backend=fork\n"
        "  dpk blur *.png --out-dir=blurred\n");
    print_exit_codes(page);
}

static dpk_status run(dpk_registry *registry, int count, char *const *words, dpk_error *err)
{
    if (count == 0) {
        print_overview(registry);
        return DPK_OK;
    }
    if (count > 1)
        return dpk_fail(err, DPK_USAGE, "help: takes one command or kernel, not %d", count);
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
