/* SPDX-License-Identifier: MIT */
/* median.h: the struct of a median, for its methods. */
#ifndef DPK_KERNEL_MEDIAN_H
#define DPK_KERNEL_MEDIAN_H

#include <dpk/image.h>

/* A column of 2*127 + 1 samples is counted in uint8_t, a window of 255*255 in uint16_t: this bounds
 * the radius. */
enum { RADIUS_MOST = 127, RADIUS_NETWORK = 3, SIDE_NETWORK = 2 * RADIUS_NETWORK + 1 };

struct median {
    dpk_array in, out;
    unsigned radius, edge;
    const void *zeros; /* a row beyond the edges, where it counts as zero */
};

/* How far the alpha of a pixel is behind its sample `channel`, if that is a colour; otherwise 0. */
static inline size_t to_alpha(const struct median *median, size_t channel)
{
    size_t colours = dpk_colour_channels(&median->in);
    return colours < median->in.shape[2] ? colours - channel : 0;
}

#endif
