/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Two signals in the bands of speech: the power of a dialogue and of what lies
 * under it, in 18 third-octave bands from 160 Hz to 8 kHz (ANSI S3.5-1997,
 * table 3), in overlapping frames of 43 ms, one every 20 ms.
 *
 * All memory is taken by dmix_speechbands_new(). Any split of the input gives
 * the same bits. Not thread safe.
 */
#ifndef DMIX_SPEECHBANDS_H
#define DMIX_SPEECHBANDS_H

#include <stddef.h>

#define DMIX_SPEECHBANDS 18
#define DMIX_SPEECHBANDS_HOP_S 0.020
#define DMIX_SPEECHBANDS_MIN_RATE_HZ 1600u

typedef struct DmixSpeechBands DmixSpeechBands;

/* Mean squares; bands that the rate has no room for are 0. */
typedef struct
{
  double dialogue[DMIX_SPEECHBANDS], background[DMIX_SPEECHBANDS];
} DmixSpeechBandsFrame;

/* Centre frequencies, Hz. */
extern const double dmix_speechbands_hz[DMIX_SPEECHBANDS];

/* rate_hz: DMIX_SPEECHBANDS_MIN_RATE_HZ to 768000. NULL if it is not, or no
 * memory. */
DmixSpeechBands *dmix_speechbands_new (unsigned rate_hz);
void dmix_speechbands_free (DmixSpeechBands *self);

/* To silence, at the start of a frame. */
void dmix_speechbands_reset (DmixSpeechBands *self);

/* Takes frames of sound (mono, finite) until a frame of bands is complete.
 * Returns how many were taken; *frame is set to that frame, or to NULL if all
 * sound was taken before there was one. It is valid until the next call. */
size_t dmix_speechbands_process (DmixSpeechBands *self, const float *dialogue,
    const float *background, size_t frames, const DmixSpeechBandsFrame **frame);

#endif
