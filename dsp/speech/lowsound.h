/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The latest samples of a mono sound at a lower rate, for spectra of its lower
 * part: a window that moves on as the sound comes in. They are late by the
 * decimator's filter (spectral/decimator.h), half a millisecond at 48 kHz.
 *
 * All memory is taken by dmix_lowsound_new(). Any split of the input gives the
 * same samples. Samples must be finite.
 */
#ifndef DMIX_LOWSOUND_H
#define DMIX_LOWSOUND_H

#include <stddef.h>

typedef struct DmixLowSound DmixLowSound;

/* rate_hz, factor, pass_hz: as of a decimator; a factor of 1 keeps the sound as it
 * is. window: samples that are kept, 1 or more. NULL on bad arguments or short
 * memory. */
DmixLowSound *dmix_lowsound_new (unsigned rate_hz, unsigned factor,
    double pass_hz, unsigned window);
void dmix_lowsound_free (DmixLowSound *self);

/* The window is silent again. */
void dmix_lowsound_reset (DmixLowSound *self);

/* Takes over the state of `from`, which has the same arguments. */
void dmix_lowsound_take_over (DmixLowSound *self, const DmixLowSound *from);

void dmix_lowsound_process (DmixLowSound *self, const float *in, size_t frames);

/* The window, oldest sample first; valid until the next call. */
const float *dmix_lowsound_get (const DmixLowSound *self);

#endif
