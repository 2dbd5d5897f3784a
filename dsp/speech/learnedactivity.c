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
 *   probability  of the latest frame
 *   speech       the decision
 */
#include "speech/learnedactivity.h"

#include "base/units.h"
#include "net/net.h"
#include "net/netsound.h"

#include <stdlib.h>
#include <string.h>

#define SPEECH 0.7f /* probability; more would be too late at the onset */

struct DmixLearnedActivity
{
  unsigned hop, at;
  DmixNetSound *sound;
  DmixNet *net;
  float *key, *side; /* 2 * hop */
  unsigned with_side;
  float probability;
  int speech;
};

DmixLearnedActivity *
dmix_learnedactivity_new (unsigned rate_hz)
{
  DmixLearnedActivity *self;

  if (rate_hz < DMIX_LEARNEDACTIVITY_MIN_RATE_HZ
      || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->sound = dmix_netsound_new (rate_hz);
  self->net = dmix_net_new (NULL);
  if (self->sound && self->net) {
    self->hop = dmix_netsound_hop (self->sound);
    self->key = calloc (2 * self->hop, sizeof *self->key);
    self->side = calloc (2 * self->hop, sizeof *self->side);
  }
  if (!self->key || !self->side) {
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
  dmix_netsound_free (self->sound);
  dmix_net_free (self->net);
  free (self->key);
  free (self->side);
  free (self);
}

void
dmix_learnedactivity_reset (DmixLearnedActivity *self)
{
  dmix_net_reset (self->net);
  dmix_netsound_reset (self->sound);
  memset (self->key, 0, 2 * self->hop * sizeof *self->key);
  memset (self->side, 0, 2 * self->hop * sizeof *self->side);
  self->at = self->with_side = 0;
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
  dmix_netsound_take_over (self->sound, from->sound);
  memcpy (self->key, from->key, 2 * self->hop * sizeof *self->key);
  memcpy (self->side, from->side, 2 * self->hop * sizeof *self->side);
  self->at = from->at;
  self->with_side = from->with_side;
  self->probability = from->probability;
  self->speech = from->speech;
}

static void
process_frame (DmixLearnedActivity *self)
{
  float mid[DMIX_NET_ROWS], side[DMIX_NET_ROWS];

  dmix_netsound_add (self->sound, self->key, 1.0f);
  dmix_netsound_take_mid (self->sound, mid);
  if (self->with_side > 0) {
    dmix_netsound_add (self->sound, self->side, 1.0f);
    dmix_netsound_take_rows (self->sound, side);
  }
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
