/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Spectral ducking: lowers only those bands of a background that hide the
 * dialogue, only while there is dialogue, and by as much as each band needs.
 * What lies beside the speech stays, so that for the same clarity less of the
 * ambience is lost than with one gain for all.
 *
 * Sound passes with a delay given at the start. Where no band is lowered it
 * leaves as it came, to the bit.
 *
 * All memory is taken by dmix_spectralduck_new(). Any split of the input gives
 * the same bits. Not thread safe.
 */
#ifndef DMIX_SPECTRALDUCK_H
#define DMIX_SPECTRALDUCK_H

#include "base/format.h"
#include "speech/speechbands.h"

#include <stddef.h>

typedef struct DmixSpectralDuck DmixSpectralDuck;

typedef struct
{
  double range_db;   /* 0 (off) to 24: the most a band is lowered */
  double target_lu;  /* 0 to 40: difference in each band */
  double release_ms; /* 1 to 10000, time constant */
} DmixSpectralDuckParams;

/* The gain of a band is -engaged * depth_db. */
typedef struct
{
  double engaged;                    /* 0 to 1 */
  double depth_db[DMIX_SPEECHBANDS]; /* >= 0 */
} DmixSpectralGains;

/* delay_frames: the delay of process(); step_s: length of a control step;
 * ramp_s: how long before the end of the delay the bands have to start.
 * Returns NULL on bad arguments, if memory is short, or if the delay is
 * shorter than 5.4 ms or the rate too low for speech: then there can be no
 * spectral ducking. */
DmixSpectralDuck *dmix_spectralduck_new (const DmixFormat *format,
    unsigned delay_frames, double step_s, double ramp_s);
void dmix_spectralduck_free (DmixSpectralDuck *self);
void dmix_spectralduck_reset (DmixSpectralDuck *self);
void dmix_spectralduck_set_params (DmixSpectralDuck *self,
    const DmixSpectralDuckParams *params);

/* The bands of a frame, before any ducking; active: a phrase goes on; gain_db:
 * the dialogue's fader less the background's. */
void dmix_spectralduck_add (DmixSpectralDuck *self,
    const DmixSpeechBandsFrame *frame, int active, double gain_db);

/* One control step; active: a phrase goes on. Returns the gains for the frames
 * that follow. */
DmixSpectralGains dmix_spectralduck_step (DmixSpectralDuck *self, int active);

/* in: the background as it comes; plain: the same, delayed; becomes the
 * result. frames within one control step. */
void dmix_spectralduck_process (DmixSpectralDuck *self, const float *in,
    float *plain, const DmixSpectralGains *gains, size_t frames);

/* Non-zero if no band is lowered in what leaves now. It may then be left out:
 * after _stop() it takes no sound, but goes on listening, and _process() can
 * begin again at any time. */
int dmix_spectralduck_is_flat (const DmixSpectralDuck *self);
void dmix_spectralduck_stop (DmixSpectralDuck *self);

/* How far each band is lowered while somebody speaks, dB, >= 0. */
const double *dmix_spectralduck_get_depth_db (const DmixSpectralDuck *self);

/* Goes on where `from` is, but not with the sound inside. */
void dmix_spectralduck_take_over (DmixSpectralDuck *self,
    const DmixSpectralDuck *from);

#endif
