/* SPDX-License-Identifier: MIT */
/* table.c: measures text and breaks lines. */
#include "base/table.h"

#include "base/number.h"
#include "base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool begins_character(char byte)
{
    return ((unsigned char)byte & 0xC0) != 0x80;
}

unsigned dpk_terminal_columns_or(unsigned usual)
{
    enum { LEAST = 40, MOST = 1000 };
    const char *wish = getenv("COLUMNS");
    dpk_number number;
    double columns = 0;
    struct winsize size;
    if (wish != NULL && dpk_number_parse(wish, &number))
        columns = number.value;
    if (!(columns > 0) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        columns = size.ws_col;
    return !(columns > 0)    ? usual
           : columns < LEAST ? LEAST
           : columns > MOST  ? MOST
                             : (unsigned)columns;
}

unsigned dpk_terminal_columns(void)
{
    return dpk_terminal_columns_or(100);
}

size_t dpk_text_columns(const char *text)
{
    size_t columns = 0;
    for (; *text != '\0'; text++)
        columns += begins_character(*text);
    return columns;
}

static char *next_cell(dpk_table *table)
{
    if (table->rows == DPK_TABLE_ROWS || table->filled == DPK_TABLE_COLUMNS)
        return NULL;
    if (table->cell == NULL)
        table->cell = calloc(DPK_TABLE_ROWS, sizeof *table->cell);
    if (table->cell == NULL)
        return NULL;
    char *cell = table->cell[table->rows][table->filled++];
    if (table->filled > table->columns)
        table->columns = table->filled;
    return cell;
}

void dpk_table_cell(dpk_table *table, const char *format, ...)
{
    char *cell = next_cell(table);
    va_list arguments;
    va_start(arguments, format);
    if (cell != NULL)
        vsnprintf(cell, DPK_TABLE_CELL, format, arguments);
    va_end(arguments);
}

/* Adds the cell for 0 or for a value that is not finite; returns false for all others. */
static bool is_special(dpk_table *table, double value)
{
    if (isfinite(value) && value != 0)
        return false;
    dpk_table_cell(table, "%s", value == 0 ? "0" : "–");
    return true;
}

void dpk_table_seconds(dpk_table *table, double seconds)
{
    char text[32];
    if (!is_special(table, seconds))
        dpk_table_cell(table, "%s", dpk_text_seconds(seconds, text, sizeof text));
}

void dpk_table_bytes(dpk_table *table, double bytes)
{
    char text[32];
    if (!is_special(table, bytes))
        dpk_table_cell(table, "%s", dpk_text_bytes(bytes, text, sizeof text));
}

void dpk_table_count(dpk_table *table, double count)
{
    if (!is_special(table, count))
        dpk_table_cell(table, "%.0f", count);
}

void dpk_table_row(dpk_table *table)
{
    if (table->rows < DPK_TABLE_ROWS)
        table->rows++;
    table->filled = 0;
}

static void blanks(FILE *stream, size_t count)
{
    fprintf(stream, "%*s", (int)count, "");
}

/* The first column, and those from begin to end. */
static void print_part(FILE *stream, const dpk_table *table, const size_t *width, size_t begin,
                       size_t end, size_t gap)
{
    for (size_t r = 0; r < table->rows; r++) {
        size_t owed = 2; /* blanks are written only before something else */
        for (size_t c = 0; c < end; c = c == 0 ? begin : c + 1) {
            const char *cell = table->cell[r][c];
            size_t room = width[c] - dpk_text_columns(cell);
            bool left = c == 0 || (table->left >> c & 1) != 0;
            owed += left ? 0 : room;
            if (*cell != '\0') {
                blanks(stream, owed);
                fputs(cell, stream);
                owed = 0;
            }
            owed += gap + (left ? room : 0);
        }
        fputc('\n', stream);
    }
}

/* Where the columns end that fit beside the first one; at least one does, if there is one. */
static size_t end_of_part(const dpk_table *table, const size_t *width, size_t begin, size_t gap,
                          unsigned columns)
{
    size_t end = begin, total = 2 + width[0];
    for (; end < table->columns; end++) {
        total += gap + width[end];
        if (total > columns && end > begin)
            break;
    }
    return end;
}

static void print_parts(FILE *stream, const dpk_table *table, unsigned columns)
{
    size_t width[DPK_TABLE_COLUMNS] = { 0 };
    for (size_t c = 0; c < table->columns; c++)
        for (size_t r = 0; r < table->rows; r++) {
            size_t own = dpk_text_columns(table->cell[r][c]);
            width[c] = own > width[c] ? own : width[c];
        }
    size_t gap = end_of_part(table, width, 1, 2, columns) == table->columns ? 2 : 1;
    for (size_t begin = 1, end; begin < table->columns || begin == 1; begin = end) {
        end = end_of_part(table, width, begin, gap, columns);
        if (begin > 1)
            fputc('\n', stream);
        print_part(stream, table, width, begin, end, gap);
        if (end == begin)
            return;
    }
}

void dpk_table_print(FILE *stream, dpk_table *table, unsigned columns)
{
    if (table->cell != NULL)
        print_parts(stream, table, columns);
    else if (table->rows > 0)
        fputs("  (there is no memory left for this table)\n", stream);
    free(table->cell);
    *table = (dpk_table){ .left = table->left };
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_unit(const char *word, size_t length)
{
    static const char *const units[] = { "ns", "µs", "ms", "s", "%" };
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t own = strlen(units[i]);
        if (length >= own && strncmp(word, units[i], own) == 0 &&
            (length == own || strchr(",;:)", word[own]) != NULL))
            return true;
    }
    return false;
}

/* Bytes of a word, or of a number with the rest of its digits and its unit: "13 000", "5.1 ms". */
static size_t word_length(const char *word)
{
    size_t length = strcspn(word, " ");
    while (length > 0 && is_digit(word[length - 1]) && word[length] == ' ') {
        const char *next = word + length + 1;
        size_t more = strcspn(next, " ");
        if (!is_digit(*next) && !is_unit(next, more))
            break;
        length += 1 + more;
    }
    return length;
}

void dpk_paragraph(FILE *stream, unsigned columns, const char *first, const char *text)
{
    size_t indent = dpk_text_columns(first), at = indent;
    fputs(first, stream);
    for (const char *word = text; *word != '\0';) {
        size_t length = word_length(word), own = 0;
        for (size_t i = 0; i < length; i++)
            own += begins_character(word[i]);
        if (at > indent && at + 1 + own > columns) {
            fputc('\n', stream);
            blanks(stream, indent);
            at = indent;
        } else if (at > indent) {
            fputc(' ', stream);
            at++;
        }
        fwrite(word, 1, length, stream);
        at += own;
        word += length + strspn(word + length, " ");
    }
    fputc('\n', stream);
}
