/* SPDX-License-Identifier: MIT */
/* lines.c: a file that cannot be read is treated as an empty line, as users cannot change it. */
#include "machine/lines.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const char *dpk_machine_line(const char *path, char *line, size_t size)
{
    line[0] = '\0';
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return line;
    if (fgets(line, (int)size, file) == NULL)
        line[0] = '\0';
    fclose(file);
    line[strcspn(line, "\n")] = '\0';
    return line;
}

const char *dpk_machine_entry(const char *path, const char *name, char *line, size_t size)
{
    size_t length = strlen(name);
    FILE *file = fopen(path, "r");
    bool found = false;
    while (file != NULL && !found && fgets(line, (int)size, file) != NULL)
        found = strncmp(line, name, length) == 0;
    if (file != NULL)
        fclose(file);
    return found ? line + length : "";
}
