/* SPDX-License-Identifier: MIT */
/* report_csv.c: the raw samples as one table, a row each, for spreadsheets and data frames. Fields
 * are quoted as RFC 4180 wants it; lines end as other tools of this system end them. Each row says
 * what it is a sample of, so that tables of several comparisons can be put one below the other. */
#include "report/report.h"

#include <inttypes.h>
#include <string.h>

static void write_text(FILE *stream, const char *text)
{
    if (text[strcspn(text, ",\"\r\n")] == '\0') {
        fputs(text, stream);
        return;
    }
    fputc('"', stream);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', stream);
        fputc(*text, stream);
    }
    fputc('"', stream);
}

static void write_header(FILE *stream)
{
    fputs("command,scope,variant,backend,jobs,round,generation,workers,chunks,wall_ns", stream);
    for (int phase = 0; phase < DPK_PHASES; phase++)
        fprintf(stream, ",%s_ns", dpk_phase_names[phase]);
    fputs(
        ",cpu_ns,user_ns,system_ns,minor_faults,major_faults,voluntary_switches,"
        "involuntary_switches\n",
        stream);
}

static void write_sample(FILE *stream, const dpk_comparison *comparison, const dpk_variant *variant,
                         size_t round)
{
    const dpk_sample *sample = &variant->samples[round];
    const dpk_usage *used = &sample->used;
    write_text(stream, comparison->command);
    fprintf(stream, ",%s,", comparison->scope == DPK_SCOPE_RUN ? "run" : "compute");
    write_text(stream, variant->name);
    fprintf(stream, ",%s,%u,%zu,%u,%u,%zu,%" PRIu64, variant->backend->name, variant->jobs, round,
            comparison->generation[round], sample->ledger.workers, sample->ledger.chunks,
            sample->wall);
    for (int phase = 0; phase < DPK_PHASES; phase++)
        fprintf(stream, ",%" PRIu64, sample->ledger.ns[phase]);
    fprintf(stream, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, used->cpu, used->user, used->system);
    fprintf(stream, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\n", used->minor_faults,
            used->major_faults, used->voluntary_switches, used->involuntary_switches);
}

void dpk_report_csv(FILE *stream, const dpk_comparison *comparison)
{
    write_header(stream);
    for (size_t i = 0; i < comparison->variant_count; i++)
        for (size_t round = 0; round < comparison->rounds; round++)
            write_sample(stream, comparison, &comparison->variants[i], round);
}
