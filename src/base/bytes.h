/* SPDX-License-Identifier: MIT */
/* bytes.h: arithmetic of sizes, and numbers as files spell them: loads and stores of a stated byte
 * order, at any alignment, and swapping the bytes of many elements. */
#ifndef DPK_BYTES_H
#define DPK_BYTES_H

#include <dpk/dpk.h>

#include <string.h>

static inline size_t dpk_size_min(size_t a, size_t b)
{
    return a < b ? a : b;
}

static inline size_t dpk_size_max(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* How many units of that size hold `count`. */
static inline size_t dpk_ceil_div(size_t count, size_t unit)
{
    return count / unit + (count % unit != 0);
}

/* The least multiple of unit that is not below `count`. */
static inline size_t dpk_round_up(size_t count, size_t unit)
{
    return dpk_ceil_div(count, unit) * unit;
}

static inline bool dpk_is_little_endian(void)
{
    return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
}

static inline uint16_t dpk_load_le16(const void *from)
{
    const unsigned char *byte = from;
    return (uint16_t)(byte[0] | byte[1] << 8);
}

static inline uint16_t dpk_load_be16(const void *from)
{
    const unsigned char *byte = from;
    return (uint16_t)(byte[0] << 8 | byte[1]);
}

static inline uint32_t dpk_load_le32(const void *from)
{
    const unsigned char *byte = from;
    return dpk_load_le16(byte) | (uint32_t)dpk_load_le16(byte + 2) << 16;
}

static inline uint32_t dpk_load_be32(const void *from)
{
    const unsigned char *byte = from;
    return (uint32_t)dpk_load_be16(byte) << 16 | dpk_load_be16(byte + 2);
}

static inline void dpk_store_le16(void *to, uint16_t value)
{
    unsigned char *byte = to;
    byte[0] = (unsigned char)value;
    byte[1] = (unsigned char)(value >> 8);
}

static inline void dpk_store_le64(void *to, uint64_t value)
{
    unsigned char *byte = to;
    for (int i = 0; i < 8; i++)
        byte[i] = (unsigned char)(value >> 8 * i);
}

/* Bytes that have an order among them: those of an element, or of either half of a complex one. */
static inline size_t dpk_swap_unit(dpk_type type)
{
    size_t size = dpk_type_size(type);
    return type & (DPK_C64 | DPK_C128) ? size / 2 : size;
}

/* Copies count elements of size bytes (1, 2, 4 or 8), the bytes of each in reverse order. to may be
 * from. */
static inline void dpk_copy_swapped(void *to, const void *from, size_t count, size_t size)
{
    unsigned char *out = to;
    const unsigned char *in = from;
    for (size_t i = 0; i < count; i++, in += size, out += size) {
        uint16_t two;
        uint32_t four;
        uint64_t eight;
        switch (size) {
        case 1:
            *out = *in;
            break;
        case 2:
            memcpy(&two, in, 2);
            two = __builtin_bswap16(two);
            memcpy(out, &two, 2);
            break;
        case 4:
            memcpy(&four, in, 4);
            four = __builtin_bswap32(four);
            memcpy(out, &four, 4);
            break;
        case 8:
            memcpy(&eight, in, 8);
            eight = __builtin_bswap64(eight);
            memcpy(out, &eight, 8);
            break;
        }
    }
}

#endif
