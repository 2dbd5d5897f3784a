/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Intelligibility of a dialogue over its background, from separate signals.
 *
 *   glimpse proportion   share of the cells (18 third octaves, 20 ms) in which
 *                        the dialogue is more than 3 dB above the background
 *   SII                  speech intelligibility index: the band importances
 *                        of ANSI S3.5-1997, each times the part of the
 *                        range from -15 to 15 dB that its signal-to-noise
 *                        ratio covers
 *
 * Both are between 0 and 1 and include only frames with speech: frames less
 * than 32 dB below the 95th percentile of the levels of all frames.
 *
 * Both are models: they rank ambiences at the same loudness difference by how
 * much they mask. The SII leaves out the hearing threshold and the spread of
 * masking.
 *
 * Input: frames of speechbands.h. Memory use does not grow with time. Not
 * thread safe.
 */
#ifndef DMIX_INTELLIGIBILITY_H
#define DMIX_INTELLIGIBILITY_H

#include "speech/speechbands.h"

typedef struct DmixIntelligibility DmixIntelligibility;

/* Over frames with speech, 0 if there are none; short-term: the last 3 s. */
typedef struct
{
  double glimpse_proportion, sii; /* since the start */
  double shortterm_glimpse_proportion, shortterm_sii;
  double shortterm_activity; /* share of the last 3 s with speech */
  double limiting_band_hz;   /* centre of the band whose background lowers
                                   the SII most, last 3 s; 0: none */
} DmixIntelligibilityReading;

/* NULL if memory is short. */
DmixIntelligibility *dmix_intelligibility_new (void);
void dmix_intelligibility_free (DmixIntelligibility *self);
void dmix_intelligibility_reset (DmixIntelligibility *self);

/* Takes over the state of `from`. */
void dmix_intelligibility_take_over (DmixIntelligibility *self,
    const DmixIntelligibility *from);

/* Adds one frame. */
void dmix_intelligibility_add (DmixIntelligibility *self,
    const DmixSpeechBandsFrame *frame);

void dmix_intelligibility_read (const DmixIntelligibility *self,
    DmixIntelligibilityReading *reading);

/* Band importances of average speech; they add up to 1. */
extern const double dmix_intelligibility_importance[DMIX_SPEECHBANDS];

/* 10 log10 of a mean square, at least -140 dB. */
double dmix_intelligibility_db (double mean_square);

#endif
