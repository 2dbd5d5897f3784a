/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the share of soft frames in a window, one of the features of
 * Scheirer, Slaney, "Construction and evaluation of a robust multifeature
 * speech/music discriminator", ICASSP 1997; here with a threshold of -10 dB,
 * which soft passages of music seldom reach within 2 s. Soft steps before the
 * first loud one and behind the last one do not count: they are a pause, not a
 * rhythm.
 *
 * State
 *   energy[at]   the oldest step
 */
#include "speech/speechrhythm.h"

#include "base/units.h"

#include <string.h>

#define STEPS DMIX_SPEECHRHYTHM_STEPS
#define SOFT 0.1 /* of the mean energy */
#define LEAST_SHARE 0.15
#define SHORTEST 50 /* steps */

void
dmix_speechrhythm_reset (DmixSpeechRhythm *self)
{
  memset (self, 0, sizeof *self);
}

void
dmix_speechrhythm_add (DmixSpeechRhythm *self, double mean_square)
{
  self->energy[self->at] = mean_square;
  self->at = (self->at + 1) % STEPS;
}

int
dmix_speechrhythm_is_speech (const DmixSpeechRhythm *self)
{
  unsigned first = STEPS, last = 0, loud = 0;
  double mean = 0.0;

  for (unsigned i = 0; i < STEPS; i++)
    mean += self->energy[i] / STEPS;
  for (unsigned i = 0; i < STEPS; i++)
    if (self->energy[(self->at + i) % STEPS] > SOFT * mean) {
      first = DMIX_MIN (first, i);
      last = i;
      loud++;
    }
  if (loud == 0 || last - first < SHORTEST)
    return 0;
  return (last - first + 1) - loud >= LEAST_SHARE * (last - first + 1);
}
