/* SPDX-License-Identifier: MIT */
/* pngsuite.c: Willem van Schaik's PngSuite, where it is present: every valid file must decode to
 * what its definition says, every broken one (x*.png) must be refused with a sentence. The oracle
 * takes nothing but the stored samples from libpng and expands them by the specification. */
#include "files.h"

#include <png.h>

#ifndef DPK_PNGSUITE
#    define DPK_PNGSUITE ""
#endif

extern const dpk_format dpk_format_png;

TestSuite(pngsuite, .init = enter_directory, .fini = remove_directory);

/* A file as it is stored: rows of packed samples, palette and transparency. */
struct stored {
    png_uint_32 columns, rows;
    int depth, colour, colours, alphas;
    png_colorp palette;
    png_bytep alpha;           /* of the palette's first colours */
    png_color_16p transparent; /* the one transparent colour of grey and RGB */
    png_bytepp lines;
};

static unsigned sample(const struct stored *stored, size_t y, size_t i)
{
    const unsigned char *line = stored->lines[y];
    if (stored->depth == 16)
        return (unsigned)line[2 * i] << 8 | line[2 * i + 1];
    size_t bit = i * (size_t)stored->depth;
    int shift = 8 - stored->depth - (int)(bit % 8);
    return (unsigned)line[bit / 8] >> shift & ((1u << stored->depth) - 1);
}

/* Pixel (y, x) as dpk is to show it; returns its channels. */
static size_t pixel(const struct stored *stored, size_t y, size_t x, unsigned channels[4])
{
    static const size_t counts[] = { 1, 0, 3, 1, 2, 0, 4 };
    size_t count = counts[stored->colour];
    unsigned value[4] = { 0 };
    for (size_t c = 0; c < count; c++)
        value[c] = sample(stored, y, x * count + c);
    if (stored->colour == PNG_COLOR_TYPE_PALETTE) {
        const png_color *entry = &stored->palette[value[0]];
        channels[0] = entry->red;
        channels[1] = entry->green;
        channels[2] = entry->blue;
        channels[3] = value[0] < (unsigned)stored->alphas ? stored->alpha[value[0]] : 255;
        return stored->alpha != NULL ? 4 : 3;
    }
    unsigned scale = stored->depth < 8 ? 255 / ((1u << stored->depth) - 1) : 1;
    for (size_t c = 0; c < count; c++)
        channels[c] = value[c] * scale;
    if (stored->transparent == NULL)
        return count;
    const png_color_16 *key = stored->transparent;
    bool hidden = count == 1
                      ? value[0] == key->gray
                      : value[0] == key->red && value[1] == key->green && value[2] == key->blue;
    channels[count] = hidden ? 0 : stored->depth == 16 ? 65535 : 255;
    return count + 1;
}

static void compare(const char *name, const dpk_array *array, const struct stored *stored)
{
    cr_assert(array->shape[0] == stored->rows && array->shape[1] == stored->columns, "%s", name);
    cr_assert_eq(array->type, stored->depth == 16 ? DPK_U16 : DPK_U8, "%s", name);
    for (size_t y = 0; y < array->shape[0]; y++)
        for (size_t x = 0; x < array->shape[1]; x++) {
            unsigned wanted[4] = { 0 };
            size_t count = pixel(stored, y, x, wanted);
            cr_assert_eq(array->shape[2], count, "%s", name);
            for (size_t c = 0; c < count; c++) {
                size_t i = x * count + c;
                unsigned got = array->type == DPK_U16 ? ((const uint16_t *)dpk_row(array, y))[i]
                                                      : ((const uint8_t *)dpk_row(array, y))[i];
                cr_assert_eq(got, wanted[c], "%s: row %zu, column %zu, channel %zu: %u, not %u",
                             name, y, x, c, got, wanted[c]);
            }
        }
}

static void check_valid(const char *name, const char *path, size_t band)
{
    FILE *file = fopen(path, "rb");
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    cr_assert(file != NULL && png != NULL && info != NULL);
    if (setjmp(png_jmpbuf(png)) != 0)
        cr_assert_fail("%s: libpng cannot read it", name);
    png_init_io(png, file);
    png_read_png(png, info, PNG_TRANSFORM_IDENTITY, NULL);
    struct stored stored = { .columns = png_get_image_width(png, info),
                             .rows = png_get_image_height(png, info),
                             .depth = png_get_bit_depth(png, info),
                             .colour = png_get_color_type(png, info),
                             .lines = png_get_rows(png, info) };
    png_get_PLTE(png, info, &stored.palette, &stored.colours);
    if (png_get_tRNS(png, info, &stored.alpha, &stored.alphas, &stored.transparent) == 0 ||
        stored.colour == PNG_COLOR_TYPE_PALETTE)
        stored.transparent = NULL;

    struct session session;
    dpk_status status = read_path(&session, &dpk_format_png, path, band);
    cr_expect_eq(status, DPK_OK, "%s: %s", name, session.error.text);
    if (status == DPK_OK)
        compare(name, &session.reader.array, &stored);
    cr_expect_str_empty(session.reader.note, "%s: %s", name, session.reader.note);
    end_session(&session);
    png_destroy_read_struct(&png, &info, NULL);
    fclose(file);
}

