/* SPDX-License-Identifier: MIT */
/* job: one kernel on arrays and files by the functions of <dpk/run.h>; what they refuse; kernels of
 * several outputs. */
#include "jobs.h"

TestSuite(job, .init = enter_directory, .fini = remove_directory);

/* ------------------------------------------------------------------------- arrays and files */

Test(job, arrays_are_not_copied_and_outputs_stay_in_memory)
{
    open_library();
    unsigned char samples[COUNT];
    dpk_array in = picture(samples, 3);
    static const char *const backends[] = { "backend=fork", "backend=seq", "backend=omp jobs=3" };
    for (size_t i = 0; i < sizeof backends / sizeof *backends; i++) {
        dpk_job *job = open_job("invert", backends[i]);
        cr_assert_eq(dpk_job_input(job, 0, &in, &err), DPK_OK, "%s", err.text);
        cr_assert_null(dpk_job_output(job, 0));
        cr_assert_eq(dpk_job_run(job, &err), DPK_OK, "%s: %s", backends[i], err.text);
        cr_expect_eq(dpk_run_input(job->run, 0)->data, (void *)samples);
        const dpk_array *out = dpk_job_output(job, 0);
        cr_assert_not_null(out);
        cr_expect_eq(out->rank, 2u);
        cr_expect_eq(out->shape[0], (size_t)ROWS);
        cr_expect(inverts(out->data, samples, COUNT), "%s", backends[i]);
        cr_expect_null(dpk_job_output(job, 1));
        cr_expect_eq(dpk_job_run(job, &err), DPK_USAGE);
        dpk_stats stats = { .size = sizeof stats };
        dpk_job_stats(job, &stats);
        cr_expect(stats.wall > 0 && stats.work > 0 && stats.workers > 0);
        dpk_job_close(job);
    }
    dpk_library_close(library);
}

/* Every combination of an array and a file gives the same bytes. */
Test(job, arrays_and_files_mix)
{
    open_library();
    unsigned char samples[COUNT];
    dpk_array in = picture(samples, 5);
    dpk_array_shape(&in, DPK_U8, 3, (size_t[DPK_MAX_RANK]){ ROWS, COLUMNS, 1 });
    put_picture("in.pgm", samples);
    char paths[2][32] = { "from-array.pgm", "from-file.pgm" };
    for (int from_file = 0; from_file < 2; from_file++) {
        dpk_job *to_file = open_job("blur", "sigma=1.5 edge=wrap");
        dpk_job *to_array = open_job("blur", " sigma=1.5\tedge=wrap ");
        dpk_job *jobs[] = { to_file, to_array };
        for (int i = 0; i < 2; i++)
            cr_assert_eq(from_file ? dpk_job_read(jobs[i], 0, "in.pgm", &err)
                                   : dpk_job_input(jobs[i], 0, &in, &err),
                         DPK_OK, "%s", err.text);
        cr_assert_eq(dpk_job_write(to_file, 0, paths[from_file], &err), DPK_OK);
        for (int i = 0; i < 2; i++)
            cr_assert_eq(dpk_job_run(jobs[i], &err), DPK_OK, "%s", err.text);
        cr_expect_null(dpk_job_output(to_file, 0));
        struct bytes file = get_file(paths[from_file]);
        const dpk_array *array = dpk_job_output(to_array, 0);
        cr_assert(file.size > COUNT);
        cr_expect_arr_eq(file.data + file.size - COUNT, array->data, COUNT);
        free(file.data);
        dpk_job_close(to_file);
        dpk_job_close(to_array);
    }
    cr_expect_eq(count_entries("."), 3);
    dpk_library_close(library);
}

/* From a picture, as an array or a file that could be mapped, to a file whose rows have their
 * places or are encoded. */
static void blur_to_file(const dpk_array *array, const char *to, const char *settings)
{
    dpk_job *job = open_job("blur", settings);
    cr_assert_eq(array != NULL ? dpk_job_input(job, 0, array, &err)
                               : dpk_job_read(job, 0, "in.pgm", &err),
                 DPK_OK, "%s", err.text);
    cr_assert_eq(dpk_job_write(job, 0, to, &err), DPK_OK);
    cr_expect_eq(dpk_job_run(job, &err), DPK_OK, "%s", err.text);
    dpk_job_close(job);
}

