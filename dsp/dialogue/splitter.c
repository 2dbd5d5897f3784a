/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: a spectrum of 32 ms of each front channel, one estimator for each
 * group of channels: the centre, left with right. Left and right become mid and
 * side, each with its own real gains, and left and right again.
 *
 * A voice beside the centre is in mid and side, which then are coherent: both get
 * one gain, the mean by power, or the voice would move.
 *
 * Presence: while the estimator finds no dialogue the gains close, so that what
 * leaked goes back to the background. They open at once and close after a hold.
 * In a nearly clean mix the level opens them, too: there it tells speech from
 * pause better than any estimator, which may take a quiet voice for background.
 * Music that takes turns with a clean voice is loud, too: the level, the least gain and the
 * bound below count as far as the estimator is sure of a voice (dialogue/splittrust.h).
 *
 * Confidence: a mix that is nearly all dialogue needs no splitting, and every
 * gain would harm it. The level of the background bounds what is removed
 * (dialogue/splitbound.h), and the ratio of dialogue to background in the frames
 * with speech, as the gains see it, raises the least gain towards 1 from 24 to 32 dB.
 * Without the bound some of the mixes at 26 LU lost 8 dB.
 */
#include "dialogue/splitter.h"

#include "base/smooth.h"
#include "base/units.h"
#include "dialogue/splitbound.h"
#include "dialogue/splittrust.h"
#include "spectral/stft.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DELAY_S 0.032
#define SHARED_S 0.050 /* smoothing of the covariance */
#define TOGETHER 0.4f  /* coherence that a mean over so few frames has */
#define PRESENT 0.4f   /* presence that opens the gains */
#define HOLD_S 0.160
#define CLOSE_S 0.040
#define CLOSED 0.02f      /* gain without speech */
#define CLOSED_CLEAN 0.5f /* in a clean mix, for the room of the voice */
#define CLEAN_DB 18.0     /* speech over background, from which on */
#define RATIO_S 4.0
#define LOUDER                                                                 \
  3.0 /* power over that of speech; meter/dialoguemeter.c has it, too */
#define RECENT_S 0.2
#define CLEAN_FROM_DB 24.0
#define CLEAN_TO_DB 32.0
#define WEAK 0.1   /* power of the dialogue in left and right over the centre */
#define STRONG 1.0 /* the same: from here on it is all taken */
#define PLACE_S 1.0
#define MOST_GROUPS 2
#define LEAST 1e-25

typedef struct
{
  unsigned first, channels; /* of the transform */
  void *estimator;
  float *mid, *side, *re, *im; /* bins: covariance, smoothed */
  double ratio_speech, ratio_rest;
  float open;      /* gain of the presence gate */
  unsigned hold;   /* frames left */
  double dialogue; /* running power of the dialogue */
  float least;     /* least gain during speech */
  DmixSplitBound bound;
  DmixSplitTrust trust;
  double recent; /* power, smoothed */
  int begun;
} Group;

struct DmixSplitter
{
  DmixFormat format;
  const DmixSplitEstimator *estimator;
  DmixStft *stft;
  unsigned bins, picked, groups, hold;
  unsigned channel[DMIX_MAX_CHANNELS]; /* of each channel of the transform */
  Group group[MOST_GROUPS];
  float *memory, *power[2], *cross[2], *together, *removal, *gain[2], *sound;
  float shared_share, close_share, ratio_share, place_share, recent_share;
  float speech;
  DmixVoice *voice;
  unsigned hop, hop_at, voice_step, voice_at;
};

/*** new, free, reset ***/

static void
add_group (DmixSplitter *self, const unsigned *channel, unsigned channels)
{
  Group *g = &self->group[self->groups++];

  g->first = self->picked;
  g->channels = channels;
  for (unsigned c = 0; c < channels; c++)
    self->channel[self->picked++] = channel[c];
}

