/* SPDX-License-Identifier: MIT */
/* compare_inputs.c: makes a payload of files, or of generated arrays. */
#include "commands/compare_inputs.h"

#include "base/array.h"
#include "base/data.h"
#include "engine/reader.h"

static dpk_status bind(dpk_run *run, const dpk_payload *payload, const char *const *names,
                       dpk_error *err)
{
    dpk_status status = DPK_OK;
    for (size_t i = 0; i < payload->count && status == DPK_OK; i++) {
        const char *name = names != NULL ? names[i] : run->kernel->ports[i].name;
        status = dpk_run_bind(run, i, &payload->arrays[i], name, err);
    }
    return status;
}

static dpk_status decode(dpk_reader *reader, const dpk_array *to, dpk_error *err)
{
    reader->array.data = to->data;
    return reader->format->rows(reader, 0, dpk_array_rows(to), err);
}

dpk_status dpk_compare_read(dpk_run *run, const char *const *paths, const char *format,
                            size_t limit_pixels, dpk_isa isa, size_t hosts, dpk_payload *payload,
                            dpk_error *err)
{
    size_t count = dpk_kernel_inputs(run->kernel);
    dpk_reader readers[DPK_MAX_PORTS] = { { .format = NULL } };
    dpk_array arrays[DPK_MAX_PORTS];
    dpk_status status = DPK_OK;
    for (size_t i = 0; i < count && status == DPK_OK; i++) {
        readers[i].arena = run->arena;
        readers[i].limit_pixels = limit_pixels;
        readers[i].isa = isa;
        status = dpk_reader_open(&readers[i], paths[i], format, err);
        arrays[i] = readers[i].array;
    }
    if (status == DPK_OK)
        status = dpk_payload_make(payload, arrays, count, hosts, err);
    if (status == DPK_OK)
        status = bind(run, payload, paths, err);
    for (size_t i = 0; i < count && status == DPK_OK; i++)
        status = decode(&readers[i], &payload->arrays[i], err);
    for (size_t i = 0; i < count; i++)
        dpk_reader_close(&readers[i]);
    return status;
}

/* The most common type that the port takes: bytes for images, floats for other arrays, else any. */
static dpk_type likely_type(const dpk_port *port)
{
    const dpk_type likely[] = { port->image ? DPK_U8 : DPK_F32, DPK_F32, DPK_U8 };
    for (size_t i = 0; i < sizeof likely / sizeof *likely; i++)
        if (port->types & likely[i])
            return likely[i];
    return (dpk_type)(port->types & -port->types);
}

static dpk_status shape_inputs(const dpk_kernel *kernel, size_t size, dpk_array *arrays,
                               dpk_error *err)
{
    for (size_t i = 0; i < dpk_kernel_inputs(kernel); i++) {
        const dpk_port *port = &kernel->ports[i];
        size_t shape[DPK_MAX_RANK] = { size, size, size, size };
        unsigned rank = port->image ? 3 : port->rank != 0 ? port->rank : 1;
        if (port->image)
            shape[2] = 3;
        dpk_type type = likely_type(port);
        if (!dpk_array_fits(type, rank, shape))
            return dpk_fail(err, DPK_LIMIT, "--size %zu: larger than any memory", size);
        dpk_array_shape(&arrays[i], type, rank, shape);
    }
    return DPK_OK;
}

dpk_status dpk_compare_check_size(const dpk_kernel *kernel, size_t size, size_t hosts,
                                  dpk_error *err)
{
    dpk_array arrays[DPK_MAX_PORTS];
    dpk_status status = shape_inputs(kernel, size, arrays, err);
    if (status != DPK_OK)
        return status;
    return dpk_payload_check(arrays, dpk_kernel_inputs(kernel), hosts, err);
}

dpk_status dpk_compare_make_up(dpk_run *run, size_t size, size_t hosts, dpk_payload *payload,
                               dpk_error *err)
{
    size_t count = dpk_kernel_inputs(run->kernel);
    dpk_array arrays[DPK_MAX_PORTS];
    dpk_status status = shape_inputs(run->kernel, size, arrays, err);
    if (status == DPK_OK)
        status = dpk_payload_make(payload, arrays, count, hosts, err);
    for (size_t i = 0; i < count && status == DPK_OK; i++)
        dpk_data_fill(payload->arrays[i].data, arrays[i].type, dpk_count(&arrays[i]),
                      DPK_DATA_PLAIN, i + 1);
    return status == DPK_OK ? bind(run, payload, NULL, err) : status;
}
