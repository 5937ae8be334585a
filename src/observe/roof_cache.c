/* SPDX-License-Identifier: MIT */
/* roof_cache.c: the file in which a measured roof is kept, where the XDG Base Directory
 * Specification wants such files. It is text that says what it is, with all it depends on, and is
 * believed only if it is, to the byte, what would be written for the figures in it: so one that is
 * from elsewhere, cut off or damaged counts as none. */
#include "observe/roof.h"

#include "files/sink.h"
#include "machine/machine.h"
#include "machine/topology.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { TEXT = 1024 };

void dpk_roof_identify(dpk_roof *roof)
{
    dpk_processor_model("", roof->processor, sizeof roof->processor);
    roof->isa = dpk_isa_best();
    roof->jobs = dpk_machine_cpus().jobs;
}

/* Returns the length. */
static size_t write_text(const dpk_roof *roof, char text[TEXT])
{
    return (size_t)snprintf(text, TEXT,
                            "Measured by `dpk info --probe`, dpk %s\n"
                            "processor: %s\n"
                            "isa: %s\n"
                            "threads: 1 %u\n"
                            "copy: %.0f %.0f bytes per second\n"
                            "f32: %.0f %.0f operations per second\n"
                            "f64: %.0f %.0f operations per second\n",
                            DPK_VERSION, roof->processor, dpk_isa_name(roof->isa), roof->jobs,
                            roof->copy[0], roof->copy[1], roof->fma32[0], roof->fma32[1],
                            roof->fma64[0], roof->fma64[1]);
}

/* The figures in a text that roof is identified with; false if it is any other text. */
static bool read_text(dpk_roof *roof, const char *text, size_t length)
{
    const char *figures = strstr(text, "\ncopy: ");
    if (figures == NULL || sscanf(figures,
                                  " copy: %lf %lf bytes per second"
                                  " f32: %lf %lf operations per second"
                                  " f64: %lf %lf operations per second",
                                  &roof->copy[0], &roof->copy[1], &roof->fma32[0], &roof->fma32[1],
                                  &roof->fma64[0], &roof->fma64[1]) != 6)
        return false;
    for (int i = 0; i < 2; i++)
        if (!(roof->copy[i] > 0 && roof->fma32[i] > 0 && roof->fma64[i] > 0) ||
            !isfinite(roof->copy[i] + roof->fma32[i] + roof->fma64[i]))
            return false;
    char right[TEXT];
    return write_text(roof, right) == length && memcmp(text, right, length) == 0;
}

/* Path of the folder, without a slash at its end; false if there is no place for it. */
static bool find_folder(char *path, size_t size)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    int length = -1;
    if (cache != NULL && cache[0] == '/') /* a relative one is to be ignored */
        length = snprintf(path, size, "%s/dpk", cache);
    else if (home != NULL && home[0] == '/')
        length = snprintf(path, size, "%s/.cache/dpk", home);
    return length > 0 && (size_t)length < size;
}

bool dpk_roof_cached(dpk_roof *roof)
{
    char folder[sizeof roof->kept - sizeof "/roof.txt"], text[TEXT + 1];
    *roof = (dpk_roof){ .kept = "" };
    dpk_roof_identify(roof);
    if (!find_folder(folder, sizeof folder))
        return false;
    snprintf(roof->kept, sizeof roof->kept, "%s/roof.txt", folder);
    FILE *file = fopen(roof->kept, "r");
    if (file == NULL)
        return false;
    size_t length = fread(text, 1, TEXT, file);
    text[length] = '\0';
    fclose(file);
    return read_text(roof, text, length);
}

void dpk_roof_keep(dpk_roof *roof)
{
    char folder[sizeof roof->kept - sizeof "/roof.txt"], text[TEXT];
    dpk_sink sink;
    roof->kept[0] = '\0';
    if (!find_folder(folder, sizeof folder))
        return;
    for (char *slash = strchr(folder + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(folder, 0700);
        *slash = '/';
    }
    mkdir(folder, 0700);
    snprintf(roof->kept, sizeof roof->kept, "%s/roof.txt", folder);
    const dpk_sink_options options = { .unsynced = true }; /* one that is damaged is no loss */
    if (dpk_sink_open_as(&sink, roof->kept, &options, NULL) != DPK_OK ||
        dpk_sink_write(&sink, text, write_text(roof, text), NULL) != DPK_OK ||
        dpk_sink_commit(&sink, NULL) != DPK_OK)
        roof->kept[0] = '\0';
    dpk_sink_abandon(&sink);
}
