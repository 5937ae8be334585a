/* SPDX-License-Identifier: MIT */
/* report_batch.c: a batch as JSON, as a plan before it is run, and as a few lines afterwards. Names
 * are quoted as a shell reads them where people may copy them. */
#include "report/report_batch.h"

#include "base/error.h"
#include "base/json.h"
#include "base/shell.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

const char *dpk_batch_state_name(dpk_batch_state state)
{
    static const char *const names[] = {
        [DPK_BATCH_WAITING] = "waiting", [DPK_BATCH_DONE] = "done",
        [DPK_BATCH_FAILED] = "failed",   [DPK_BATCH_TIMED_OUT] = "timed out",
        [DPK_BATCH_LOST] = "lost",       [DPK_BATCH_SKIPPED] = "skipped",
    };
    return names[state];
}

int dpk_batch_exit_code(const dpk_batch_file *file)
{
    switch (file->state) {
    case DPK_BATCH_FAILED:
        return dpk_exit_code(file->status);
    case DPK_BATCH_TIMED_OUT:
        return dpk_exit_code(DPK_FAILED);
    case DPK_BATCH_LOST:
        return dpk_exit_code(DPK_WORKER_LOST);
    case DPK_BATCH_WAITING:
    case DPK_BATCH_DONE:
    case DPK_BATCH_SKIPPED:
        break;
    }
    return 0;
}

int dpk_batch_death(const dpk_batch_file *file)
{
    return file->end != 0 && WIFSIGNALED(file->end) ? WTERMSIG(file->end) : 0;
}

/* ----------------------------------------------------------------------------------------- JSON */

static void put_count(dpk_json *json, const char *key, uint64_t count)
{
    dpk_json_number(json, key, (double)count);
}

/* One string for each line. */
static void put_notes(dpk_json *json, const char *notes)
{
    dpk_json_begin(json, "notes", '[');
    for (const char *line = notes; line != NULL && *line != '\0';) {
        size_t length = strcspn(line, "\n");
        char text[1024];
        snprintf(text, sizeof text, "%.*s", (int)length, line);
        dpk_json_string(json, NULL, text);
        line += length + (line[length] == '\n');
    }
    dpk_json_end(json, ']');
}

static void put_file(dpk_json *json, const dpk_batch_file *file, double epoch)
{
    bool begun = file->attempts > 0;
    int death = dpk_batch_death(file);
    dpk_json_begin(json, NULL, '{');
    dpk_json_string(json, "input", file->input);
    dpk_json_string(json, "output", file->output);
    dpk_json_string(json, "state", dpk_batch_state_name(file->state));
    dpk_json_string(json, "reason", file->text);
    dpk_json_number(json, "exit_code", dpk_batch_exit_code(file));
    dpk_json_number(json, "signal", death > 0 ? death : (double)NAN);
    dpk_json_number(json, "began", begun ? epoch + 1e-9 * (double)file->began : (double)NAN);
    dpk_json_number(json, "seconds", begun ? 1e-9 * (double)file->took : (double)NAN);
    dpk_json_number(json, "worker", begun ? (double)file->worker : (double)NAN);
    dpk_json_number(json, "helpers", file->helpers);
    dpk_json_number(json, "attempts", file->attempts);
    put_count(json, "bytes_in", file->bytes_in);
    put_count(json, "bytes_out", file->bytes_out);
    dpk_json_number(json, "pixels", file->pixels);
    dpk_json_number(json, "cost", file->cost);
    put_count(json, "memory", file->memory);
    put_notes(json, file->notes);
    dpk_json_end(json, '}');
}

static void put_totals(dpk_json *json, const dpk_batch_totals *totals)
{
    bool ran = totals->workers > 0;
    dpk_json_begin(json, "totals", '{');
    put_count(json, "files", totals->files);
    put_count(json, "done", totals->done);
    put_count(json, "failed", totals->failed);
    put_count(json, "lost", totals->lost);
    put_count(json, "skipped", totals->skipped);
    put_count(json, "waiting", totals->waiting);
    dpk_json_number(json, "workers", totals->workers);
    put_count(json, "deaths", totals->deaths);
    dpk_json_number(json, "seconds", ran ? 1e-9 * (double)totals->wall : (double)NAN);
    dpk_json_number(json, "idle", ran ? totals->idle : (double)NAN);
    put_count(json, "memory_limit", totals->memory_limit);
    put_count(json, "memory_most", totals->memory_most);
    dpk_json_end(json, '}');
}

void dpk_batch_write_json(FILE *stream, const dpk_batch_report *report)
{
    dpk_json json = { .stream = stream };
    dpk_json_begin(&json, NULL, '{');
    dpk_json_string(&json, "schema", "dpk-batch");
    dpk_json_number(&json, "version", 1);
    dpk_json_string(&json, "dpk", DPK_VERSION);
    dpk_json_string(&json, "command", report->request);
    dpk_json_string(&json, "kernel", report->model->kernel->name);
    dpk_json_string(&json, "backend", report->model->settings.backend_name);
    put_totals(&json, &report->totals);
    dpk_json_begin(&json, "files", '[');
    for (size_t i = 0; i < report->count; i++)
        put_file(&json, &report->files[i], report->epoch);
    dpk_json_end(&json, ']');
    dpk_json_end(&json, '}');
}

