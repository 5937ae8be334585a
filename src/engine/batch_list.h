/* SPDX-License-Identifier: MIT */
/* batch_list.h: which files a batch is about: files that are named, in words or in a list, and
 * those in folders. */
#ifndef DPK_BATCH_LIST_H
#define DPK_BATCH_LIST_H

#include <dpk/dpk.h>

#include <sys/stat.h>

/* A file that was there when the list was made. */
typedef struct dpk_batch_input {
    const char *path;   /* belongs to the list */
    size_t root;        /* bytes of path that are the folder in which it was found, with a slash at
                           their end; 0 for a file that was named itself */
    struct stat status; /* of the file, not of a link to it */
} dpk_batch_input;

typedef struct dpk_batch_list {
    /* Set by the caller. */
    bool recursive;     /* folders stand for the files in and below them */
    bool any_name;      /* also for those whose names end like no format that is read */
    const char *output; /* a folder that is not searched, as outputs go there; NULL: none */

    dpk_batch_input *inputs;
    size_t count, room;
    size_t passed_over; /* files of folders whose names are of no format that is read */
    struct dpk_batch_text *texts;
} dpk_batch_list;

/* Adds a file; or, of a folder, sorted by name, the files in it and below it, but those whose name
 * begins with a dot. Links to files are followed, those to folders are not. Errors: DPK_BAD_INPUT
 * for what is missing or no file, DPK_USAGE for a folder that is not to be searched, DPK_LIMIT. */
dpk_status dpk_batch_list_add(dpk_batch_list *list, const char *path, dpk_error *err);

/* Adds what the lines of a file name; if there are zeros in the file, they end names in place of
 * newlines. Empty names are passed over. "-" is standard input. Errors: as above, with the number
 * of the line. */
dpk_status dpk_batch_list_read(dpk_batch_list *list, const char *path, dpk_error *err);

/* Memory that is freed with the list; NULL if there is none left. */
char *dpk_batch_list_text(dpk_batch_list *list, const char *text, size_t bytes);

void dpk_batch_list_free(dpk_batch_list *list);

#endif
