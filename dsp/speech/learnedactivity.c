/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the network's probability of speech and one threshold. A lower one for
 * the end of speech is worse, because the network holds on by itself: mean of
 * speech found and pauses kept (%) and median of the onset delay (ms), with a
 * hold of 200 ms, speech with pauses over six ambiences (tests/quality/speech_run):
 *
 *   begin end    clean     20 LU     10 LU      5 LU      0 LU   ambience alone
 *   .5    .5    94.4 20   95.7 30   89.4 40   85.2 40   80.6 30   5.3 %
 *   .6    .6    95.7 25   96.7 40   90.9 40   87.3 40   82.9 50   3.3 %
 *   .7    .6    96.4 30   96.9 40   92.5 50   88.8 50   84.4 60   2.2 %
 *   .7    .7    96.9 30   97.4 40   93.4 50   89.8 50   85.4 60   2.0 %
 *   .8    .8    97.2 30   97.8 50   95.0 60   91.3 65   86.8 70   1.4 %
 *
 * State
 *   key[], side[]  the latest two hops; `at` frames in the newer one
 *   with_side    hops, of the latest two, that had a side
 *   above        noise level above half the rate (dmix_netrows_fill_above)
 *   probability  of the latest frame
 *   speech       the decision
 */
#include "speech/learnedactivity.h"

#include "base/units.h"
#include "net/net.h"
#include "net/netrows.h"
#include "spectral/fft.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HOP_S 0.016
#define SPEECH 0.7f /* probability; more would be too late at the onset */

struct DmixLearnedActivity
{
  unsigned hop, at, size;
  DmixFft *fft;
  DmixNetRows *rows;
  DmixNet *net;
  float *window, *key, *side;      /* 2 * hop */
  float *framed, *re, *im, *power; /* of one frame */
  unsigned with_side;
  float above, probability;
  int speech;
};

/* Makes the root-Hann window; returns its energy. */
static double
make_window (float *window, unsigned frames)
{
  for (unsigned i = 0; i < frames; i++)
    window[i] = (float) sin (DMIX_PI * (i + 0.5) / frames);
  return frames / 2.0;
}

static int
take_memory (DmixLearnedActivity *self)
{
  const unsigned bins = self->size / 2 + 1;

  self->fft = dmix_fft_new (self->size);
  self->net = dmix_net_new (NULL);
  self->window = calloc (2 * self->hop, sizeof *self->window);
  self->key = calloc (2 * self->hop, sizeof *self->key);
  self->side = calloc (2 * self->hop, sizeof *self->side);
  self->framed = calloc (self->size, sizeof *self->framed);
  self->re = calloc (bins, sizeof *self->re);
  self->im = calloc (bins, sizeof *self->im);
  self->power = calloc (bins, sizeof *self->power);
  return self->fft && self->net && self->window && self->key && self->side
      && self->framed && self->re && self->im && self->power;
}

DmixLearnedActivity *
dmix_learnedactivity_new (unsigned rate_hz)
{
  DmixLearnedActivity *self;
  DmixNetSpectrum spectrum;

  if (rate_hz < DMIX_LEARNEDACTIVITY_MIN_RATE_HZ || rate_hz > 768000
      || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->hop = (unsigned) lround (HOP_S * rate_hz);
  self->size = dmix_fft_size_for (2 * self->hop);
  if (!take_memory (self)) {
    dmix_learnedactivity_free (self);
    return NULL;
  }
  spectrum.bins = self->size / 2 + 1;
  spectrum.hz_per_bin = (double) rate_hz / self->size;
  spectrum.window_energy = make_window (self->window, 2 * self->hop);
  self->rows = dmix_netrows_new (&spectrum);
  if (!self->rows) {
    dmix_learnedactivity_free (self);
    return NULL;
  }
  dmix_learnedactivity_reset (self);
  return self;
}

void
dmix_learnedactivity_free (DmixLearnedActivity *self)
{
  if (!self)
    return;
  dmix_fft_free (self->fft);
  dmix_netrows_free (self->rows);
  dmix_net_free (self->net);
  free (self->window);
  free (self->key);
  free (self->side);
  free (self->framed);
  free (self->re);
  free (self->im);
  free (self->power);
  free (self);
}

void
dmix_learnedactivity_reset (DmixLearnedActivity *self)
{
  dmix_net_reset (self->net);
  memset (self->key, 0, 2 * self->hop * sizeof *self->key);
  memset (self->side, 0, 2 * self->hop * sizeof *self->side);
  self->at = self->with_side = 0;
  self->above = -1.0f;
  self->probability = 0.0f;
  self->speech = 0;
}

void
dmix_learnedactivity_take_over (DmixLearnedActivity *self,
    const DmixLearnedActivity *from)
{
  if (self->hop != from->hop)
    return;
  dmix_net_take_over (self->net, from->net);
  memcpy (self->key, from->key, 2 * self->hop * sizeof *self->key);
  memcpy (self->side, from->side, 2 * self->hop * sizeof *self->side);
  self->at = from->at;
  self->with_side = from->with_side;
  self->above = from->above;
  self->probability = from->probability;
  self->speech = from->speech;
}

/* Energies of the rows in two hops of sound. */
static void
measure_rows (DmixLearnedActivity *self, const float *sound, float *energy)
{
  const unsigned bins = self->size / 2 + 1;

  for (unsigned i = 0; i < 2 * self->hop; i++) /* the rest stays 0 */
    self->framed[i] = self->window[i] * sound[i];
  dmix_fft_forward (self->fft, self->framed, self->re, self->im);
  for (unsigned b = 0; b < bins; b++)
    self->power[b] = self->re[b] * self->re[b] + self->im[b] * self->im[b];
  dmix_netrows_energy (self->rows, self->power, energy);
}

static void
process_frame (DmixLearnedActivity *self)
{
  float mid[DMIX_NET_ROWS], side[DMIX_NET_ROWS];

  measure_rows (self, self->key, mid);
  self->above = dmix_netrows_fill_above (self->rows, self->above, mid);
  if (self->with_side > 0)
    measure_rows (self, self->side, side);
  self->probability =
      dmix_net_listen (self->net, mid, self->with_side > 0 ? side : NULL);
  self->speech = self->probability > SPEECH;
}

static void
take_side (DmixLearnedActivity *self, const float *side, size_t frames)
{
  float *at = self->side + self->hop + self->at;

  if (side) {
    memcpy (at, side, frames * sizeof *at);
    self->with_side = 2;
  } else
    memset (at, 0, frames * sizeof *at);
}

void
dmix_learnedactivity_process (DmixLearnedActivity *self, const float *key,
    const float *side, size_t frames)
{
  const unsigned hop = self->hop;

  while (frames > 0) {
    const size_t left = hop - self->at, n = DMIX_MIN (frames, left);

    memcpy (self->key + hop + self->at, key, n * sizeof *key);
    take_side (self, side, n);
    key += n;
    side = side ? side + n : NULL;
    frames -= n;
    self->at += (unsigned) n;
    if (self->at == hop) {
      process_frame (self);
      memcpy (self->key, self->key + hop, hop * sizeof *key);
      memcpy (self->side, self->side + hop, hop * sizeof *key);
      self->with_side -= self->with_side > 0;
      self->at = 0;
    }
  }
}

int
dmix_learnedactivity_is_speech (const DmixLearnedActivity *self)
{
  return self->speech;
}

float
dmix_learnedactivity_get_probability (const DmixLearnedActivity *self)
{
  return self->probability;
}
