/* SPDX-License-Identifier: MIT */
/* table.h: tables and paragraphs on a terminal. Text is UTF-8, a character a column. */
#ifndef DPK_TABLE_H
#define DPK_TABLE_H

#include <dpk/dpk.h>

#include <stdio.h>

enum { DPK_TABLE_ROWS = 66, DPK_TABLE_COLUMNS = 12, DPK_TABLE_CELL = 64 };

/* The first column, and others if told so, are flush left; numbers are flush right. */
typedef struct dpk_table {
    size_t rows, columns, filled; /* filled: cells of the row that is being made */
    unsigned left;                /* bit i: column i is flush left */
    char cell[DPK_TABLE_ROWS][DPK_TABLE_COLUMNS][DPK_TABLE_CELL];
} dpk_table;

/* Adds a cell to the row. */
void dpk_table_cell(dpk_table *table, const char *format, ...) DPK_PRINTF(2, 3);

/* A cell for "850 ns", "1.5 MB" and the like; a dash for NAN, "0" for 0. */
void dpk_table_seconds(dpk_table *table, double seconds);
void dpk_table_bytes(dpk_table *table, double bytes);
void dpk_table_count(dpk_table *table, double count);

/* Ends the row. */
void dpk_table_row(dpk_table *table);

/* Columns stand two blanks apart, or one where there is no room. What still does not fit follows
 * below, in parts that begin with the first column again. */
void dpk_table_print(FILE *stream, const dpk_table *table, unsigned columns);

/* A paragraph of lines of at most `columns`: the first begins with `first`, the others with as many
 * blanks. */
void dpk_paragraph(FILE *stream, unsigned columns, const char *first, const char *text);

/* Columns of the terminal that standard output is: COLUMNS in the environment, or what it says
 * itself, or 100; always some that a table can be read in. */
unsigned dpk_terminal_columns(void);

/* The same, with another number where neither says one. */
unsigned dpk_terminal_columns_or(unsigned usual);

/* Columns that a text takes. */
size_t dpk_text_columns(const char *text);

#endif
