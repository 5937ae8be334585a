/* SPDX-License-Identifier: MIT */
/* cases.c: from a descriptor to questions. A table says which shapes; types, parameters and their
 * limits come from the descriptor. */
#include "contract/cases.h"

#include "base/array.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* When a shape is used. */
enum use {
    FULL = 1,      /* with default parameters */
    QUICK = 2,     /* the same, in quick checks */
    BRIEF = 4,     /* with each of the other parameter settings */
    SPECIAL = 8,   /* also with special floats */
    LONG = 16,     /* so much work that it is run in fewer ways */
    ENORMOUS = 32, /* more than memory holds; never computed */
    TELLING = 64,  /* with each backend: enough rows or items for many chunks */
    USUAL = FULL | QUICK,
};

/* In an image of four channels 2^60 elements: with 8 bytes each more than a pointer spans, which
 * files are refused for before a kernel is asked, but with 4 bytes not. */
#define MANY ((size_t)1 << 18)
#define TOO_MANY ((size_t)1 << 40)
#define MOST ((size_t)1 << 58)

struct shape {
    unsigned use;
    size_t extent[DPK_MAX_RANK];
};

/* No rows, no columns, one of each; sizes around the widths of vectors, prime sizes; more rows than
 * there are chunks (64), more columns than kernels take at a time. */
static const struct shape images[] = {
    { FULL, { 0, 5 } },
    { USUAL, { 5, 0 } },
    { USUAL | BRIEF, { 1, 1 } },
    { FULL, { 1, 23 } },
    { FULL, { 29, 1 } },
    { USUAL | BRIEF | SPECIAL, { 13, 17 } },
    { FULL | TELLING, { 31, 67 } },
    { FULL, { 3, 1031 } },
    { USUAL | BRIEF | TELLING, { 131, 3 } },
    { BRIEF, { 1, 601 } },
    { FULL, { 257, 5 } },
    { FULL, { 64, 64 } },
    { ENORMOUS, { MANY, TOO_MANY } },
    { ENORMOUS, { TOO_MANY, MANY } },
    { ENORMOUS, { 1, MOST } },
    { ENORMOUS, { MOST, 1 } },
};

/* 65537 and more: beyond what 16 bits index, and beyond the blocks kernels cut vectors into, which
 * may be as large as a second-level cache. */
static const struct shape vectors[] = {
    { USUAL, { 0 } },
    { USUAL | BRIEF, { 1 } },
    { FULL, { 2 } },
    { USUAL, { 7 } },
    { USUAL | SPECIAL, { 64 } },
    { USUAL | BRIEF, { 97 } },
    { USUAL | TELLING, { 1000 } },
    { FULL, { 4099 } },
    { USUAL | TELLING, { 70001 } },
    { FULL | LONG, { 300000 } },
    { ENORMOUS, { MOST } },
};

static const struct shape matrices[] = {
    { FULL, { 0, 5 } },
    { USUAL, { 5, 0 } },
    { FULL, { 1, 1 } },
    { USUAL | BRIEF, { 7, 5 } },
    { FULL, { 31, 37 } },
    { FULL, { 3, 257 } },
    { USUAL | SPECIAL | TELLING, { 257, 3 } },
    { USUAL | TELLING, { 64, 64 } },
    { FULL, { 150, 530 } },
    { FULL, { 530, 150 } },
    { ENORMOUS, { MANY, TOO_MANY } },
    { ENORMOUS, { TOO_MANY, MANY } },
    { ENORMOUS, { 2, MOST / 2 } },
};

static const struct shape volumes[] = {
    { USUAL | TELLING, { 5, 4, 3 } },
    { FULL, { 2, 0, 3 } },
    { ENORMOUS, { MANY, MANY, MANY } },
};

static const struct shape hypervolumes[] = { { FULL | TELLING, { 2, 1, 3, 5 } } };

static const struct shape scalar[] = { { USUAL | BRIEF | TELLING, { 0 } } };

struct shapes {
    const struct shape *table;
    size_t count;
};

#define SHAPES(table)                                                                              \
    {                                                                                              \
        table, sizeof(table) / sizeof *(table)                                                     \
    }

static const struct shapes shapes_of_rank[DPK_MAX_RANK + 1] = {
    SHAPES(scalar), SHAPES(vectors), SHAPES(matrices), SHAPES(volumes), SHAPES(hypervolumes),
};

static const struct shapes image_shapes = SHAPES(images);

/* -------------------------------------------------------------------------------------- inputs */

