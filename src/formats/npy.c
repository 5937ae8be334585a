/* SPDX-License-Identifier: MIT */
/* npy.c: NumPy's array files
 * (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html). A file is the magic
 * "\x93NUMPY", two version bytes, the length of the header (2 bytes little-endian in version 1, 4
 * in versions 2 and 3), the header and the elements. The header is Python source: a dictionary of
 * 'descr' (byte order, kind and size of an element), 'fortran_order' and 'shape'. */
#include "base/array.h"
#include "base/bytes.h"
#include "base/text.h"
#include "files/format.h"

#include <stdio.h>
#include <string.h>

static const unsigned char magic[] = { 0x93, 'N', 'U', 'M', 'P', 'Y' };

enum { MAGIC = sizeof magic, HEAD_V1 = MAGIC + 4, HEAD_V2 = MAGIC + 6 };

/* The types of elements that can be read, and the types they become. A type that kernels do not
 * have is widened to one that represents all of its values exactly. b1 is a bool, stored as a byte
 * of 0 or 1. The writer uses the first row with the array's type. */
static const struct element {
    char descr[4];
    unsigned char size; /* bytes in the file */
    bool widened;       /* it takes converting, not only copying */
    dpk_type type;
} elements[] = {
    { "u1", 1, false, DPK_U8 },  { "u2", 2, false, DPK_U16 },    { "i4", 4, false, DPK_I32 },
    { "i8", 8, false, DPK_I64 }, { "f4", 4, false, DPK_F32 },    { "f8", 8, false, DPK_F64 },
    { "c8", 8, false, DPK_C64 }, { "c16", 16, false, DPK_C128 }, { "b1", 1, false, DPK_U8 },
    { "i1", 1, true, DPK_I32 },  { "i2", 2, true, DPK_I32 },     { "u4", 4, true, DPK_I64 },
    { "f2", 2, true, DPK_F32 },
};

enum { ELEMENTS = sizeof elements / sizeof *elements };

struct content {
    const unsigned char *data; /* the elements */
    const struct element *element;
    bool big;     /* big-endian */
    bool swapped; /* the other byte order than this machine's */
    bool fortran; /* the first axis varies fastest */
};

/* ------------------------------------------------------------------------------------ reading */

/* The part of the header that has not been parsed yet. */
struct text {
    const char *at, *end;
};

enum { DESCR = 1, FORTRAN_ORDER = 2, SHAPE = 4, ALL = DESCR | FORTRAN_ORDER | SHAPE };

struct header {
    unsigned seen;  /* keys, or-ed together */
    char descr[16]; /* "" for a structure, whose descr is a list */
    bool fortran;
    unsigned rank;
    size_t shape[DPK_MAX_RANK];
};

static void skip_space(struct text *text)
{
    while (text->at < text->end && (*text->at == ' ' || (*text->at >= '\t' && *text->at <= '\r')))
        text->at++;
}

static bool take(struct text *text, const char *token)
{
    size_t length = strlen(token);
    skip_space(text);
    if ((size_t)(text->end - text->at) < length || memcmp(text->at, token, length) != 0)
        return false;
    text->at += length;
    return true;
}

/* Parses a string literal without escapes. Fails if it is longer than `string` has room for. */
static bool take_string(struct text *text, char *string, size_t size)
{
    const char *quote = take(text, "'") ? "'" : take(text, "\"") ? "\"" : NULL;
    if (quote == NULL)
        return false;
    const char *end = memchr(text->at, *quote, (size_t)(text->end - text->at));
    if (end == NULL || (size_t)(end - text->at) >= size)
        return false;
    snprintf(string, size, "%.*s", (int)(end - text->at), text->at);
    text->at = end + 1;
    return true;
}

/* Parses a number. A number too large for size_t becomes SIZE_MAX. */
static bool take_size(struct text *text, size_t *size)
{
    skip_space(text);
    const char *start = text->at;
    for (*size = 0; text->at < text->end && *text->at >= '0' && *text->at <= '9'; text->at++)
        if (__builtin_mul_overflow(*size, 10, size) ||
            __builtin_add_overflow(*size, (size_t)(*text->at - '0'), size))
            *size = SIZE_MAX;
    bool any = text->at > start;
    take(text, "L"); /* as Python 2 wrote long integers */
    return any;
}

/* Parses (), (3,) or (3, 4). The comma after the last extent is optional unless it is the only one.
 */
static bool take_shape(struct text *text, struct header *header)
{
    if (!take(text, "("))
        return false;
    bool comma = true;
    for (header->rank = 0; !take(text, ")"); header->rank++) {
        size_t extent;
        if (!comma || !take_size(text, &extent))
            return false;
        if (header->rank < DPK_MAX_RANK)
            header->shape[header->rank] = extent;
        comma = take(text, ",");
    }
    return comma || header->rank > 1;
}

