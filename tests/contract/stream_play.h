/* SPDX-License-Identifier: MIT */
/* stream_play.h: streams from files to files whose workers die at a chosen point: in the kernel,
 * while they decode a part, or before, in the midst of or after encoding and writing. */
#ifndef DPK_TEST_STREAM_PLAY_H
#define DPK_TEST_STREAM_PLAY_H

#include "engine/job.h"

#include <criterion/criterion.h>

/* Where a worker is when it dies. */
enum point {
    NOWHERE,
    AT_ROW, /* about to compute it */
    BEFORE_ENCODING,
    AFTER_ENCODING,
    BEFORE_WRITING,
    HALF_WRITTEN,
    AFTER_WRITING,
    BEFORE_DECODING,
    AFTER_DECODING,
    POINTS
};

/* Shared with the workers: the next `left` of them that come to this point of this row die of it.
 * instead: what they do in place of raising the signal. */
struct strike {
    enum point point;
    size_t row;
    _Atomic int left;
    _Atomic int hits;
    int signal;
    void (*instead)(void);
    _Atomic pid_t workers[8]; /* those that have computed something */

    /* All outputs have one format. What workers see, also those that are older than the run: the
     * real ones, and the same with a look at the strike. */
    pid_t leader;
    const dpk_format *real_out, *real_in;
    dpk_format watched_out, watched_in;
};

extern struct strike *strike;

/* smooth: averages of five rows; both: sums and differences of two pictures. */
extern const dpk_kernel kernel_smooth, kernel_both;

struct scene {
    const dpk_kernel *kernel;
    const char *inputs[2], *outputs[2];
    const char *backend, *words[8];                      /* settings such as "--jobs=3" */
    dpk_status (*compute)(dpk_job *job, dpk_error *err); /* NULL: dpk_job_compute */
};

/* Before each test: a folder of its own, and shared memory for the strike; and after it. */
void open_stage(void);
void close_stage(void);

/* Writes a picture of samples that differ from row to row, by dpk. */
void make_picture(const char *path, dpk_type type, size_t rows, size_t columns, size_t channels);

/* Runs the scene as a stream; what it says besides is in *note, of `size` bytes. */
dpk_status run_scene(const struct scene *scene, char *note, size_t size, dpk_error *err);

/* Runs it where nobody dies, and renames its outputs to "expected-…". */
void run_undisturbed(const struct scene *scene);

/* Whether the outputs are as expected; removes them. */
bool outputs_are_right(const struct scene *scene);

/* Entries of the folder, without . and .. */
size_t count_files(void);

#endif
