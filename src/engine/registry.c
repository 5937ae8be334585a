/* SPDX-License-Identifier: MIT */
/* registry.c: looking things up by name, and loading plug-ins. */
#include "engine/registry.h"

#include "base/text.h"
#include "engine/descriptor.h"

#include <dirent.h>
#include <dlfcn.h>
#ifdef __ELF__
#    include <link.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

/* The loader maps a file as its headers say, and touching what lies beyond the file's end would end
 * the program: a file that was cut short is refused here. */
static bool is_cut_short(const char *path)
{
#ifdef __ELF__
    ElfW(Ehdr) head;
    struct stat status;
    FILE *file = fopen(path, "rb");
    bool cut = false;
    if (file == NULL)
        return false; /* the loader says why */
    bool elf = fstat(fileno(file), &status) == 0 && fread(&head, sizeof head, 1, file) == 1 &&
               memcmp(head.e_ident, ELFMAG, SELFMAG) == 0;
    for (unsigned i = 0; elf && !cut && i < head.e_phnum; i++) {
        ElfW(Phdr) part;
        long place = (long)(head.e_phoff + i * (uint64_t)head.e_phentsize);
        cut = fseek(file, place, SEEK_SET) != 0 || fread(&part, sizeof part, 1, file) != 1 ||
              part.p_offset + part.p_filesz > (uint64_t)status.st_size;
    }
    (void)fclose(file);
    return cut;
#else
    (void)path;
    return false;
#endif
}

static dpk_status wrong(const char *path, const dpk_error *why, dpk_error *err)
{
    return dpk_fail(err, why->status, "plug-in '%s': %s", path, why->text);
}

static dpk_status add_plugin(dpk_registry *registry, const char *path, const dpk_kernel *plugin,
                             dpk_error *err)
{
    dpk_kernel *copy = NULL;
    dpk_error why;
    dpk_status status = dpk_descriptor_copy(&copy, plugin, &why);
    if (status == DPK_OK)
        status = dpk_descriptor_check(copy, &why);
    if (status == DPK_OK && dpk_registry_find(registry, copy->name) != NULL)
        status = dpk_fail(&why, DPK_USAGE, "there is a kernel '%s' already", copy->name);
    if (status == DPK_OK && registry->host.has_command != NULL &&
        registry->host.has_command(copy->name))
        status = dpk_fail(&why, DPK_USAGE, "'%s' is the name of a command", copy->name);
    if (status == DPK_OK)
        status = add(registry,
                     (dpk_kernel_row){ .variants = { copy }, .plugin = path, .owned = copy }, &why);
    if (status == DPK_OK)
        return DPK_OK;
    free(copy);
    return wrong(path, &why, err);
}

dpk_status dpk_registry_load(dpk_registry *registry, const char *path, dpk_error *err)
{
    if (is_loaded(registry, path))
        return DPK_OK;
    /* The loader searches its own path for names without a slash; a plug-in is a file. */
    char *file = NULL;
    if (asprintf(&file, "%s%s", strchr(path, '/') ? "" : "./", path) < 0)
        return dpk_fail(err, DPK_LIMIT, "not enough memory for a plug-in");
    bool cut = is_cut_short(file);
    void *handle = cut ? NULL : dlopen(file, RTLD_NOW | RTLD_LOCAL);
    free(file);
    if (cut)
        return dpk_fail(err, DPK_USAGE, "cannot load plug-in: '%s' has been cut short", path);
    if (handle == NULL)
        return dpk_fail(err, DPK_USAGE, "cannot load plug-in: %s", dlerror());

    const dpk_kernel *kernel = dlsym(handle, "dpk_plugin");
    dpk_status status;
    if (kernel == NULL)
        status = dpk_fail(err, DPK_USAGE, "'%s' is no plug-in of dpk: it has no dpk_plugin", path);
    else
        status = add_plugin(registry, path, kernel, err);
    if (status != DPK_OK) {
        dlclose(handle);
        return status;
    }
    qsort(registry->kernels, registry->count, sizeof *registry->kernels, by_name);
    return DPK_OK;
}

/* One file that cannot be loaded leaves the others, and what does not need it, usable. */
static void load_directory(dpk_registry *registry, const char *directory)
{
    struct dirent **entries;
    int count = scandir(directory, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        size_t length = strlen(entries[i]->d_name);
        bool plugin = length > 3 && strcmp(entries[i]->d_name + length - 3, ".so") == 0;
        char *path = NULL;
        dpk_error err;
        if (plugin && asprintf(&path, "%s/%s", directory, entries[i]->d_name) > 0 &&
            dpk_registry_load(registry, path, &err) != DPK_OK && registry->host.warn != NULL)
            registry->host.warn(err.text);
        free(entries[i]); /* path stays: the row names it as the kernel's origin */
    }
    if (count >= 0)
        free(entries);
}

dpk_status dpk_registry_open(dpk_registry *registry, const dpk_registry_host *host, dpk_error *err)
{
    *registry = (dpk_registry){ .host = *host };
    dpk_status status = DPK_OK;
    for (size_t i = 0; dpk_builtin_kernels[i].variants[DPK_ISA_BASE] != NULL; i++)
        if (status == DPK_OK)
            status = add(registry, dpk_builtin_kernels[i], err);

    const char *paths = secure_getenv("DPK_PLUGIN_PATH");
    while (status == DPK_OK && paths != NULL && *paths != '\0') {
        size_t length = strcspn(paths, ":");
        char *directory = strndup(paths, length);
        if (length > 0 && directory != NULL)
            load_directory(registry, directory);
        free(directory);
        paths += length + (paths[length] == ':');
    }
    return status;
}

void dpk_registry_close(dpk_registry *registry)
{
    for (size_t i = 0; i < registry->count; i++)
        free(registry->kernels[i].owned);
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
    if (why == NULL && backend->threads)
        why = kernel->not_on_threads;
    return why == NULL && backend->arena_only ? kernel->not_on_pool : why;
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
