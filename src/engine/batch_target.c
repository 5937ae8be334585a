/* SPDX-License-Identifier: MIT */
/* batch_target.c: paths are compared by what they lead to. What is there is known by its device and
 * inode; what is not yet, by its folder's and its name; and where the folder is not there either,
 * by the text of the path. */
#include "engine/batch_target.h"

#include "files/path.h"
#include "files/target.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* -------------------------------------------------------------------------------------- folders */

/* The folder that a path is in, as a path; false if it is too long. */
static bool folder_of(const char *path, char *folder, size_t size)
{
    size_t bytes = strlen(path);
    while (bytes > 1 && path[bytes - 1] == '/')
        bytes--;
    while (bytes > 0 && path[bytes - 1] != '/')
        bytes--;
    while (bytes > 1 && path[bytes - 1] == '/')
        bytes--;
    if (bytes >= size)
        return false;
    snprintf(folder, size, "%.*s", bytes > 0 ? (int)bytes : 1, bytes > 0 ? path : ".");
    return true;
}

static dpk_status cannot_make(const char *folder, int number, dpk_error *err)
{
    return dpk_path_fail(err, DPK_OUTPUT_FAILED, "make the folder", folder, number);
}

dpk_status dpk_batch_check_folder(const char *folder, dpk_error *err)
{
    struct stat status;
    char parent[PATH_MAX];
    if (stat(folder, &status) == 0)
        return S_ISDIR(status.st_mode)
                   ? DPK_OK
                   : dpk_fail(err, DPK_OUTPUT_FAILED, "--out-dir '%s': is a file, not a folder",
                              folder);
    if (errno != ENOENT)
        return cannot_make(folder, errno, err);
    if (!folder_of(folder, parent, sizeof parent))
        return cannot_make(folder, ENAMETOOLONG, err);
    return access(parent, W_OK | X_OK) == 0 ? DPK_OK : cannot_make(folder, errno, err);
}

dpk_status dpk_batch_plan_folder(dpk_batch_file *file, const char *folder, dpk_error *err)
{
    struct stat status;
    char parent[PATH_MAX];
    file->folder_later = false;
    if (!folder_of(file->output, parent, sizeof parent))
        return dpk_path_fail(err, DPK_OUTPUT_FAILED, "write", file->output, ENAMETOOLONG);
    if (stat(parent, &status) == 0 || errno != ENOENT)
        return DPK_OK;
    if (folder == NULL)
        return dpk_path_fail(err, DPK_OUTPUT_FAILED, "write", file->output, ENOENT);
    file->folder_later = true;
    return DPK_OK;
}

dpk_status dpk_batch_make_folder(const dpk_batch_file *file, const char *folder, dpk_error *err)
{
    char path[PATH_MAX];
    size_t first = strlen(folder);
    while (first > 0 && folder[first - 1] == '/')
        first--;
    for (const char *end = strchr(file->output + first, '/'); end != NULL;
         end = strchr(end + 1, '/')) {
        snprintf(path, sizeof path, "%.*s", (int)(end - file->output), file->output);
        if (path[0] != '\0' && mkdir(path, 0777) != 0 && errno != EEXIST)
            return cannot_make(path, errno, err);
    }
    return DPK_OK;
}

/* ------------------------------------------------------------------------------------ conflicts */

/* What an input is, or where an output goes. */
struct place {
    dev_t device;
    ino_t inode;
    const char *name; /* in the folder that the two above are; "" for what is there */
    size_t file;
    bool output;
};

static int compare_places(const void *one, const void *other)
{
    const struct place *a = one, *b = other;
    if (a->device != b->device)
        return a->device < b->device ? -1 : 1;
    if (a->inode != b->inode)
        return a->inode < b->inode ? -1 : 1;
    int names = strcmp(a->name, b->name);
    return names != 0 ? names : (a->file > b->file) - (a->file < b->file);
}

/* The path without empty parts and dots. */
static void simplify(char *path)
{
    char *to = path;
    for (const char *from = path; *from != '\0';) {
        bool begins = to > path && to[-1] == '/';
        if (begins && from[0] == '/')
            from++;
        else if (begins && from[0] == '.' && from[1] == '/')
            from += 2;
        else
            *to++ = *from++;
    }
    *to = '\0';
}

/* False where outputs may be the same, or there is something wrong with one, which is for those to
 * say who try to open it. */