/* Workers that are older than a job see all that it needs, whatever it is and wherever it lies. */
Test(job, a_pool_works_on_what_is_made_later)
{
    static const char *const streams[] = { "on", "off", "auto" }, *const files[] = { "pgm", "png" };
    open_library();
    for (unsigned round = 0; round < 12; round++) {
        unsigned char samples[COUNT];
        const char *file = files[round % 2];
        dpk_array in = picture(samples, round);
        dpk_array_shape(&in, DPK_U8, 3, (size_t[DPK_MAX_RANK]){ ROWS, COLUMNS, 1 });
        put_picture("in.pgm", samples);
        const dpk_array *array = round % 4 < 2 ? &in : NULL;
        char settings[100], paths[2][32];
        for (int pool = 0; pool < 2; pool++) {
            snprintf(settings, sizeof settings, "sigma=%u backend=%s jobs=2 stream=%s", 1 + round,
                     pool ? "pool" : "seq", streams[round % 3]);
            snprintf(paths[pool], sizeof paths[pool], "%s.%s", pool ? "pool" : "seq", file);
            blur_to_file(array, paths[pool], settings);
        }
        struct bytes alone = get_file(paths[0]), pooled = get_file(paths[1]);
        cr_expect(alone.size == pooled.size && memcmp(alone.data, pooled.data, alone.size) == 0,
                  "%s", settings);
        free(alone.data);
        free(pooled.data);
    }
    dpk_library_close(library);
}

Test(job, arrays_without_elements_are_fine)
{
    open_library();
    dpk_array in = { .data = NULL };
    dpk_array_shape(&in, DPK_F32, 1, (size_t[DPK_MAX_RANK]){ 0 });
    dpk_job *job = open_job("sort", NULL);
    cr_assert_eq(dpk_job_input(job, 0, &in, &err), DPK_OK, "%s", err.text);
    cr_assert_eq(dpk_job_run(job, &err), DPK_OK, "%s", err.text);
    cr_expect_eq(dpk_count(dpk_job_output(job, 0)), 0u);
    dpk_job_close(job);
    dpk_library_close(library);
}

Test(job, what_is_wrong_is_said)
{
    open_library();
    dpk_job *job;
    expect_refused(dpk_job_open(&job, library, "blurr", NULL, NULL, &err), DPK_USAGE, "'blur'");
    cr_expect_null(job);
    expect_refused(dpk_job_open(&job, library, "blur", "sigma", NULL, &err), DPK_USAGE,
                   "'sigma' must be name=value");
    expect_refused(dpk_job_open(&job, library, "blur", "sigma=-1", NULL, &err), DPK_USAGE,
                   "--sigma");
    expect_refused(dpk_job_open(&job, library, "blur", "sigmo=1", NULL, &err), DPK_USAGE,
                   "--sigma");
    cr_expect_null(job);
    dpk_options none = { .size = 0 };
    expect_refused(dpk_job_open(&job, library, "blur", NULL, &none, &err), DPK_USAGE,
                   "dpk_options_default");

    job = open_job("blur", NULL);
    expect_refused(dpk_job_run(job, &err), DPK_USAGE, "neither an array nor a file");
    dpk_job_close(job);

    unsigned char samples[COUNT + 2];
    const dpk_array good = picture(samples, 1);
    job = open_job("blur", NULL);
    expect_refused(dpk_job_input(job, 1, &good, &err), DPK_USAGE, "no number 1");
    expect_refused(dpk_job_write(job, 1, "x.pgm", &err), DPK_USAGE, "no number 1");
    dpk_array bad = good;
    bad.stride[0] = COLUMNS + 1;
    expect_refused(dpk_job_input(job, 0, &bad, &err), DPK_BAD_INPUT, "C-contiguous");
    bad = good;
    bad.data = NULL;
    expect_refused(dpk_job_input(job, 0, &bad, &err), DPK_BAD_INPUT, "no data");
    bad = good;
    bad.ring = 3;
    expect_refused(dpk_job_input(job, 0, &bad, &err), DPK_BAD_INPUT, "window");
    bad = good;
    bad.rank = DPK_MAX_RANK + 1;
    expect_refused(dpk_job_input(job, 0, &bad, &err), DPK_BAD_INPUT, "rank");
    dpk_array_shape(&bad, DPK_U16, 2, (size_t[DPK_MAX_RANK]){ ROWS / 2, COLUMNS });
    bad.data = (uintptr_t)samples % 2 == 0 ? samples + 1 : samples;
    expect_refused(dpk_job_input(job, 0, &bad, &err), DPK_BAD_INPUT, "aligned");
    cr_assert_eq(dpk_job_input(job, 0, &good, &err), DPK_OK);
    cr_assert_eq(dpk_job_write(job, 0, "x.unknown", &err), DPK_OK);
    expect_refused(dpk_job_run(job, &err), DPK_USAGE, "x.unknown");
    dpk_job_close(job);
    cr_expect_eq(count_entries("."), 0);
    dpk_library_close(library);
}

