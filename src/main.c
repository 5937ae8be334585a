/* SPDX-License-Identifier: MIT */
/* main.c: runs the command or kernel that is named, and reports its error. */
#include "base/error.h"
#include "base/text.h"
#include "commands/command.h"
#include "machine/pin.h"
#include "signals.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void dpk_say(const char *format, ...)
{
    char any[1024], text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(any, sizeof any, format, arguments);
    va_end(arguments);
    fprintf(stderr, "dpk: %s\n", dpk_text_safe(any, text, sizeof text));
}

const dpk_command *dpk_command_find(const char *name)
{
    for (size_t i = 0; dpk_commands[i] != NULL; i++)
        if (strcmp(dpk_commands[i]->name, name) == 0)
            return dpk_commands[i];
    return NULL;
}

dpk_status dpk_unknown_name(const dpk_registry *registry, const char *name, dpk_error *err)
{
    dpk_suggestion suggestion = { .word = name };
    for (size_t i = 0; i < registry->count; i++)
        dpk_suggest(&suggestion, registry->kernels[i].variants[DPK_ISA_BASE]->name);
    for (size_t i = 0; dpk_commands[i] != NULL; i++)
        dpk_suggest(&suggestion, dpk_commands[i]->name);
    if (dpk_command_find(name) != NULL)
        return dpk_fail(err, DPK_USAGE, "'%s' is a command, not a kernel (see `dpk list`)", name);
    char hint[64];
    return dpk_fail(err, DPK_USAGE, "no kernel or command '%s'%s (see `dpk list`)", name,
                    dpk_suggestion_text(&suggestion, "", hint, sizeof hint));
}

/* The words of "--plugin PATH" or "--plugin=PATH" that words begin with: their number, 0 if they do
 * not. *path is NULL where there is none. */
static int plugin_words(char *const *words, int count, const char **path)
{
    static const char option[] = "--plugin";
    size_t length = strlen(option);
    if (strncmp(words[0], option, length) != 0)
        return 0;
    if (words[0][length] == '=') {
        *path = words[0] + length + 1;
        return 1;
    }
    *path = count > 1 ? words[1] : NULL;
    return words[0][length] == '\0' ? 2 : 0;
}

/* Loads the plug-ins named by --plugin, whose kernels may be what the command line is about, and
 * takes these words out. After -- all words are operands. */
static dpk_status load_plugins(dpk_registry *registry, int *count, char **words, dpk_error *err)
{
    int kept = 0;
    bool options = true;
    dpk_status status = DPK_OK;
    for (int i = 0; i < *count && status == DPK_OK;) {
        const char *path = NULL;
        options = options && strcmp(words[i], "--") != 0;
        int taken = options ? plugin_words(words + i, *count - i, &path) : 0;
        if (taken == 0)
            words[kept++] = words[i++];
        else if (path == NULL)
            return dpk_fail(err, DPK_USAGE, "option '--plugin' needs a value");
        else
            status = dpk_registry_load(registry, path, err);
        i += taken;
    }
    *count = kept;
    return status;
}

static dpk_status dispatch(dpk_registry *registry, int count, char **words, dpk_error *err)
{
    dpk_status status = load_plugins(registry, &count, words, err);
    if (status != DPK_OK)
        return status;
    if (count == 0)
        return dpk_fail(err, DPK_USAGE, "no command given; see `dpk help`");
    if (strcmp(words[0], "--version") == 0) {
        printf("dpk %s\n", DPK_VERSION);
        return DPK_OK;
    }
    bool help = strcmp(words[0], "--help") == 0 || strcmp(words[0], "-h") == 0;
    const dpk_command *command = dpk_command_find(help ? "help" : words[0]);
    if (command == NULL && words[0][0] == '-')
        return dpk_fail(err, DPK_USAGE, "unknown option '%s' before a kernel or command", words[0]);
    if (command == NULL)
        return dpk_command_find("run")->run(registry, count, words, err);
    bool page = count > 1 && (strcmp(words[1], "--help") == 0 || strcmp(words[1], "-h") == 0);
    return page ? dpk_command_find("help")->run(registry, 1, words, err)
                : command->run(registry, count - 1, words + 1, err);
}

static bool has_command(const char *name)
{
    return dpk_command_find(name) != NULL;
}

static void warn_of_plugin(const char *sentence)
{
    dpk_say("DPK_PLUGIN_PATH: %s", sentence);
}

#if defined(__GNUC__) && !defined(__clang__)
static dpk_affinity given_affinity;

/* gcc's runtime reads its environment before main(); linked statically, it does so after this. Its
 * threads are to sleep when they wait (backends/omp.c). And where variables tell it to bind threads
 * to processors, it binds the first one at once: as if the program, whatever it does, might use
 * that one processor alone. */
__attribute__((constructor(101))) static void prepare_runtime(void)
{
    given_affinity = dpk_affinity_save();
    if (getenv("GOMP_SPINCOUNT") == NULL)
        setenv("OMP_WAIT_POLICY", "passive", 0);
}

static void undo_binding(void)
{
    dpk_affinity_restore(&given_affinity);
}
#else
static void undo_binding(void) {}
#endif

int main(int argc, char **argv)
{
    undo_binding();
    dpk_signals_install();
    const dpk_registry_host host = { .warn = warn_of_plugin, .has_command = has_command };
    dpk_registry registry;
    dpk_error err = { .status = DPK_FAILED, .text = "" };
    dpk_status status = dpk_registry_open(&registry, &host, &err);
    if (status == DPK_OK)
        status = dispatch(&registry, argc - 1, argv + 1, &err);
    dpk_registry_close(&registry);
    if (status == DPK_OK && (fflush(stdout) != 0 || ferror(stdout)))
        status = dpk_fail(&err, DPK_OUTPUT_FAILED, "cannot write to standard output");
    if (status != DPK_OK)
        dpk_say("%s", err.text);
    return dpk_exit_code(status);
}
