/* SPDX-License-Identifier: MIT */
/* source.c: holds a whole input in memory. Mapping a regular file costs no copy and no memory of
 * our own; what cannot be mapped (a pipe, a device, the files of /proc, which have no size) is read
 * to its end. */
#include "files/source.h"

#include "base/slots.h"
#include "base/text.h"
#include "files/path.h"
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

/* Enough to recognise any format. */
enum { HEAD = 4096 };

/* A mapped file, for signal handlers. They skip an entry whose version is odd, or has changed while
 * they read it: the owner is about to fill it in or to clear it. The entry of the source that a
 * handler is looking for is never among these, as the source is in use. */
struct dpk_mapping {
    dpk_slot slot;
    atomic_uint version;
    _Atomic(const unsigned char *) data; /* NULL: none */
    atomic_size_t size;
    _Atomic(const char *) name;
};

static dpk_slots mappings;

static void set_mapping(struct dpk_mapping *mapping, const unsigned char *data, size_t size,
                        const char *name)
{
    atomic_fetch_add(&mapping->version, 1);
    atomic_store(&mapping->data, data);
    atomic_store(&mapping->size, size);
    atomic_store(&mapping->name, name);
    atomic_fetch_add(&mapping->version, 1);
}

const char *dpk_source_at(const void *address)
{
    for (struct dpk_mapping *mapping = dpk_slots_first(&mappings); mapping != NULL;
         mapping = dpk_slots_next(mapping)) {
        unsigned version = atomic_load(&mapping->version);
        const unsigned char *data = atomic_load(&mapping->data);
        size_t size = atomic_load(&mapping->size);
        const char *name = atomic_load(&mapping->name);
        if (version % 2 == 0 && version == atomic_load(&mapping->version) && data != NULL &&
            (uintptr_t)address - (uintptr_t)data < size)
            return name;
    }
    return NULL;
}

static unsigned char *writable(const dpk_source *source)
{
    return (unsigned char *)(uintptr_t)source->data;
}

static void close_descriptor(dpk_source *source)
{
    if (source->descriptor >= 0)
        close(source->descriptor);
    source->descriptor = -1;
}

static dpk_status cannot_read(const dpk_source *source, dpk_error *err)
{
    return dpk_path_fail(err, DPK_BAD_INPUT, "read", source->name, errno);
}

/* read() that neither a signal interrupts nor a descriptor in non-blocking mode puts off. */
static ssize_t read_some(int descriptor, void *buffer, size_t size)
{
    for (;;) {
        ssize_t got = read(descriptor, buffer, size);
        if (got >= 0 || (errno != EINTR && errno != EAGAIN))
            return got;
        struct pollfd wait = { .fd = descriptor, .events = POLLIN };
        if (errno == EAGAIN && poll(&wait, 1, -1) < 0 && errno != EINTR)
            return -1;
    }
}

/* Reads until there are `wanted` bytes, or no more. */
static dpk_status read_until(dpk_source *source, size_t wanted, dpk_error *err)
{
    unsigned char *data = writable(source);
    while (source->size < wanted) {
        ssize_t got = read_some(source->descriptor, data + source->size, wanted - source->size);
        if (got < 0)
            return cannot_read(source, err);
        if (got == 0) {
            close_descriptor(source);
            return DPK_OK;
        }
        source->size += (size_t)got;
    }
    return DPK_OK;
}

static dpk_status too_long(const dpk_source *source, const char *limit, dpk_error *err)
{
    char text[32];
    return dpk_fail(err, DPK_LIMIT, "cannot read '%s' to its end: it goes on after %s, %s",
                    source->name, dpk_text_bytes((double)source->size, text, sizeof text), limit);
}

static dpk_status grow(dpk_source *source, size_t capacity, dpk_error *err)
{
    void *larger = realloc(writable(source), capacity);
    if (larger == NULL)
        return too_long(source, "and there is no memory for more", err);
    source->data = larger;
    return DPK_OK;
}

