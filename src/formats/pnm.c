/* SPDX-License-Identifier: MIT */
/* pnm.c: Netpbm's formats: PBM, PGM, PPM (P1 to P6) and PAM (P7) in; PGM, PPM and PAM out. Samples
 * become u8 where maxval is at most 255 and u16 above, and are stretched to the full range of that
 * type: v becomes round(v * 255 / maxval) or round(v * 65535 / maxval). Bits become 0 and 255; 1 is
 * black in PBM and white in PAM. Of a file with several pictures the first is read. */
#include "base/array.h"
#include "base/bytes.h"
#include "base/text.h"
#include "files/format.h"
#include "formats/limit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Columns, rows and samples: as many as PNG allows, so that pictures can be converted. */
enum { NUMBER_MAX = 0x7fffffff };

/* ------------------------------------------------------------------------------------ reading */

/* The part of a text that has not been parsed yet. */
struct text {
    const unsigned char *at, *end;
};

struct picture {
    int magic; /* the digit after P */
    size_t columns, rows, channels, maxval;
    char tuple[40]; /* P7: what a pixel is said to consist of, or "" */
    struct text pixels;
};

static bool is_space(int c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

/* Returns the next character, -1 at the end. A comment, from # to the end of the line, can be
 * anywhere and counts as that line's end. */
static int next_char(struct text *text)
{
    int c = text->at < text->end ? *text->at++ : -1;
    if (c == '#')
        while (c != '\n' && c != '\r' && c != -1)
            c = text->at < text->end ? *text->at++ : -1;
    return c;
}

/* Parses a decimal number, white space before it, and one character after it, which must be white
 * space or the end. */
static bool next_number(struct text *text, size_t *number)
{
    int c = next_char(text);
    while (is_space(c))
        c = next_char(text);
    if (!is_digit(c))
        return false;
    for (*number = 0; is_digit(c) && *number <= NUMBER_MAX; c = next_char(text))
        *number = *number * 10 + (size_t)(c - '0');
    return *number <= NUMBER_MAX && (c == -1 || is_space(c));
}

/* Takes the next line, without leading white space and without its end. */
static bool next_line(struct text *text, struct text *line)
{
    const unsigned char *end = memchr(text->at, '\n', (size_t)(text->end - text->at));
    if (end == NULL)
        return false;
    *line = (struct text){ text->at, end };
    text->at = end + 1;
    while (line->at < line->end && is_space(*line->at))
        line->at++;
    return true;
}

static bool take_word(struct text *line, const char *word)
{
    size_t length = strlen(word), left = (size_t)(line->end - line->at);
    if (left < length || memcmp(line->at, word, length) != 0 ||
        (left > length && !is_space(line->at[length])))
        return false;
    line->at += length;
    return true;
}

/* Parses the head of P1 to P6: columns, rows, maxval (not for bits), and one white-space character.
 */
static bool read_pnm_head(struct picture *picture)
{
    bool bits = picture->magic == 1 || picture->magic == 4;
    picture->channels = picture->magic % 3 == 0 ? 3 : 1;
    picture->maxval = 1;
    return next_number(&picture->pixels, &picture->columns) &&
           next_number(&picture->pixels, &picture->rows) &&
           (bits || next_number(&picture->pixels, &picture->maxval));
}

/* Adds what follows TUPLTYPE. Several such lines are joined with spaces. */
static void add_tuple(struct picture *picture, struct text *line)
{
    while (line->at < line->end && is_space(*line->at))
        line->at++;
    while (line->at < line->end && is_space(line->end[-1]))
        line->end--;
    dpk_text tuple = { picture->tuple, sizeof picture->tuple, strlen(picture->tuple) };
    dpk_text_add(&tuple, "%s%.*s", tuple.used > 0 ? " " : "", (int)(line->end - line->at),
                 (const char *)line->at);
}

/* Parses the head of P7: lines of a keyword and a value in any order, ended by ENDHDR. */
static bool read_pam_head(struct picture *picture)
{
    const struct {
        const char *name;
        size_t *value;
    } fields[] = { { "WIDTH", &picture->columns },
                   { "HEIGHT", &picture->rows },
                   { "DEPTH", &picture->channels },
                   { "MAXVAL", &picture->maxval } };
    unsigned seen = 0;
    struct text line;
    while (next_line(&picture->pixels, &line)) {
        if (line.at == line.end || *line.at == '#')
            continue;
        if (take_word(&line, "TUPLTYPE")) {
            add_tuple(picture, &line);
            continue;
        }
        if (take_word(&line, "ENDHDR"))
            return seen == 0xf;
        unsigned i = 0;
        while (i < 4 && !take_word(&line, fields[i].name))
            i++;
        if (i == 4 || (seen & 1u << i) != 0 || !next_number(&line, fields[i].value))
            return false;
        seen |= 1u << i;
    }
    return false;
}

static bool is_plain(const struct picture *picture)
{
    return picture->magic <= 3;
}

static size_t sample_bytes(const struct picture *picture)
{
    return picture->maxval > 255 ? 2 : 1;
}

/* Returns the bytes of a row of a raw picture. */
static size_t row_bytes(const struct picture *picture)
{
    if (picture->magic == 4)
        return (picture->columns + 7) / 8;
    return picture->columns * picture->channels * sample_bytes(picture);
}

/* Refuses channels whose meaning is unknown. Without a tuple type their number tells. A single
 * channel is accepted whatever it is called. */
static dpk_status check_tuple(const char *name, const struct picture *picture, dpk_error *err)
{
    static const struct {
        const char *name;
        size_t channels;
    } known[] = { { "BLACKANDWHITE", 1 },       { "GRAYSCALE", 1 },       { "RGB", 3 },
                  { "BLACKANDWHITE_ALPHA", 2 }, { "GRAYSCALE_ALPHA", 2 }, { "RGB_ALPHA", 4 } };
    if (picture->tuple[0] == '\0' || picture->channels == 1)
        return DPK_OK;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(picture->tuple, known[i].name) == 0 && picture->channels == known[i].channels)
            return DPK_OK;
    char tuple[4 * sizeof picture->tuple];
    return dpk_fail(err, DPK_BAD_INPUT,
                    "'%s' has %zu channels of TUPLTYPE '%s'; GRAYSCALE, GRAYSCALE_ALPHA, RGB and "
                    "RGB_ALPHA can be read",
                    name, picture->channels, dpk_text_safe(picture->tuple, tuple, sizeof tuple));
}

