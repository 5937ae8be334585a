/* SPDX-License-Identifier: MIT */
/* npy.c: NumPy's files, byte for byte, and headers that are nearly ones. */
#include "base/bytes.h"
#include "files.h"

#include <math.h>

extern const dpk_format dpk_format_npy;

TestSuite(npy, .init = enter_directory, .fini = remove_directory);

static const dpk_type types[] = { DPK_U8,  DPK_U16, DPK_I32, DPK_I64,
                                  DPK_F32, DPK_F64, DPK_C64, DPK_C128 };

enum { TYPES = sizeof types / sizeof *types };

Test(npy, what_is_written_reads_back)
{
    static const struct {
        unsigned rank;
        size_t shape[DPK_MAX_RANK];
    } shapes[] = { { 0, { 0 } },          { 1, { 1 } },       { 1, { 0 } },
                   { 1, { 1000 } },       { 2, { 3, 5 } },    { 2, { 0, 5 } },
                   { 2, { 5, 0 } },       { 3, { 7, 2, 3 } }, { 4, { 2, 3, 4, 5 } },
                   { 4, { 70, 1, 1, 1 } } };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (int type = 0; type < TYPES; type++) {
            const size_t *shape = shapes[i].shape;
            struct session session;
            dpk_error error;
            dpk_array array =
                make_array(types[type], shapes[i].rank, shape[0], shape[1], shape[2], shape[3]);
            cr_assert_eq(write_path(&dpk_format_npy, "x.npy", &array, NULL, 3, NULL, &error),
                         DPK_OK);
            cr_assert_eq(read_path(&session, &dpk_format_npy, "x.npy", 2), DPK_OK, "%s",
                         session.error.text);
            cr_expect(same_array(&array, &session.reader.array));
            cr_expect(!session.reader.image);
            cr_expect_str_empty(session.reader.note);
            end_session(&session);
            free(array.data);
        }
}

static void expect_header(dpk_type type, unsigned rank, size_t a, size_t b, const char *wanted)
{
    dpk_error error;
    dpk_array array = make_array(type, rank, a, b, 0, 0);
    cr_assert_eq(write_path(&dpk_format_npy, "x.npy", &array, NULL, 100, NULL, &error), DPK_OK);
    struct bytes file = get_file("x.npy");
    cr_assert_eq(file.size, 128 + dpk_array_bytes(&array));
    cr_expect_arr_eq(file.data, "\x93NUMPY\x01\x00\x76\x00", 10);
    char text[119] = "";
    memcpy(text, file.data + 10, 118);
    cr_expect_eq(text[117], '\n');
    text[strcspn(text, "}") + 1] = '\0';
    if (!dpk_is_little_endian())
        wanted = "";
    cr_expect(wanted[0] == '\0' || strcmp(text, wanted) == 0, "%s", text);
    for (size_t i = 10 + strlen(text); i < 127; i++)
        cr_expect_eq(file.data[i], ' ');
    free(file.data);
    free(array.data);
}

Test(npy, header_is_numpys_own)
{
    expect_header(DPK_F64, 2, 3, 4, "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }");
    expect_header(DPK_F64, 0, 0, 0, "{'descr': '<f8', 'fortran_order': False, 'shape': (), }");
    expect_header(DPK_U8, 1, 7, 0, "{'descr': '|u1', 'fortran_order': False, 'shape': (7,), }");
    expect_header(DPK_C128, 2, 0, 1,
                  "{'descr': '<c16', 'fortran_order': False, 'shape': (0, 1), }");
}

/* Writes x.npy from a header text and elements; version 1, 2 or 3. */
static void put_array(int version, const char *header, const void *data, size_t size)
{
    unsigned char file[2048] = { 0x93, 'N', 'U', 'M', 'P', 'Y', (unsigned char)version, 0 };
    size_t used = 8, length = strlen(header);
    for (size_t i = 0; i < (version == 1 ? 2 : 4); i++)
        file[used++] = (unsigned char)(length >> 8 * i);
    memcpy(file + used, header, length);
    memcpy(file + used + length, data, size);
    put_file("x.npy", file, used + length + size);
}

static void expect_array(const dpk_array *wanted, const char *what)
{
    for (size_t band = 1; band < 5; band++) {
        struct session session;
        cr_assert_eq(read_path(&session, &dpk_format_npy, "x.npy", band), DPK_OK, "%s: %s", what,
                     session.error.text);
        cr_expect(same_array(wanted, &session.reader.array), "%s", what);
        end_session(&session);
    }
}