/* Gives the case's inputs their types and shapes, made from the first one's. The second one's
 * matrix is transposed, so that products of matrices are among the cases. */
static void set_inputs(dpk_case *question, const dpk_kernel *kernel, dpk_type type, unsigned rank,
                       const size_t shape[DPK_MAX_RANK])
{
    question->inputs = dpk_kernel_inputs(kernel);
    for (size_t i = 0; i < question->inputs; i++) {
        const dpk_port *port = &kernel->ports[i];
        unsigned types = port->types & type ? type : port->types & -port->types;
        unsigned own = port->image ? rank : port->rank;
        size_t extents[DPK_MAX_RANK];
        memcpy(extents, shape, sizeof extents);
        if (rank == 2 && i % 2 == 1 && !port->image) {
            extents[0] = shape[1];
            extents[1] = shape[0];
        }
        dpk_array_shape(&question->input[i], (dpk_type)types, own != 0 ? own : rank, extents);
    }
}

/* Where cases are being added: what they have in common. */
struct maker {
    const dpk_kernel *kernel;
    dpk_case_list *list;
    const dpk_setting *setting;
    unsigned use; /* shapes marked so */
    bool quick;
    size_t most; /* cases in the list */
    uint64_t seed;
    dpk_error *err;
};

static dpk_status add_case(const struct maker *maker, dpk_data data, dpk_type type, unsigned rank,
                           const size_t shape[DPK_MAX_RANK])
{
    dpk_case_list *list = maker->list;
    if (list->count >= maker->most)
        return DPK_OK;
    if (list->count == list->room) {
        size_t room = 2 * list->room + 16;
        dpk_case *cases = realloc(list->cases, room * sizeof *cases);
        if (cases == NULL)
            return dpk_fail(maker->err, DPK_LIMIT, "not enough memory for the cases to check");
        list->cases = cases;
        list->room = room;
    }
    dpk_case *question = &list->cases[list->count];
    *question = (dpk_case){ .setting = *maker->setting,
                            .data = data,
                            .seed = maker->seed + list->count,
                            .brief = maker->use == BRIEF,
                            .enormous = maker->use == ENORMOUS };
    set_inputs(question, maker->kernel, type, rank, shape);
    list->count++;
    return DPK_OK;
}

static dpk_status add_shape(const struct maker *maker, const struct shape *shape, dpk_type type,
                            unsigned rank, size_t channels)
{
    size_t extent[DPK_MAX_RANK];
    memcpy(extent, shape->extent, sizeof extent);
    if (channels != 0)
        extent[2] = channels;
    /* Plain and mixed by turns, and not in step with the types or the channels. */
    dpk_data data = (maker->list->count / 3) % 2 == 0 ? DPK_DATA_PLAIN : DPK_DATA_MIXED;
    dpk_status status = add_case(maker, data, type, rank, extent);
    if (status == DPK_OK && (shape->use & LONG) && maker->list->count > 0)
        maker->list->cases[maker->list->count - 1].brief = true;
    bool floats = type & (DPK_F32 | DPK_F64 | DPK_C64 | DPK_C128);
    if (status == DPK_OK && (shape->use & SPECIAL) && floats && maker->use != TELLING)
        status = add_case(maker, DPK_DATA_SPECIAL, type, rank, extent);
    return status;
}

/* Grey, grey and alpha, RGB, RGBA: all of them where the shape is SPECIAL, every other one by turns
 * in the remaining shapes. Where there are many cases only the first and the last; of the telling
 * ones each in turn. */
static bool takes_channels(const struct maker *maker, size_t i, size_t channels)
{
    bool by_turns = (i + channels) % 2 == 0, ends = channels == 1 || channels == 4;
    if (maker->use == TELLING)
        return channels == 4 - maker->list->count % 4;
    if (maker->use == FULL)
        return by_turns || (image_shapes.table[i].use & SPECIAL);
    return maker->use == BRIEF && maker->quick ? ends && by_turns : ends;
}

static dpk_status add_images(const struct maker *maker, dpk_type type)
{
    dpk_status status = DPK_OK;
    for (size_t i = 0; i < image_shapes.count; i++) {
        const struct shape *shape = &image_shapes.table[i];
        if (!(shape->use & maker->use))
            continue;
        for (size_t channels = 1; channels <= 4 && status == DPK_OK; channels++)
            if (takes_channels(maker, i, channels))
                status = add_shape(maker, shape, type, 3, channels);
        if (maker->use == FULL && (shape->use & SPECIAL) && status == DPK_OK)
            status = add_shape(maker, shape, type, 2, 0);
    }
    return status;
}

