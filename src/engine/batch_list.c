/* SPDX-License-Identifier: MIT */
/* batch_list.c: names become files here, before anything else is done: what is missing is found at
 * once. Paths are bytes; nothing in them is special but the zero at their end. */
#include "engine/batch_list.h"

#include "engine/registry.h"
#include "files/path.h"
#include "files/source.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct dpk_batch_text {
    struct dpk_batch_text *next;
    char bytes[];
};

static dpk_status no_memory(dpk_error *err)
{
    return dpk_fail(err, DPK_LIMIT, "not enough memory for the list of files");
}

/* Room for so many bytes and a zero. */
static char *new_text(dpk_batch_list *list, size_t bytes)
{
    struct dpk_batch_text *text = malloc(sizeof *text + bytes + 1);
    if (text == NULL)
        return NULL;
    text->next = list->texts;
    list->texts = text;
    return text->bytes;
}

char *dpk_batch_list_text(dpk_batch_list *list, const char *text, size_t bytes)
{
    char *copy = new_text(list, bytes);
    if (copy != NULL) {
        memcpy(copy, text, bytes);
        copy[bytes] = '\0';
    }
    return copy;
}

void dpk_batch_list_free(dpk_batch_list *list)
{
    while (list->texts != NULL) {
        struct dpk_batch_text *next = list->texts->next;
        free(list->texts);
        list->texts = next;
    }
    free(list->inputs);
    *list = (dpk_batch_list){ .inputs = NULL };
}

/* The path is the list's already. */
static dpk_status add_file(dpk_batch_list *list, const char *path, size_t root,
                           const struct stat *status, dpk_error *err)
{
    if (!S_ISREG(status->st_mode))
        return dpk_fail(err, DPK_BAD_INPUT,
                        "'%s' is no regular file: each of many files is read twice, first its head "
                        "and later the rest",
                        path);
    if (list->count == list->room) {
        size_t room = 2 * list->room + 64;
        dpk_batch_input *more = realloc(list->inputs, room * sizeof *more);
        if (more == NULL)
            return no_memory(err);
        list->inputs = more;
        list->room = room;
    }
    list->inputs[list->count++] =
        (dpk_batch_input){ .path = path, .root = root, .status = *status };
    return DPK_OK;
}

/* -------------------------------------------------------------------------------------- folders */

static bool is_wanted(const dpk_batch_list *list, const char *name)
{
    const dpk_format *format = dpk_format_find(dpk_suffix(name));
    return list->any_name || (format != NULL && format->open != NULL && format->suffixes != NULL);
}

static bool is_output(const dpk_batch_list *list, const struct stat *folder)
{
    struct stat status;
    return list->output != NULL && stat(list->output, &status) == 0 &&
           status.st_dev == folder->st_dev && status.st_ino == folder->st_ino;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* By bytes, in every locale. */
static int by_name(const struct dirent **one, const struct dirent **other)
{
    return strcmp((*one)->d_name, (*other)->d_name);
}

static dpk_status search(dpk_batch_list *list, const char *folder, size_t root, dpk_error *err);

/* What the folder holds under that name: a file, or another folder. Whatever else there is, and
 * what vanishes meanwhile, is nobody's input. */
static dpk_status visit(dpk_batch_list *list, const char *path, const char *name, size_t root,
                        dpk_error *err)
{
    struct stat status;
    if (lstat(path, &status) != 0)
        return DPK_OK;
    if (S_ISDIR(status.st_mode))
        return is_output(list, &status) ? DPK_OK : search(list, path, root, err);
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode))
        return DPK_OK;
    if (is_wanted(list, name))
        return add_file(list, path, root, &status, err);
    list->passed_over++;
    return DPK_OK;
}

/* An entry of a folder, whose path does not end in a slash. */
static dpk_status visit_entry(dpk_batch_list *list, const char *folder, const char *name,
                              size_t root, dpk_error *err)
{
    size_t bytes = strlen(folder) + 1 + strlen(name);
    char *path = new_text(list, bytes);
    if (path == NULL)
        return no_memory(err);
    snprintf(path, bytes + 1, "%s/%s", folder, name);
    return visit(list, path, name, root, err);
}

