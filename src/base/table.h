/* SPDX-License-Identifier: MIT */
/* table.h: tables and paragraphs for a terminal. Text is UTF-8; a character takes one column. */
#ifndef DPK_TABLE_H
#define DPK_TABLE_H

#include <dpk/dpk.h>

#include <stdio.h>

enum { DPK_TABLE_ROWS = 66, DPK_TABLE_COLUMNS = 12, DPK_TABLE_CELL = 64 };

/* The first column is flush left, others are flush right unless `left` says otherwise. */
typedef struct dpk_table {
    size_t rows, columns, filled;                    /* filled: cells of the last, unfinished row */
    unsigned left;                                   /* bit i: column i is flush left */
    char (*cell)[DPK_TABLE_COLUMNS][DPK_TABLE_CELL]; /* of each row; NULL before the first cell */
} dpk_table;

/* Adds a cell to the row. */
void dpk_table_cell(dpk_table *table, const char *format, ...) DPK_PRINTF(2, 3);

/* Add a cell such as "850 ns" or "1.5 MB"; a dash for NAN, "0" for 0. */
void dpk_table_seconds(dpk_table *table, double seconds);
void dpk_table_bytes(dpk_table *table, double bytes);
void dpk_table_count(dpk_table *table, double count);

/* Ends the row. */
void dpk_table_row(dpk_table *table);

/* Prints the table. Columns are separated by two blanks, or by one if it is too wide. If it still
 * does not fit, the remaining columns follow below, each part with the first column again. Empties
 * the table. */
void dpk_table_print(FILE *stream, dpk_table *table, unsigned columns);

/* Prints a paragraph in lines of at most `columns`. The first begins with `first`, the others with
 * as many blanks. */
void dpk_paragraph(FILE *stream, unsigned columns, const char *first, const char *text);

/* Returns the width of the terminal: that of COLUMNS in the environment, else of standard output,
 * else 100. It is at least 40. */
unsigned dpk_terminal_columns(void);

/* The same with another default. */
unsigned dpk_terminal_columns_or(unsigned usual);

/* Returns the columns that a text takes. */
size_t dpk_text_columns(const char *text);

#endif