Test(npy, versions_and_spellings)
{
    static const char *const headers[] = {
        "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }   \n",
        "{\"shape\": (2,3,), \"descr\": \"<u1\", \"fortran_order\": False}\n",
        "{'fortran_order':False,'shape':(2L, 3L),'descr':'u1'}",
        "\t{ 'descr' : '=u1' , 'shape' : ( 2 , 3 ) , 'fortran_order' : False , }",
    };
    dpk_array array = make_array(DPK_U8, 2, 2, 3, 0, 0);
    for (int version = 1; version <= 3; version++)
        for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
            put_array(version, headers[i], array.data, 6);
            expect_array(&array, headers[i]);
        }
    free(array.data);
}

Test(npy, both_byte_orders)
{
    static const char *const descrs[] = { "u1", "u2", "i4", "i8", "f4", "f8", "c8", "c16" };
    for (int type = 0; type < TYPES; type++) {
        dpk_array array = make_array(types[type], 2, 5, 3, 0, 0);
        size_t size = dpk_array_bytes(&array), unit = dpk_swap_unit(types[type]);
        unsigned char swapped[16 * 15];
        for (size_t i = 0; i < size; i++)
            swapped[i] = ((unsigned char *)array.data)[i / unit * unit + unit - 1 - i % unit];
        for (int big = 0; big < 2; big++) {
            char header[128];
            snprintf(header, sizeof header,
                     "{'descr': '%c%s', 'fortran_order': False, 'shape': (5, 3), }\n",
                     big ? '>' : '<', descrs[type]);
            put_array(1, header, big == dpk_is_little_endian() ? swapped : array.data, size);
            expect_array(&array, header);
        }
        free(array.data);
    }
}