/* Finds the groups: the centre first. */
static void
find_groups (DmixSplitter *self, const DmixVoicePlace *place)
{
  const unsigned channels = self->format.channels;
  unsigned all[DMIX_MAX_CHANNELS], pair[2], pairs = 0;
  int left = -1, right = -1;

  for (unsigned c = 0; c < channels; c++) {
    all[c] = c;
    if (place && place[c] == DMIX_VOICE_CENTRE && self->groups == 0)
      add_group (self, &c, 1);
    if (place && place[c] == DMIX_VOICE_LEFT && left < 0)
      left = (int) c;
    if (place && place[c] == DMIX_VOICE_RIGHT && right < 0)
      right = (int) c;
  }
  if (left >= 0)
    pair[pairs++] = (unsigned) left;
  if (right >= 0)
    pair[pairs++] = (unsigned) right;
  if (pairs > 0)
    add_group (self, pair, pairs);
  if (self->groups == 0)
    add_group (self, all, channels);
}

static int
make_parts (DmixSplitter *self)
{
  const unsigned overlap = DMIX_SPLIT_OVERLAP;
  const unsigned hop =
      (unsigned) fmax (1.0, self->format.rate_hz * DELAY_S / overlap);
  const DmixStftShape shape = { self->picked, hop, hop * overlap,
    hop * overlap };
  DmixSplitShape split;
  size_t bins;
  float *at;

  self->stft = dmix_stft_new (&shape);
  if (!self->stft)
    return 0;
  self->hop = hop;
  bins = self->bins = dmix_stft_bins (self->stft);
  split = (DmixSplitShape){ self->bins,
    self->format.rate_hz / (2.0 * (self->bins - 1)),
    (double) hop / self->format.rate_hz, dmix_stft_window_energy (self->stft) };
  self->memory =
      calloc (8 * bins + 4 * bins * self->groups + (size_t) hop * self->picked,
          sizeof (float));
  if (!self->memory)
    return 0;
  at = self->memory;
  for (unsigned i = 0; i < 2; i++, at += bins)
    self->power[i] = at;
  for (unsigned i = 0; i < 2; i++, at += bins)
    self->cross[i] = at;
  for (unsigned i = 0; i < 2; i++, at += bins)
    self->gain[i] = at;
  self->together = at;
  at += bins;
  self->removal = at;
  at += bins;
  for (unsigned g = 0; g < self->groups; g++, at += 4 * bins) {
    self->group[g].mid = at;
    self->group[g].side = at + bins;
    self->group[g].re = at + 2 * bins;
    self->group[g].im = at + 3 * bins;
    self->group[g].estimator = self->estimator->make (&split);
    if (!self->group[g].estimator)
      return 0;
    dmix_splitbound_init (&self->group[g].bound, split.hop_s);
    dmix_splittrust_init (&self->group[g].trust, split.hop_s,
        &self->estimator->limits, &self->estimator->louder);
  }
  self->sound = at;
  self->hold = (unsigned) ceil (HOLD_S / split.hop_s);
  self->shared_share = (float) dmix_smooth_share (SHARED_S, split.hop_s);
  self->close_share = (float) dmix_smooth_share (CLOSE_S, split.hop_s);
  self->ratio_share = (float) dmix_smooth_share (RATIO_S, split.hop_s);
  self->place_share = (float) dmix_smooth_share (PLACE_S, split.hop_s);
  self->recent_share = (float) dmix_smooth_share (RECENT_S, split.hop_s);
  return 1;
}

