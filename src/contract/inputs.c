/* SPDX-License-Identifier: MIT */
/* inputs.c: one mapping for each input, its first and its last page out of reach. */
#include "contract/inputs.h"

#include "base/array.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Added to the seeds of rows that are to differ. */
#define OTHER UINT64_C(0x5bd1e995)

static dpk_status refuse(size_t bytes, dpk_error *err)
{
    return dpk_fail(err, DPK_LIMIT, "cannot map %zu bytes for an input: %s", bytes,
                    strerror(errno));
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

static dpk_status open_input(dpk_inputs *inputs, size_t i, const dpk_case *question,
                             const dpk_span *usual, dpk_error *err)
{
    dpk_array *array = &inputs->arrays[i];
    *array = question->input[i];
    size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = dpk_array_bytes(array);
    size_t inner = (bytes + page - 1) / page * page, size = inner + 2 * page;
    unsigned char *base = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED)
        return refuse(bytes, err);
    inputs->mappings[i].base = base;
    inputs->mappings[i].size = size;
    if (inner > 0 && mprotect(base + page, inner, PROT_READ | PROT_WRITE) != 0)
        return refuse(bytes, err);
    bool at_begin = (question->seed + i) % 2 == 0;
    array->data = base + page + (at_begin ? 0 : inner - bytes);
    fill(array, question, (question->seed * DPK_MAX_PORTS + i) * 2, usual);
    if (inner > 0 && mprotect(base + page, inner, PROT_READ) != 0)
        return refuse(bytes, err);
    return DPK_OK;
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

void dpk_inputs_close(dpk_inputs *inputs)
{
    for (size_t i = 0; i < DPK_MAX_PORTS; i++)
        if (inputs->mappings[i].base != NULL)
            munmap(inputs->mappings[i].base, inputs->mappings[i].size);
    *inputs = (dpk_inputs){ 0 };
}