Test(job, options_are_text_and_fields)
{
    open_library();
    const char *const settings[] = { "sigma=1", "edge=mirror", NULL };
    dpk_options options = dpk_options_default();
    options.backend = "fork";
    options.jobs = 3;
    options.settings = settings;
    dpk_job *job;
    cr_assert_eq(dpk_job_open(&job, library, "blur", "isa=base", &options, &err), DPK_OK, "%s",
                 err.text);
    unsigned char samples[COUNT];
    dpk_array in = picture(samples, 1);
    cr_assert_eq(dpk_job_input(job, 0, &in, &err), DPK_OK);
    cr_assert_eq(dpk_job_run(job, &err), DPK_OK, "%s", err.text);
    cr_expect_str_eq(job->settings.options.backend->name, "fork");
    cr_expect_eq(job->settings.jobs, 3u);
    cr_expect_eq(job->settings.isa, DPK_ISA_BASE);
    cr_expect_eq(job->kernel, job->row->variants[DPK_ISA_BASE]);
    dpk_job_close(job);
    dpk_library_close(library);
}

/* A table of bounded size holds the options of all formats. */
Test(job, options_of_every_format_are_there)
{
    dpk_job_settings settings;
    dpk_job_settings_init(&settings);
    size_t found = 0;
    for (const dpk_format *const *format = dpk_formats; *format != NULL; format++) {
        for (const dpk_param *param = (*format)->params; param && param->name != NULL; param++) {
            cr_expect_not_null(dpk_param_find(settings.params, param->name), "%s", param->name);
            found++;
        }
    }
    cr_expect(found > 0);
}

/* ----------------------------------------------------------------------------- several outputs */

/* Splits numbers into their signs and their magnitudes. */
struct split {
    dpk_array in, signs, sizes;
};

static dpk_status split_shape(void *self, dpk_error *error)
{
    struct split *split = self;
    (void)error;
    dpk_array_shape(&split->signs, DPK_I32, split->in.rank, split->in.shape);
    dpk_array_shape(&split->sizes, DPK_F64, split->in.rank, split->in.shape);
    return DPK_OK;
}

static size_t split_rows(const void *self)
{
    return ((const struct split *)self)->in.shape[0];
}

static void split_work(const void *self, dpk_span span, void *scratch)
{
    const struct split *split = self;
    (void)scratch;
    for (size_t y = span.begin; y < span.end; y++) {
        const double *from = dpk_row(&split->in, y);
        int32_t *sign = dpk_row(&split->signs, y);
        double *size = dpk_row(&split->sizes, y);
        *sign = (*from > 0) - (*from < 0);
        *size = *from < 0 ? -*from : *from;
    }
}

static const dpk_pass split_passes[] = {
    { .name = "rows", .extent = split_rows, .reads = dpk_reads_same, .work = split_work }, DPK_END
};
static const dpk_port split_ports[] = { DPK_IN(struct split, in, .types = DPK_F64, .rank = 1),
                                        DPK_OUT(struct split, signs),
                                        DPK_OUT(struct split, sizes, .printed = true), DPK_END };
static const dpk_kernel split_kernel = { .abi = DPK_ABI,
                                         .descriptor = sizeof(dpk_kernel),
                                         .name = "split",
                                         .size = sizeof(struct split),
                                         .ports = split_ports,
                                         .shape = split_shape,
                                         .passes = split_passes };
static const dpk_kernel_row split_row = { .variants = { &split_kernel } };

static dpk_job *split_job(const double *numbers)
{
    dpk_job *job;
    dpk_array in = { .data = (void *)(uintptr_t)numbers };
    dpk_array_shape(&in, DPK_F64, 1, (size_t[DPK_MAX_RANK]){ 3 });
    cr_assert_eq(dpk_job_make(&job, &split_row, &err), DPK_OK);
    cr_assert_eq(dpk_job_set(job, 0, NULL, &err), DPK_OK, "%s", err.text);
    cr_assert_eq(dpk_job_input(job, 0, &in, &err), DPK_OK, "%s", err.text);
    return job;
}