DmixSplitter *
dmix_splitter_new (const DmixFormat *format, const DmixVoicePlace *place,
    const DmixSplitEstimator *estimator)
{
  static const DmixVoicePlace mono = DMIX_VOICE_CENTRE;
  static const DmixVoicePlace stereo[] = { DMIX_VOICE_LEFT, DMIX_VOICE_RIGHT };
  DmixSplitter *self;

  if (!dmix_format_is_valid (format) || !estimator
      || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->format = *format;
  self->estimator = estimator;
  if (format->channels == 1)
    place = &mono;
  if (!place && format->channels == 2)
    place = stereo;
  find_groups (self, place);
  if (!make_parts (self)) {
    dmix_splitter_free (self);
    return NULL;
  }
  self->voice_step = (unsigned) fmax (1.0,
      round ((double) format->rate_hz / DMIX_VOICE_STEPS_PER_S));
  self->voice = dmix_voice_new (format, place);
  if (!self->voice) {
    dmix_splitter_free (self);
    return NULL;
  }
  dmix_splitter_reset (self);
  return self;
}

void
dmix_splitter_free (DmixSplitter *self)
{
  if (!self)
    return;
  for (unsigned g = 0; g < self->groups; g++)
    self->estimator->free (self->group[g].estimator);
  dmix_stft_free (self->stft);
  dmix_voice_free (self->voice);
  free (self->memory);
  free (self);
}

void
dmix_splitter_reset (DmixSplitter *self)
{
  dmix_stft_reset (self->stft);
  dmix_voice_reset (self->voice);
  self->voice_at = self->hop_at = 0;
  for (unsigned i = 0; i < self->groups; i++) {
    Group *g = &self->group[i];

    self->estimator->reset (g->estimator);
    memset (g->mid, 0, 4 * self->bins * sizeof (float));
    g->ratio_speech = g->ratio_rest = g->dialogue = 0.0;
    g->open = CLOSED;
    g->hold = 0;
    g->least = 0.0f;
    dmix_splitbound_reset (&g->bound);
    dmix_splittrust_reset (&g->trust);
    g->recent = 0.0;
    g->begun = 0;
  }
  self->speech = 0.0f;
}

/*** one frame ***/

/* Two channels to mid and side, in place, and back. */
static void
to_mid_and_side (float *a, float *b, unsigned bins, float scale)
{
  for (unsigned i = 0; i < bins; i++) {
    const float sum = a[i] + b[i], difference = a[i] - b[i];

    a[i] = scale * sum;
    b[i] = scale * difference;
  }
}

/* The powers that the estimator sees. */
static void
measure (DmixSplitter *self, Group *g, float *const *re, float *const *im)
{
  const float share = g->begun ? self->shared_share : 1.0f;
  float *mid = self->power[0], *side = self->power[1];

  for (unsigned b = 0; b < self->bins; b++)
    mid[b] = re[0][b] * re[0][b] + im[0][b] * im[0][b];
  g->begun = 1;
  if (g->channels != 2)
    return;
  for (unsigned b = 0; b < self->bins; b++) {
    const float sr = re[1][b], si = im[1][b], mr = re[0][b], mi = im[0][b];
    float cross;

    side[b] = sr * sr + si * si;
    self->cross[0][b] = mr * sr + mi * si;
    self->cross[1][b] = mi * sr - mr * si;
    g->mid[b] += share * (mid[b] - g->mid[b]);
    g->side[b] += share * (side[b] - g->side[b]);
    g->re[b] += share * (self->cross[0][b] - g->re[b]);
    g->im[b] += share * (self->cross[1][b] - g->im[b]);
    cross = g->re[b] * g->re[b] + g->im[b] * g->im[b];
    self->together[b] =
        (float) dmix_clamp ((cross / (g->mid[b] * g->side[b] + LEAST)
                                - TOGETHER)
                / (1.0 - TOGETHER),
            0.0, 1.0);
  }
}

/* The mean of more than two channels, as the mid. */
static void
measure_all (DmixSplitter *self, const Group *g, float *const *re,
    float *const *im)
{
  const float share = 1.0f / (float) g->channels;

  for (unsigned b = 0; b < self->bins; b++) {
    float real = 0.0f, imaginary = 0.0f;

    for (unsigned c = 0; c < g->channels; c++) {
      real += re[c][b];
      imaginary += im[c][b];
    }
    self->power[0][b] = share * share * (real * real + imaginary * imaginary);
  }
}

/* In a clean mix the level tells speech from pause, and at once: is it nearer to
 * that of speech than to that of the background, in dB? */
static int
is_loud (const Group *g, double power)
{
  const double clean_db = dmix_splitbound_get_clean_db (&g->bound);

  return clean_db > CLEAN_DB
      && dmix_db_from_power (
             power / (dmix_splitbound_get_background (&g->bound) + LEAST))
      > 0.5 * clean_db;
}

static int
is_trusted (const Group *g)
{
  return dmix_splittrust_get (&g->trust) >= 0.5f;
}

/* Returns the presence that is left: none where the sound is no voice. */
static float
step_presence (DmixSplitter *self, Group *g, const DmixSplitAnswer *answer)
{
  double power = 0.0;
  float closed = g->least;
  int loud, other;

  for (unsigned b = 0; b < self->bins; b++)
    power += self->power[0][b];
  loud = is_loud (g, power);
  g->recent += self->recent_share * (power - g->recent);
  dmix_splittrust_step (&g->trust, answer->voice, loud,
      g->recent > LOUDER * dmix_splitbound_get_speech (&g->bound));
  other = dmix_splittrust_is_other (&g->trust);
  if (other)
    g->hold = 0;
  if (loud && !is_trusted (g))
    closed = 0.0f;
  if ((answer->presence >= PRESENT && !other) || (loud && is_trusted (g))) {
    g->hold = self->hold;
    g->open = 1.0f;
  } else if (g->hold > 0) {
    g->hold--;
  } else {
    g->open += self->close_share
        * (CLOSED + closed * (CLOSED_CLEAN - CLOSED) - g->open);
  }
  return other ? 0.0f : answer->presence;
}

/* The least gain during speech, from the ratio of dialogue to background. */
static float
least_gain (DmixSplitter *self, Group *g)
{
  double speech = 0.0, rest = 0.0, all = 0.0, part;
  const int spoken = g->hold == self->hold && is_trusted (g);
  const float trust = dmix_splittrust_get (&g->trust);
  float share;

  for (unsigned b = 0; b < self->bins; b++) {
    const double gain = self->gain[0][b], power = self->power[0][b];

    speech += gain * gain * power;
    self->removal[b] = (float) ((1.0 - gain) * (1.0 - gain) * power);
    rest += self->removal[b];
    all += power;
  }
  share = dmix_splitbound_step (&g->bound, all, rest, spoken);
  dmix_splitbound_spread (self->removal, self->bins,
      1.0f - trust * (1.0f - share));
  if (spoken) {
    g->ratio_speech += self->ratio_share * (speech - g->ratio_speech);
    g->ratio_rest += self->ratio_share * (rest - g->ratio_rest);
  }
  g->dialogue += self->place_share * (g->open * g->open * speech - g->dialogue);
  part =
      dmix_db_from_power ((g->ratio_speech + LEAST) / (g->ratio_rest + LEAST));
  part = dmix_clamp ((part - CLEAN_FROM_DB) / (CLEAN_TO_DB - CLEAN_FROM_DB),
      0.0, 1.0);
  g->least = (float) (part * part * (3.0 - 2.0 * part));
  return trust * g->least;
}

/* Dialogue in left and right, 0 to 1, while the centre has some. */
static float
share_beside (const DmixSplitter *self, const Group *g)
{
  double ratio;

  if (g == self->group)
    return 1.0f;
  ratio = g->dialogue / (self->group[0].dialogue + LEAST);
  return (float) dmix_clamp ((ratio - WEAK) / (STRONG - WEAK), 0.0, 1.0);
}

static void
apply (DmixSplitter *self, Group *g, float *const *re, float *const *im,
    float least, float scale)
{
  for (unsigned i = 0; i < (g->channels == 2 ? 2u : 1u); i++)
    for (unsigned b = 0; b < self->bins; b++) {
      const float gain = 1.0f - self->removal[b] * (1.0f - self->gain[i][b]);

      self->gain[i][b] = scale * DMIX_MAX (gain, least);
    }
  for (unsigned c = 0; c < g->channels; c++) {
    const float *gain = self->gain[g->channels == 2 ? c : 0];

    for (unsigned b = 0; b < self->bins; b++) {
      re[c][b] *= gain[b];
      im[c][b] *= gain[b];
    }
  }
}

/* Gives mid and side one gain where they are coherent. */
static void
join_gains (DmixSplitter *self)
{
  for (unsigned b = 0; b < self->bins; b++) {
    const float mid = self->power[0][b], side = self->power[1][b];
    float *of_mid = &self->gain[0][b], *of_side = &self->gain[1][b];
    const float one =
        (*of_mid * mid + *of_side * side) / (mid + side + (float) LEAST);

    *of_mid += self->together[b] * (one - *of_mid);
    *of_side += self->together[b] * (one - *of_side);
  }
}

static void
split_group (DmixSplitter *self, Group *g, float *const *re, float *const *im)
{
  const int pair = g->channels == 2;
  const DmixSplitSpectra in = { self->power[0], pair ? self->power[1] : NULL,
    pair ? self->cross[0] : NULL, pair ? self->cross[1] : NULL,
    (float) dmix_voice_get_latest (self->voice) };
  DmixSplitAnswer answer;
  float least, presence;

  if (pair) {
    to_mid_and_side (re[0], re[1], self->bins, 0.5f);
    to_mid_and_side (im[0], im[1], self->bins, 0.5f);
  }
  if (g->channels > 2)
    measure_all (self, g, re, im);
  else
    measure (self, g, re, im);
  answer =
      self->estimator->step (g->estimator, &in, self->gain[0], self->gain[1]);
  if (pair)
    join_gains (self);
  presence = step_presence (self, g, &answer);
  least = least_gain (self, g);
  apply (self, g, re, im, least, g->open * share_beside (self, g));
  if (pair) {
    to_mid_and_side (re[0], re[1], self->bins, 1.0f);
    to_mid_and_side (im[0], im[1], self->bins, 1.0f);
  }
  self->speech = DMIX_MAX (presence, self->speech);
}

/* A DmixStftChange. */
static int
change (void *user, float *const *re, float *const *im, int audible)
{
  DmixSplitter *self = user;

  self->speech = 0.0f;
  for (unsigned g = 0; g < self->groups && audible; g++)
    split_group (self, &self->group[g], re + self->group[g].first,
        im + self->group[g].first);
  return audible;
}

/* Frames up to the end of a step of the voice detector at most. */
static void
listen (DmixSplitter *self, const float *in, size_t frames)
{
  dmix_voice_add (self->voice, in, frames);
  self->voice_at += (unsigned) frames;
  if (self->voice_at == self->voice_step) {
    dmix_voice_step (self->voice);
    self->voice_at = 0;
  }
}

void
dmix_splitter_process (DmixSplitter *self, const float *in, float *dialogue,
    size_t frames)
{
  const unsigned channels = self->format.channels, picked = self->picked;

  while (frames > 0) {
    const size_t hop = self->hop - self->hop_at;
    const size_t step = self->voice_step - self->voice_at;
    size_t n = DMIX_MIN (frames, hop);

    n = DMIX_MIN (n, step);
    listen (self, in, n);
    self->hop_at = (unsigned) ((self->hop_at + n) % self->hop);
    for (size_t i = 0; i < n; i++)
      for (unsigned c = 0; c < picked; c++)
        self->sound[i * picked + c] = in[i * channels + self->channel[c]];
    dmix_stft_process (self->stft, self->sound, n, change, self);
    memset (dialogue, 0, n * channels * sizeof *dialogue);
    for (size_t i = 0; i < n; i++)
      for (unsigned c = 0; c < picked; c++)
        dialogue[i * channels + self->channel[c]] = self->sound[i * picked + c];
    in += n * channels;
    dialogue += n * channels;
    frames -= n;
  }
}

double
dmix_splitter_get_speech (const DmixSplitter *self)
{
  return self->speech;
}

unsigned
dmix_splitter_latency_frames (const DmixSplitter *self)
{
  return dmix_stft_latency_frames (self->stft);
}

unsigned
dmix_splitter_tail_frames (const DmixSplitter *self)
{
  return dmix_stft_tail_frames (self->stft);
}
