/* SPDX-License-Identifier: MIT */
/* registry.c: looking things up by name, and loading plug-ins. */
#include "engine/registry.h"

#include "base/text.h"

#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const dpk_kernel *dpk_kernel_variant(const dpk_kernel_row *row, dpk_isa isa)
{
    int level = (int)isa;
    while (level > DPK_ISA_BASE && row->variants[level] == NULL)
        level--;
    return row->variants[level];
}

const dpk_kernel_row *dpk_registry_find(const dpk_registry *registry, const char *name)
{
    for (size_t i = 0; i < registry->count; i++)
        if (dpk_same_name(registry->kernels[i].variants[DPK_ISA_BASE]->name, name))
            return &registry->kernels[i];
    return NULL;
}

static int by_name(const void *a, const void *b)
{
    const dpk_kernel_row *left = a, *right = b;
    return strcmp(left->variants[DPK_ISA_BASE]->name, right->variants[DPK_ISA_BASE]->name);
}

static dpk_status add(dpk_registry *registry, dpk_kernel_row row, dpk_error *err)
{
    dpk_kernel_row *kernels = realloc(registry->kernels, (registry->count + 1) * sizeof *kernels);
    if (kernels == NULL)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for the list of kernels");
    registry->kernels = kernels;
    registry->kernels[registry->count++] = row;
    return DPK_OK;
}

static bool is_loaded(const dpk_registry *registry, const char *path)
{
    for (size_t i = 0; i < registry->count; i++)
        if (registry->kernels[i].plugin != NULL && strcmp(registry->kernels[i].plugin, path) == 0)
            return true;
    return false;
}

dpk_status dpk_registry_load(dpk_registry *registry, const char *path, dpk_error *err)
{
    if (is_loaded(registry, path))
        return DPK_OK;
    /* The loader searches its own path for names without a slash; a plug-in is a file. */
    char file[4096];
    snprintf(file, sizeof file, "%s%s", strchr(path, '/') ? "" : "./", path);
    void *handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL)
        return dpk_fail(err, DPK_USAGE, "cannot load plug-in: %s", dlerror());

    const dpk_kernel *kernel = dlsym(handle, "dpk_plugin");
    dpk_status status = DPK_OK;
    if (kernel == NULL)
        status = dpk_fail(err, DPK_USAGE, "'%s' is no plug-in of dpk: it has no dpk_plugin", path);
    else if (kernel->abi != DPK_ABI || kernel->descriptor != sizeof *kernel)
        status = dpk_fail(err, DPK_USAGE,
                          "plug-in '%s' was built for ABI %u (%u bytes), this is ABI %u (%zu "
                          "bytes): build it again with this version's dpk.h",
                          path, kernel->abi, kernel->descriptor, (unsigned)DPK_ABI, sizeof *kernel);
    else if (dpk_registry_find(registry, kernel->name) != NULL)
        status = dpk_fail(err, DPK_USAGE, "plug-in '%s': there is a kernel '%s' already", path,
                          kernel->name);
    else
        status = add(registry, (dpk_kernel_row){ .variants = { kernel }, .plugin = path }, err);
    if (status != DPK_OK) {
        dlclose(handle);
        return status;
    }
    qsort(registry->kernels, registry->count, sizeof *registry->kernels, by_name);
    return DPK_OK;
}

/* One file that cannot be loaded leaves the others, and what does not need it, usable. */
static void load_directory(dpk_registry *registry, const char *directory, dpk_registry_warn *warn)
{
    struct dirent **entries;
    int count = scandir(directory, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        size_t length = strlen(entries[i]->d_name);
        bool plugin = length > 3 && strcmp(entries[i]->d_name + length - 3, ".so") == 0;
        char *path = NULL;
        dpk_error err;
        if (plugin && asprintf(&path, "%s/%s", directory, entries[i]->d_name) > 0 &&
            dpk_registry_load(registry, path, &err) != DPK_OK)
            warn(err.text);
        free(entries[i]); /* path stays: the row names it as the kernel's origin */
    }
    if (count >= 0)
        free(entries);
}

