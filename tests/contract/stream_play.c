/* SPDX-License-Identifier: MIT */
/* stream_play.c: the formats are the real ones, but for a look at the strike on both sides of what
 * workers call of them. */
#include "stream_play.h"

#include "base/array.h"
#include "base/data.h"

#include <dirent.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct strike *strike;

static char folder[] = "/tmp/dpk-test-XXXXXX";

static void enroll(void)
{
    const size_t most = sizeof strike->workers / sizeof *strike->workers;
    pid_t self = getpid();
    for (size_t i = 0; i < most; i++) {
        pid_t there = 0;
        if (atomic_compare_exchange_strong(&strike->workers[i], &there, self) || there == self)
            return;
    }
}

static void maybe_die(enum point point, size_t begin, size_t end)
{
    if (strike->point != point || strike->row < begin || strike->row >= end ||
        getpid() == strike->leader || atomic_fetch_sub(&strike->left, 1) <= 0)
        return;
    atomic_fetch_add(&strike->hits, 1);
    if (strike->instead != NULL)
        strike->instead();
    else
        raise(strike->signal);
}

/* ------------------------------------------------------------------------------------- kernels */

struct pictures {
    dpk_array in, second, out, third;
};

static size_t rows(const void *self)
{
    return ((const struct pictures *)self)->out.shape[0];
}

static size_t sample(const dpk_array *array, size_t y, size_t x)
{
    const void *row = dpk_row(array, y);
    return array->type == DPK_U16 ? ((const uint16_t *)row)[x] : ((const uint8_t *)row)[x];
}

static void put(const dpk_array *array, size_t y, size_t x, size_t value)
{
    void *row = dpk_row(array, y);
    if (array->type == DPK_U16)
        ((uint16_t *)row)[x] = (uint16_t)value;
    else
        ((uint8_t *)row)[x] = (uint8_t)value;
}

enum { AROUND = 2 };

static dpk_span reads_around(const void *self, size_t port, dpk_span out)
{
    (void)self, (void)port;
    return dpk_reads_around(out, AROUND, AROUND);
}

static void smooth(const void *self, dpk_span span, void *scratch)
{
    const struct pictures *k = self;
    size_t last = k->in.shape[0] - 1;
    (void)scratch;
    enroll();
    for (size_t y = span.begin; y < span.end; y++) {
        maybe_die(AT_ROW, y, y + 1);
        size_t first = y > AROUND ? y - AROUND : 0, end = y + AROUND < last ? y + AROUND : last;
        for (size_t x = 0; x < dpk_row_count(&k->out); x++) {
            size_t sum = 0;
            for (size_t at = first; at <= end; at++)
                sum += sample(&k->in, at, x);
            put(&k->out, y, x, sum / (end - first + 1));
        }
    }
}

static void both(const void *self, dpk_span span, void *scratch)
{
    const struct pictures *k = self;
    (void)scratch;
    for (size_t y = span.begin; y < span.end; y++) {
        maybe_die(AT_ROW, y, y + 1);
        for (size_t x = 0; x < dpk_row_count(&k->out); x++) {
            size_t a = sample(&k->in, y, x), b = sample(&k->second, y, x);
            put(&k->out, y, x, a + b);
            put(&k->third, y, x, a - b);
        }
    }
}

#define PICTURE .image = true, .types = DPK_U8 | DPK_U16

const dpk_kernel kernel_smooth = {
    .abi = DPK_ABI,
    .descriptor = sizeof(dpk_kernel),
    .name = "smooth",
    .size = sizeof(struct pictures),
    .ports = (const dpk_port[]){ DPK_IN(struct pictures, in, PICTURE),
                                 DPK_OUT(struct pictures, out, .image = true), DPK_END },
    .passes =
        (const dpk_pass[]){
            { .name = "rows", .extent = rows, .reads = reads_around, .work = smooth }, DPK_END },
};

const dpk_kernel kernel_both = {
    .abi = DPK_ABI,
    .descriptor = sizeof(dpk_kernel),
    .name = "both",
    .size = sizeof(struct pictures),
    .ports = (const dpk_port[]){ DPK_IN(struct pictures, in, PICTURE),
                                 DPK_IN(struct pictures, second, PICTURE),
                                 DPK_OUT(struct pictures, out, .image = true),
                                 DPK_OUT(struct pictures, third, .image = true), DPK_END },
    .passes =
        (const dpk_pass[]){
            { .name = "rows", .extent = rows, .reads = dpk_reads_same, .work = both }, DPK_END },
};

