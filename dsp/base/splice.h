/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Splice: makes a block of interleaved sound shorter or longer by leaving out
 * or repeating a piece of it, with a cross-fade at the joint. The length of the
 * piece is chosen between two limits, so that both sides of the joint match:
 * whole periods of a voice or tone.
 *
 * Both functions return the length of the piece in frames. They require
 * least <= most, 1 <= fade and most + fade <= frames. `out` may not overlap
 * with `in`. They cannot fail.
 */
#ifndef DMIX_SPLICE_H
#define DMIX_SPLICE_H

#include <stddef.h>

/* Leaves out a piece; the joint is at the start of the block, whose first frame
 * stays. out: room for frames - least frames. */
size_t dmix_splice_drop (const float *in, size_t frames, unsigned channels,
    size_t least, size_t most, size_t fade, float *out);

/* Plays a piece twice; the joint is at the end of the block, whose last frame
 * stays. out: room for frames + most frames. */
size_t dmix_splice_repeat (const float *in, size_t frames, unsigned channels,
    size_t least, size_t most, size_t fade, float *out);

#endif
