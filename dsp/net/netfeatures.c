/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: tests/train/front.py, class Features, is the reference. The noise of
 * feature 2 is followed as by T. Gerkmann and R. C. Hendriks ("Unbiased
 * MMSE-based noise power estimation", IEEE Trans. ASLP 20, 2012), the a-priori
 * SNR is decision-directed (Y. Ephraim, D. Malah, IEEE Trans. ASSP 32, 1984).
 * The constants are per frame of 16 ms, and part of the trained weights: a
 * network sees what it was trained with.
 *
 * Each state is a leaky mean or a minimum that rises: an error, or a sound,
 * is forgotten within seconds.
 */
#include "net/netfeatures.h"

#include "base/units.h"
#include "base/decibel.h"
#include "net/netrows.h"

#include <string.h>

#define ROWS DMIX_NET_ROWS
#define LEAST_POWER 1e-9f /* of a bin, full scale 1.0 */
#define MOST_POWER 1e12f  /* +80 dBFS in one row */
#define NEPER_PER_DB 0.230258509f
#define MEAN_FRAMES 125u /* 2 s */
#define SMOOTH_RISE 0.4f
#define FLOOR_RISE 0.016f
#define FLOOR_SHARE 0.008f
#define LEAST_SIDE -12.0f
#define MOST_SIDE 8.0f
#define SCALE 0.25f

static const DmixNetRatioLaw law = {
  .prior = 31.6228f, /* 15 dB */
  .most_likely_snr = 200.0f,
  .presence_rise = 0.14f,
  .noise_rise = 0.3f,
  .sure = 0.99f,
  .most_snr = 1e4f,
  .keep = 0.96f,
  .least = 0.0158f, /* -18 dB */
  .least_power = LEAST_POWER,
};

void
dmix_netfeatures_reset (DmixNetFeatures *self)
{
  memset (self, 0, sizeof *self);
}

/* Natural logarithms of `count` powers. */
static void
log_of (float *x, unsigned count)
{
  dmix_decibel_from_power (x, count);
  for (unsigned i = 0; i < count; i++)
    x[i] *= NEPER_PER_DB;
}

/* Power of a bin in each row. */
static void
density (float *power, const float *energy)
{
  for (unsigned r = 0; r < ROWS; r++) {
    const float e = energy[r] > 0.0f ? energy[r] : 0.0f; /* NaN: 0 */

    power[r] =
        DMIX_MIN (e, MOST_POWER) / (float) dmix_netrows_width (r) + LEAST_POWER;
  }
}

static double
mean (const float *x)
{
  double sum = 0.0;

  for (unsigned r = 0; r < ROWS; r++)
    sum += x[r];
  return sum / ROWS;
}

static void
start (DmixNetFeatures *self, const float *log_power, const float *power)
{
  self->level = mean (log_power);
  for (unsigned r = 0; r < ROWS; r++) {
    self->smooth[r] = self->floor[r] = log_power[r];
    self->noise[r] = power[r];
    self->presence[r] = 0.5f;
    self->clean[r] = 0.0f;
  }
}

static void
follow_floor (DmixNetFeatures *self, const float *log_power)
{
  for (unsigned r = 0; r < ROWS; r++) {
    float *smooth = &self->smooth[r], *floor = &self->floor[r];
    float risen;

    *smooth += SMOOTH_RISE * (log_power[r] - *smooth);
    risen = *floor + FLOOR_RISE + FLOOR_SHARE * (*smooth - *floor);
    *floor = *smooth < risen ? *smooth : risen;
  }
}

void
dmix_netfeatures_step (DmixNetFeatures *self, const DmixNetLoops *loops,
    const float *mid, const float *side, float *out)
{
  float power[ROWS], log_mid[ROWS], log_side[ROWS];
  float *ratio = out + 2 * ROWS;

  density (power, mid);
  memcpy (log_mid, power, sizeof power);
  log_of (log_mid, ROWS);
  if (self->frames == 0)
    start (self, log_mid, power);
  if (self->frames < MEAN_FRAMES)
    self->frames++;
  self->level += (mean (log_mid) - self->level) / self->frames;
  loops->ratio (&law, power, self->noise, self->presence, self->clean, ratio,
      ROWS);
  log_of (ratio, ROWS);
  follow_floor (self, log_mid);
  if (side)
    density (log_side, side);
  for (unsigned r = 0; r < ROWS && !side; r++)
    log_side[r] = LEAST_POWER;
  log_of (log_side, ROWS);
  for (unsigned r = 0; r < ROWS; r++) {
    const float d = log_side[r] - log_mid[r];

    out[r] = SCALE * (log_mid[r] - (float) self->level);
    out[ROWS + r] = SCALE * (log_mid[r] - self->floor[r]);
    ratio[r] *= SCALE;
    out[3 * ROWS + r] = SCALE
        * (d < LEAST_SIDE       ? LEAST_SIDE
                : d > MOST_SIDE ? MOST_SIDE
                                : d);
  }
}