static bool take_bool(struct text *text, bool *value)
{
    *value = take(text, "True");
    return *value || take(text, "False");
}

static bool take_entry(struct text *text, struct header *header)
{
    char key[16];
    if (!take_string(text, key, sizeof key) || !take(text, ":"))
        return false;
    unsigned bit = 0;
    bool good = false;
    if (strcmp(key, "descr") == 0) {
        bit = DESCR;
        good = take(text, "[") || take_string(text, header->descr, sizeof header->descr);
    } else if (strcmp(key, "fortran_order") == 0) {
        bit = FORTRAN_ORDER;
        good = take_bool(text, &header->fortran);
    } else if (strcmp(key, "shape") == 0) {
        bit = SHAPE;
        good = take_shape(text, header);
    }
    good = good && (header->seen & bit) == 0;
    header->seen |= bit;
    return good;
}

/* Parses the dictionary: the three keys, each once, in any order. Stops at a structured type, which
 * the caller refuses. */
static bool parse(struct text *text, struct header *header)
{
    bool comma = take(text, "{");
    while (!take(text, "}")) {
        if (!comma || !take_entry(text, header))
            return false;
        if ((header->seen & DESCR) != 0 && header->descr[0] == '\0')
            return true;
        comma = take(text, ",");
    }
    skip_space(text);
    return header->seen == ALL && text->at == text->end;
}

/* Finds the header's bytes and sets *data to what follows them. Returns false if the file is too
 * short for them. */
static bool find_header(const dpk_source *source, struct text *text, const unsigned char **data)
{
    const unsigned char *file = source->data;
    if (source->size < HEAD_V2 || memcmp(file, magic, MAGIC) != 0)
        return false;
    int version = file[MAGIC];
    if (version < 1 || version > 3)
        return false;
    size_t head = version == 1 ? HEAD_V1 : HEAD_V2;
    size_t length =
        version == 1 ? dpk_load_le16(file + MAGIC + 2) : dpk_load_le32(file + MAGIC + 2);
    if (length > source->size - head)
        return false;
    text->at = (const char *)file + head;
    text->end = text->at + length;
    *data = file + head + length;
    return true;
}

/* Skips the byte order, which is optional. Kind and size follow it. */
static const char *kind_of(const char *descr)
{
    return descr[0] != '\0' && strchr("<>=|", descr[0]) != NULL ? descr + 1 : descr;
}

static const struct element *find_element(const char *descr)
{
    for (int i = 0; i < ELEMENTS; i++)
        if (strcmp(kind_of(descr), elements[i].descr) == 0)
            return &elements[i];
    return NULL;
}

static bool recognise(const unsigned char *head, size_t size)
{
    return size >= MAGIC && memcmp(head, magic, MAGIC) == 0;
}

/* Refuses a type that cannot be read. For u8 (uint64) the message suggests a conversion, because no
 * type here represents all of its values. */
static dpk_status refuse_type(const char *name, const char *descr, dpk_error *err)
{
    char safe[64];
    dpk_text_safe(descr, safe, sizeof safe);
    if (strcmp(kind_of(descr), "u8") == 0)
        return dpk_fail(err, DPK_BAD_INPUT,
                        "'%s' holds unsigned numbers of 64 bits ('%s'), which no type here holds "
                        "exactly: save it from NumPy with astype('i8') or astype('f8')",
                        name, safe);
    return dpk_fail(err, DPK_BAD_INPUT,
                    "'%s' holds elements of type '%s'; b1 u1 u2 u4 i1 i2 i4 i8 f2 f4 f8 c8 c16 can "
                    "be read: see NumPy's astype",
                    name, descr[0] != '\0' ? safe : "structure");
}

static dpk_status read_head(const dpk_reader *reader, struct header *header,
                            struct content *content, dpk_error *err)
{
    const char *name = reader->source.name;
    struct text text;
    if (!find_header(&reader->source, &text, &content->data) || !parse(&text, header))
        return dpk_fail(err, DPK_BAD_INPUT, "cannot decode '%s' as NPY: its header is malformed",
                        name);
    const struct element *element = find_element(header->descr);
    if (element == NULL)
        return refuse_type(name, header->descr, err);
    if (header->rank > DPK_MAX_RANK)
        return dpk_fail(err, DPK_BAD_INPUT, "'%s' has %u dimensions; at most %d can be read", name,
                        header->rank, DPK_MAX_RANK);
    if (!dpk_array_fits(element->type, header->rank, header->shape))
        return dpk_fail(err, DPK_LIMIT, "'%s' claims a shape too large for memory", name);
    content->element = element;
    content->big = header->descr[0] == '>' || (header->descr[0] != '<' && !dpk_is_little_endian());
    content->swapped = content->big == dpk_is_little_endian();
    content->fortran = header->fortran && header->rank > 1;
    return DPK_OK;
}

