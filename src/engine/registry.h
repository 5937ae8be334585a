/* SPDX-License-Identifier: MIT */
/* registry.h: what there is: built-in kernels, backends and formats, from tables the build makes
 * by listing their folders, and kernels loaded as plug-ins. */
#ifndef DPK_REGISTRY_H
#define DPK_REGISTRY_H

#include "files/format.h"
#include "model/isa.h"
#include "workers/backend.h"

/* A kernel in every ISA level it was compiled for; levels it has not are NULL. */
typedef struct dpk_kernel_row {
    const dpk_kernel *variants[DPK_ISA_LEVELS];
    const char *plugin; /* the file it came from, NULL for built-in ones */
    dpk_kernel *owned;  /* the copy of its descriptor, NULL for built-in ones */
} dpk_kernel_row;

/* Made by the build, sorted by name; all end with a NULL. */
extern const dpk_kernel_row dpk_builtin_kernels[];
extern const dpk_backend *const dpk_backends[];
extern const dpk_format *const dpk_formats[];

/* The program that has a registry. */
typedef struct dpk_registry_host {
    void (*warn)(const char *sentence);    /* of each plug-in that is left out; NULL: silently */
    bool (*has_command)(const char *name); /* names that no kernel may have; NULL: none */
} dpk_registry_host;

typedef struct dpk_registry {
    dpk_kernel_row *kernels; /* sorted by name */
    size_t count;
    dpk_registry_host host;
} dpk_registry;

/* Lists the built-in kernels, and those of every .so in the directories of DPK_PLUGIN_PATH
 * (separated by colons); warns of files that cannot be loaded. Errors: DPK_LIMIT. */
dpk_status dpk_registry_open(dpk_registry *registry, const dpk_registry_host *host, dpk_error *err);
void dpk_registry_close(dpk_registry *registry);

/* Adds the kernel of a plug-in, unless that is done; it must be of this ABI, keep the limits of
 * dpk.h, and have a name of its own. Errors: DPK_USAGE, with the reason; DPK_LIMIT. */
dpk_status dpk_registry_load(dpk_registry *registry, const char *path, dpk_error *err);

/* NULL if there is none of that name. */
const dpk_kernel_row *dpk_registry_find(const dpk_registry *registry, const char *name);

/* The variant for the ISA level, or for the next lower one the row has. */
const dpk_kernel *dpk_kernel_variant(const dpk_kernel_row *row, dpk_isa isa);

/* The backend of that name, NULL if there is none. */
const dpk_backend *dpk_backend_find(const char *name);

/* The backend a user names, if it can be used here. Errors: DPK_USAGE, with the reason, or with
 * what may have been meant. */
dpk_status dpk_backend_choose(const char *name, const dpk_backend **backend, dpk_error *err);

/* The format of that name, or with a suffix of that name; NULL if there is none. */
const dpk_format *dpk_format_find(const char *name);

/* Why the backend cannot run the kernel in this build, on this machine; NULL if it can. */
const char *dpk_backend_why_not(const dpk_backend *backend, const dpk_kernel *kernel);

/* The first usable backend whose workers are threads, or processes, or, with neither, one worker in
 * a plain loop, as which there always is one; NULL if there is none. */
const dpk_backend *dpk_backend_of(bool threads, bool processes);

/* The backend used unless told otherwise: threads, or processes in a build without them. */
const dpk_backend *dpk_backend_default(void);

/* The format whose files begin like this; NULL if none does. */
const dpk_format *dpk_format_recognise(const unsigned char *head, size_t size);

/* What stands behind the last dot of the file's name, "" if nothing does. */
const char *dpk_suffix(const char *path);

#endif
