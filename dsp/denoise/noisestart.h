/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Start of the noise tracker: a lower bound of the noise power in the first 1.5
 * seconds of a sound. The first sound may be speech, so the bound starts far
 * below the least power so far. It reaches the noise power within 0.6 s, in
 * steady sound within some 0.2 s.
 *
 * It has no absolute thresholds: the bound scales with the input. All memory is
 * taken by dmix_noisestart_new(). Not thread safe. Private to noisetracker.c. */
#ifndef DMIX_NOISESTART_H
#define DMIX_NOISESTART_H

typedef struct DmixNoiseStart DmixNoiseStart;

/* bins: 1 or more; hz_per_bin, hop_s (time from frame to frame, seconds) > 0.
 * Returns NULL if memory is short. */
DmixNoiseStart *dmix_noisestart_new (unsigned bins, double hz_per_bin,
    double hop_s);
void dmix_noisestart_free (DmixNoiseStart *self);

/* The next frame is the first one. */
void dmix_noisestart_reset (DmixNoiseStart *self);

/* One frame: raises noise[bins] to the bound. No effect when the start is
 * over. */
void dmix_noisestart_step (DmixNoiseStart *self, const float *power,
    float *noise);

/* Takes over the state of `from`, which has as many bins, its powers times
 * `scale`. */
void dmix_noisestart_take_over (DmixNoiseStart *self,
    const DmixNoiseStart *from, float scale);

#endif