/* Element (a, b, c, d) of the array is its number in Fortran order. */
Test(npy, fortran_order)
{
    static const size_t shapes[][DPK_MAX_RANK] = {
        { 5, 1, 1, 1 }, { 1, 5, 1, 1 }, { 7, 5, 1, 1 }, { 130, 2, 1, 1 }, { 2, 3, 4, 5 }
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (int big = 0; big < 2; big++) {
            const size_t *shape = shapes[i];
            dpk_array array = { 0 };
            dpk_array_shape(&array, DPK_U16, 4, shape);
            unsigned char file[2 * 300];
            uint16_t wanted[300], *next = wanted;
            for (unsigned n = 0; n < dpk_count(&array); n++) {
                file[2 * n + (unsigned)big] = (unsigned char)n;
                file[2 * n + 1 - (unsigned)big] = (unsigned char)(n >> 8);
            }
            for (size_t a = 0; a < shape[0]; a++)
                for (size_t b = 0; b < shape[1]; b++)
                    for (size_t c = 0; c < shape[2]; c++)
                        for (size_t d = 0; d < shape[3]; d++)
                            *next++ =
                                (uint16_t)(a + shape[0] * (b + shape[1] * (c + shape[2] * d)));
            char header[128];
            snprintf(header, sizeof header,
                     "{'descr': '%cu2', 'fortran_order': True, 'shape': (%zu, %zu, %zu, %zu), }\n",
                     big ? '>' : '<', shape[0], shape[1], shape[2], shape[3]);
            put_array(1, header, file, 2 * dpk_count(&array));
            array.data = wanted;
            expect_array(&array, header);
        }
}

/* ---------------------------------------------------------------------------- types that grow */

/* What 16 bits mean as a number of binary16, and of any type as the type it becomes. */
static double half_of(unsigned bits)
{
    int exponent = bits >> 10 & 31, fraction = bits & 1023;
    double value = exponent == 31  ? (fraction ? NAN : INFINITY)
                   : exponent == 0 ? ldexp(fraction, -24)
                                   : ldexp(1024 + fraction, exponent - 25);
    return bits & 0x8000 ? -value : value;
}

/* Element n of the array, and the bits it has in the file. */
static double grown(const char *descr, uint32_t bits)
{
    if (strcmp(descr, "i1") == 0)
        return (int8_t)bits;
    if (strcmp(descr, "i2") == 0)
        return (int16_t)bits;
    return strcmp(descr, "u4") == 0 ? bits : half_of(bits);
}

static double element_of(const dpk_array *array, size_t n)
{
    const unsigned char *data = array->data;
    int32_t i32;
    int64_t i64;
    float f32;
    memcpy(&f32, data + 4 * n, 4);
    memcpy(&i32, data + 4 * n, 4);
    if (array->type == DPK_F32)
        return (double)f32;
    if (array->type == DPK_I32)
        return i32;
    memcpy(&i64, data + 8 * n, 8);
    return (double)i64;
}

static bool same_number(double a, double b)
{
    return isnan(a) ? isnan(b) : a == b && signbit(a) == signbit(b);
}

enum { GROWN = 1 << 16 };

/* Every pattern of 16 bits; of 32 bits as many. */
static void check_grown(const char *descr, size_t size, dpk_type type, bool big, bool fortran)
{
    static unsigned char file[128 + 4 * GROWN] = { 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 118 };
    struct session session;
    char header[128];
    int length = snprintf(header, sizeof header,
                          "{'descr': '%c%s', 'fortran_order': %s, 'shape': (256, 256)}",
                          big ? '>' : '<', descr, fortran ? "True" : "False");
    memset(file + 10, ' ', 118);
    memcpy(file + 10, header, (size_t)length);
    for (size_t n = 0; n < GROWN; n++) {
        uint32_t bits = (uint32_t)n * (size == 4 ? 65537 : 1);
        for (size_t i = 0; i < size; i++)
            file[128 + size * n + (big ? size - 1 - i : i)] = (unsigned char)(bits >> 8 * i);
    }
    put_file("x.npy", file, 128 + size * GROWN);
    cr_assert_eq(read_path(&session, &dpk_format_npy, "x.npy", 100), DPK_OK, "%s",
                 session.error.text);
    cr_expect_eq(session.reader.array.type, type, "%s", descr);
    cr_expect_null(session.reader.mapped);
    for (size_t n = 0; n < GROWN; n++) {
        size_t place = fortran ? n % 256 * 256 + n / 256 : n;
        double wanted = grown(descr, (uint32_t)n * (size == 4 ? 65537 : 1));
        double got = element_of(&session.reader.array, place);
        cr_assert(same_number(wanted, got), "%s %zu: %g, not %g", descr, n, got, wanted);
    }
    end_session(&session);
}

Test(npy, types_grow_that_are_too_small)
{
    static const struct {
        const char *descr;
        size_t size;
        dpk_type type;
    } cases[] = {
        { "i1", 1, DPK_I32 }, { "i2", 2, DPK_I32 }, { "u4", 4, DPK_I64 }, { "f2", 2, DPK_F32 }
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int big = 0; big < 2; big++)
            for (int fortran = 0; fortran < 2; fortran++)
                check_grown(cases[i].descr, cases[i].size, cases[i].type, big, fortran);
}

Test(npy, empty_arrays_of_any_length_take_no_time, .timeout = 5)
{
    static const char *const shapes[] = { "(0,)", "(1000000000000, 0)", "(0, 1000000000000)",
                                          "(3, 1000000000, 100000000, 0)" };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (int fortran = 0; fortran < 2; fortran++) {
            char header[128];
            struct session session;
            dpk_error error;
            snprintf(header, sizeof header, "{'descr': '<f4', 'fortran_order': %s, 'shape': %s}",
                     fortran ? "True" : "False", shapes[i]);
            put_array(1, header, "", 0);
            cr_assert_eq(read_path(&session, &dpk_format_npy, "x.npy", SIZE_MAX / 2), DPK_OK, "%s",
                         session.error.text);
            cr_expect_eq(dpk_count(&session.reader.array), 0);
            cr_expect_eq(write_path(&dpk_format_npy, "y.npy", &session.reader.array, NULL,
                                    SIZE_MAX / 2, NULL, &error),
                         DPK_OK);
            end_session(&session);
        }
}

Test(npy, bytes_after_the_array_are_noted)
{
    struct session session;
    put_array(1, "{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }\n", "\0\1more", 6);
    cr_assert_eq(read_path(&session, &dpk_format_npy, "x.npy", 9), DPK_OK);
    cr_expect_eq(session.reader.array.type, DPK_U8);
    cr_expect_str_eq(session.reader.note, "4 bytes after the array were ignored");
    end_session(&session);
}

static void expect_refused(const char *header, dpk_status status, const char *hint)
{
    struct session session;
    put_array(1, header, "12345678", 8);
    expect_failure(read_path(&session, &dpk_format_npy, "x.npy", 9), status, &session.error,
                   header);
    cr_expect_not_null(strstr(session.error.text, hint), "%s", session.error.text);
    cr_expect_not_null(strstr(session.error.text, "x.npy"), "%s", session.error.text);
    end_session(&session);
}

Test(npy, malformed_headers_are_refused)
{
    static const char *const headers[] = {
        "",
        "{",
        "{}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (8,), ",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (8,), } x",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (8,),, }",
        "{'descr': '|u1' 'fortran_order': False, 'shape': (8,), }",
        "{'descr': '|u1', 'fortran_order': False }",
        "{'descr': '|u1', 'shape': (8,), }",
        "{'fortran_order': False, 'shape': (8,), }",
        "{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (8,), }",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (8,), 'more': 1}",
        "{'descr': '|u1', 'fortran_order': 0, 'shape': (8,), }",
        "{'descr': '|u1', 'fortran_order': False, 'shape': 8, }",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (8), }",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (,), }",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (2 4), }",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (-8,), }",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (8, }",
        "{'descr': '|u1, 'fortran_order': False, 'shape': (8,), }",
        "{'descr': u1, 'fortran_order': False, 'shape': (8,), }",
    };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        expect_refused(headers[i], DPK_BAD_INPUT, "header");
}