static dpk_status add_arrays(const struct maker *maker, dpk_type type, unsigned rank)
{
    dpk_status status = DPK_OK;
    const struct shapes *shapes = &shapes_of_rank[rank];
    for (size_t i = 0; i < shapes->count && status == DPK_OK; i++) {
        const struct shape *shape = &shapes->table[i];
        if (shape->use & maker->use)
            status = add_shape(maker, shape, type, rank, 0);
    }
    return status;
}

/* All cases of one setting. */
static dpk_status add_cases(const struct maker *maker)
{
    const dpk_port *port = &maker->kernel->ports[0];
    const size_t none[DPK_MAX_RANK] = { 0 };
    if (port->output)
        return add_case(maker, DPK_DATA_PLAIN, DPK_U8, 0, none);
    dpk_status status = DPK_OK;
    for (unsigned type = 1; type <= DPK_TYPES_ALL; type <<= 1) {
        if (!(port->types & type))
            continue;
        if (port->image)
            status = add_images(maker, (dpk_type)type);
        for (unsigned rank = 0; rank <= DPK_MAX_RANK && !port->image; rank++)
            if (status == DPK_OK && (port->rank == rank || port->rank == 0))
                status = add_arrays(maker, (dpk_type)type, rank);
        if (status != DPK_OK)
            break;
    }
    return status;
}

/* Of the telling cases each further setting has one. */
static dpk_status add_settings(const struct maker *usual, const dpk_settings *settings)
{
    dpk_status status = DPK_OK;
    struct maker maker = *usual;
    for (size_t i = 0; i < settings->count && status == DPK_OK; i++) {
        bool other = settings->defaults && i > 0, telling = usual->use == TELLING;
        maker.setting = &settings->settings[i];
        maker.use = other && !telling ? BRIEF : usual->use;
        maker.most = other && telling ? maker.list->count + 1 : SIZE_MAX;
        status = add_cases(&maker);
    }
    return status;
}

static dpk_status list_cases(const struct maker *usual, const dpk_settings *settings)
{
    dpk_status status = add_settings(usual, settings);
    if (status != DPK_OK || usual->use == TELLING)
        return status;
    struct maker maker = *usual;
    bool generator = dpk_kernel_inputs(maker.kernel) == 0;
    const dpk_setting largest = dpk_settings_largest(settings, maker.kernel);
    maker.setting = generator ? &largest : &settings->settings[0];
    maker.use = ENORMOUS;
    return add_cases(&maker);
}

dpk_status dpk_cases_list(const dpk_kernel *kernel, dpk_selection selection, uint64_t seed,
                          dpk_case_list *list, dpk_error *err)
{
    static const unsigned uses[] = {
        [DPK_CASES_ALL] = FULL, [DPK_CASES_QUICK] = QUICK, [DPK_CASES_TELLING] = TELLING
    };
    *list = (dpk_case_list){ 0 };
    const struct maker maker = { .kernel = kernel,
                                 .list = list,
                                 .use = uses[selection],
                                 .quick = selection == DPK_CASES_QUICK,
                                 .most = SIZE_MAX,
                                 .seed = seed << 32,
                                 .err = err };
    dpk_settings settings;
    dpk_status status = dpk_settings_list(kernel, &settings, err);
    if (status == DPK_OK)
        status = list_cases(&maker, &settings);
    dpk_settings_free(&settings);
    if (status != DPK_OK)
        dpk_cases_free(list);
    return status;
}

void dpk_cases_free(dpk_case_list *list)
{
    free(list->cases);
    *list = (dpk_case_list){ 0 };
}

size_t dpk_case_elements(const dpk_case *question)
{
    size_t elements = 0;
    for (size_t i = 0; i < question->inputs; i++)
        elements += dpk_count(&question->input[i]);
    return elements;
}

const char *dpk_case_text(const dpk_case *question, const dpk_kernel *kernel, char *text,
                          size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < question->inputs && used < size; i++) {
        char array[96];
        used += (size_t)snprintf(text + used, size - used, "%s %s, ", kernel->ports[i].name,
                                 dpk_array_text(&question->input[i], array, sizeof array));
    }
    if (used < size && question->inputs > 0)
        used += (size_t)snprintf(text + used, size - used, "%s data",
                                 question->enormous ? "no" : dpk_data_name(question->data));
    if (used < size && question->setting.text[0] != '\0')
        snprintf(text + used, size - used, "%s%s", used ? ", " : "", question->setting.text);
    return text;
}