static dpk_status open_array(dpk_reader *reader, dpk_error *err)
{
    struct content *content = dpk_alloc(reader->arena, sizeof *content, err);
    if (content == NULL)
        return DPK_LIMIT;
    struct header header = { 0 };
    dpk_status status = read_head(reader, &header, content, err);
    if (status != DPK_OK)
        return status;
    dpk_array_shape(&reader->array, content->element->type, header.rank, header.shape);
    reader->state = content;
    reader->whole = content->fortran;

    const dpk_source *source = &reader->source;
    size_t left = (size_t)(source->data + source->size - content->data);
    size_t bytes = dpk_count(&reader->array) * content->element->size;
    if (left < bytes)
        return dpk_fail(err, DPK_BAD_INPUT, "'%s' is truncated: %zu of %zu bytes of elements",
                        source->name, left, bytes);
    bool aligned = (uintptr_t)content->data % dpk_type_size(reader->array.type) == 0;
    if (!content->element->widened && !content->fortran && !content->swapped && aligned)
        reader->mapped = content->data;
    if (left > bytes)
        snprintf(reader->note, sizeof reader->note, "%zu bytes after the array were ignored",
                 left - bytes);
    return DPK_OK;
}

/* Copies elements of `size` bytes to places `stride` bytes apart. Callers pass a constant size, so
 * that each copy becomes one load and one store. */
static inline void scatter(unsigned char *to, ptrdiff_t stride, const unsigned char *from,
                           size_t count, size_t size)
{
    for (size_t i = 0; i < count; i++)
        memcpy(to + (ptrdiff_t)i * stride, from + i * size, size);
}

static uint16_t load16(const unsigned char *from, bool big)
{
    return big ? dpk_load_be16(from) : dpk_load_le16(from);
}

/* Converts binary16 to binary32, which represents all of its values exactly. The bits are a sign, 5
 * of exponent and 10 of fraction. */
static float half(uint16_t bits)
{
    int exponent = bits >> 10 & 31;
    uint32_t fraction = bits & 1023, sign = (uint32_t)(bits & 0x8000) << 16, wide;
    float value;
    if (exponent == 0) {
        value = (float)fraction * 0x1p-24f;
        memcpy(&wide, &value, sizeof wide);
    } else {
        wide = (uint32_t)(exponent == 31 ? 255 : exponent + 112) << 23 | fraction << 13;
    }
    wide |= sign;
    memcpy(&value, &wide, sizeof value);
    return value;
}

static void widen(unsigned char *to, const unsigned char *from, const struct content *content)
{
    int32_t i32;
    int64_t i64;
    float f32;
    switch (content->element->type) {
    case DPK_I32:
        i32 = content->element->size == 1 ? (int8_t)*from : (int16_t)load16(from, content->big);
        memcpy(to, &i32, sizeof i32);
        break;
    case DPK_I64:
        i64 = content->big ? dpk_load_be32(from) : dpk_load_le32(from);
        memcpy(to, &i64, sizeof i64);
        break;
    default:
        f32 = half(load16(from, content->big));
        memcpy(to, &f32, sizeof f32);
        break;
    }
}

/* Copies or widens `count` elements that are contiguous in the file to places `stride` bytes apart.
 */
static void put_column(unsigned char *to, ptrdiff_t stride, const unsigned char *from, size_t count,
                       const struct content *content)
{
    if (content->element->widened) {
        for (size_t i = 0; i < count; i++)
            widen(to + (ptrdiff_t)i * stride, from + i * content->element->size, content);
        return;
    }
    switch (content->element->size) {
    case 1:
        scatter(to, stride, from, count, 1);
        break;
    case 2:
        scatter(to, stride, from, count, 2);
        break;
    case 4:
        scatter(to, stride, from, count, 4);
        break;
    case 8:
        scatter(to, stride, from, count, 8);
        break;
    case 16:
        scatter(to, stride, from, count, 16);
        break;
    }
}

/* Reads rows [y0, y1) of an array whose first axis varies fastest. Each column of these rows is
 * contiguous in the file and is scattered to y1 - y0 rows in memory. */
static void transpose(const dpk_array *array, const struct content *content, size_t y0, size_t y1)
{
    const size_t *shape = array->shape, size = content->element->size;
    unsigned char *to = dpk_row(array, y0);
    for (size_t i = 0; i < shape[1]; i++)
        for (size_t j = 0; j < shape[2]; j++)
            for (size_t k = 0; k < shape[3]; k++, to += dpk_type_size(array->type)) {
                size_t column = i + shape[1] * (j + shape[2] * k);
                put_column(to, array->stride[0], content->data + (column * shape[0] + y0) * size,
                           y1 - y0, content);
            }
}