static dpk_status check_head(const dpk_reader *reader, const struct picture *picture,
                             dpk_error *err)
{
    const char *name = reader->source.name;
    const size_t shape[DPK_MAX_RANK] = { picture->rows, picture->columns, picture->channels };
    if (picture->rows == 0 || picture->columns == 0)
        return dpk_fail(err, DPK_BAD_INPUT, "'%s' has no pixels: %zu x %zu", name, picture->columns,
                        picture->rows);
    if (picture->maxval < 1 || picture->maxval > 65535)
        return dpk_fail(err, DPK_BAD_INPUT, "'%s' has maxval %zu; it must be 1 to 65535", name,
                        picture->maxval);
    if (picture->channels < 1 || picture->channels > 4)
        return dpk_fail(err, DPK_BAD_INPUT, "'%s' has %zu channels; 1 to 4 can be read", name,
                        picture->channels);
    dpk_status status = check_tuple(name, picture, err);
    if (status == DPK_OK)
        status = dpk_check_pixels(reader, picture->columns, picture->rows, err);
    if (status != DPK_OK)
        return status;
    if (!dpk_array_fits(DPK_U16, 3, shape))
        return dpk_fail(err, DPK_LIMIT, "'%s' is too large for memory", name);

    /* A plain sample takes at least one character and, except for bits, white space before it. */
    size_t count = picture->rows * picture->columns, needed = picture->rows * row_bytes(picture);
    if (is_plain(picture))
        needed = picture->magic == 1 ? count : count * picture->channels * 2 - 1;
    size_t left = (size_t)(picture->pixels.end - picture->pixels.at);
    if (left < needed)
        return dpk_fail(err, DPK_BAD_INPUT,
                        "'%s' is truncated: %zu of at least %zu bytes of pixels", name, left,
                        needed);
    return DPK_OK;
}

/* One white-space character separates header and pixels. If it is the CR of CR LF and there are
 * enough bytes without the LF, the LF belongs to the line end and is not a pixel. */
static void skip_line_feed(struct picture *picture, size_t pixels)
{
    struct text *text = &picture->pixels;
    if (picture->magic >= 4 && picture->magic <= 6 && text->at[-1] == '\r' &&
        (size_t)(text->end - text->at) > pixels && *text->at == '\n')
        text->at++;
}

static bool recognise(const unsigned char *head, size_t size)
{
    return size >= 3 && head[0] == 'P' && head[1] >= '1' && head[1] <= '7' &&
           (is_space(head[2]) || head[2] == '#');
}