dpk_status dpk_registry_open(dpk_registry *registry, dpk_registry_warn *warn, dpk_error *err)
{
    *registry = (dpk_registry){ 0 };
    dpk_status status = DPK_OK;
    for (size_t i = 0; dpk_builtin_kernels[i].variants[DPK_ISA_BASE] != NULL; i++)
        if (status == DPK_OK)
            status = add(registry, dpk_builtin_kernels[i], err);

    const char *paths = getenv("DPK_PLUGIN_PATH");
    while (status == DPK_OK && paths != NULL && *paths != '\0') {
        size_t length = strcspn(paths, ":");
        char directory[4096];
        snprintf(directory, sizeof directory, "%.*s", (int)length, paths);
        if (length > 0)
            load_directory(registry, directory, warn);
        paths += length + (paths[length] == ':');
    }
    return status;
}

void dpk_registry_close(dpk_registry *registry)
{
    free(registry->kernels);
    *registry = (dpk_registry){ 0 };
}

const dpk_backend *dpk_backend_find(const char *name)
{
    for (size_t i = 0; dpk_backends[i] != NULL; i++)
        if (strcmp(dpk_backends[i]->name, name) == 0)
            return dpk_backends[i];
    return NULL;
}

dpk_status dpk_backend_choose(const char *name, const dpk_backend **backend, dpk_error *err)
{
    *backend = dpk_backend_find(name);
    if (*backend != NULL) {
        const char *why = (*backend)->unavailable ? (*backend)->unavailable() : NULL;
        return why == NULL ? DPK_OK
                           : dpk_fail(err, DPK_USAGE, "backend '%s' cannot be used: %s", name, why);
    }
    dpk_suggestion suggestion = { .word = name };
    char text[256], hint[64];
    dpk_text why = dpk_text_begin(text, sizeof text);
    for (size_t i = 0; dpk_backends[i] != NULL; i++)
        dpk_text_offer(&why, &suggestion, dpk_backends[i]->name);
    return dpk_fail(err, DPK_USAGE, "backend '%s': %s%s", name, text,
                    dpk_suggestion_text(&suggestion, "", hint, sizeof hint));
}

const char *dpk_backend_why_not(const dpk_backend *backend, const dpk_kernel *kernel)
{
    const char *why = backend->unavailable != NULL ? backend->unavailable() : NULL;
    return why == NULL && backend->threads ? kernel->not_on_threads : why;
}

static bool available(const dpk_backend *backend)
{
    return backend->unavailable == NULL || backend->unavailable() == NULL;
}

const dpk_backend *dpk_backend_of(bool threads, bool processes)
{
    for (size_t i = 0; dpk_backends[i] != NULL; i++)
        if (dpk_backends[i]->threads == threads && dpk_backends[i]->processes == processes &&
            (threads || processes || dpk_backends[i]->sequential) && available(dpk_backends[i]))
            return dpk_backends[i];
    return NULL;
}

const dpk_backend *dpk_backend_default(void)
{
    const dpk_backend *threads = dpk_backend_of(true, false);
    const dpk_backend *processes = dpk_backend_of(false, true);
    return threads != NULL ? threads : processes != NULL ? processes : dpk_backend_of(false, false);
}

static bool has_suffix(const dpk_format *format, const char *name)
{
    for (const char *const *suffix = format->suffixes; suffix && *suffix; suffix++)
        if (strcasecmp(*suffix, name) == 0)
            return true;
    return false;
}

const dpk_format *dpk_format_find(const char *name)
{
    for (size_t i = 0; dpk_formats[i] != NULL; i++)
        if (strcmp(dpk_formats[i]->name, name) == 0 || has_suffix(dpk_formats[i], name))
            return dpk_formats[i];
    return NULL;
}

const dpk_format *dpk_format_recognise(const unsigned char *head, size_t size)
{
    for (size_t i = 0; dpk_formats[i] != NULL; i++)
        if (dpk_formats[i]->recognise != NULL && dpk_formats[i]->recognise(head, size))
            return dpk_formats[i];
    return NULL;
}

const char *dpk_suffix(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot == NULL || strchr(dot, '/') != NULL ? "" : dot + 1;
}
