/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the mean noise power follows the power of each frame, with a weight
 * that falls with the probability of speech in it (T. Gerkmann, R. C. Hendriks,
 * "Unbiased MMSE-based noise power estimation with low complexity and low
 * tracking delay", IEEE Trans. Audio Speech Lang. Process. 20, 2012). Both
 * hypotheses are complex Gaussian with equal priors, and speech has a fixed
 * a-priori SNR x of 18 dB:
 *
 *   presence = 1 / (1 + ((1 + x) exp (-power / noise * x / (1 + x)))^m)
 *   noise += share * (1 - presence) * (power - noise)
 *
 * Two details differ from the paper; both measured better on real ambience.
 * The presence is computed from the power of three bins (weights 1/4, 1/2,
 * 1/4), which counts as much as m = 1.6 independent bins would. And the
 * noise has a time constant of 150 ms instead of 72 ms, because the speech that
 * leaks into it with a low presence accumulates.
 *
 * As in the paper, the presence is limited to less than 1 in a bin where its
 * running mean is nearly 1, so that the tracker cannot get stuck.
 *
 * Start: the noise starts at 0, which keeps the first word, and is raised to the
 * lower bound that noisestart estimates. After dmix_noisetracker_restart() it
 * starts at the last estimate instead.
 *
 * State, for each bin
 *   noise      mean noise power
 *   presence   probability of speech in the last frame
 *   mean       running mean of presence
 */
#include "denoise/noisetracker.h"

#include "denoise/binloops.h"
#include "denoise/noisestart.h"
#include "base/smooth.h"
#include "base/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SPEECH_DB 18.0
#define NOISE_S 0.150
#define PRESENCE_S 0.152
#define BINS_SEEN 1.6 /* m: independent bins that the three count as */

struct DmixNoiseTracker
{
  unsigned bins;
  DmixTrackLaw law;
  const DmixBinLoops *loops;
  int knows; /* noise is of this sound */
  DmixNoiseStart *start;
  float *noise, *presence, *mean;
};

DmixNoiseTracker *
dmix_noisetracker_new (unsigned bins, double hz_per_bin, double hop_s)
{
  const double x = dmix_power_from_db (SPEECH_DB);
  DmixNoiseTracker *self;

  if (bins < 1 || !(hop_s > 0.0) || !(hz_per_bin > 0.0)
      || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->bins = bins;
  self->loops = dmix_binloops_get ();
  self->law = (DmixTrackLaw){
    .slope = (float) (BINS_SEEN * x / (1.0 + x) / log (2.0)),
    .offset = (float) (BINS_SEEN * log2 (1.0 + x)),
    .rise = (float) dmix_smooth_share (NOISE_S, hop_s),
    .presence_rise = (float) dmix_smooth_share (PRESENCE_S, hop_s),
  };
  self->start = dmix_noisestart_new (bins, hz_per_bin, hop_s);
  self->noise = calloc (3 * (size_t) bins, sizeof (float));
  if (!self->start || !self->noise) {
    dmix_noisetracker_free (self);
    return NULL;
  }
  self->presence = self->noise + bins;
  self->mean = self->presence + bins;
  dmix_noisetracker_reset (self);
  return self;
}

void
dmix_noisetracker_free (DmixNoiseTracker *self)
{
  if (!self)
    return;
  dmix_noisestart_free (self->start);
  free (self->noise);
  free (self);
}

static void
fill (float *array, unsigned count, float value)
{
  for (unsigned i = 0; i < count; i++)
    array[i] = value;
}

void
dmix_noisetracker_restart (DmixNoiseTracker *self)
{
  fill (self->presence, self->bins, 0.0f);
  fill (self->mean, self->bins, 0.5f);
  dmix_noisestart_reset (self->start);
}

void
dmix_noisetracker_reset (DmixNoiseTracker *self)
{
  fill (self->noise, self->bins, DMIX_BINLOOPS_LEAST_NOISE);
  self->knows = 0;
  dmix_noisetracker_restart (self);
}

int
dmix_noisetracker_knows_noise (const DmixNoiseTracker *self)
{
  return self->knows;
}

void
dmix_noisetracker_step (DmixNoiseTracker *self, const float *power)
{
  dmix_noisestart_step (self->start, power, self->noise);
  self->loops->track (&self->law, power, self->noise, self->mean,
      self->presence, self->bins);
  self->knows = 1;
}

const float *
dmix_noisetracker_get_noise (const DmixNoiseTracker *self)
{
  return self->noise;
}

const float *
dmix_noisetracker_get_presence (const DmixNoiseTracker *self)
{
  return self->presence;
}

void
dmix_noisetracker_take_over (DmixNoiseTracker *self,
    const DmixNoiseTracker *from, float scale)
{
  const unsigned bins = self->bins;

  if (self->bins != from->bins)
    return;
  memmove (self->noise, from->noise, 3 * (size_t) bins * sizeof (float));
  for (unsigned b = 0; b < bins; b++)
    self->noise[b] =
        dmix_larger (self->noise[b] * scale, DMIX_BINLOOPS_LEAST_NOISE);
  self->knows = from->knows;
  dmix_noisestart_take_over (self->start, from->start, scale);
}
