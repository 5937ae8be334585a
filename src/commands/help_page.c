/* SPDX-License-Identifier: MIT */
/* help_page.c: the page of a kernel or command, from its declarations. */
#include "commands/help_page.h"
#include "commands/run_batch_settings.h"

#include "base/array.h"
#include "base/table.h"
#include "base/text.h"
#include "engine/job.h"
#include "model/param.h"

#include <dpk/lesson.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

unsigned dpk_page_columns(void)
{
    unsigned terminal = dpk_terminal_columns_or(80);
    return terminal < 100 ? terminal : 100;
}

static void print_line(const char *line, size_t length, unsigned indent)
{
    char *copy = strndup(line, length), blanks[16];
    snprintf(blanks, sizeof blanks, "%*s", (int)indent, "");
    if (copy != NULL && *copy != ' ')
        dpk_paragraph(stdout, dpk_page_columns(), blanks, copy);
    else
        printf("%s%s\n", blanks, copy != NULL ? copy : "");
    free(copy);
}

void dpk_print_text(const char *text, unsigned indent)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        print_line(text, length, indent);
        text += length + (text[length] == '\n');
    }
}

static void print_choices(const dpk_param *param)
{
    for (const dpk_choice *choice = param->choices; choice && choice->name; choice++) {
        char name[32];
        snprintf(name, sizeof name, "        %-12s ", choice->name);
        if (choice->help != NULL)
            dpk_paragraph(stdout, dpk_page_columns(), name, choice->help);
    }
}

static void print_param(const dpk_param *param)
{
    char usage[192], range[192], help[512], letter[8] = "";
    dpk_param_usage(param, usage, sizeof usage);
    dpk_param_range(param, range, sizeof range);
    if (param->letter != 0)
        snprintf(letter, sizeof letter, "-%c, ", param->letter);
    printf("  %s%s\n", letter, usage);
    snprintf(help, sizeof help, "%s%s%s%s", param->help ? param->help : "", *range ? " (" : "",
             range, *range ? ")" : "");
    dpk_print_text(help, 6);
    print_choices(param);
}

static void print_params(const char *title, const dpk_param *params)
{
    if (params == NULL || params->name == NULL)
        return;
    printf("\n%s:\n", title);
    for (const dpk_param *param = params; param->name != NULL; param++)
        print_param(param);
}

/* The options that are the same for all kernels, by their names alone. */
static void print_option_names(void)
{
    dpk_job_settings settings;
    dpk_job_settings_init(&settings);
    const dpk_param *const tables[] = { settings.params, dpk_run_params, dpk_batch_params };
    char buffer[1024], option[64];
    dpk_text names = dpk_text_begin(buffer, sizeof buffer);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        for (const dpk_param *param = tables[i]; param->name != NULL; param++)
            dpk_text_add(&names, "%s%s", names.used > 0 ? ", " : "",
                         dpk_param_option(param, option, sizeof option));
    printf("\nOptions of every kernel, which `dpk help run` explains:\n");
    dpk_print_text(buffer, 2);
}

static void print_ports(const dpk_kernel *kernel)
{
    printf("\nFiles:\n");
    for (const dpk_port *port = kernel->ports; port->name != NULL; port++) {
        char types[96] = "";
        if (!port->output)
            dpk_types_text(port->types, types, sizeof types);
        char name[64], text[512];
        snprintf(name, sizeof name, "  %-8s ", port->name);
        snprintf(text, sizeof text, "%s%s%s%s%s%s", port->output ? "output" : "input",
                 port->image ? ", an image" : "", *types ? " of " : "", types,
                 port->help ? ": " : "", port->help ? port->help : "");
        dpk_paragraph(stdout, dpk_page_columns(), name, text);
    }
}

/* Prints what a scenario demonstrates. */
static void print_lesson(const dpk_lesson *lesson)
{
    static const char *const winners[] = { [DPK_NEITHER_WINS] = "neither",
                                           [DPK_PROCESSES_WIN] = "processes",
                                           [DPK_THREADS_WIN] = "threads" };
    printf("\nWho should win with %s: %s\n", lesson->strongest, winners[lesson->winner]);
    if (lesson->timed != NULL)
        printf("  (that ends the program if threads do it; both can be timed with %s)\n",
               lesson->timed);
    dpk_print_text(lesson->mechanism, 2);
    dpk_print_text(lesson->rule, 2);
    if (lesson->history != NULL)
        dpk_print_text(lesson->history, 2);
    if (lesson->literature != NULL)
        dpk_print_text(lesson->literature, 2);
}

void dpk_print_kernel_page(const dpk_kernel_row *row)
{
    const dpk_kernel *kernel = row->variants[DPK_ISA_BASE];
    char text[256];
    printf("%s: %s\n", dpk_typed_name(kernel->name, text, sizeof text), kernel->summary);
    printf("\nUsage: %s\n", dpk_kernel_usage(kernel, text, sizeof text));
    print_ports(kernel);
    print_params("Parameters", kernel->params);
    print_option_names();
    if (kernel->details != NULL) {
        printf("\nDetails:\n");
        dpk_print_text(kernel->details, 2);
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
    char usage[64];
    snprintf(usage, sizeof usage, "dpk %s: ", command->name);
    dpk_paragraph(stdout, dpk_page_columns(), usage, command->summary);
    putchar('\n');
    snprintf(usage, sizeof usage, "Usage: dpk %s ", command->name);
    dpk_paragraph(stdout, dpk_page_columns(), usage, command->usage);
    if (command->details != NULL) {
        putchar('\n');
        dpk_print_text(command->details, 0);
    }
    print_params("Options", command->params);
    print_params(command->more_title, command->more);
    if (command->takes == NULL)
        return;
    dpk_job_settings settings;
    dpk_job_settings_init(&settings);
    printf(command->params == NULL ? "\nOptions:\n" : "\nOptions of every run:\n");
    for (const dpk_param *param = settings.params; param->name != NULL; param++)
        if (command->takes(param))
            print_param(param);
}
