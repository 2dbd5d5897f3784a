/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the background level is the lowest power, smoothed over 50 ms, of the
 * last 4 to 8 s (R. Martin, "Noise power spectral density estimation based on
 * optimal smoothing and minimum statistics", IEEE Trans. Speech Audio Process.
 * 9, 2001, without its correction of the bias). With N this level and R the mean
 * of what is removed during speech, the removal that comes nearest to the
 * background is N / R of it: what is removed beyond N is dialogue.
 *
 * The minimum lies below the mean of a background that is not steady, by 3 dB for
 * noise of places and by 10 dB for music. So N gets a slack that is small where
 * the mix is clean, and grows by SLACK_PER_DB as it is less so: in a mix with
 * less than 15 dB nothing is bound.
 *
 * What has to stay is taken from the loudest bins, for the damage is done there: in
 * quiet bands, as at high frequencies, the background goes as far as without a bound.
 */
#include "dialogue/splitbound.h"

#include "base/smooth.h"
#include "base/units.h"

#include <math.h>

#define SMOOTH_S 0.05
#define MEAN_S 4.0
#define WINDOW_S 4.0
#define CLEAN_DB 26.0 /* power over the minimum */
#define SLACK_DB 4.0  /* in a mix as clean as that */
#define SLACK_PER_DB 1.5
#define HALVINGS 14
#define LEAST 1e-20

void
dmix_splitbound_reset (DmixSplitBound *self)
{
  self->smooth = self->power = self->removed = 0.0;
  self->lowest = self->lowest_before = HUGE_VAL;
  self->begin_power = self->begin_removed = HUGE_VAL;
  self->frames = 0;
}

void
dmix_splitbound_init (DmixSplitBound *self, double hop_s)
{
  self->smooth_share = (float) dmix_smooth_share (SMOOTH_S, hop_s);
  self->mean_share = (float) dmix_smooth_share (MEAN_S, hop_s);
  self->window = (unsigned) ceil (WINDOW_S / hop_s);
  self->first = (unsigned) ceil (3.0 * SMOOTH_S / hop_s);
  dmix_splitbound_reset (self);
}

double
dmix_splitbound_get_background (const DmixSplitBound *self)
{
  return DMIX_MIN (self->lowest, self->lowest_before);
}

double
dmix_splitbound_get_speech (const DmixSplitBound *self)
{
  return self->power;
}

/* A mean that begins as that of all frames so far. */
static void
follow (double *mean, double *begin, double value, double share)
{
  *begin = isinf (*begin) ? 1.0 : fmax (*begin / (1.0 + *begin), share);
  *mean += *begin * (value - *mean);
}

/* The lowest smoothed power of this window and of the one before. */
static void
find_lowest (DmixSplitBound *self, double power)
{
  self->smooth += self->smooth_share * (power - self->smooth);
  if (++self->frames < self->first)
    return; /* the mean still rises from 0 */
  self->lowest = fmin (self->lowest, self->smooth);
  if (self->frames >= self->window) {
    self->lowest_before = self->lowest;
    self->lowest = self->smooth;
    self->frames = self->first;
  }
}

/* The most that may be removed from a bin is found by halving its interval. */
void
dmix_splitbound_spread (float *x, unsigned bins, float share)
{
  double all = 0.0, wanted;
  float low = 0.0f, high = 0.0f;

  for (unsigned b = 0; b < bins; b++) {
    all += x[b];
    high = DMIX_MAX (high, x[b]);
  }
  wanted = all * share * share;
  for (int i = 0; i < HALVINGS && share < 1.0f; i++) {
    const float most = 0.5f * (low + high);
    double sum = 0.0;

    for (unsigned b = 0; b < bins; b++)
      sum += DMIX_MIN (x[b], most);
    if (sum > wanted)
      high = most;
    else
      low = most;
  }
  for (unsigned b = 0; b < bins; b++)
    x[b] = share >= 1.0f || x[b] <= high ? 1.0f : sqrtf (high / x[b]);
}

double
dmix_splitbound_get_clean_db (const DmixSplitBound *self)
{
  const double background = dmix_splitbound_get_background (self);

  if (isinf (background))
    return 0.0;
  return dmix_db_from_power ((self->power + LEAST) / (background + LEAST));
}

float
dmix_splitbound_step (DmixSplitBound *self, double power, double removed,
    int speech)
{
  double background, slack_db;

  find_lowest (self, power);
  if (speech) {
    follow (&self->power, &self->begin_power, power, self->mean_share);
    follow (&self->removed, &self->begin_removed, removed, self->mean_share);
  }
  background = dmix_splitbound_get_background (self) + LEAST;
  if (isinf (background) || self->removed <= LEAST)
    return 1.0f;
  slack_db = SLACK_DB
      + SLACK_PER_DB
          * fmax (CLEAN_DB - dmix_splitbound_get_clean_db (self), 0.0);
  return (float) fmin (1.0,
      background * pow (10.0, slack_db / 10.0) / fmax (self->removed, removed));
}