dpk_status dpk_source_read_rest(dpk_source *source, dpk_error *err)
{
    if (source->descriptor < 0)
        return DPK_OK;
    const size_t half = dpk_machine_memory() / 2;
    const size_t most = half > FIRST_CAPACITY ? half : FIRST_CAPACITY;
    size_t capacity = FIRST_CAPACITY;
    dpk_status status = DPK_OK;
    while (status == DPK_OK && source->descriptor >= 0) {
        if (source->size >= most)
            return too_long(source, "half of the memory available when it was opened", err);
        capacity = capacity < most ? capacity : most;
        status = grow(source, capacity, err);
        if (status == DPK_OK)
            status = read_until(source, capacity, err);
        capacity *= 2;
    }
    return status;
}

/* A mapping shows the bytes that reading would give only if the descriptor is at the start of a
 * regular file. */
static bool map_file(dpk_source *source, const struct stat *status)
{
    if (!S_ISREG(status->st_mode) || status->st_size <= 0 ||
        lseek(source->descriptor, 0, SEEK_CUR) != 0)
        return false;
    size_t size = (size_t)status->st_size;
    struct dpk_mapping *mapping = dpk_slots_take(&mappings, sizeof *mapping);
    if (mapping == NULL)
        return false;
    void *data = mmap(NULL, size, PROT_READ, MAP_PRIVATE, source->descriptor, 0);
    if (data == MAP_FAILED) {
        dpk_slots_give_back(mapping);
        return false;
    }
    close_descriptor(source);
    source->data = data;
    source->size = size;
    source->mapping = mapping;
    set_mapping(mapping, data, size, source->name);
    return true;
}

static dpk_status read_head(dpk_source *source, dpk_error *err)
{
    struct stat status;
    if (fstat(source->descriptor, &status) != 0)
        return cannot_read(source, err);
    if (map_file(source, &status))
        return DPK_OK;
    dpk_status result = grow(source, HEAD, err);
    return result == DPK_OK ? read_until(source, HEAD, err) : result;
}

dpk_status dpk_source_open_head(dpk_source *source, const char *path, dpk_error *err)
{
    bool standard = strcmp(path, "-") == 0;
    *source = (dpk_source){ .name = standard ? "standard input" : path };
    source->descriptor = standard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                  : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (source->descriptor < 0)
        return cannot_read(source, err);
    dpk_status status = read_head(source, err);
    if (status != DPK_OK) {
        close_descriptor(source);
        dpk_source_close(source);
    }
    return status;
}

dpk_status dpk_source_open(dpk_source *source, const char *path, dpk_error *err)
{
    dpk_status status = dpk_source_open_head(source, path, err);
    if (status != DPK_OK)
        return status;
    status = dpk_source_read_rest(source, err);
    if (status != DPK_OK)
        dpk_source_close(source);
    return status;
}

static void give_back(const dpk_source *source, size_t begin, size_t end)
{
    if (source->mapping != NULL && end > begin)
        madvise((void *)(uintptr_t)(source->data + begin), end - begin, MADV_DONTNEED);
}

void dpk_source_move_on(const dpk_source *source, size_t before, size_t now)
{
    /* Large enough that the calls cost nothing, small enough that the memory does not matter, and a
     * multiple of any page size. */
    const size_t stretch = (size_t)4 << 20;
    give_back(source, before / stretch * stretch, now / stretch * stretch);
}

void dpk_source_done(const dpk_source *source, size_t begin, size_t end)
{
    /* Where one byte is touched Linux maps this much around it, from one multiple to the next, and
     * so bytes beyond both ends. Those in use come back. A multiple of any page size. */
    const size_t around = (size_t)64 << 10;
    size_t base = (uintptr_t)source->data;
    size_t before = (base + begin) % around, after = around - 1 - (base + end - 1) % around;
    give_back(source, before < begin ? begin - before : 0,
              after < source->size - end ? end + after : source->size);
}

void dpk_source_touch_end(const dpk_source *source)
{
    if (source->mapping != NULL)
        (void)*(const volatile unsigned char *)&source->data[source->size - 1];
}

void dpk_source_close(dpk_source *source)
{
    if (source->mapping != NULL) {
        set_mapping(source->mapping, NULL, 0, NULL);
        dpk_slots_give_back(source->mapping);
        munmap(writable(source), source->size);
    } else if (source->data != NULL) {
        free(writable(source));
        close_descriptor(source);
    }
    *source = (dpk_source){ .name = source->name, .descriptor = -1 };
}
