/* SPDX-License-Identifier: MIT */
/* descriptor.c: copying tables whose elements may be smaller than ours, and checking them. */
#include "engine/descriptor.h"

#include "base/array.h"

#include <stdlib.h>
#include <string.h>

/* What every plug-in of this ABI has at the least: sizes of the first edition of each struct. */
enum {
    KERNEL_LEAST = offsetof(dpk_kernel, pass_bytes) + sizeof(uint32_t),
    PARAM_LEAST = offsetof(dpk_param, help) + sizeof(char *),
    PORT_LEAST = offsetof(dpk_port, help) + sizeof(char *),
    PASS_LEAST = offsetof(dpk_pass, repeat) + sizeof(void *),
};

/* A name is one word of a command line, and a file's name. */
enum { NAME_MOST = 48, STRUCT_MOST = 1 << 20 };

/* ----------------------------------------------------------------------------------------- copy */

/* Rows of a table that ends with a NULL name, which is the first member of each row; at most + 1 if
 * it does not end before. */
static size_t count_rows(const void *table, size_t bytes, size_t most)
{
    size_t rows = 0;
    const char *row = table;
    for (; row != NULL && rows <= most; rows++, row += bytes) {
        const char *name;
        memcpy(&name, row, sizeof name);
        if (name == NULL)
            return rows;
    }
    return rows;
}

struct table {
    const void *from;
    size_t from_bytes, bytes, rows; /* of a row there, of a row here; without the end */
};

static size_t table_bytes(const struct table *table)
{
    return (table->rows + 1) * table->bytes;
}

static void copy_table(char *to, const struct table *table)
{
    for (size_t row = 0; row < table->rows; row++)
        memcpy(to + row * table->bytes, (const char *)table->from + row * table->from_bytes,
               table->from_bytes);
}

static dpk_status check_sizes(const dpk_kernel *plugin, dpk_error *err)
{
    if (plugin->abi != DPK_ABI)
        return dpk_fail(err, DPK_USAGE,
                        "it was built for ABI %u, this is ABI %u: build it again with this "
                        "version's dpk.h",
                        plugin->abi, (unsigned)DPK_ABI);
    bool small = plugin->descriptor < KERNEL_LEAST || plugin->param_bytes < PARAM_LEAST ||
                 plugin->port_bytes < PORT_LEAST || plugin->pass_bytes < PASS_LEAST;
    bool large =
        !small &&
        (plugin->descriptor > sizeof(dpk_kernel) || plugin->param_bytes > sizeof(dpk_param) ||
         plugin->port_bytes > sizeof(dpk_port) || plugin->pass_bytes > sizeof(dpk_pass));
    if (small || large)
        return dpk_fail(
            err, DPK_USAGE, "its descriptor has %u bytes, this version reads %d to %zu: %s",
            plugin->descriptor, KERNEL_LEAST, sizeof(dpk_kernel),
            large ? "it was built for a newer version of dpk" : "define it by DPK_KERNEL");
    return DPK_OK;
}