static bool find_place(const char *output, struct place *place, char *name, size_t size)
{
    dpk_target target;
    if (!dpk_target_find(&target, output)) {
        int why = errno;
        snprintf(name, size, "%s", output);
        simplify(name);
        return why == ENOENT;
    }
    bool is_new = target.kind == DPK_TARGET_NEW;
    const struct stat *status = is_new ? &target.place : &target.status;
    bool shared = !is_new && S_ISCHR(status->st_mode);
    place->device = status->st_dev;
    place->inode = status->st_ino;
    snprintf(name, size, "%s", is_new ? target.name : "");
    dpk_target_close(&target);
    return !shared;
}

static dpk_status collect(const dpk_batch_list *list, const dpk_batch_file *files,
                          struct place *places, size_t *count, dpk_error *err)
{
    char name[PATH_MAX];
    for (size_t i = 0; i < list->count; i++) {
        const struct stat *status = &list->inputs[i].status;
        struct place place = { .file = i, .output = true };
        places[(*count)++] = (struct place){ status->st_dev, status->st_ino, "", i, false };
        if (!find_place(files[i].output, &place, name, sizeof name))
            continue;
        place.name = name[0] != '\0' ? strdup(name) : "";
        if (place.name == NULL)
            return dpk_fail(err, DPK_LIMIT, "not enough memory to compare %zu files", list->count);
        places[(*count)++] = place;
    }
    return DPK_OK;
}

/* Two that are the same, of which at least one is an output. */
static dpk_status refuse(const struct place *one, const struct place *other,
                         const dpk_batch_file *files, bool in_place, dpk_error *err)
{
    const dpk_batch_file *a = &files[one->file], *b = &files[other->file];
    const dpk_batch_file *writer = one->output ? a : b;
    if (one->file != other->file && strcmp(a->input, b->input) == 0)
        return dpk_fail(err, DPK_USAGE, "'%s' is named twice", a->input);
    if (in_place)
        return dpk_fail(err, DPK_USAGE, "'%s' and '%s' are the same file", a->input, b->input);
    if (one->output && other->output)
        return dpk_fail(err, DPK_USAGE,
                        "'%s' and '%s' would both be written to '%s': {dir} or {number} in --out "
                        "would tell them apart",
                        a->input, b->input, a->output);
    return dpk_fail(err, DPK_USAGE,
                    "'%s', the output for '%s', is an input: only --in-place writes over inputs",
                    writer->output, writer->input);
}

/* The place behind this one, of as many, that is the same; and one of the two is another's output.
 * NULL if there is none. */
static const struct place *find_rival(const struct place *one, size_t behind, bool in_place)
{
    for (const struct place *other = one + 1; other <= one + behind; other++) {
        if (one->device != other->device || one->inode != other->inode ||
            strcmp(one->name, other->name) != 0)
            return NULL;
        bool own = in_place && one->file == other->file;
        if ((one->output || other->output) && !own)
            return other;
    }
    return NULL;
}

/* Of several conflicts, that of the first file is told. */
static dpk_status compare(const struct place *places, size_t count, const dpk_batch_file *files,
                          bool in_place, dpk_error *err)
{
    const struct place *first = NULL, *its_rival = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct place *rival = find_rival(&places[i], count - i - 1, in_place);
        if (rival != NULL && (first == NULL || places[i].file < first->file))
            first = &places[i], its_rival = rival;
    }
    return first == NULL ? DPK_OK : refuse(first, its_rival, files, in_place, err);
}

dpk_status dpk_batch_check_targets(const dpk_batch_list *list, const dpk_batch_file *files,
                                   bool in_place, dpk_error *err)
{
    size_t count = 0;
    struct place *places = calloc(2 * list->count + 1, sizeof *places);
    if (places == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory to compare %zu files", list->count);
    dpk_status status = collect(list, files, places, &count, err);
    if (status == DPK_OK) {
        qsort(places, count, sizeof *places, compare_places);
        status = compare(places, count, files, in_place, err);
    }
    for (size_t i = 0; i < count; i++)
        if (places[i].name[0] != '\0')
            free((void *)(uintptr_t)places[i].name);
    free(places);
    return status;
}

/* -------------------------------------------------------------------------------- what is there */

bool dpk_batch_is_there(const dpk_batch_file *file, const dpk_batch_input *input, bool newer)
{
    struct stat status;
    if (stat(file->output, &status) != 0)
        return false;
    const struct timespec *in = &input->status.st_mtim, *out = &status.st_mtim;
    return !newer || out->tv_sec > in->tv_sec ||
           (out->tv_sec == in->tv_sec && out->tv_nsec >= in->tv_nsec);
}
