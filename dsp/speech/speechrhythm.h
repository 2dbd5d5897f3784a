/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Speech or music? Speech stops between syllables and words; most music and all
 * steady sound goes on. A second opinion beside speechactivity.h, which finds
 * all sound that stands out from the noise.
 *
 * Plain struct, private to speechrhythm.c. Not thread safe.
 */
#ifndef DMIX_SPEECHRHYTHM_H
#define DMIX_SPEECHRHYTHM_H

#define DMIX_SPEECHRHYTHM_STEPS 200u /* 2 s */

typedef struct
{
  double energy[DMIX_SPEECHRHYTHM_STEPS];
  unsigned at;
} DmixSpeechRhythm;

void dmix_speechrhythm_reset (DmixSpeechRhythm *self);

/* Mean square of the next 10 ms. */
void dmix_speechrhythm_add (DmixSpeechRhythm *self, double mean_square);

/* Non-zero if the last 2 s have the pauses of speech: at least 15 % of the time
 * from their first loud step to the last one is more than 10 dB below the mean,
 * and that is 0.5 s or more. Speech over noise or music that is less than 10 dB
 * softer has none. */
int dmix_speechrhythm_is_speech (const DmixSpeechRhythm *self);

#endif
