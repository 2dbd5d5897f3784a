/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: one Gauss-Newton step per frame, as in image registration (B. Lucas,
 * T. Kanade, IJCAI 1981), with the mean gradient of both sides (S. Benhimane,
 * E. Malis, IROS 2004) and large differences weighted down (Huber). It uses
 * only the bands' slopes: reverberation or another voice changes the level of
 * a sound more than its time. A band of the guide counts as far as it is voice
 * there, and NOISE_PART of the rest: what traffic does in it has no counterpart
 * in the take.
 */
#include "adr/warpfit.h"

#include "base/units.h"

#include <math.h>

#define REACH 2    /* frames to each side: gradients over 20 ms */
#define LARGE 0.3f /* difference of a feature: weighted down beyond it */
#define NOISE_PART 0.1f

typedef struct
{
  const float *row;
  size_t last;
} Plane;

static inline float
value_at (const Plane *plane, size_t place, float part, int away)
{
  const size_t at =
      away < 0 && place < (size_t) -away ? 0 : place + (size_t) away;
  const size_t below = DMIX_MIN (at, plane->last);
  const size_t above = at < plane->last ? at + 1 : plane->last;

  return plane->row[below] + part * (plane->row[above] - plane->row[below]);
}

static void
find_places (const DmixSpeech *take, size_t first, size_t count,
    const double *delay, size_t *place, float *part)
{
  const double most = (double) (take->frames - 1);

  for (size_t i = 0; i < count; i++) {
    const double at = dmix_clamp ((double) (first + i) + delay[i], 0.0, most);

    place[i] = (size_t) at;
    part[i] = (float) (at - (double) place[i]);
  }
}

static inline float
trust_of (const uint8_t *trust, size_t frame)
{
  return NOISE_PART + (1.0f - NOISE_PART) / 255.0f * (float) trust[frame];
}

void
dmix_warpfit_find (const DmixWarpFit *self, const DmixSpeech *guide,
    const DmixSpeech *take, size_t first, size_t count, const double *delay)
{
  double *better = self->better, *weight = self->weight;
  size_t *place = self->place;
  float *part = self->part;

  find_places (take, first, count, delay, place, part);
  for (size_t i = 0; i < count; i++)
    better[i] = weight[i] = 0.0;
  for (size_t b = 0; b < DMIX_MEL_BANDS; b++) {
    const Plane own = { dmix_speech_slopes (guide) + b * guide->stride,
      guide->frames - 1 };
    const Plane other = { dmix_speech_slopes (take) + b * take->stride,
      take->frames - 1 };
    const uint8_t *trust =
        guide->trust ? guide->trust + b * guide->stride : NULL;

    for (size_t i = 0; i < count; i++) {
      const float miss = value_at (&own, first + i, 0.0f, 0)
          - value_at (&other, place[i], part[i], 0);
      const float rise = (value_at (&own, first + i, 0.0f, REACH)
                             - value_at (&own, first + i, 0.0f, -REACH)
                             + value_at (&other, place[i], part[i], REACH)
                             - value_at (&other, place[i], part[i], -REACH))
          / (4 * REACH);
      const float size = fabsf (miss);
      const float counts = (size > LARGE ? LARGE / size : 1.0f)
          * (trust ? trust_of (trust, first + i) : 1.0f) * rise;

      better[i] += (double) (counts * miss);
      weight[i] += (double) (counts * rise);
    }
  }
  for (size_t i = 0; i < count; i++)
    better[i] = delay[i] + (weight[i] > 0.0 ? better[i] / weight[i] : 0.0);
}
