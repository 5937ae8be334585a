/* SPDX-License-Identifier: MIT */
/* hash.c: the digest is a function of type, shape and elements, and of nothing else. */
#include "base/bytes.h"
#include "files.h"

extern const dpk_format dpk_format_hash;

TestSuite(hash, .init = enter_directory, .fini = remove_directory);

/* The printed line; static, so that one call at a time can be looked at. */
static const char *digest(const dpk_array *array, size_t band)
{
    static char line[256];
    dpk_error error;
    cr_assert_eq(write_path(&dpk_format_hash, "x", array, NULL, band, NULL, &error), DPK_OK);
    struct bytes file = get_file("x");
    snprintf(line, sizeof line, "%.*s", (int)file.size, (const char *)file.data);
    free(file.data);
    return line;
}

static void zeros(dpk_array *array, dpk_type type, unsigned rank, size_t a, size_t b)
{
    static const unsigned char zero[64];
    const size_t shape[DPK_MAX_RANK] = { a, b };
    dpk_array_shape(array, type, rank, shape);
    array->data = (void *)(uintptr_t)zero;
}

Test(hash, type_shape_and_bytes_matter)
{
    const struct {
        dpk_type type;
        unsigned rank;
        size_t a, b;
    } cases[] = { { DPK_U8, 0, 0, 0 },  { DPK_U8, 1, 1, 0 },  { DPK_U8, 2, 1, 1 },
                  { DPK_U8, 1, 0, 0 },  { DPK_U8, 2, 0, 3 },  { DPK_U8, 2, 3, 0 },
                  { DPK_U8, 2, 2, 3 },  { DPK_U8, 2, 3, 2 },  { DPK_U8, 1, 6, 0 },
                  { DPK_U16, 1, 3, 0 }, { DPK_U16, 1, 4, 0 }, { DPK_I32, 1, 2, 0 },
                  { DPK_F32, 1, 2, 0 }, { DPK_C64, 1, 1, 0 }, { DPK_F64, 1, 1, 0 } };
    enum { CASES = sizeof cases / sizeof *cases };
    static char lines[CASES][256];
    for (int i = 0; i < CASES; i++) {
        dpk_array array;
        zeros(&array, cases[i].type, cases[i].rank, cases[i].a, cases[i].b);
        strcpy(lines[i], digest(&array, 100));
        cr_expect_eq(strspn(lines[i], "0123456789abcdef"), 32);
        for (int j = 0; j < i; j++)
            cr_expect_neq(strncmp(lines[i], lines[j], 32), 0, "%s%s", lines[i], lines[j]);
    }
    unsigned char bytes[6] = { 0, 0, 0, 0, 0, 1 };
    dpk_array array;
    zeros(&array, DPK_U8, 1, 6, 0);
    array.data = bytes;
    cr_expect_str_neq(digest(&array, 100), lines[8]);
}

Test(hash, bands_do_not_matter)
{
    dpk_array array = make_array(DPK_F32, 3, 97, 31, 3, 0);
    char whole[256];
    strcpy(whole, digest(&array, 97));
    cr_expect_str_eq(digest(&array, 1), whole);
    cr_expect_str_eq(digest(&array, 10), whole);
    free(array.data);
}

/* Digests are compared between machines and versions: they must not change. */
Test(hash, known_digests)
{
    static const char text[] = "data-parallel";
    const size_t length[DPK_MAX_RANK] = { sizeof text - 1 }, pair[DPK_MAX_RANK] = { 1, 2 };
    dpk_array array = { 0 };
    dpk_array_shape(&array, DPK_U8, 1, length);
    array.data = (void *)(uintptr_t)text;
    cr_expect_str_eq(digest(&array, 100), "7d23b2eb7ecd98910aca5a156845f8d9  u8 13\n");
    double complex numbers[] = { 1.5 - 2 * I, 1e300 * I };
    dpk_array_shape(&array, DPK_C128, 2, pair);
    array.data = numbers;
    cr_expect_str_eq(digest(&array, 100), "7978176853e324a4e95fb18e4518608f  c128 1x2\n");
}
