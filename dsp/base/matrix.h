/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Channel matrix: puts the channels of one layout into another.
 *
 * A channel that goes to one place with a gain of 1, alone, keeps its bits.
 */
#ifndef DMIX_MATRIX_H
#define DMIX_MATRIX_H

#include <stddef.h>

typedef struct DmixMatrix DmixMatrix;

/* gain[i * out_channels + o]: linear, from input channel i to output channel
 * o. in_channels, out_channels: 1 to 64. NULL on bad arguments or if memory is
 * short. */
DmixMatrix *dmix_matrix_new (unsigned in_channels, unsigned out_channels,
    const float *gain);
void dmix_matrix_free (DmixMatrix *self);

/* Non-zero if every channel stays what and where it is. */
int dmix_matrix_is_identity (const DmixMatrix *self);

/* in: frames * in_channels samples; out: frames * out_channels, overwritten.
 * They must not overlap. */
void dmix_matrix_process (const DmixMatrix *self, const float *in, float *out,
    size_t frames);

#endif