/* ------------------------------------------------------------------------------------- formats */

static size_t encode(const dpk_writer *writer, size_t y0, size_t y1, void *piece, void *scratch)
{
    maybe_die(BEFORE_ENCODING, y0, y1);
    size_t bytes = strike->real_out->encode(writer, y0, y1, piece, scratch);
    maybe_die(AFTER_ENCODING, y0, y1);
    return bytes;
}

static dpk_status write_rows(dpk_writer *writer, size_t y0, size_t y1, dpk_error *err)
{
    maybe_die(BEFORE_WRITING, y0, y1);
    if (strike->point == HALF_WRITTEN && y1 - y0 > 1) {
        dpk_status status = strike->real_out->write(writer, y0, y0 + (y1 - y0) / 2, err);
        maybe_die(HALF_WRITTEN, y0, y1);
        if (status != DPK_OK)
            return status;
        y0 += (y1 - y0) / 2;
    }
    dpk_status status = strike->real_out->write(writer, y0, y1, err);
    maybe_die(AFTER_WRITING, y0, y1);
    return status;
}

static bool decode_part(const dpk_reader *reader, size_t y0, size_t y1, void *scratch)
{
    maybe_die(BEFORE_DECODING, y0, y1);
    bool good = strike->real_in->decode_part(reader, y0, y1, scratch);
    maybe_die(AFTER_DECODING, y0, y1);
    return good;
}

static void watch_formats(dpk_job *job)
{
    strike->real_out = job->writers[0].format;
    strike->watched_out = *strike->real_out;
    if (strike->real_out->encode != NULL)
        strike->watched_out.encode = encode;
    strike->watched_out.write = write_rows;
    for (size_t i = 0; i < job->output_count; i++)
        job->writers[i].format = &strike->watched_out;
    strike->real_in = job->readers[0].format;
    strike->watched_in = *strike->real_in;
    if (strike->real_in->decode_part != NULL)
        strike->watched_in.decode_part = decode_part;
    job->readers[0].format = &strike->watched_in;
}

/* ----------------------------------------------------------------------------------- the scene */

static void take_note(const dpk_job *job, char *note, size_t size)
{
    note[0] = '\0';
    for (size_t i = 0; i < job->note_count; i++) {
        size_t length = strlen(note);
        snprintf(note + length, size - length, "%s\n", job->notes[i]);
    }
}

static dpk_status set(dpk_job *job, const struct scene *scene, dpk_error *err)
{
    char *backend = dpk_job_reserve(job, 64); /* words must outlive the job */
    cr_assert(backend != NULL);
    snprintf(backend, 64, "--backend=%s", scene->backend);
    static char stream[] = "--stream=on";
    char *words[16] = { backend, stream };
    int count = 2;
    for (size_t i = 0; i < 8 && scene->words[i] != NULL; i++)
        words[count++] = (char *)(uintptr_t)scene->words[i];
    dpk_status status = dpk_job_set(job, count, words, err);
    for (size_t i = 0; i < job->input_count && status == DPK_OK; i++)
        status = dpk_job_read(job, i, scene->inputs[i], err);
    for (size_t i = 0; i < job->output_count && status == DPK_OK; i++)
        status = dpk_job_write(job, i, scene->outputs[i], err);
    return status;
}

static dpk_status run_job(const struct scene *scene, dpk_job *job, char *note, size_t size,
                          dpk_error *err)
{
    dpk_status status = dpk_job_prepare(job, err);
    if (status != DPK_OK)
        return status;
    watch_formats(job);
    cr_expect(job->run->windowed);
    status = scene->compute != NULL ? scene->compute(job, err) : dpk_job_compute(job, err);
    if (status == DPK_OK)
        status = dpk_job_save(job, err);
    take_note(job, note, size);
    return status;
}

