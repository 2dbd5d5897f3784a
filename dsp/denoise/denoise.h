/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Noise reduction: lowers background noise by a chosen amount.
 *
 * The output is the delayed input less the removed noise, the residual:
 *
 *   clean + residual = delayed input     (within one float rounding)
 *
 * With reduction 0, and with `bypass`, the output is the delayed input, bit
 * for bit, apart from the samples that dmix_sanitize_clean() replaces.
 * The gains do not depend on the input's level (those of the learned estimator
 * by less than 0.5 dB). Any split of the input into blocks gives the same bits.
 *
 * All memory is taken by dmix_denoise_new(); nothing else allocates, locks or
 * can fail. Not thread safe.
 */
#ifndef DMIX_DENOISE_H
#define DMIX_DENOISE_H

#include "base/format.h"
#include "denoise/gainestimator.h"
#include "denoise/noiseprofile.h"

#include <stddef.h>

#define DMIX_DENOISE_MIN_RATE_HZ 4000u
#define DMIX_DENOISE_MIN_LEARNED_RATE_HZ 16000u

typedef struct DmixDenoise DmixDenoise;

typedef enum
{
  DMIX_DENOISE_NORMAL, /* 32 ms, rounded down to three hops of whole frames */
  DMIX_DENOISE_LOW     /* 12 ms: for live monitoring */
} DmixDenoiseLatency;

typedef enum
{
  DMIX_DENOISE_STATISTICAL,
  DMIX_DENOISE_LEARNED,
  DMIX_DENOISE_AUTO
} DmixDenoiseEstimator;

typedef enum
{
  DMIX_NOISE_ADAPTIVE,     /* the tracked noise */
  DMIX_NOISE_LEARNED,      /* the captured profile only */
  DMIX_NOISE_LEARNED_FLOOR /* in each bin the louder of the two */
} DmixDenoiseNoise;

typedef struct
{
  double reduction_db;    /* 0 to 40: attenuation of the noise */
  double sensitivity_db;  /* -12 to 12: raises the noise estimate */
  DmixDenoiseNoise noise; /* source of the noise estimate; adaptive as long
                             as no profile is captured */
  int learn;              /* add the input to the profile */
  int residual;           /* put out the removed noise instead */
  int link;               /* one gain for all channels */
  int bypass;
} DmixDenoiseParams;

/* Of the frames since the last reading; unchanged if there were none. */
typedef struct
{
  double voice_activity; /* 0 to 1, the highest */
  double noise_db;       /* mean level of the noise, dBFS (RMS) */
  double reduction_db;   /* mean attenuation of the input, >= 0 */
} DmixDenoiseMeter;

/* The estimator for a wish. The learned one works in frames of 32 ms and at rates
 * from DMIX_DENOISE_MIN_LEARNED_RATE_HZ on; where it cannot, it is the
 * statistical one. `auto` is the better of both. */
const DmixGainEstimator *dmix_denoise_find_estimator (DmixDenoiseEstimator wish,
    const DmixFormat *format, DmixDenoiseLatency latency);

/* format: rates of DMIX_DENOISE_MIN_RATE_HZ or more. estimator: NULL for
 * dmix_speechgain. Returns NULL on bad arguments or if memory is short. */
DmixDenoise *dmix_denoise_new (const DmixFormat *format,
    DmixDenoiseLatency latency, const DmixGainEstimator *estimator);
void dmix_denoise_free (DmixDenoise *self);

/* Clears the audio and the state of the estimators, for another part of the
 * same recording: parameters, profile and the last noise estimate stay. */
void dmix_denoise_reset (DmixDenoise *self);

/* Clears the noise estimate, for another recording; the profile stays. */
void dmix_denoise_forget (DmixDenoise *self);

/* weight: loudness weight of each channel (BS.1770-5), NULL: 1 each. Channels of
 * weight 0 (LFE) are not linked, but treated alone: an explosion in the LFE does
 * not change the other channels, and stays. Call before the first block. */
void dmix_denoise_set_weights (DmixDenoise *self, const float *weight);

/* Call between blocks. The output changes smoothly; values beyond their range
 * are clamped. The first call after dmix_denoise_new() or _reset() takes
 * effect at once. */
void dmix_denoise_set_params (DmixDenoise *self,
    const DmixDenoiseParams *params);

/* io: interleaved, in place. */
void dmix_denoise_process (DmixDenoise *self, float *io, size_t frames);

unsigned dmix_denoise_latency_frames (const DmixDenoise *self);

/* Frames of silence that flush the rest of the sound. */
unsigned dmix_denoise_tail_frames (const DmixDenoise *self);

void dmix_denoise_read_meter (DmixDenoise *self, DmixDenoiseMeter *meter);

/* The captured profile: the mean over all channels and all the time that
 * `learn` was on. Setting a profile with seconds = 0 clears it. Call both
 * between blocks. */
void dmix_denoise_get_profile (const DmixDenoise *self,
    DmixNoiseProfile *profile);
void dmix_denoise_set_profile (DmixDenoise *self,
    const DmixNoiseProfile *profile);

#endif
