/* SPDX-License-Identifier: MIT */
/* digest.c: XXH3 of the xxHash library. */
#include "base/digest.h"

#include <xxhash.h>

uint64_t dpk_digest(const void *data, size_t bytes, uint64_t seed)
{
    return XXH3_64bits_withSeed(data, bytes, seed);
}