static const double split_numbers[] = { -1.5, 0, 2 };
static const int32_t split_signs[] = { -1, 0, 1 };
static const double split_sizes[] = { 1.5, 0, 2 };

/* The last bytes of a file without padding are its elements. */
static bool ends_with(const char *path, const void *elements, size_t size)
{
    struct bytes file = get_file(path);
    bool same = file.size > size && memcmp(file.data + file.size - size, elements, size) == 0;
    free(file.data);
    return same;
}

Test(job, every_output_goes_where_it_should)
{
    dpk_job *job = split_job(split_numbers);
    cr_assert_eq(dpk_job_run(job, &err), DPK_OK, "%s", err.text);
    cr_expect_arr_eq(dpk_job_output(job, 0)->data, split_signs, sizeof split_signs);
    cr_expect_arr_eq(dpk_job_output(job, 1)->data, split_sizes, sizeof split_sizes);
    dpk_job_close(job);

    job = split_job(split_numbers);
    cr_assert_eq(dpk_job_write(job, 1, "sizes.npy", &err), DPK_OK);
    cr_assert_eq(dpk_job_run(job, &err), DPK_OK, "%s", err.text);
    cr_expect_arr_eq(dpk_job_output(job, 0)->data, split_signs, sizeof split_signs);
    cr_expect_null(dpk_job_output(job, 1));
    cr_expect(ends_with("sizes.npy", split_sizes, sizeof split_sizes));
    dpk_job_close(job);

    job = split_job(split_numbers);
    cr_assert_eq(dpk_job_write(job, 0, "signs.npy", &err), DPK_OK);
    cr_assert_eq(dpk_job_write(job, 1, "sizes2.npy", &err), DPK_OK);
    cr_assert_eq(dpk_job_run(job, &err), DPK_OK, "%s", err.text);
    cr_expect(ends_with("signs.npy", split_signs, sizeof split_signs));
    cr_expect(ends_with("sizes2.npy", split_sizes, sizeof split_sizes));
    dpk_job_close(job);
}

/* If one of them cannot be written, none is. */
Test(job, outputs_appear_together)
{
    dpk_job *job = split_job(split_numbers);
    cr_assert_eq(dpk_job_write(job, 0, "signs.npy", &err), DPK_OK);
    cr_assert_eq(dpk_job_write(job, 1, "missing/sizes.npy", &err), DPK_OK);
    cr_expect_eq(dpk_job_run(job, &err), DPK_OUTPUT_FAILED);
    dpk_job_close(job);
    job = split_job(split_numbers);
    cr_assert_eq(dpk_job_write(job, 0, "both.npy", &err), DPK_OK);
    cr_assert_eq(dpk_job_write(job, 1, "both.npy", &err), DPK_OK);
    expect_refused(dpk_job_run(job, &err), DPK_USAGE, "both go to 'both.npy'");
    dpk_job_close(job);
    cr_expect_eq(count_entries("."), 0);
}

static dpk_status parse(dpk_job **job, int count, const char *const *words)
{
    cr_assert_eq(dpk_job_make(job, &split_row, &err), DPK_OK);
    dpk_operands files;
    dpk_status status =
        dpk_job_parse(*job, NULL, count, (char *const *)(uintptr_t)words, &files, &err);
    return status == DPK_OK ? dpk_job_take_files(*job, &files, &err) : status;
}

Test(job, words_name_every_output)
{
    dpk_job *job;
    const char *const words[] = { "in.npy", "signs.npy", "--jobs=2", "sizes.npy", "more.npy" };
    cr_assert_eq(parse(&job, 4, words), DPK_OK, "%s", err.text);
    cr_expect_str_eq(job->inputs[0].path, "in.npy");
    cr_expect_str_eq(job->outputs[0].path, "signs.npy");
    cr_expect_str_eq(job->outputs[1].path, "sizes.npy");
    dpk_job_close(job);
    cr_assert_eq(parse(&job, 3, words), DPK_OK, "%s", err.text);
    cr_expect_str_eq(job->outputs[1].path, "text:", "printed, as none is named");
    dpk_job_close(job);
    cr_expect_eq(parse(&job, 1, words), DPK_USAGE);
    dpk_job_close(job);
    expect_refused(parse(&job, 5, words), DPK_USAGE, "1 input and 2 outputs, not 4 files");
    dpk_job_close(job);
}
