/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: sums over the rows. */
#include "speech/speechtrust.h"

#include "base/units.h"
#include "speech/melpower.h"

#include <math.h>

#define BANDS DMIX_MEL_BANDS
#define TRUST_FRAMES 2 /* to each side: the voice of a slope */
#define TOP_BAND 28    /* from 4.8 kHz on */
#define PAUSE_VOICE                                                            \
  0.05f                /* mean of the bands: less is a frame without a voice */
#define PAUSE_LEAST 40 /* frames, 0.2 s: fewer say nothing of the noise */
#define NARROW_PART 1e-6 /* -60 dB: these bands are empty */

float
dmix_speechtrust_snr (const float *power, const float *voice, size_t frames)
{
  double said[BANDS] = { 0.0 }, rest[BANDS] = { 0.0 }, sum = 0.0;

  for (size_t t = 0; t < frames; t++)
    for (unsigned b = 0; b < BANDS; b++) {
      const size_t k = t * BANDS + b;

      said[b] += voice[k] * power[k];
      rest[b] += (1.0f - voice[k]) * power[k];
    }
  for (unsigned b = 0; b < BANDS; b++)
    sum += log10 ((said[b] + DMIX_MEL_SILENCE) / (rest[b] + DMIX_MEL_SILENCE));
  return (float) (10.0 * sum / BANDS);
}

int
dmix_speechtrust_is_narrow (const float *power, size_t frames)
{
  double all = DMIX_MEL_SILENCE, top = 0.0;

  for (size_t t = 0; t < frames; t++)
    for (unsigned b = 0; b < BANDS; b++) {
      all += power[t * BANDS + b];
      top += b >= TOP_BAND ? power[t * BANDS + b] : 0.0f;
    }
  return top < NARROW_PART * all;
}

void
dmix_speechtrust_rest (const float *power, const float *voice, size_t frames,
    float *rest)
{
  double sum[BANDS] = { 0.0 };
  size_t count = 0;

  for (size_t t = 0; t < frames; t++) {
    float all = 0.0f;

    for (unsigned b = 0; b < BANDS; b++)
      all += voice[t * BANDS + b];
    if (all > PAUSE_VOICE * BANDS)
      continue;
    for (unsigned b = 0; b < BANDS; b++)
      sum[b] += power[t * BANDS + b];
    count++;
  }
  for (unsigned b = 0; b < BANDS; b++)
    rest[b] = count < PAUSE_LEAST ? 0.0f : (float) (sum[b] / (double) count);
}

void
dmix_speechtrust_spread (const float *voice, size_t frames, size_t stride,
    uint8_t *trust)
{
  const long last = (long) frames - 1;

  for (long t = 0; t <= last; t++) {
    const long from = DMIX_MAX (t - TRUST_FRAMES, 0);
    const long to = DMIX_MIN (t + TRUST_FRAMES, last);

    for (unsigned b = 0; b < BANDS; b++) {
      float most = 0.0f;

      for (long k = from; k <= to; k++)
        most = fmaxf (most, voice[(size_t) k * BANDS + b]);
      trust[b * stride + (size_t) t] = (uint8_t) (255.0f * fminf (most, 1.0f));
    }
  }
}