static dpk_status open_picture(dpk_reader *reader, dpk_error *err)
{
    const dpk_source *source = &reader->source;
    struct picture *picture = dpk_alloc(reader->arena, sizeof *picture, err);
    if (picture == NULL)
        return DPK_LIMIT;
    *picture = (struct picture){ 0 };
    if (recognise(source->data, source->size)) {
        picture->magic = source->data[1] - '0';
        picture->pixels = (struct text){ source->data + 2, source->data + source->size };
    }
    bool good = picture->magic == 7   ? read_pam_head(picture)
                : picture->magic != 0 ? read_pnm_head(picture)
                                      : false;
    if (!good)
        return dpk_fail(err, DPK_BAD_INPUT, "cannot decode '%s' as PNM: its header is malformed",
                        source->name);
    dpk_status status = check_head(reader, picture, err);
    if (status != DPK_OK)
        return status;

    size_t pixels = picture->rows * row_bytes(picture);
    skip_line_feed(picture, pixels);
    size_t left = (size_t)(picture->pixels.end - picture->pixels.at);
    if (!is_plain(picture) && left > pixels && picture->pixels.at[pixels] == 'P')
        snprintf(reader->note, sizeof reader->note,
                 "a file of several pictures, of which only the first was read");
    const size_t shape[DPK_MAX_RANK] = { picture->rows, picture->columns, picture->channels };
    dpk_array_shape(&reader->array, sample_bytes(picture) == 2 ? DPK_U16 : DPK_U8, 3, shape);
    reader->image = true;
    reader->state = picture;
    if (picture->magic >= 5 && picture->maxval == 255)
        reader->mapped = picture->pixels.at;
    return DPK_OK;
}

/* Returns sample i of a raw row. */
static size_t raw_sample(const struct picture *picture, const unsigned char *row, size_t i)
{
    if (picture->magic == 4)
        return !(row[i / 8] >> (7 - i % 8) & 1);
    return sample_bytes(picture) == 2 ? dpk_load_be16(row + 2 * i) : row[i];
}

/* Parses the next sample of a plain picture. The bits of P1 need no white space between them. */
static bool plain_sample(struct picture *picture, size_t *sample)
{
    if (picture->magic != 1)
        return next_number(&picture->pixels, sample);
    int c = next_char(&picture->pixels);
    while (is_space(c))
        c = next_char(&picture->pixels);
    *sample = c == '0';
    return c == '0' || c == '1';
}

static dpk_status read_row(const dpk_reader *reader, size_t y, dpk_error *err)
{
    struct picture *picture = reader->state;
    const size_t count = picture->columns * picture->channels, maxval = picture->maxval;
    const unsigned char *from =
        picture->pixels.at + (is_plain(picture) ? 0 : y * row_bytes(picture));
    uint8_t *to8 = dpk_row(&reader->array, y);
    uint16_t *to16 = dpk_row(&reader->array, y);
    for (size_t i = 0; i < count; i++) {
        size_t sample;
        if (!is_plain(picture))
            sample = raw_sample(picture, from, i);
        else if (!plain_sample(picture, &sample))
            return dpk_fail(err, DPK_BAD_INPUT, "'%s' is truncated or malformed in row %zu",
                            reader->source.name, y);
        if (sample > maxval)
            return dpk_fail(err, DPK_BAD_INPUT, "'%s' has a sample of %zu above its maxval of %zu",
                            reader->source.name, sample, maxval);
        if (reader->array.type == DPK_U8)
            to8[i] = (uint8_t)((sample * 255 + maxval / 2) / maxval);
        else
            to16[i] = (uint16_t)((sample * 65535 + maxval / 2) / maxval);
    }
    return DPK_OK;
}

static dpk_status read_rows(dpk_reader *reader, size_t y0, size_t y1, dpk_error *err)
{
    const struct picture *picture = reader->state;
    const size_t bytes = row_bytes(picture);
    dpk_status status = DPK_OK;
    for (size_t y = y0; y < y1 && status == DPK_OK; y++) {
        void *to = dpk_row(&reader->array, y);
        if (is_plain(picture) || (picture->maxval != 255 && picture->maxval != 65535))
            status = read_row(reader, y, err);
        else if (picture->maxval == 255 || !dpk_is_little_endian())
            memcpy(to, picture->pixels.at + y * bytes, bytes);
        else
            dpk_copy_swapped(to, picture->pixels.at + y * bytes, bytes / 2, 2);
    }
    return status;
}

/* ------------------------------------------------------------------------------------ writing */

static const char *const suffixes[] = { "pnm", "pgm", "ppm", "pam", "pbm", NULL };

/* Returns the format that a suffix asks for. Any other suffix means the format that can hold the
 * channels. */
static const char *variant(const char *suffix, size_t channels)
{
    for (const char *const *known = suffixes; suffix != NULL && *known != NULL; known++)
        if (strcasecmp(suffix, *known) == 0)
            return *known;
    return channels == 2 || channels == 4 ? "pam" : "pnm";
}

