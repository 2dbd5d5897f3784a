/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Power of a dialogue and of its background in the bands of speech: 18
 * third-octave bands from 160 Hz to 8 kHz (ANSI S3.5-1997, table 3), in
 * overlapping frames of 43 ms, one every 20 ms.
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

/* Mean squares; 0 for bands above half the rate. */
typedef struct
{
  double dialogue[DMIX_SPEECHBANDS], background[DMIX_SPEECHBANDS];
} DmixSpeechBandsFrame;

/* Centre frequencies, Hz. */
extern const double dmix_speechbands_hz[DMIX_SPEECHBANDS];

/* rate_hz: DMIX_SPEECHBANDS_MIN_RATE_HZ to 768000. NULL on bad arguments or
 * short memory. */
DmixSpeechBands *dmix_speechbands_new (unsigned rate_hz);
void dmix_speechbands_free (DmixSpeechBands *self);

/* Clears the state; the next sample begins a frame. */
void dmix_speechbands_reset (DmixSpeechBands *self);

/* background: NULL in every call for a single signal; its bands are then 0.
 * Reads samples (mono, finite) until a frame of bands is complete. Returns the
 * number of samples read. Sets *frame to the frame, valid until the next call,
 * or to NULL if all samples were read and the frame is not complete. */
size_t dmix_speechbands_process (DmixSpeechBands *self, const float *dialogue,
    const float *background, size_t frames, const DmixSpeechBandsFrame **frame);

#endif
