/* SPDX-License-Identifier: MIT */
/* intercept.c: calls from one ELF object to another go through a table of addresses, which the
 * loader fills as the object's relocations say. This reads the relocations again, finds the entries
 * of some names, and overwrites them. It is done in a process that checks a kernel and then ends;
 * the functions of all other processes stay as they are. */
#include "contract/intercept.h"

#include <dlfcn.h>
#include <stdint.h>
#include <string.h>

#if defined(__ELF__) && !defined(DPK_SANITIZED) /* which replace the same functions */
#    include <elf.h>
#    include <link.h>
#    include <sys/mman.h>
#    include <unistd.h>

struct job {
    const dpk_interception *table;
    size_t count;
    size_t changed;
};

/* What is needed of an object's dynamic section. */
struct object {
    uintptr_t base;
    const ElfW(Sym) * symbols;
    const char *strings;
    const void *relocations[2]; /* of data; of calls */
    size_t bytes[2];
    bool addends; /* Rela entries, not Rel */
};

#    if __SIZEOF_POINTER__ == 8
#        define SYMBOL_OF(info) ELF64_R_SYM(info)
#    else
#        define SYMBOL_OF(info) ELF32_R_SYM(info)
#    endif

/* Some loaders relocate the pointers of the dynamic section, others do not. */
static const void *pointer(const struct object *object, ElfW(Addr) value)
{
    return (const void *)(uintptr_t)(value < object->base ? object->base + value : value);
}

static bool read_dynamic(struct object *object, const ElfW(Dyn) * entry)
{
    ElfW(Sxword) kind = DT_RELA;
    for (; entry->d_tag != DT_NULL; entry++) {
        switch (entry->d_tag) {
        case DT_SYMTAB:
            object->symbols = pointer(object, entry->d_un.d_ptr);
            break;
        case DT_STRTAB:
            object->strings = pointer(object, entry->d_un.d_ptr);
            break;
        case DT_RELA:
        case DT_REL:
            object->relocations[0] = pointer(object, entry->d_un.d_ptr);
            kind = entry->d_tag;
            break;
        case DT_RELASZ:
        case DT_RELSZ:
            object->bytes[0] = entry->d_un.d_val;
            break;
        case DT_JMPREL:
            object->relocations[1] = pointer(object, entry->d_un.d_ptr);
            break;
        case DT_PLTRELSZ:
            object->bytes[1] = entry->d_un.d_val;
            break;
        case DT_PLTREL:
            kind = (ElfW(Sxword))entry->d_un.d_val;
            break;
        default:
            break;
        }
    }
    object->addends = kind == DT_RELA;
    return object->symbols != NULL && object->strings != NULL;
}

/* The entry may lie in memory that was made read-only when the object had been loaded. */
static bool overwrite(uintptr_t place, dpk_function *replacement)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), begin = place / page * page;
    if (mprotect((void *)begin, place + sizeof replacement - begin, PROT_READ | PROT_WRITE) != 0)
        return false;
    memcpy((void *)place, &replacement, sizeof replacement);
    return true;
}

static void change(struct job *job, const struct object *object, const ElfW(Rel) * entry)
{
    size_t symbol = SYMBOL_OF(entry->r_info);
    if (symbol == 0 || ELF32_ST_TYPE(object->symbols[symbol].st_info) == STT_OBJECT)
        return;
    const char *name = object->strings + object->symbols[symbol].st_name;
    for (size_t i = 0; i < job->count; i++)
        if (strcmp(name, job->table[i].name) == 0 && *job->table[i].original != NULL)
            job->changed += overwrite(object->base + entry->r_offset, job->table[i].replacement);
}

static int change_object(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)size;
    struct object object = { .base = info->dlpi_addr };
    const ElfW(Dyn) *dynamic = NULL;
    for (size_t i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_DYNAMIC)
            dynamic = (const void *)(uintptr_t)(object.base + info->dlpi_phdr[i].p_vaddr);
    /* The system's own object is not writable, and the loader is not to be disturbed. */
    bool special = strstr(info->dlpi_name, "vdso") || strstr(info->dlpi_name, "/ld-");
    if (dynamic == NULL || special || !read_dynamic(&object, dynamic))
        return 0;
    size_t step = object.addends ? sizeof(ElfW(Rela)) : sizeof(ElfW(Rel));
    for (size_t table = 0; table < 2; table++)
        for (size_t at = 0; object.relocations[table] != NULL && at < object.bytes[table];
             at += step)
            change(context, &object, /* Rela begins like Rel */
                   (const void *)((const char *)object.relocations[table] + at));
    return 0;
}

bool dpk_intercept(const dpk_interception *table, size_t count)
{
    struct job job = { .table = table, .count = count };
    for (size_t i = 0; i < count; i++) {
        void *found = dlsym(RTLD_DEFAULT, table[i].name);
        memcpy(table[i].original, &found, sizeof found);
    }
    dl_iterate_phdr(change_object, &job);
    return job.changed > 0;
}
#else
bool dpk_intercept(const dpk_interception *table, size_t count)
{
    (void)table, (void)count;
    return false;
}
#endif
