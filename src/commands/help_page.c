/* SPDX-License-Identifier: MIT */
/* help_page.c: what the declarations say, laid out for a terminal. */
#include "commands/help_page.h"

#include "base/array.h"
#include "base/text.h"
#include "engine/job.h"
#include "model/param.h"

#include <dpk/lesson.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { WIDTH = 79 };

/* Prints text, broken into lines; lines of the text that begin with a space are kept whole. */
static void print_wrapped(const char *text, int indent)
{
    while (*text != '\0') {
        size_t line = strcspn(text, "\n");
        int column = 0;
        if (*text == ' ') {
            printf("%*s%.*s", indent, "", (int)line, text);
            text += line;
        }
        while (*text != '\0' && *text != '\n') {
            size_t word = strcspn(text, " \n");
            if (column > 0 && indent + column + 1 + (int)word > WIDTH) {
                putchar('\n');
                column = 0;
            }
            if (column > 0)
                putchar(' ');
            else
                printf("%*s", indent, "");
            printf("%.*s", (int)word, text);
            column += (int)word + (column > 0);
            text += word;
            text += strspn(text, " ");
        }
        putchar('\n');
        if (*text == '\n')
            text++;
    }
}

static void print_params(const char *title, const dpk_param *params)
{
    if (params == NULL || params->name == NULL)
        return;
    if (title != NULL)
        printf("\n%s:\n", title);
    for (const dpk_param *param = params; param->name != NULL; param++) {
        char usage[192], range[128], letter[8] = "";
        dpk_param_usage(param, usage, sizeof usage);
        dpk_param_range(param, range, sizeof range);
        if (param->letter != 0)
            snprintf(letter, sizeof letter, "-%c, ", param->letter);
        printf("  %s%s\n", letter, usage);
        char help[512];
        snprintf(help, sizeof help, "%s%s%s%s", param->help, *range ? " (" : "", range,
                 *range ? ")" : "");
        print_wrapped(help, 6);
        for (const dpk_choice *choice = param->choices; choice && choice->name; choice++)
            if (choice->help != NULL)
                printf("        %-12s %s\n", choice->name, choice->help);
    }
}

static void print_ports(const dpk_kernel *kernel)
{
    printf("\nFiles:\n");
    for (const dpk_port *port = kernel->ports; port->name != NULL; port++) {
        char types[96] = "";
        if (!port->output)
            dpk_types_text(port->types, types, sizeof types);
        printf("  %-8s %s%s%s%s%s%s\n", port->name, port->output ? "output" : "input",
               port->image ? ", an image" : "", *types ? " of " : "", types, port->help ? ": " : "",
               port->help ? port->help : "");
    }
}

/* What a scenario is there to show. */
static void print_lesson(const dpk_lesson *lesson)
{
    static const char *const winners[] = { [DPK_NEITHER_WINS] = "neither",
                                           [DPK_PROCESSES_WIN] = "processes",
                                           [DPK_THREADS_WIN] = "threads" };
    printf("\nWho should win with %s: %s\n", lesson->strongest, winners[lesson->winner]);
    print_wrapped(lesson->mechanism, 2);
    print_wrapped(lesson->rule, 2);
    if (lesson->history != NULL)
        print_wrapped(lesson->history, 2);
    if (lesson->literature != NULL)
        print_wrapped(lesson->literature, 2);
}

void dpk_print_kernel_page(const dpk_kernel_row *row)
{
    const dpk_kernel *kernel = row->variants[DPK_ISA_BASE];
    char text[256];
    printf("%s: %s\n", dpk_typed_name(kernel->name, text, sizeof text), kernel->summary);
    printf("\nUsage: %s\n", dpk_kernel_usage(kernel, text, sizeof text));
    print_ports(kernel);
    print_params("Parameters", kernel->params);
    dpk_job_settings settings;
    dpk_job_settings_init(&settings);
    print_params("Options of every kernel", settings.params);
    print_params(NULL, dpk_run_params);
    if (kernel->details != NULL) {
        printf("\nDetails:\n");
        print_wrapped(kernel->details, 2);
    }
    if (kernel->lesson != NULL)
        print_lesson(kernel->lesson);
    if (kernel->examples != NULL) {
        printf("\nExamples:\n");
        for (const char *const *example = kernel->examples; *example != NULL; example++)
            printf("  %s\n", *example);
    }
    if (row->plugin != NULL)
        printf("\nPlug-in: %s\n", dpk_text_safe(row->plugin, text, sizeof text));
}

void dpk_print_command_page(const dpk_command *command)
{
    printf("dpk %s: %s\n\nUsage: dpk %s %s\n", command->name, command->summary, command->name,
           command->usage);
    if (command->details != NULL) {
        putchar('\n');
        print_wrapped(command->details, 0);
    }
    print_params("Options", command->params);
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
    size_t longest = 12;
    for (size_t i = 0; i < registry->count; i++) {
        size_t length = strlen(registry->kernels[i].variants[DPK_ISA_BASE]->name);
        longest = length > longest ? length : longest;
    }
    return longest;
}

static void print_group(const dpk_registry *registry, const char *group, int width)
{
    printf("%c%s kernels:\n", toupper((unsigned char)group[0]), group + 1);
    for (size_t i = 0; i < registry->count; i++) {
        const dpk_kernel_row *row = &registry->kernels[i];
        char name[64];
        if (strcmp(group_of(row), group) == 0)
            printf("  %-*s %s%s\n", width,
                   dpk_typed_name(row->variants[DPK_ISA_BASE]->name, name, sizeof name),
                   row->variants[DPK_ISA_BASE]->summary, row->plugin ? " (plug-in)" : "");
    }
}

void dpk_print_kernels(const dpk_registry *registry)
{
    int width = (int)longest_name(registry);
    const char *gap = "";
    for (int rank = 0; rank <= 2; rank++)
        for (size_t i = 0; i < registry->count; i++) {
            if (rank_of(&registry->kernels[i]) != rank || !begins_group(registry, i))
                continue;
            fputs(gap, stdout);
            print_group(registry, group_of(&registry->kernels[i]), width);
            gap = "\n";
        }
}
