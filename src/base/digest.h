/* SPDX-License-Identifier: MIT */
/* digest.h: whether two stretches of memory hold the same bytes, from 64 bits of each. */
#ifndef DPK_DIGEST_H
#define DPK_DIGEST_H

#include <stddef.h>
#include <stdint.h>

/* The digest of what came before is the seed for what comes after. */
uint64_t dpk_digest(const void *data, size_t bytes, uint64_t seed);

#endif
