/* SPDX-License-Identifier: MIT */
/* help_list.c: the lists of kernels, backends, formats and commands, each from its table. */
#include "base/bytes.h"
#include "base/table.h"
#include "base/text.h"
#include "commands/help_page.h"
#include "engine/job_settings.h"
#include "model/param.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { NAME_WIDTH = 12 };

/* "  name         what it is": the rest of a long text is below its beginning. */
static void print_entry(unsigned page, const char *name, size_t width, const char *text)
{
    char first[96];
    size_t columns = dpk_text_columns(name);
    snprintf(first, sizeof first, "  %s%*s ", name, columns < width ? (int)(width - columns) : 0,
             "");
    dpk_paragraph(stdout, page, first, text);
}

static const char *group_of(const dpk_kernel_row *row)
{
    return row->variants[DPK_ISA_BASE]->group;
}

/* Groups are listed in the order of their first rows: kernels proper, then scenarios, then
 * plug-ins, which do not change the order of the rest. */
static int rank_of(const dpk_kernel_row *row)
{
    return row->plugin != NULL ? 2 : row->variants[DPK_ISA_BASE]->lesson != NULL;
}

/* Whether no row of a lower rank, and no earlier one of the same, is of row i's group. */
static bool begins_group(const dpk_registry *registry, size_t i)
{
    const dpk_kernel_row *row = &registry->kernels[i];
    for (size_t k = 0; k < registry->count; k++) {
        const dpk_kernel_row *other = &registry->kernels[k];
        bool earlier = rank_of(other) == rank_of(row) ? k < i : rank_of(other) < rank_of(row);
        if (earlier && strcmp(group_of(other), group_of(row)) == 0)
            return false;
    }
    return true;
}

static size_t longest_name(const dpk_registry *registry)
{
    size_t longest = NAME_WIDTH;
    for (size_t i = 0; i < registry->count; i++)
        longest = dpk_size_max(longest, strlen(registry->kernels[i].variants[DPK_ISA_BASE]->name));
    return longest;
}

static void print_group(unsigned page, const dpk_registry *registry, const char *group,
                        size_t width)
{
    printf("%c%s kernels:\n", toupper((unsigned char)group[0]), group + 1);
    for (size_t i = 0; i < registry->count; i++) {
        const dpk_kernel_row *row = &registry->kernels[i];
        const dpk_kernel *kernel = row->variants[DPK_ISA_BASE];
        char name[64], text[256];
        if (strcmp(group_of(row), group) != 0)
            continue;
        snprintf(text, sizeof text, "%s%s", kernel->summary, row->plugin ? " (plug-in)" : "");
        print_entry(page, dpk_typed_name(kernel->name, name, sizeof name), width, text);
    }
}

void dpk_print_kernels(unsigned page, const dpk_registry *registry)
{
    size_t width = longest_name(registry);
    const char *gap = "";
    for (int rank = 0; rank <= 2; rank++)
        for (size_t i = 0; i < registry->count; i++) {
            if (rank_of(&registry->kernels[i]) != rank || !begins_group(registry, i))
                continue;
            fputs(gap, stdout);
            print_group(page, registry, group_of(&registry->kernels[i]), width);
            gap = "\n";
        }
}

void dpk_print_backends(unsigned page)
{
    for (size_t i = 0; dpk_backends[i] != NULL; i++) {
        const dpk_backend *backend = dpk_backends[i];
        const char *why = backend->unavailable != NULL ? backend->unavailable() : NULL;
        char buffer[512];
        dpk_text text = dpk_text_begin(buffer, sizeof buffer);
        dpk_text_add(&text, "%s", backend->summary);
        if (backend == dpk_backend_default())
            dpk_text_add(&text, " (the default)");
        if (why != NULL)
            dpk_text_add(&text, " (not here: %s)", why);
        print_entry(page, backend->name, NAME_WIDTH, buffer);
    }
}

/* "; read and written: *.pgm, *.ppm". */
static void add_uses(dpk_text *text, const dpk_format *format)
{
    const char *gap = ": ";
    dpk_text_add(text, "%s%s", format->open ? "; read" : "",
                 format->begin ? format->open ? " and written" : "; written" : "");
    for (const char *const *suffix = format->suffixes; suffix && *suffix; suffix++, gap = ", ")
        dpk_text_add(text, "%s*.%s", gap, *suffix);
}

void dpk_print_formats(unsigned page)
{
    for (size_t i = 0; dpk_formats[i] != NULL; i++) {
        const dpk_format *format = dpk_formats[i];
        char name[64], buffer[512];
        dpk_text text = dpk_text_begin(buffer, sizeof buffer);
        dpk_text_add(&text, "%s", format->summary);
        add_uses(&text, format);
        snprintf(name, sizeof name, "%s%s", format->name, format->suffixes == NULL ? ":" : "");
        print_entry(page, name, NAME_WIDTH, buffer);
    }
}

void dpk_print_commands(unsigned page)
{
    for (size_t i = 0; dpk_commands[i] != NULL; i++)
        print_entry(page, dpk_commands[i]->name, NAME_WIDTH, dpk_commands[i]->summary);
}

void dpk_print_environment(unsigned page)
{
    dpk_job_settings settings;
    dpk_job_settings_init(&settings);
    for (const dpk_param *param = settings.params; param->name != NULL; param++) {
        char option[64], text[128];
        if (param->env == NULL)
            continue;
        snprintf(text, sizeof text, "default of %s",
                 dpk_param_option(param, option, sizeof option));
        print_entry(page, param->env, 15, text);
    }
    print_entry(page, "DPK_PLUGIN_PATH", 15,
                "folders, separated by colons: each .so in them is loaded as by --plugin");
    print_entry(page, "COLUMNS", 15, "columns of the terminal, where it does not say so itself");
}