static dpk_status accepts(const dpk_array *array, const char *suffix, dpk_error *err)
{
    size_t rows = array->shape[0], columns = array->shape[1], channels = array->shape[2];
    const char *name = variant(suffix, channels);
    bool fits = strcmp(name, "pam") == 0 || (channels == 1 && strcmp(name, "ppm") != 0) ||
                (channels == 3 && strcmp(name, "pgm") != 0);
    char text[96];
    dpk_array_text(array, text, sizeof text);
    if (strcmp(name, "pbm") == 0)
        return dpk_fail(err, DPK_USAGE, "PBM holds single bits, not %s: write a .pgm file instead",
                        text);
    if (!(array->type & (DPK_U8 | DPK_U16)) || array->rank != 3 || channels < 1 || channels > 4)
        return dpk_fail(err, DPK_USAGE,
                        "a .%s file holds pictures of u8 or u16 with 1 to 4 channels, not %s: "
                        "write a .npy file instead",
                        name, text);
    if (rows == 0 || columns == 0 || rows > NUMBER_MAX || columns > NUMBER_MAX)
        return dpk_fail(err, DPK_USAGE,
                        "a .%s file holds 1 to %d rows and columns, not %s: "
                        "write a .npy file instead",
                        name, NUMBER_MAX, text);
    if (!fits)
        return dpk_fail(err, DPK_USAGE,
                        "a .%s file cannot hold %zu channel%s: write a .pam file instead", name,
                        channels, channels == 1 ? "" : "s");
    return DPK_OK;
}

static dpk_status begin(dpk_writer *writer, dpk_error *err)
{
    static const char *const tuples[] = { "", "GRAYSCALE", "GRAYSCALE_ALPHA", "RGB", "RGB_ALPHA" };
    const size_t *shape = writer->array->shape;
    unsigned maxval = writer->array->type == DPK_U16 ? 65535 : 255;
    char head[160];
    int length;
    if (strcmp(variant(writer->suffix, shape[2]), "pam") == 0)
        length = snprintf(head, sizeof head,
                          "P7\nWIDTH %zu\nHEIGHT %zu\nDEPTH %zu\nMAXVAL %u\nTUPLTYPE %s\nENDHDR\n",
                          shape[1], shape[0], shape[2], maxval, tuples[shape[2]]);
    else
        length = snprintf(head, sizeof head, "P%d\n%zu %zu\n%u\n", shape[2] == 1 ? 5 : 6, shape[1],
                          shape[0], maxval);
    return dpk_sink_write(writer->sink, head, (size_t)length, err);
}

/* Bytes that are swapped and written at a time: enough for a system call, and few enough for the
 * second-level cache. */
enum { PIECE = 64 * 1024 };

/* Writes contiguous samples at `at` bytes behind the head. `piece` is a buffer of PIECE bytes, or
 * NULL if bytes need no swapping. */
static dpk_status write_samples(dpk_writer *writer, uint64_t at, const unsigned char *from,
                                size_t bytes, unsigned char *piece, dpk_error *err)
{
    if (piece == NULL)
        return dpk_sink_write_at(writer->sink, at, from, bytes, err);
    dpk_status status = DPK_OK;
    for (size_t done = 0, size; done < bytes && status == DPK_OK; done += size) {
        size = bytes - done < PIECE ? bytes - done : PIECE;
        dpk_copy_swapped(piece, from + done, size / 2, 2);
        status = dpk_sink_write_at(writer->sink, at + done, piece, size, err);
    }
    return status;
}

static dpk_status write_rows(dpk_writer *writer, size_t y0, size_t y1, dpk_error *err)
{
    const dpk_array *array = writer->array;
    const size_t bytes = dpk_row_bytes(array);
    bool swapped = array->type == DPK_U16 && dpk_is_little_endian();
    unsigned char *piece = swapped ? malloc(PIECE) : NULL; /* too large for a worker's stack */
    if (swapped && piece == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory to write '%s'", writer->sink->name);
    dpk_status status = DPK_OK;
    for (size_t y = y0, end; y < y1 && status == DPK_OK; y = end) {
        end = dpk_rows_together(array, y, y1);
        status = write_samples(writer, y * bytes, dpk_row(array, y), (end - y) * bytes, piece, err);
    }
    free(piece);
    return status;
}

static dpk_status finish(dpk_writer *writer, dpk_error *err)
{
    (void)writer;
    (void)err;
    return DPK_OK;
}

const dpk_format dpk_format_pnm = {
    .name = "pnm",
    .summary = "Netpbm: PGM, PPM and PAM, 8 or 16 bits (PBM is only read)",
    .suffixes = suffixes,
    .recognise = recognise,
    .open = open_picture,
    .rows = read_rows,
    .accepts = accepts,
    .begin = begin,
    .write = write_rows,
    .finish = finish,
    .placed = true,
};
