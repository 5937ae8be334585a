/* SPDX-License-Identifier: MIT */
/* payload.c: a header that describes the arrays, followed by each array's elements, all on page
 * boundaries. */
#include "measure/payload.h"

#include "base/array.h"
#include "base/bytes.h"
#include "base/text.h"
#include "machine/machine.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct head {
    size_t count;
    dpk_array arrays[DPK_MAX_PORTS];
    size_t offset[DPK_MAX_PORTS];
};

/* A power of two that is at least a page, and at least what vector loads need. */
enum { ALIGNMENT = 1 << 16 };

static void *map(int descriptor, size_t bytes, int protection)
{
    void *base = mmap(NULL, bytes, protection, MAP_SHARED, descriptor, 0);
    return base == MAP_FAILED ? NULL : base;
}

dpk_status dpk_payload_check(const dpk_array *arrays, size_t count, size_t hosts, dpk_error *err)
{
    double bytes = 0, available = (double)dpk_machine_memory();
    for (size_t i = 0; i < count; i++)
        bytes += (double)dpk_array_bytes(&arrays[i]);
    double whole = bytes * (double)(1 + hosts);
    char one[32], all[32], most[32];
    if (whole <= available)
        return DPK_OK;
    return dpk_fail(err, DPK_LIMIT,
                    "inputs of %s, held by %zu processes at a time, take %s of memory, and %s are "
                    "available",
                    dpk_text_bytes(bytes, one, sizeof one), 1 + hosts,
                    dpk_text_bytes(whole, all, sizeof all),
                    dpk_text_bytes(available, most, sizeof most));
}

dpk_status dpk_payload_make(dpk_payload *payload, const dpk_array *arrays, size_t count,
                            size_t hosts, dpk_error *err)
{
    struct head head = { .count = count };
    dpk_status fits = dpk_payload_check(arrays, count, hosts, err);
    if (fits != DPK_OK)
        return fits;
    *payload = (dpk_payload){ .count = count,
                              .descriptor = -1,
                              .bytes = dpk_round_up(sizeof head, ALIGNMENT) };
    for (size_t i = 0; i < count; i++) {
        head.arrays[i] = arrays[i];
        head.arrays[i].data = NULL;
        head.arrays[i].ring = 0;
        head.offset[i] = payload->bytes;
        payload->bytes += dpk_round_up(dpk_array_bytes(&arrays[i]), ALIGNMENT);
    }
    payload->descriptor = memfd_create("dpk inputs", MFD_CLOEXEC);
    if (payload->descriptor >= 0 && ftruncate(payload->descriptor, (off_t)payload->bytes) == 0)
        payload->base = map(payload->descriptor, payload->bytes, PROT_READ | PROT_WRITE);
    if (payload->base == NULL) {
        dpk_status status =
            dpk_fail(err, DPK_LIMIT, "no memory for the inputs: %s", strerror(errno));
        if (payload->descriptor >= 0)
            close(payload->descriptor);
        return status;
    }
    memcpy(payload->base, &head, sizeof head);
    for (size_t i = 0; i < count; i++) {
        payload->arrays[i] = head.arrays[i];
        payload->arrays[i].data = payload->base + head.offset[i];
    }
    return DPK_OK;
}

static dpk_status copy_arrays(const unsigned char *base, dpk_arena *arena, dpk_array *arrays,
                              size_t *count, dpk_error *err)
{
    struct head head;
    memcpy(&head, base, sizeof head);
    *count = head.count;
    for (size_t i = 0; i < head.count; i++) {
        size_t bytes = dpk_array_bytes(&head.arrays[i]);
        arrays[i] = head.arrays[i];
        arrays[i].data = dpk_alloc_input(arena, bytes, err);
        if (arrays[i].data == NULL)
            return DPK_LIMIT;
        memcpy(arrays[i].data, base + head.offset[i], bytes);
    }
    return DPK_OK;
}

dpk_status dpk_payload_unpack(int descriptor, dpk_arena *arena, dpk_array *arrays, size_t *count,
                              dpk_error *err)
{
    struct stat stat;
    unsigned char *base = NULL;
    if (fstat(descriptor, &stat) == 0 && stat.st_size >= (off_t)sizeof(struct head))
        base = map(descriptor, (size_t)stat.st_size, PROT_READ);
    if (base == NULL)
        return dpk_fail(err, DPK_FAILED, "the inputs did not arrive: %s", strerror(errno));
    dpk_status status = copy_arrays(base, arena, arrays, count, err);
    munmap(base, (size_t)stat.st_size);
    return status;
}

void dpk_payload_close(dpk_payload *payload)
{
    if (payload->base != NULL) {
        munmap(payload->base, payload->bytes);
        close(payload->descriptor);
    }
    *payload = (dpk_payload){ .descriptor = -1 };
}
