/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Meter for dialogue and background as separate stems: the loudness of the
 * dialogue, of the background after its gain and of the mix, and the
 * intelligibility of the dialogue. (A meter that detects speech in a finished
 * mix includes the background: its dialogue loudness is up to 2.9 LU too high
 * if both stems are equally loud.)
 *
 * All memory is taken by dmix_stemmeter_new(). Any split of the input gives
 * the same readings. Not thread safe.
 */
#ifndef DMIX_STEMMETER_H
#define DMIX_STEMMETER_H

#include "base/format.h"
#include "speech/intelligibility.h"
#include "meter/loudness.h"

typedef struct DmixStemMeter DmixStemMeter;

typedef struct
{
  DmixLoudnessReading mix, dialogue, background;
  DmixIntelligibilityReading intelligibility; /* 0 below 1600 Hz */
  double integrated_difference_lu; /* only valid if has_difference is not 0: */
  int has_difference;              /* neither stem is silent */
  int critical; /* non-zero: speech with a short-term SII below 0.45 */
} DmixStemMeterReading;

/* weight: as for dmix_loudness_new(). NULL on bad arguments or if memory is
 * short. */
DmixStemMeter *dmix_stemmeter_new (const DmixFormat *format,
    const float *weight);
void dmix_stemmeter_free (DmixStemMeter *self);
void dmix_stemmeter_reset (DmixStemMeter *self);

/* For a discontinuity: empties all windows, so that none spans it. */
void dmix_stemmeter_interrupt (DmixStemMeter *self);

/* out: the mix (mixed non-zero) or the background alone; dialogue: the
 * dialogue before dialogue_gain. Interleaved, finite. */
void dmix_stemmeter_process (DmixStemMeter *self, const float *out,
    const float *dialogue, float dialogue_gain, int mixed, size_t frames);

void dmix_stemmeter_read (DmixStemMeter *self, DmixStemMeterReading *reading);

/* True peak of a channel of the mix, dBTP. */
double dmix_stemmeter_get_true_peak (const DmixStemMeter *self,
    unsigned channel);

/* Takes over the measurement of `from`, for a change of format. */
void dmix_stemmeter_take_over (DmixStemMeter *self, const DmixStemMeter *from);

#endif
