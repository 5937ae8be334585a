/* SPDX-License-Identifier: MIT */
/* seeds.c: writes small files to begin with. FOLDER/png: every colour type and depth, as one
 * stream, cut into many chunks, interlaced, in parts, and in parts that are none; and one picture
 * of more rows than the reader decodes at a time. FOLDER/arrays: every kind of NPY and PNM.
 *
 * usage: fuzz_seeds FOLDER */
#include "png_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

static const char *folder;
static png_file file;
static unsigned char raw[PNG_RAW_MOST], made[PNG_RAW_MOST];

/* Where that fails, so does saving. */
static void make_folder(const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    mkdir(folder, 0777);
    mkdir(path, 0777);
}

static void save(const char *name, const void *data, size_t size)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *out = fopen(path, "wb");
    if (out == NULL || fwrite(data, 1, size, out) != size || fclose(out) != 0) {
        perror(path);
        exit(EXIT_FAILURE);
    }
}

/* ------------------------------------------------------------------------------------------- PNG
 */

static const struct form {
    const char *name;
    unsigned interlaced;
    png_packing packing;
} forms[] = {
    { "whole", 0, { .level = 6 } },
    { "stored", 0, { .level = 0, .cut = 40 } },
    { "fixed", 0, { .level = 9, .strategy = Z_FIXED } },
    { "parts", 0, { .level = 6, .part_rows = 4 } },
    { "lie", 0, { .level = 6, .part_rows = 4, .sloppy = true } },
    { "interlaced", 1, { .level = 6 } },
};

/* Filters in turn; what they leave is small, as in photographs, and in places repeats. The first
 * row of each part has a filter that does without the row above. */
static size_t fill_rows(const png_header *header, size_t part_rows)
{
    size_t row = png_row_bytes(header), size = row * header->rows;
    uint32_t random = 1;
    for (size_t i = 0; i < size; i++) {
        size_t y = i / row;
        random = random * 1664525 + 1013904223;
        raw[i] = (unsigned char)(y % 3 == 2 ? i % row / 5 : random >> 24 & 7);
        if (i % row == 0)
            raw[i] = (unsigned char)(part_rows > 0 && y % part_rows == 0 ? y % 2 : y % 5);
    }
    return size;
}

static void make_png(const char *name, const png_header *header, size_t size,
                     const png_packing *packing)
{
    char path[64];
    png_start(&file, header);
    memcpy(png_insert(&file, 1, "gAMA", 4)->body, "\0\0\xb1\x8f", 4);
    if (header->colour == 3) {
        png_piece *palette = png_insert(&file, 2, "PLTE", (size_t)3 << header->depth);
        for (size_t i = 0; i < palette->size; i++)
            palette->body[i] = (unsigned char)(i * 37);
    }
    png_pack(&file, raw, size, packing);
    memcpy(png_insert(&file, file.count, "tEXt", 7)->body, "Title\0x", 7);
    png_insert(&file, file.count, "IEND", 0);
    snprintf(path, sizeof path, "png/%s-%u-%u.png", name, header->colour, header->depth);
    save(path, made, png_put_together(&file, made, sizeof made));
}

static void make_pngs(void)
{
    static const unsigned layouts[][2] = { { 0, 1 }, { 0, 2 },  { 0, 4 },  { 0, 8 }, { 0, 16 },
                                           { 2, 8 }, { 2, 16 }, { 3, 1 },  { 3, 2 }, { 3, 4 },
                                           { 3, 8 }, { 4, 8 },  { 4, 16 }, { 6, 8 }, { 6, 16 } };
    make_folder("png");
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++)
        for (size_t j = 0; j < sizeof forms / sizeof *forms; j++) {
            png_header header = { .columns = 11,
                                  .rows = 13,
                                  .colour = layouts[i][0],
                                  .depth = layouts[i][1],
                                  .interlaced = forms[j].interlaced };
            make_png(forms[j].name, &header, fill_rows(&header, forms[j].packing.part_rows),
                     &forms[j].packing);
        }
    /* As small as it can be for dpk to write it in parts. */
    png_header large = { .columns = 64, .rows = 1024, .colour = 6, .depth = 16 };
    memset(raw, 0, sizeof raw);
    make_png("large", &large, png_row_bytes(&large) * large.rows, &(png_packing){ .level = 9 });
}

/* --------------------------------------------------------------------------------- NPY and PNM
 */

/* Two rows of three elements. */
static void make_npy(const char *descr, const char *fortran, int version)
{
    char path[64], bytes[128 + 6 * 16] = "\x93NUMPY";
    int head = version == 1 ? 10 : 12;
    bytes[6] = (char)version;
    bytes[8] = (char)(128 - head);
    int used =
        head + snprintf(bytes + head, sizeof bytes - 12,
                        "{'descr': '%s', 'fortran_order': %s, 'shape': (2, 3), }", descr, fortran);
    memset(bytes + used, ' ', (size_t)(127 - used));
    bytes[127] = '\n';
    for (size_t i = 128; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 5 & 127);
    snprintf(path, sizeof path, "arrays/%s-%s-%s.npy", *descr == '>' ? "big" : "little", descr + 1,
             fortran);
    save(path, bytes, 128 + 6 * strtoul(descr + 2, NULL, 10));
}

static void make_arrays(void)
{
    static const char *const descr[] = { "|u1", "|b1", "<u2", ">u2", "<i4",  "<i8",
                                         "<f4", ">f4", "<f8", "<c8", "<c16", ">c16" };
    static const char *const pictures[] = {
        "P1 4 2 1011 0100",
        "P2\n# grey\n3 2 9\n1 2 3\n4 5 6\n",
        "P3 1 2 255 1 2 3 40 50 60",
        "P4 9 2\nabcd",
        "P5 3 2 255\nabcdef",
        "P5 2 1 65535\nabcd",
        "P5 3 2 100\nABCDEF",
        "P6 1 2 255\nabcdef",
        "P7\nWIDTH 2\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\nabcdefgh",
        "P7\nWIDTH 1\nHEIGHT 2\nDEPTH 2\nMAXVAL 1000\nENDHDR\n\1b\1d\1f\1h",
    };
    make_folder("arrays");
    for (size_t i = 0; i < sizeof descr / sizeof *descr; i++) {
        make_npy(descr[i], "False", 1 + (int)i % 3);
        make_npy(descr[i], "True", 1);
    }
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++) {
        char path[64];
        snprintf(path, sizeof path, "arrays/%zu.pnm", i);
        save(path, pictures[i], strlen(pictures[i]));
    }
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: fuzz_seeds FOLDER\n");
        return EXIT_FAILURE;
    }
    folder = argv[1];
    make_pngs();
    make_arrays();
    return EXIT_SUCCESS;
}
