/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Noise reduction: lowers background noise by a chosen amount.
 *
 * The output is the delayed input less the noise estimate:
 *
 *   clean + residual = delayed input     (to the last bit but one)
 *
 * With reduction 0 nothing is taken away and with `bypass` the delayed input
 * leaves as it came, to the bit (except that dmix_sanitize_clean() has taken
 * out NaN and Inf). The work does not depend on the input's level (with the
 * learned estimator: within 0.5 dB of the gains).
 * Whatever the split into blocks, the output has the same bits.
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
  DMIX_DENOISE_NORMAL, /* 32 ms, less at rates that do not divide */
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
  DMIX_NOISE_ADAPTIVE,     /* follows the noise */
  DMIX_NOISE_LEARNED,      /* the captured profile, and nothing else */
  DMIX_NOISE_LEARNED_FLOOR /* follows the noise, never below the profile */
} DmixDenoiseNoise;

typedef struct
{
  double reduction_db;    /* 0 to 40: noise is lowered by this much */
  double sensitivity_db;  /* -12 to 12: take noise as so much louder */
  DmixDenoiseNoise noise; /* without a profile: adaptive */
  int learn;              /* add what comes in to the profile */
  int residual;           /* put out the removed noise instead */
  int link;               /* one gain for all channels */
  int bypass;
} DmixDenoiseParams;

/* Since the last reading, or as it was if there was nothing new. */
typedef struct
{
  double voice_activity; /* 0 to 1, the highest */
  double noise_db;       /* level of the noise, dBFS (RMS), mean */
  double reduction_db;   /* fall of the level, mean, >= 0 */
} DmixDenoiseMeter;

/* The estimator for a wish. The learned one works in frames of 32 ms and at rates
 * from DMIX_DENOISE_MIN_LEARNED_RATE_HZ on; where it cannot, it is the
 * statistical one. `auto` is the better of both. */
const DmixGainEstimator *dmix_denoise_find_estimator (DmixDenoiseEstimator wish,
    const DmixFormat *format, DmixDenoiseLatency latency);

/* format: rates from DMIX_DENOISE_MIN_RATE_HZ on. estimator: NULL for the
 * statistical one. Returns NULL on bad arguments or if memory is short. */
DmixDenoise *dmix_denoise_new (const DmixFormat *format,
    DmixDenoiseLatency latency, const DmixGainEstimator *estimator);
void dmix_denoise_free (DmixDenoise *self);

/* To silence, knowing nothing of the noise but the profile; parameters
 * stay. */
void dmix_denoise_reset (DmixDenoise *self);

/* Call between blocks. All moves smoothly; values beyond their range are
 * taken as the nearest limit. The first call after dmix_denoise_new() or
 * _reset() takes effect at once. */
void dmix_denoise_set_params (DmixDenoise *self,
    const DmixDenoiseParams *params);

/* io: interleaved, in place. */
void dmix_denoise_process (DmixDenoise *self, float *io, size_t frames);

unsigned dmix_denoise_latency_frames (const DmixDenoise *self);

/* Silence this long fetches all that is still inside. */
unsigned dmix_denoise_tail_frames (const DmixDenoise *self);

void dmix_denoise_read_meter (DmixDenoise *self, DmixDenoiseMeter *meter);

/* The captured profile: mean of all channels; captures add up. Setting one
 * with seconds = 0 clears it. Both between blocks. */
void dmix_denoise_get_profile (const DmixDenoise *self,
    DmixNoiseProfile *profile);
void dmix_denoise_set_profile (DmixDenoise *self,
    const DmixNoiseProfile *profile);

#endif