static void check_broken(const char *name, const char *path)
{
    struct session session;
    dpk_status status = read_path(&session, &dpk_format_png, path, 7);
    expect_failure(status, DPK_BAD_INPUT, &session.error, name);
    end_session(&session);
}

/* An item that is true of other pixels, too: this one, or the next. */
static const dpk_meta_item *carried(const dpk_meta_item *item)
{
    while (item != NULL && item->bound)
        item = item->next;
    return item;
}

/* What a run does: read, write, and read again. */
static void check_round_trip(const char *name, const char *path)
{
    struct session first, second;
    cr_assert_eq(read_path(&first, &dpk_format_png, path, 5), DPK_OK);
    cr_assert_eq(write_path(&dpk_format_png, "x.png", &first.reader.array, &first.reader.meta, 5,
                            NULL, &first.error),
                 DPK_OK, "%s: %s", name, first.error.text);
    cr_assert_eq(read_path(&second, &dpk_format_png, "x.png", 5), DPK_OK);
    cr_expect(same_array(&first.reader.array, &second.reader.array), "%s", name);
    const dpk_meta_item *a = carried(first.reader.meta.first), *b = second.reader.meta.first;
    for (; a != NULL && b != NULL; a = carried(a->next), b = b->next) {
        cr_expect_str_eq(a->type, b->type);
        cr_expect(a->size == b->size && memcmp(a->body, b->body, a->size) == 0, "%s: %s", name,
                  a->type);
    }
    cr_expect(a == NULL && b == NULL, "%s: metadata lost", name);
    const uint16_t *colour = first.reader.meta.background, *kept = second.reader.meta.background;
    cr_expect_eq(colour != NULL, kept != NULL, "%s: background lost", name);
    if (colour != NULL && kept != NULL)
        cr_expect_arr_eq(colour, kept, 3 * sizeof *colour, "%s: background", name);
    end_session(&first);
    end_session(&second);
}

Test(pngsuite, every_file)
{
    DIR *directory = opendir(DPK_PNGSUITE);
    if (directory == NULL)
        cr_skip_test("PngSuite is not in '" DPK_PNGSUITE "'");
    int valid = 0, broken = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", DPK_PNGSUITE, entry->d_name);
        const char *dot = strrchr(entry->d_name, '.');
        if (dot == NULL || strcmp(dot, ".png") != 0)
            continue;
        if (entry->d_name[0] == 'x') {
            check_broken(entry->d_name, path);
            broken++;
        } else {
            check_valid(entry->d_name, path, 1);
            check_valid(entry->d_name, path, 1000);
            check_round_trip(entry->d_name, path);
            valid++;
        }
    }
    closedir(directory);
    cr_expect_gt(valid, 150);
    cr_expect_gt(broken, 10);
}

/* Every prefix of a file must be refused; changed bytes may or may not be noticed, but must not
 * lead astray. */
Test(pngsuite, damaged_files, .timeout = 300)
{
    static const char *const names[] = { "s07i3p02.png", "basi6a16.png", "tbbn3p08.png",
                                         "ccwn2c08.png", "ct1n0g04.png", "oi9n2c16.png" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", DPK_PNGSUITE, names[i]);
        if (access(path, R_OK) != 0)
            cr_skip_test("PngSuite is not in '" DPK_PNGSUITE "'");
        struct bytes file = get_file(path);
        size_t step = file.size / 200 + 1;
        for (size_t at = 0; at < file.size; at += step) {
            struct session session;
            put_file("x.png", file.data, at);
            expect_failure(read_path(&session, &dpk_format_png, "x.png", 9), DPK_BAD_INPUT,
                           &session.error, names[i]);
            end_session(&session);
            file.data[at] ^= (unsigned char)(1 + at % 255);
            put_file("x.png", file.data, file.size);
            dpk_status status = read_path(&session, &dpk_format_png, "x.png", 9);
            cr_expect(status == DPK_OK || status == DPK_BAD_INPUT || status == DPK_LIMIT);
            end_session(&session);
            file.data[at] ^= (unsigned char)(1 + at % 255);
        }
        free(file.data);
    }
}
