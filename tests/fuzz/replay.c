/* SPDX-License-Identifier: MIT */
/* replay.c: where there is no libFuzzer, a main() that gives files, and those in folders, to a
 * fuzz target, once each.
 *
 * usage: replay_NAME FILE|FOLDER… */
#include "harness.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static bool replay_file(const char *path)
{
    static unsigned char data[1 << 20];
    FILE *in = fopen(path, "rb");
    if (in == NULL) {
        perror(path);
        return false;
    }
    size_t size = fread(data, 1, sizeof data, in);
    fclose(in);
    LLVMFuzzerTestOneInput(data, size);
    return true;
}

static bool replay(const char *path, size_t *count)
{
    DIR *folder = opendir(path);
    if (folder == NULL) {
        ++*count;
        return replay_file(path);
    }
    bool good = true;
    for (struct dirent *entry; good && (entry = readdir(folder)) != NULL;) {
        char inner[4096];
        snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.') {
            good = replay_file(inner);
            ++*count;
        }
    }
    closedir(folder);
    return good;
}

int main(int argc, char **argv)
{
    size_t count = 0;
    for (int i = 1; i < argc; i++)
        if (!replay(argv[i], &count))
            return EXIT_FAILURE;
    printf("%zu files\n", count);
    return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