dpk_status run_scene(const struct scene *scene, char *note, size_t size, dpk_error *err)
{
    const dpk_kernel_row row = { .variants = { scene->kernel } };
    dpk_job *job;
    strike->leader = getpid();
    dpk_status status = dpk_job_make(&job, &row, err);
    if (status == DPK_OK)
        status = set(job, scene, err);
    if (status == DPK_OK)
        status = run_job(scene, job, note, size, err);
    dpk_job_free(job);
    return status;
}

static const char *expected(const char *path, char *text, size_t size)
{
    snprintf(text, size, "expected-%s", path);
    return text;
}

void run_undisturbed(const struct scene *scene)
{
    struct scene calm = *scene;
    char note[512], path[64];
    dpk_error err = { .text = "" };
    calm.backend = "seq";
    calm.compute = NULL;
    memset(calm.words, 0, sizeof calm.words);
    strike->point = NOWHERE;
    cr_assert(run_scene(&calm, note, sizeof note, &err) == DPK_OK, "%s", err.text);
    for (size_t i = 0; i < 2 && scene->outputs[i] != NULL; i++)
        cr_assert(rename(scene->outputs[i], expected(scene->outputs[i], path, sizeof path)) == 0);
}

/* Byte for byte. */
static bool same_files(const char *a, const char *b)
{
    FILE *one = fopen(a, "rb"), *other = fopen(b, "rb");
    bool same = one != NULL && other != NULL;
    for (int byte = 0; same && byte != EOF;) {
        byte = getc(one);
        same = byte == getc(other);
    }
    if (one != NULL)
        fclose(one);
    if (other != NULL)
        fclose(other);
    return same;
}

bool outputs_are_right(const struct scene *scene)
{
    bool right = true;
    char path[64];
    for (size_t i = 0; i < 2 && scene->outputs[i] != NULL; i++) {
        right =
            right && same_files(scene->outputs[i], expected(scene->outputs[i], path, sizeof path));
        remove(scene->outputs[i]);
    }
    return right;
}

static dpk_status write_array(dpk_job *job, const dpk_array *array, const char *path,
                              dpk_error *err)
{
    static char backend[] = "--backend=seq";
    dpk_status status = dpk_job_set(job, 1, (char *[]){ backend }, err);
    if (status == DPK_OK)
        status = dpk_job_input(job, 0, array, err);
    if (status == DPK_OK)
        status = dpk_job_write(job, 0, path, err);
    return status == DPK_OK ? dpk_job_run(job, err) : status;
}

void make_picture(const char *path, dpk_type type, size_t height, size_t columns, size_t channels)
{
    const dpk_kernel_row row = { .variants = { &kernel_smooth } };
    dpk_array array = { 0 };
    const size_t shape[DPK_MAX_RANK] = { height, columns, channels };
    dpk_error err = { .text = "" };
    dpk_job *job;
    dpk_array_shape(&array, type, 3, shape);
    array.data = malloc(dpk_array_bytes(&array));
    cr_assert(array.data != NULL);
    dpk_data_fill(array.data, type, dpk_count(&array), DPK_DATA_PLAIN, height);
    cr_assert(dpk_job_make(&job, &row, &err) == DPK_OK);
    cr_assert(write_array(job, &array, path, &err) == DPK_OK, "%s", err.text);
    dpk_job_free(job);
    free(array.data);
}

/* ----------------------------------------------------------------------------------- the stage */

static void each_file(void (*visit)(const char *name, size_t *count), size_t *count)
{
    DIR *directory = opendir(".");
    cr_assert(directory != NULL);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        if (entry->d_name[0] != '.' || strlen(entry->d_name) > 2)
            visit(entry->d_name, count);
    closedir(directory);
}

static void count_one(const char *name, size_t *count)
{
    (void)name;
    ++*count;
}

static void remove_one(const char *name, size_t *count)
{
    (void)count;
    remove(name);
}

size_t count_files(void)
{
    size_t count = 0;
    each_file(count_one, &count);
    return count;
}

void open_stage(void)
{
    strike = mmap(NULL, sizeof *strike, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert(strike != MAP_FAILED);
    strike->signal = SIGKILL;
    cr_assert(mkdtemp(folder) != NULL && chdir(folder) == 0);
}

void close_stage(void)
{
    each_file(remove_one, NULL);
    cr_assert(rmdir(folder) == 0);
}
