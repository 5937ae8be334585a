/* SPDX-License-Identifier: MIT */
/* source.c: a whole input in memory. Mapping a regular file costs no copy and no memory of our own;
 * what cannot be mapped (a pipe, a device, the size-less files of /proc) is read to its end. */
#include "files/source.h"

#include "base/text.h"
#include "machine/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Pipes hand over 64 KiB at a time; a first piece of 1 MiB holds most pictures without growing. */
#define FIRST_CAPACITY ((size_t)1 << 20)

/* What is mapped, for signal handlers. A kernel has an input or two. */
static struct {
    _Atomic(const unsigned char *) data; /* NULL: a free place */
    size_t size;
    const char *name;
} mapped[8];

enum { MAPPED = sizeof mapped / sizeof *mapped };

static void remember(const dpk_source *source)
{
    for (int i = 0; i < MAPPED; i++) {
        if (atomic_load(&mapped[i].data) == NULL) {
            mapped[i].size = source->size;
            mapped[i].name = source->name;
            atomic_store(&mapped[i].data, source->data);
            return;
        }
    }
}

static void forget(const dpk_source *source)
{
    for (int i = 0; i < MAPPED; i++)
        if (atomic_load(&mapped[i].data) == source->data)
            atomic_store(&mapped[i].data, NULL);
}

const char *dpk_source_at(const void *address)
{
    for (int i = 0; i < MAPPED; i++) {
        const unsigned char *data = atomic_load(&mapped[i].data);
        if (data != NULL && (uintptr_t)address - (uintptr_t)data < mapped[i].size)
            return mapped[i].name;
    }
    return NULL;
}

static dpk_status cannot_read(const dpk_source *source, dpk_error *err)
{
    return dpk_fail(err, DPK_BAD_INPUT, "cannot read '%s': %s", source->name, strerror(errno));
}

/* read() that is neither interrupted by signals nor put off by a descriptor someone made
 * non-blocking. */
static ssize_t read_some(int descriptor, void *buffer, size_t size)
{
    for (;;) {
        ssize_t got = read(descriptor, buffer, size);
        if (got >= 0 || (errno != EINTR && errno != EAGAIN))
            return got;
        if (errno == EAGAIN)
            poll(&(struct pollfd){ .fd = descriptor, .events = POLLIN }, 1, -1);
    }
}

static dpk_status read_all(dpk_source *source, int descriptor, dpk_error *err)
{
    size_t most = dpk_machine_memory(); /* an endless device ends here, not in the OOM killer */
    size_t capacity = FIRST_CAPACITY, size = 0;
    unsigned char *data = malloc(capacity);
    while (data != NULL) {
        ssize_t got = read_some(descriptor, data + size, capacity - size);
        if (got < 0) {
            (void)cannot_read(source, err);
            free(data);
            return DPK_BAD_INPUT;
        }
        if (got == 0) {
            source->data = data;
            source->size = size;
            return DPK_OK;
        }
        size += (size_t)got;
        if (size < capacity)
            continue;
        unsigned char *larger = capacity < most / 2 ? realloc(data, capacity * 2) : NULL;
        if (larger == NULL)
            free(data);
        data = larger;
        capacity *= 2;
    }
    char text[32];
    return dpk_fail(err, DPK_LIMIT, "not enough memory to read '%s': no end after %s", source->name,
                    dpk_text_bytes((double)size, text, sizeof text));
}

/* Only a descriptor at the start of a regular file shows the bytes that reading it would. */
static bool map_file(dpk_source *source, int descriptor, const struct stat *status)
{
    if (!S_ISREG(status->st_mode) || status->st_size <= 0 || lseek(descriptor, 0, SEEK_CUR) != 0)
        return false;
    void *data = mmap(NULL, (size_t)status->st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (data == MAP_FAILED)
        return false;
    source->data = data;
    source->size = (size_t)status->st_size;
    source->mapped = true;
    remember(source);
    return true;
}

dpk_status dpk_source_open(dpk_source *source, const char *path, dpk_error *err)
{
    bool standard = strcmp(path, "-") == 0;
    *source = (dpk_source){ .name = standard ? "standard input" : path };
    int descriptor = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return cannot_read(source, err);

    struct stat status;
    dpk_status result = DPK_OK;
    if (fstat(descriptor, &status) != 0)
        result = cannot_read(source, err);
    else if (!map_file(source, descriptor, &status))
        result = read_all(source, descriptor, err);
    if (!standard)
        close(descriptor);
    return result;
}

static void give_back(const dpk_source *source, size_t begin, size_t end)
{
    if (source->mapped && end > begin)
        madvise((void *)(uintptr_t)(source->data + begin), end - begin, MADV_DONTNEED);
}

void dpk_source_move_on(const dpk_source *source, size_t before, size_t now)
{
    /* Large enough that the calls cost nothing, small enough for the memory not to matter. A
     * multiple of any page's size. */
    const size_t stretch = (size_t)4 << 20;
    give_back(source, before / stretch * stretch, now / stretch * stretch);
}

void dpk_source_done(const dpk_source *source, size_t begin, size_t end)
{
    /* Linux maps as much as this where one byte is touched, from one multiple to the next, and so
     * what lies around both ends. What is in use there comes back. A multiple of any page's size.
     */
    const size_t around = (size_t)64 << 10;
    size_t base = (uintptr_t)source->data;
    size_t before = (base + begin) % around, after = around - 1 - (base + end - 1) % around;
    give_back(source, before < begin ? begin - before : 0,
              after < source->size - end ? end + after : source->size);
}

void dpk_source_touch_end(const dpk_source *source)
{
    if (source->mapped)
        (void)*(const volatile unsigned char *)&source->data[source->size - 1];
}

void dpk_source_close(dpk_source *source)
{
    if (source->mapped) {
        forget(source);
        munmap((void *)(uintptr_t)source->data, source->size);
    } else {
        free((void *)(uintptr_t)source->data);
    }
    *source = (dpk_source){ .name = source->name };
}
