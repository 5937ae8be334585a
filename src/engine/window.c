/* SPDX-License-Identifier: MIT */
/* window.c: preparing a run of which only a window of rows is in memory: which rows each band
 * reads, and so how many of each input there must be room for. */
#include "base/array.h"
#include "base/bytes.h"
#include "engine/run.h"

static size_t band_count(const dpk_run *run)
{
    return dpk_ceil_div(run->groups[0].rows, run->window.band);
}

static dpk_span reads_of_band(const dpk_run *run, size_t input, size_t b)
{
    const dpk_group *group = &run->groups[0];
    size_t begin = b * run->window.band;
    dpk_span out = { .begin = begin, .end = dpk_size_min(begin + run->window.band, group->rows) };
    return dpk_group_reads(group, (unsigned)input, out);
}

/* What all bands of an input need: forwards the rows that must have been decoded, backwards those
 * that must not have been overwritten. */
static dpk_status make_reach(dpk_run *run, size_t input, dpk_error *err)
{
    size_t bands = band_count(run), needed = 0, kept = dpk_array_rows(dpk_run_input(run, input));
    dpk_reach *reach = dpk_alloc_input(run->arena, bands * sizeof *reach, err);
    if (reach == NULL)
        return DPK_LIMIT;
    for (size_t b = 0; b < bands; b++) {
        dpk_span reads = reads_of_band(run, input, b);
        needed = dpk_size_max(needed, reads.end);
        reach[b] = (dpk_reach){ .needed = needed, .kept = reads.begin };
        if (reads.begin == reads.end)
            reach[b].kept = SIZE_MAX;
    }
    for (size_t b = bands; b-- > 0;) {
        kept = dpk_size_min(kept, reach[b].kept);
        reach[b].kept = kept;
    }
    run->window.reach[input] = reach;
    return DPK_OK;
}

/* Rows of the input for which there must be room: those that the bands in memory read, and those
 * that are decoded meanwhile. */
static size_t ring_of(dpk_run *run, size_t input)
{
    dpk_window *window = &run->window;
    size_t bands = band_count(run), most = 0;
    size_t rows = dpk_array_rows(dpk_run_input(run, input)), out = run->groups[0].rows;
    for (size_t b = 0; b < bands; b++) {
        size_t last = dpk_size_min(b + window->bands - 1, bands - 1);
        size_t needed = window->reach[input][last].needed, kept = window->reach[input][b].kept;
        most = dpk_size_max(most, needed > kept ? needed - kept : 0);
    }
    /* As many rows of the input as make a band, if the input is as large as the output or larger.
     */
    window->batch[input] = window->band * dpk_size_max(1, rows / out);
    return most + dpk_size_max(window->ahead[input], window->batch[input]);
}

static bool all_is_one_pass(const dpk_run *run)
{
    return run->group_count == 1 && run->groups[0].banded && dpk_plan_makes_anything(&run->plan);
}

dpk_status dpk_run_prepare_window(dpk_run *run, const dpk_window *window, dpk_error *err)
{
    run->windowed = false;
    run->window = *window;
    dpk_status status = DPK_OK;
    if (!all_is_one_pass(run))
        return DPK_OK;
    size_t out_ring = window->band * window->bands, rings[DPK_MAX_PORTS] = { 0 };
    bool small = out_ring >= run->groups[0].rows;
    for (size_t i = 0; i < run->plan.input_count && status == DPK_OK; i++) {
        status = make_reach(run, i, err);
        size_t rows = dpk_array_rows(dpk_run_input(run, i));
        rings[i] = status == DPK_OK ? dpk_size_min(ring_of(run, i), rows) : 0;
        small |= !run->given[i] && rings[i] == rows;
    }
    if (status != DPK_OK || (small && !window->always))
        return status;
    run->windowed = true;
    for (size_t i = 0; i < run->plan.input_count && status == DPK_OK; i++) {
        dpk_array *array = &run->plan.values[i].array;
        if (run->given[i])
            continue;
        array->ring = rings[i];
        array->data = dpk_alloc(run->arena, rings[i] * (size_t)array->stride[0], err);
        status = array->data != NULL ? DPK_OK : DPK_LIMIT;
    }
    return status == DPK_OK ? dpk_run_allocate(run, out_ring, err) : status;
}
