/* SPDX-License-Identifier: MIT */
/* inputs.c: one mapping for each input, with inaccessible pages around what may be read. */
#include "contract/inputs.h"

#include "base/array.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Added to the seeds of rows that are to differ. */
#define OTHER UINT64_C(0x5bd1e995)

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

/* The pages that hold that many bytes. */
static size_t whole_pages(size_t bytes)
{
    size_t page = page_size();
    return (bytes + page - 1) / page * page;
}

static dpk_status refuse(size_t bytes, dpk_error *err)
{
    return dpk_fail(err, DPK_LIMIT, "cannot map %zu bytes for an input: %s", bytes,
                    strerror(errno));
}

static dpk_status protect(const dpk_mapping *mapping, int protection, dpk_error *err)
{
    if (mapping->bytes > 0 && mprotect(mapping->contents, mapping->bytes, protection) != 0)
        return refuse(mapping->bytes, err);
    return DPK_OK;
}

static void fill(const dpk_array *array, const dpk_case *question, uint64_t seed,
                 const dpk_span *usual)
{
    size_t rows = dpk_array_rows(array), row = dpk_row_count(array);
    dpk_data_fill(array->data, array->type, dpk_count(array), question->data, seed);
    for (size_t y = 0; y < rows; y++)
        if (usual != NULL && (y < usual->begin || y >= usual->end))
            dpk_data_fill(dpk_row(array, y), array->type, row, question->data, seed + OTHER + y);
}

/* Reserves memory for an array, of which `bytes` bytes from byte `first` on get pages that can be
 * written for now. They end where the pages end if at_end, else they begin where the pages begin.
 */
static dpk_status map(dpk_mapping *mapping, dpk_array *array, size_t first, size_t bytes,
                      bool at_end, dpk_error *err)
{
    size_t page = page_size(), before = whole_pages(first), inner = whole_pages(bytes);
    size_t after = whole_pages(dpk_array_bytes(array) - first - bytes);
    mapping->size = page + before + inner + after + page;
    mapping->base =
        mmap(NULL, mapping->size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapping->base == MAP_FAILED) {
        mapping->base = NULL;
        return refuse(bytes, err);
    }
    mapping->contents = mapping->base + page + before;
    mapping->bytes = inner;
    array->data = mapping->contents + (at_end ? inner - bytes : 0) - first;
    return protect(mapping, PROT_READ | PROT_WRITE, err);
}

static dpk_status open_input(dpk_inputs *inputs, size_t i, const dpk_case *question,
                             const dpk_span *usual, dpk_error *err)
{
    dpk_array *array = &inputs->arrays[i];
    dpk_mapping *mapping = &inputs->mappings[i];
    *array = question->input[i];
    bool at_end = (question->seed + i) % 2 != 0;
    dpk_status status = map(mapping, array, 0, dpk_array_bytes(array), at_end, err);
    if (status != DPK_OK)
        return status;
    fill(array, question, (question->seed * DPK_MAX_PORTS + i) * 2, usual);
    return protect(mapping, PROT_READ, err);
}

dpk_status dpk_inputs_open(dpk_inputs *inputs, const dpk_case *question, const dpk_span *usual,
                           dpk_error *err)
{
    *inputs = (dpk_inputs){ 0 };
    dpk_status status = DPK_OK;
    for (size_t i = 0; i < question->inputs && status == DPK_OK; i++)
        status = open_input(inputs, i, question, usual != NULL ? &usual[i] : NULL, err);
    return status;
}

static dpk_status open_rows(dpk_mapping *mapping, dpk_array *array, const dpk_array *whole,
                            dpk_span rows, bool at_end, dpk_error *err)
{
    *array = *whole;
    size_t count = dpk_array_rows(array), row = dpk_row_bytes(array);
    size_t end = rows.end < count ? rows.end : count;
    size_t begin = rows.begin < end ? rows.begin : end, bytes = (end - begin) * row;
    dpk_status status = map(mapping, array, begin * row, bytes, at_end, err);
    if (status != DPK_OK)
        return status;
    if (bytes > 0)
        memcpy((char *)array->data + begin * row, (const char *)whole->data + begin * row, bytes);
    return protect(mapping, PROT_READ, err);
}

dpk_status dpk_inputs_open_rows(dpk_inputs *inputs, const dpk_inputs *whole, size_t count,
                                const dpk_span *rows, bool at_end, dpk_error *err)
{
    *inputs = (dpk_inputs){ 0 };
    dpk_status status = DPK_OK;
    for (size_t i = 0; i < count && status == DPK_OK; i++)
        status = open_rows(&inputs->mappings[i], &inputs->arrays[i], &whole->arrays[i], rows[i],
                           at_end, err);
    return status;
}

void dpk_inputs_close(dpk_inputs *inputs)
{
    for (size_t i = 0; i < DPK_MAX_PORTS; i++)
        if (inputs->mappings[i].base != NULL)
            munmap(inputs->mappings[i].base, inputs->mappings[i].size);
    *inputs = (dpk_inputs){ 0 };
}

void dpk_inputs_hide(const dpk_inputs *inputs, bool hidden)
{
    for (size_t i = 0; i < DPK_MAX_PORTS; i++)
        (void)protect(&inputs->mappings[i], hidden ? PROT_NONE : PROT_READ, NULL);
}
