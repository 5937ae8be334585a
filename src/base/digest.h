/* SPDX-License-Identifier: MIT */
/* digest.h: digests of 64 bits, by which two blocks of memory are compared. */
#ifndef DPK_DIGEST_H
#define DPK_DIGEST_H

#include <stddef.h>
#include <stdint.h>

/* Digests bytes. To digest several blocks as one, pass the digest so far as the seed. */
uint64_t dpk_digest(const void *data, size_t bytes, uint64_t seed);

#endif