static dpk_status search(dpk_batch_list *list, const char *folder, size_t root, dpk_error *err)
{
    struct dirent **entries;
    int count = scandir(folder[0] != '\0' ? folder : "/", &entries, is_visible, by_name);
    if (count < 0)
        return dpk_path_fail(err, DPK_BAD_INPUT, "search", folder, errno);
    dpk_status status = DPK_OK;
    for (int i = 0; i < count; i++) {
        if (status == DPK_OK)
            status = visit_entry(list, folder, entries[i]->d_name, root, err);
        free(entries[i]);
    }
    free(entries);
    return status;
}

static dpk_status add_folder(dpk_batch_list *list, const char *path, dpk_error *err)
{
    size_t before = list->count, bytes = strlen(path);
    if (!list->recursive)
        return dpk_fail(err, DPK_USAGE,
                        "'%s' is a folder: --recursive takes the files in and below it", path);
    while (bytes > 0 && path[bytes - 1] == '/')
        bytes--;
    const char *folder = dpk_batch_list_text(list, path, bytes);
    if (folder == NULL)
        return no_memory(err);
    dpk_status status = search(list, folder, bytes + 1, err);
    if (status == DPK_OK && list->count == before)
        return dpk_fail(err, DPK_BAD_INPUT,
                        "no file in or below '%s' has a name that ends like those of a format that "
                        "is read (see `dpk list formats`)",
                        path);
    return status;
}

/* ---------------------------------------------------------------------------------------- names */

/* The path is the list's already. */
static dpk_status add(dpk_batch_list *list, const char *path, dpk_error *err)
{
    struct stat status;
    if (strcmp(path, "-") == 0)
        return dpk_fail(err, DPK_USAGE,
                        "standard input cannot be one of many files; './-' is a file of that name, "
                        "and --from=- reads names there");
    if (stat(path, &status) != 0)
        return dpk_path_fail(err, DPK_BAD_INPUT, "open", path, errno);
    return S_ISDIR(status.st_mode) ? add_folder(list, path, err)
                                   : add_file(list, path, 0, &status, err);
}

dpk_status dpk_batch_list_add(dpk_batch_list *list, const char *path, dpk_error *err)
{
    const char *kept = dpk_batch_list_text(list, path, strlen(path));
    return kept != NULL ? add(list, kept, err) : no_memory(err);
}

/* A list that was made on another system has a carriage return at the end of each line. */
static const char *end_of_line(const char *path, size_t bytes)
{
    return bytes > 0 && path[bytes - 1] == '\r'
               ? " (there is a carriage return at the end of the line)"
               : "";
}

static dpk_status read_names(dpk_batch_list *list, const dpk_source *source, dpk_error *err)
{
    const char *at = (const char *)source->data, *end = at + source->size;
    bool zeros = memchr(at, '\0', source->size) != NULL;
    for (size_t line = 1; at < end; line++) {
        const char *stop = memchr(at, zeros ? '\0' : '\n', (size_t)(end - at));
        size_t bytes = (size_t)((stop != NULL ? stop : end) - at);
        char *path = dpk_batch_list_text(list, at, bytes);
        dpk_error why;
        dpk_status status = path == NULL ? no_memory(&why)
                            : bytes == 0 ? DPK_OK
                                         : add(list, path, &why);
        if (status != DPK_OK)
            return dpk_fail(err, status, "'%s', %s %zu: %s%s", source->name,
                            zeros ? "name" : "line", line, why.text, end_of_line(at, bytes));
        at += bytes + 1;
    }
    return DPK_OK;
}

dpk_status dpk_batch_list_read(dpk_batch_list *list, const char *path, dpk_error *err)
{
    dpk_source source;
    dpk_status status = dpk_source_open(&source, path, err);
    if (status == DPK_OK) {
        status = read_names(list, &source, err);
        dpk_source_close(&source);
    }
    return status;
}