Test(npy, what_cannot_be_held_is_named)
{
    static const struct {
        const char *header, *hint;
    } cases[] = {
        { "{'descr': '<u8', 'fortran_order': False, 'shape': (1,), }", "'<u8'" },
        { "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "'|O'" },
        { "{'descr': '<u8', 'fortran_order': False, 'shape': (1,), }", "astype('i8')" },
        { "{'descr': '<f16', 'fortran_order': False, 'shape': (1,), }", "'<f16'" },
        { "{'descr': '\x1b[31m', 'fortran_order': False, 'shape': (1,), }", "'\\x1b[31m'" },
        { "{'descr': '<U10', 'fortran_order': False, 'shape': (1,), }", "b1 u1 u2" },
        { "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }", "structure" },
        { "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, 1, 1, 8), }", "5 dimensions" },
        { "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", "truncated" },
        { "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }", "truncated" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_refused(cases[i].header, DPK_BAD_INPUT, cases[i].hint);
}

/* Whether the claim needs more bits than a size has, or only its product with the others. */
Test(npy, more_than_memory_holds_is_a_limit)
{
    static const char *const shapes[] = {
        "(4294967296, 4294967296)",        "(9223372036854775808, 0)",
        "(18446744073709551615,)",         "(18446744073709551616,)",
        "(0, 99999999999999999999999999)", "(99999999999999999999999999, 1)",
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        char header[160];
        snprintf(header, sizeof header, "{'descr': '|u1', 'fortran_order': False, 'shape': %s, }",
                 shapes[i]);
        expect_refused(header, DPK_LIMIT, "too large");
    }
}

Test(npy, every_truncation_is_an_error)
{
    put_array(2, "{'descr': '<u2', 'fortran_order': False, 'shape': (2, 2), }\n", "12345678", 8);
    struct bytes file = get_file("x.npy");
    for (size_t size = 0; size < file.size; size++) {
        struct session session;
        put_file("x.npy", file.data, size);
        expect_failure(read_path(&session, &dpk_format_npy, "x.npy", 9), DPK_BAD_INPUT,
                       &session.error, "cut");
        end_session(&session);
    }
    free(file.data);
}

Test(npy, no_changed_byte_leads_astray)
{
    put_array(1, "{'descr': '<u2', 'fortran_order': True, 'shape': (2, 2), }\n", "12345678", 8);
    struct bytes file = get_file("x.npy");
    for (size_t i = 0; i < file.size; i++)
        for (int value = 0; value < 256; value++) {
            struct session session;
            unsigned char old = file.data[i];
            file.data[i] = (unsigned char)value;
            put_file("x.npy", file.data, file.size);
            dpk_status status = read_path(&session, &dpk_format_npy, "x.npy", 9);
            cr_expect(status == DPK_OK || status == DPK_BAD_INPUT);
            end_session(&session);
            file.data[i] = old;
        }
    free(file.data);
}
