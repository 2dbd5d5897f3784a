/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Band ducker: lowers only the bands of a background that mask the dialogue,
 * only during dialogue, and each by the depth that it needs. The other bands
 * keep their level, so that for the same clarity the ambience loses less than
 * with one gain for all.
 *
 * The audio passes with a fixed delay. Where no band is lowered its bits stay
 * the same.
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
  double range_db;   /* 0 (off) to 24: largest depth of a band */
  double target_lu;  /* 0 to 40: dialogue over background in each band */
  double release_ms; /* 1 to 10000, time constant */
} DmixSpectralDuckParams;

/* The gain of a band is -engaged * depth_db. */
typedef struct
{
  double engaged;                    /* 0 to 1 */
  double depth_db[DMIX_SPEECHBANDS]; /* >= 0 */
} DmixSpectralGains;

/* Non-zero if a delay of so many frames is long enough, and the rate high
 * enough, for bands. */
int dmix_spectralduck_fits (const DmixFormat *format, unsigned delay_frames);

/* delay_frames: the delay of process(); step_s: length of a control step;
 * ramp_s: time that the bands have to come down before the delay ends, s.
 * Returns NULL on bad arguments, if memory is short, or if the delay is
 * shorter than 5.4 ms or the rate too low for speech: then there can be no
 * spectral ducking. */
DmixSpectralDuck *dmix_spectralduck_new (const DmixFormat *format,
    unsigned delay_frames, double step_s, double ramp_s);
void dmix_spectralduck_free (DmixSpectralDuck *self);
void dmix_spectralduck_reset (DmixSpectralDuck *self);
void dmix_spectralduck_set_params (DmixSpectralDuck *self,
    const DmixSpectralDuckParams *params);

/* Adds a frame of band levels, before ducking; active: non-zero in a phrase;
 * gain_db: the dialogue's fader less the background's. */
void dmix_spectralduck_add (DmixSpectralDuck *self,
    const DmixSpeechBandsFrame *frame, int active, double gain_db);

/* Forgets the levels of the dialogue: they hold a loud moment. */
void dmix_spectralduck_forget_dialogue (DmixSpectralDuck *self);

/* One control step; active: non-zero in a phrase. Returns the gains for the
 * frames that follow. */
DmixSpectralGains dmix_spectralduck_step (DmixSpectralDuck *self, int active);

/* Non-zero if inactive steps would change nothing: they may be left out. */
int dmix_spectralduck_rests (const DmixSpectralDuck *self);

/* in: the background; plain: the background after its delay, replaced by the
 * result. The frames must lie in one control step. */
void dmix_spectralduck_process (DmixSpectralDuck *self, const float *in,
    float *plain, const DmixSpectralGains *gains, size_t frames);

/* Non-zero if no band of the present output is lowered. The filter may then be
 * bypassed with _stop(); level tracking continues, and _process() may start
 * again at any time. */
int dmix_spectralduck_is_flat (const DmixSpectralDuck *self);
void dmix_spectralduck_stop (DmixSpectralDuck *self);

/* Depth of each band during dialogue, dB, >= 0. */
const double *dmix_spectralduck_get_depth_db (const DmixSpectralDuck *self);

/* How much of its loudness the background loses with the depths at `engaged`, dB,
 * from its band levels. */
double dmix_spectralduck_get_loss_db (DmixSpectralDuck *self, double engaged);

/* Takes over levels, depths and ramp of `from`, but not its audio. */
void dmix_spectralduck_take_over (DmixSpectralDuck *self,
    const DmixSpectralDuck *from);

#endif
