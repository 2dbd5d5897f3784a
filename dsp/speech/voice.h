/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Speech in a finished programme: the probability that somebody speaks, with
 * music and ambience under the voice, in mono, stereo and surround.
 *
 * Dialogue is expected in the centre channel, or in what left and right have
 * in common while the centre is silent; what differs between left and right
 * tells how much of the sound surrounds it. For a dialogue stem see
 * speechactivity.h, which knows a background as a second input.
 *
 * There are two answers for each step of 10 ms: one at once, and a better one
 * DMIX_VOICE_DELAY steps later, which has heard what followed.
 *
 * All elements that look for speech in a single sound do it through here. Two
 * detectors serve it: `statistical` costs less; `learned` has the odds of the
 * network of net/net.h among its features, and is better in loud ambience and in
 * music.
 *
 * All memory is taken by dmix_voice_new(). Not thread safe.
 */
#ifndef DMIX_VOICE_H
#define DMIX_VOICE_H

#include "base/format.h"

#include <stddef.h>

typedef struct DmixVoice DmixVoice;

#define DMIX_VOICE_STEPS_PER_S 100u
#define DMIX_VOICE_DELAY 30u /* steps: 300 ms */
#define DMIX_VOICE_MIN_RATE_HZ 1600u

typedef enum
{
  DMIX_VOICE_STATISTICAL,
  DMIX_VOICE_LEARNED, /* the network and the statistics, joined */
  DMIX_VOICE_NETWORK /* the network alone: its latest answer, none that has settled */
} DmixVoiceDetector;

typedef enum
{
  DMIX_VOICE_BESIDE, /* surround, height, LFE: not looked at */
  DMIX_VOICE_CENTRE,
  DMIX_VOICE_LEFT,
  DMIX_VOICE_RIGHT
} DmixVoicePlace;

/* place: of each channel, or NULL: one channel is the centre, two are left and
 * right, the mean of more is the centre. The same holds if no channel has a
 * place in front. Rates below DMIX_VOICE_MIN_RATE_HZ have no bands of speech:
 * all probabilities are 0. Returns NULL on bad arguments or if memory is
 * short. */
DmixVoice *dmix_voice_new (const DmixFormat *format,
    const DmixVoicePlace *place);
void dmix_voice_free (DmixVoice *self);

/* Clears the state. */
void dmix_voice_reset (DmixVoice *self);

/* The detector from the next step on, STATISTICAL after dmix_voice_new(). What the last
 * one did without (the network and what is learned, or the statistics) starts from
 * silence. Below DMIX_LEARNEDACTIVITY_MIN_RATE_HZ there is no network: all are
 * STATISTICAL. */
void dmix_voice_set_detector (DmixVoice *self, DmixVoiceDetector detector);

/* Adds samples of the current step, interleaved and finite. More than 10 ms (one
 * frame more than rate / 100) in one step are dropped. */
void dmix_voice_add (DmixVoice *self, const float *in, size_t frames);

/* Ends the step; silence fills it if it has less than 10 ms. */
void dmix_voice_step (DmixVoice *self);

/* The mid of the latest step, where dialogue is expected; valid until the next
 * call of dmix_voice_add(). Sets *frames. */
const float *dmix_voice_get_mid (const DmixVoice *self, size_t *frames);

/* Probability of speech, 0 to 1: in the latest step, and in the one
 * DMIX_VOICE_DELAY steps before it. The latest one is cautious, so that 0.5
 * seldom is a false alarm of ambience alone; the settled one is not, so that
 * its mean is the share of speech. 0 with DMIX_VOICE_NETWORK. */
double dmix_voice_get_latest (const DmixVoice *self);
double dmix_voice_get_settled (const DmixVoice *self);

/* The same of the latest step by the network alone: less sure of telephone music, but
 * behind loud music it finds speech up to 1 s sooner than the joined answers. -1 with
 * the statistical detector. With DMIX_VOICE_NETWORK it is the only answer. */
double dmix_voice_get_network (const DmixVoice *self);

#endif