/* Reads a row that is contiguous in the file. */
static void read_row(unsigned char *to, const unsigned char *from, size_t count,
                     const struct content *content)
{
    size_t size = dpk_type_size(content->element->type),
           unit = dpk_swap_unit(content->element->type);
    if (content->element->widened)
        put_column(to, (ptrdiff_t)size, from, count, content);
    else if (content->swapped)
        dpk_copy_swapped(to, from, count * size / unit, unit);
    else
        memcpy(to, from, count * size);
}

static dpk_status read_rows(dpk_reader *reader, size_t y0, size_t y1, dpk_error *err)
{
    /* Rows are transposed in blocks, so that the cache lines being written stay in the first-level
     * cache. */
    enum { BLOCK = 64 };
    (void)err;
    const struct content *content = reader->state;
    const dpk_array *array = &reader->array;
    const size_t count = dpk_row_count(array), unit = dpk_swap_unit(array->type);
    if (count == 0)
        return DPK_OK; /* of any number of rows */
    for (size_t block = y0; content->fortran && block < y1; block += BLOCK)
        transpose(array, content, block, block + BLOCK < y1 ? block + BLOCK : y1);
    for (size_t y = y0; y < y1; y++) {
        unsigned char *to = dpk_row(array, y);
        if (!content->fortran)
            read_row(to, content->data + y * count * content->element->size, count, content);
        else if (content->swapped && !content->element->widened)
            dpk_copy_swapped(to, to, count * dpk_type_size(array->type) / unit, unit);
    }
    return DPK_OK;
}

/* ------------------------------------------------------------------------------------ writing */

/* Writes the same bytes as numpy.save: it pads the header so that the first extent can grow to 21
 * digits in place, and so that the elements begin at a multiple of 64. */
static dpk_status begin(dpk_writer *writer, dpk_error *err)
{
    enum { GROWTH = 21, ALIGNMENT = 64 };
    const dpk_array *array = writer->array;
    const struct element *element = elements;
    while (element->type != array->type)
        element++;
    char order = dpk_type_size(array->type) == 1 ? '|' : dpk_is_little_endian() ? '<' : '>';
    unsigned char head[320];
    char *const text = (char *)head + HEAD_V1;
    const size_t room = sizeof head - HEAD_V1;
    int used = snprintf(text, room, "{'descr': '%c%s', 'fortran_order': False, 'shape': (", order,
                        element->descr);
    int growth = 0;
    for (unsigned axis = 0; axis < array->rank; axis++) {
        int digits = snprintf(text + used, room - (size_t)used, "%s%zu", axis ? ", " : "",
                              array->shape[axis]);
        used += digits;
        if (axis == 0)
            growth = GROWTH - digits;
    }
    used += snprintf(text + used, room - (size_t)used, "%s), }%*s", array->rank == 1 ? "," : "",
                     growth, "");
    int padding = ALIGNMENT - (HEAD_V1 + used + 1) % ALIGNMENT;
    used += snprintf(text + used, room - (size_t)used, "%*s\n", padding, "");
    memcpy(head, magic, MAGIC);
    head[MAGIC] = 1;
    head[MAGIC + 1] = 0;
    dpk_store_le16(head + MAGIC + 2, (uint16_t)used);
    return dpk_sink_write(writer->sink, head, HEAD_V1 + (size_t)used, err);
}

static dpk_status write_rows(dpk_writer *writer, size_t y0, size_t y1, dpk_error *err)
{
    const dpk_array *array = writer->array;
    const size_t bytes = dpk_row_bytes(array);
    dpk_status status = DPK_OK;
    for (size_t y = y0, end; y < y1 && status == DPK_OK; y = end) {
        end = dpk_rows_together(array, y, y1);
        status =
            dpk_sink_write_at(writer->sink, y * bytes, dpk_row(array, y), (end - y) * bytes, err);
    }
    return status;
}

static dpk_status finish(dpk_writer *writer, dpk_error *err)
{
    (void)writer;
    (void)err;
    return DPK_OK;
}

static const char *const suffixes[] = { "npy", NULL };

const dpk_format dpk_format_npy = {
    .name = "npy",
    .summary = "NumPy arrays of numbers, up to 4 dimensions; i1 i2 u4 f2 become wider types",
    .suffixes = suffixes,
    .recognise = recognise,
    .open = open_array,
    .rows = read_rows,
    .begin = begin,
    .write = write_rows,
    .finish = finish,
    .placed = true,
};