dpk_status dpk_descriptor_copy(dpk_kernel **made, const dpk_kernel *plugin, dpk_error *err)
{
    dpk_status status = check_sizes(plugin, err);
    if (status != DPK_OK)
        return status;
    struct table params = { plugin->params, plugin->param_bytes, sizeof(dpk_param), 0 };
    struct table ports = { plugin->ports, plugin->port_bytes, sizeof(dpk_port), 0 };
    struct table passes = { plugin->passes, plugin->pass_bytes, sizeof(dpk_pass), 0 };
    params.rows = count_rows(params.from, params.from_bytes, DPK_MAX_PARAMS);
    ports.rows = count_rows(ports.from, ports.from_bytes, DPK_MAX_PORTS);
    passes.rows = count_rows(passes.from, passes.from_bytes, DPK_MAX_PASSES);

    size_t head = (sizeof(dpk_kernel) + 15) / 16 * 16;
    char *memory =
        calloc(1, head + table_bytes(&params) + table_bytes(&ports) + table_bytes(&passes));
    if (memory == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for a plug-in");
    dpk_kernel *copy = (dpk_kernel *)(void *)memory;
    char *place = memory + head;
    memcpy(copy, plugin, plugin->descriptor);
    copy_table(place, &params);
    copy->params = plugin->params != NULL ? (const dpk_param *)(void *)place : NULL;
    copy_table(place += table_bytes(&params), &ports);
    copy->ports = plugin->ports != NULL ? (const dpk_port *)(void *)place : NULL;
    copy_table(place += table_bytes(&ports), &passes);
    copy->passes = plugin->passes != NULL ? (const dpk_pass *)(void *)place : NULL;
    *made = copy;
    return DPK_OK;
}

/* ---------------------------------------------------------------------------------------- check */

static bool is_name(const char *name)
{
    size_t length = strlen(name);
    return length > 0 && length <= NAME_MOST && name[0] >= 'a' && name[0] <= 'z' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == length;
}

/* True when a member of so many bytes lies in the struct, where its type may lie. */
static bool lies_inside(const dpk_kernel *kernel, size_t offset, size_t bytes, size_t alignment)
{
    return offset % alignment == 0 && bytes <= kernel->size && offset <= kernel->size - bytes;
}

static size_t param_bytes(dpk_param_type type)
{
    switch (type) {
    case DPK_PARAM_BOOL:
        return sizeof(bool);
    case DPK_PARAM_INT:
    case DPK_PARAM_UNSIGNED:
        return sizeof(int);
    case DPK_PARAM_SIZE:
        return sizeof(size_t);
    case DPK_PARAM_FLOAT:
        return sizeof(float);
    case DPK_PARAM_DOUBLE:
        return sizeof(double);
    case DPK_PARAM_STRING:
        return sizeof(char *);
    case DPK_PARAM_LIST:
        return sizeof(dpk_list);
    case DPK_PARAM_AXIS:
        return sizeof(dpk_axis);
    }
    return 0;
}

static dpk_status check_params(const dpk_kernel *kernel, dpk_error *err)
{
    if (count_rows(kernel->params, sizeof(dpk_param), DPK_MAX_PARAMS) > DPK_MAX_PARAMS)
        return dpk_fail(err, DPK_USAGE, "it has more than %d parameters", DPK_MAX_PARAMS);
    for (const dpk_param *param = kernel->params; param != NULL && param->name != NULL; param++) {
        size_t bytes = param_bytes(param->type);
        if (!is_name(param->name))
            return dpk_fail(err, DPK_USAGE, "'%.48s' is no name of a parameter", param->name);
        if (bytes == 0 || !lies_inside(kernel, param->offset, bytes, bytes < 8 ? bytes : 8))
            return dpk_fail(err, DPK_USAGE, "parameter '%s' is no member of its struct",
                            param->name);
        if (param->help == NULL)
            return dpk_fail(err, DPK_USAGE, "parameter '%s' has no help", param->name);
    }
    return DPK_OK;
}

static dpk_status check_port(const dpk_kernel *kernel, const dpk_port *port, dpk_error *err)
{
    if (!is_name(port->name))
        return dpk_fail(err, DPK_USAGE, "'%.48s' is no name of a port", port->name);
    if (!lies_inside(kernel, port->offset, sizeof(dpk_array), _Alignof(dpk_array)))
        return dpk_fail(err, DPK_USAGE, "port '%s' is no array of its struct", port->name);
    if (!port->output && (port->types & DPK_TYPES_ALL) == 0)
        return dpk_fail(err, DPK_USAGE, "input '%s' accepts no type", port->name);
    if (port->rank > DPK_MAX_RANK)
        return dpk_fail(err, DPK_USAGE, "port '%s' has rank %u, at most %d can be", port->name,
                        port->rank, DPK_MAX_RANK);
    return DPK_OK;
}

static dpk_status check_ports(const dpk_kernel *kernel, dpk_error *err)
{
    if (count_rows(kernel->ports, sizeof(dpk_port), DPK_MAX_PORTS) > DPK_MAX_PORTS)
        return dpk_fail(err, DPK_USAGE, "it has more than %d ports", DPK_MAX_PORTS);
    size_t outputs = 0;
    for (const dpk_port *port = kernel->ports; port != NULL && port->name != NULL; port++) {
        dpk_status status = check_port(kernel, port, err);
        if (status != DPK_OK)
            return status;
        if (!port->output && outputs > 0)
            return dpk_fail(err, DPK_USAGE, "input '%s' stands behind an output", port->name);
        outputs += port->output;
    }
    return outputs > 0 ? DPK_OK : dpk_fail(err, DPK_USAGE, "it has no output");
}

static dpk_status check_passes(const dpk_kernel *kernel, dpk_error *err)
{
    size_t passes = count_rows(kernel->passes, sizeof(dpk_pass), DPK_MAX_PASSES);
    if (passes == 0)
        return dpk_fail(err, DPK_USAGE, "it has no pass");
    if (passes > DPK_MAX_PASSES)
        return dpk_fail(err, DPK_USAGE, "it has more than %d passes", DPK_MAX_PASSES);
    for (const dpk_pass *pass = kernel->passes; pass->name != NULL; pass++)
        if (pass->extent == NULL || pass->work == NULL)
            return dpk_fail(err, DPK_USAGE, "pass '%.48s' has no extent or no work", pass->name);
    return DPK_OK;
}

dpk_status dpk_descriptor_check(const dpk_kernel *kernel, dpk_error *err)
{
    if (kernel->name == NULL || !is_name(kernel->name))
        return dpk_fail(err, DPK_USAGE, "'%.48s' is no name of a kernel",
                        kernel->name != NULL ? kernel->name : "");
    if (kernel->summary == NULL || kernel->group == NULL || kernel->reference == NULL)
        return dpk_fail(err, DPK_USAGE, "it lacks a summary, a group or a reference");
    if (kernel->size == 0 || kernel->size > STRUCT_MOST)
        return dpk_fail(err, DPK_USAGE, "its struct has %zu bytes, 1 to %d can be", kernel->size,
                        STRUCT_MOST);
    dpk_status status = check_params(kernel, err);
    if (status == DPK_OK)
        status = check_ports(kernel, err);
    return status == DPK_OK ? check_passes(kernel, err) : status;
}