/* ----------------------------------------------------------------------------------------- plan */

static void print_word(FILE *stream, const char *word)
{
    size_t size = dpk_shell_bound(strlen(word));
    char *text = malloc(size);
    fputs(text != NULL ? dpk_shell_word(word, text, size) : "?", stream);
    free(text);
}

static void print_planned(FILE *stream, const dpk_batch_file *file, double all)
{
    char memory[32], bytes[32];
    print_word(stream, file->input);
    fputs(" -> ", stream);
    print_word(stream, file->output);
    if (file->state == DPK_BATCH_SKIPPED)
        fprintf(stream, ": skipped, %s\n", file->text != NULL ? file->text : "");
    else
        fprintf(stream, ": %s, %.3g Mpixel, %.3g %% of the cost, %s of memory\n",
                dpk_text_bytes((double)file->bytes_in, bytes, sizeof bytes), file->pixels * 1e-6,
                all > 0 ? 100 * file->cost / all : 0,
                dpk_text_bytes((double)file->memory, memory, sizeof memory));
}

void dpk_batch_print_plan(FILE *stream, const dpk_batch_report *report)
{
    const dpk_batch_totals *totals = &report->totals;
    size_t most = 0;
    char memory[32];
    for (size_t i = 0; i < report->count; i++) {
        const dpk_batch_file *file = &report->files[i];
        if (file->state == DPK_BATCH_WAITING || file->state == DPK_BATCH_SKIPPED)
            print_planned(stream, file, totals->cost);
        most = file->memory > most ? file->memory : most;
    }
    fprintf(stream, "%zu file%s to do", totals->waiting, totals->waiting == 1 ? "" : "s");
    if (totals->waiting > 0)
        fprintf(stream, ", at most %s of memory each",
                dpk_text_bytes((double)most, memory, sizeof memory));
    if (totals->skipped > 0)
        fprintf(stream, "; %zu skipped", totals->skipped);
    if (totals->failed > 0)
        fprintf(stream, "; %zu cannot be done", totals->failed);
    fputc('\n', stream);
}

/* ---------------------------------------------------------------------------------------- stats */

static void print_counts(FILE *stream, const dpk_batch_totals *totals)
{
    fprintf(stream, "  %-10s %zu done, %zu failed, %zu skipped, %zu not begun\n", "files",
            totals->done, totals->failed, totals->skipped, totals->waiting);
}

/* Three digits, without an exponent. */
static void print_rate(FILE *stream, double rate, const char *unit)
{
    fprintf(stream, rate < 999.5 ? ", %.3g %s" : ", %.0f %s", rate, unit);
}

static void print_rates(FILE *stream, const dpk_batch_report *report)
{
    double in = 0, out = 0, pixels = 0, seconds = 1e-9 * (double)report->totals.wall;
    char read[32], written[32];
    for (size_t i = 0; i < report->count; i++)
        if (report->files[i].state == DPK_BATCH_DONE) {
            in += (double)report->files[i].bytes_in;
            out += (double)report->files[i].bytes_out;
            pixels += report->files[i].pixels;
        }
    fprintf(stream, "  %-10s %s read, %s written", "bytes", dpk_text_bytes(in, read, sizeof read),
            dpk_text_bytes(out, written, sizeof written));
    if (seconds > 0) {
        print_rate(stream, (double)report->totals.done / seconds, "files/s");
        print_rate(stream, pixels * 1e-6 / seconds, "Mpixel/s");
    }
    fputc('\n', stream);
}

void dpk_batch_print_stats(FILE *stream, const dpk_batch_report *report)
{
    const dpk_batch_totals *totals = &report->totals;
    char time[32], most[32], limit[32];
    fprintf(stream, "%s: backend %s, %u worker%s, %zu files: %s\n", report->request,
            report->model->settings.backend_name, totals->workers, totals->workers == 1 ? "" : "s",
            totals->files, dpk_text_seconds(1e-9 * (double)totals->wall, time, sizeof time));
    print_counts(stream, totals);
    print_rates(stream, report);
    fprintf(stream, "  %-10s %.3g %% of workers' time without anything to do\n", "idle",
            100 * totals->idle);
    fprintf(stream, "  %-10s %s in flight at most, limit %s\n", "memory",
            dpk_text_bytes((double)totals->memory_most, most, sizeof most),
            dpk_text_bytes((double)totals->memory_limit, limit, sizeof limit));
    fprintf(stream, "  %-10s %zu\n", "deaths", totals->deaths);
}
