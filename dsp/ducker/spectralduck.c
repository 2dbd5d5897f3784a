/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the levels of both signals in third octaves (speechbands), averaged
 * over 3 s, the dialogue's only during speech. The depth a band needs is
 * target - (dialogue - background). Depths are set at the start of a phrase and
 * then move by 1 dB a second, so that bands move once a phrase and not with
 * every syllable. All bands share one time curve from 0 to 1, with the ramp and
 * release of the ducker. The gains, interpolated linearly (in dB) over
 * frequency, multiply the spectra of a short-time Fourier transform (stft).
 *
 * Band edges. The whole lowest band is lowered: below it the gain fades out
 * over two thirds of an octave, down to 100 Hz (with one third, half of this
 * band would stay, and ESTOI of real scenes lose .014). The band at 8 kHz is
 * never lowered: it carries 2 % of intelligibility (ANSI S3.5-1997, table 3),
 * and of rain more loudness than any other.
 *
 * The prior for a new dialogue is the spectrum of normal speech (ANSI
 * S3.5-1997, table 3) at the level of its first frames.
 *
 * Timing. A spectrum computed now is heard half a window later on average; the
 * ramp is shorter by that.
 *
 * State
 *   dialogue[], background[]   mean squares; heard, known: frames in them
 *   depth_db[]      depth of each band, >= 0
 *   phrase          band frames since the phrase began; < 0: no phrase
 *   is_fresh        the bands were released when the phrase began
 *   engaged         share of the depths in effect, 0 to 1
 *   delay, stft     the audio path; together as long as the ducker's delay
 *   phase           frames since the last spectrum
 *   fed, full       frames taken since the start, and until the path is full
 *   flat            frames since the last spectrum that was changed (capped)
 *   gain[]          gain of each bin, computed for `applied`
 *   wanted          band gains of this step
 *   loss_db         the last loss asked for, of `loss_engaged`; 0: none
 */
#include "ducker/spectralduck.h"

#include "base/blockloops.h"
#include "base/decibel.h"
#include "base/floats.h"
#include "base/units.h"
#include "base/delay.h"
#include "speech/intelligibility.h"
#include "base/lookahead.h"
#include "base/smooth.h"
#include "spectral/stft.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BANDS DMIX_SPEECHBANDS
#define LOWERED (BANDS - 1) /* all bands but 8 kHz */
#define FADE 2              /* bands over which the gain fades to 0 dB */
#define HALF_WINDOW_S (1024.0 / 48000.0)
#define SHORTEST_HALVING 3       /* most halvings of the window: to 5.3 ms */
#define CORNERS (FADE + LOWERED) /* segments of the gain curve */
#define NODES 4                  /* interpolation nodes per segment */
#define CHUNK 64                 /* frames per call of the STFT */
#define AVERAGE_S 3.0
#define PRIOR 20.0 /* weight of the prior, in frames */
#define LEARN_S 2.0
#define LEARN_DB_PER_S 18.0
#define MOVE_DB_PER_S 1.0
#define FREE_FRAMES 3 /* first frames of a phrase, not audible yet */
#define RELEASED 0.1  /* engaged below this: depths may jump */
#define SETTLED 1e-4
#define MOST_RANGE_DB 24.0

struct DmixSpectralDuck
{
  DmixFormat format;
  double step_s;
  DmixSpectralDuckParams params;
  double dialogue[BANDS], background[BANDS], heard, known;
  double depth_db[BANDS];
  int phrase, is_fresh;
  DmixLookahead *ramp;
  double engaged, release_share;
  unsigned hop, window, bins, phase, flat;
  size_t fed, full;
  DmixDelay *delay;
  DmixStft *stft;
  float *block;       /* CHUNK frames */
  float *gain, *part; /* by bin; part: place between two nodes */
  unsigned first[NODES * CORNERS + 2]; /* bin at or above a node */
  double weight[BANDS];                /* of the K-weighting */
  DmixSpectralGains applied, wanted;
  double loss_engaged, loss_db;
};

/* Band level of normal speech, dB, from the spectrum levels of the table. */
static double
normal_speech_db (int band)
{
  static const double spectrum[BANDS] = {
    32.41,
    34.48,
    34.75,
    33.98,
    34.59,
    34.27,
    32.06,
    28.30,
    25.01,
    23.00,
    20.15,
    17.32,
    13.18,
    11.55,
    9.33,
    5.31,
    2.59,
    1.13,
  };

  return spectrum[band]
      + dmix_db_from_power (0.2316 * dmix_speechbands_hz[band]);
}

/* Bin gains: linear in dB from band to band, via NODES points per band. */
static void
make_gains (DmixSpectralDuck *self)
{
  float node[NODES * CORNERS + 2];
  double corner[CORNERS + 1] = { 0.0 };

  for (int b = 0; b < LOWERED; b++)
    corner[FADE + b] = -self->wanted.depth_db[b] * self->wanted.engaged;
  for (int i = 1; i < FADE; i++)
    corner[i] = corner[FADE] * i / FADE;
  for (int c = 0; c < CORNERS; c++)
    for (int i = 0; i < NODES; i++)
      node[NODES * c + i] =
          (float) (corner[c] + (corner[c + 1] - corner[c]) * i / NODES);
  dmix_decibel_to_gain (node, NODES * CORNERS);
  node[NODES * CORNERS] = node[NODES * CORNERS + 1] = 1.0f;
  for (int n = 0; n <= NODES * CORNERS; n++) {
    const float low = node[n], rise = node[n + 1] - node[n];

    for (unsigned k = self->first[n]; k < self->first[n + 1]; k++)
      self->gain[k] = low + self->part[k] * rise;
  }
  self->applied = self->wanted;
}

/*** new, free, reset ***/

/* Sets the position of each bin between nodes (NODES per band). The first node
 * is FADE bands below the first band, the last one a band above the last
 * lowered band; there and beyond the gain is 0 dB. */
static void
place_bins (DmixSpectralDuck *self)
{
  const double step = (double) self->format.rate_hz / (2.0 * (self->bins - 1));

  for (unsigned k = 0; k < self->bins; k++) {
    const double place =
        k > 0 ? FADE + 3.0 * log2 (k * step / dmix_speechbands_hz[0]) : 0.0;
    const float at = (float) (NODES * dmix_clamp (place, 0.0, CORNERS));
    const int low = (int) at;

    self->part[k] = at - (float) low;
    for (int n = low + 1; n < NODES * CORNERS + 2; n++)
      self->first[n] = k + 1;
  }
}

/* Half of the longest window that the delay has room for, in frames; 0: it has
 * none. */
static unsigned
half_window (unsigned rate_hz, unsigned delay_frames)
{
  unsigned half = (unsigned) lround (HALF_WINDOW_S * rate_hz);

  for (int i = 0; i < SHORTEST_HALVING && 2 * half > delay_frames; i++)
    half /= 2;
  return 2 * half > delay_frames ? 0 : half;
}

int
dmix_spectralduck_fits (const DmixFormat *format, unsigned delay_frames)
{
  return dmix_format_is_valid (format)
      && format->rate_hz >= DMIX_SPEECHBANDS_MIN_RATE_HZ
      && half_window (format->rate_hz, delay_frames) > 0;
}

static int
set_up_sound (DmixSpectralDuck *self, unsigned delay_frames)
{
  const unsigned channels = self->format.channels;
  const unsigned half = half_window (self->format.rate_hz, delay_frames);
  DmixStftShape shape;

  self->full = delay_frames + 2 * half;
  self->hop = half;
  self->window = 2 * half;
  shape = (DmixStftShape){ channels, half, 2 * half, 2 * half };
  self->stft = dmix_stft_new (&shape);
  self->delay = dmix_delay_new (delay_frames - 2 * half, channels);
  self->block = dmix_floats_new ((size_t) CHUNK * channels);
  if (!self->stft || !self->delay || !self->block)
    return 0;
  self->bins = dmix_stft_bins (self->stft);
  self->gain = dmix_floats_new (self->bins);
  self->part = dmix_floats_new (self->bins);
  return self->gain && self->part;
}

DmixSpectralDuck *
dmix_spectralduck_new (const DmixFormat *format, unsigned delay_frames,
    double step_s, double ramp_s)
{
  DmixSpectralDuck *self;
  double steps;

  if (!dmix_spectralduck_fits (format, delay_frames) || !(step_s > 0.0)
      || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->format = *format;
  self->step_s = step_s;
  if (!set_up_sound (self, delay_frames)) {
    dmix_spectralduck_free (self);
    return NULL;
  }
  steps = (ramp_s - (double) self->hop / format->rate_hz) / step_s;
  self->ramp = dmix_lookahead_new ((unsigned) fmax (steps, 1.0));
  if (!self->ramp) {
    dmix_spectralduck_free (self);
    return NULL;
  }
  place_bins (self);
  for (int b = 0; b < BANDS; b++) {
    /* the shelf: 4 dB above 1.7 kHz */
    const double at = dmix_speechbands_hz[b] / 1700.0;

    self->weight[b] = (1.0 + 2.51 * at * at) / (1.0 + at * at);
  }
  dmix_spectralduck_reset (self);
  return self;
}

void
dmix_spectralduck_free (DmixSpectralDuck *self)
{
  if (!self)
    return;
  dmix_lookahead_free (self->ramp);
  dmix_delay_free (self->delay);
  dmix_stft_free (self->stft);
  dmix_floats_free (self->block);
  dmix_floats_free (self->gain);
  dmix_floats_free (self->part);
  free (self);
}

void
dmix_spectralduck_stop (DmixSpectralDuck *self)
{
  dmix_delay_reset (self->delay);
  dmix_stft_reset (self->stft);
  self->phase = 0;
  self->flat = self->window;
  self->fed = 0;
}

int
dmix_spectralduck_is_flat (const DmixSpectralDuck *self)
{
  return self->flat >= self->window;
}

void
dmix_spectralduck_reset (DmixSpectralDuck *self)
{
  memset (self->dialogue, 0, sizeof self->dialogue);
  memset (self->background, 0, sizeof self->background);
  memset (self->depth_db, 0, sizeof self->depth_db);
  self->heard = self->known = self->loss_engaged = 0.0;
  self->phrase = -1;
  dmix_lookahead_reset (self->ramp, 0.0f);
  self->engaged = 0.0;
  self->applied = self->wanted = (DmixSpectralGains){ 0.0 };
  make_gains (self);
  dmix_spectralduck_stop (self);
}

void
dmix_spectralduck_set_params (DmixSpectralDuck *self,
    const DmixSpectralDuckParams *params)
{
  self->params.range_db = dmix_clamp (params->range_db, 0.0, MOST_RANGE_DB);
  self->params.target_lu = dmix_clamp (params->target_lu, 0.0, 40.0);
  self->params.release_ms = dmix_clamp (params->release_ms, 1.0, 10000.0);
  self->release_share =
      dmix_smooth_share (self->params.release_ms / 1000.0, self->step_s);
}

void
dmix_spectralduck_take_over (DmixSpectralDuck *self,
    const DmixSpectralDuck *from)
{
  memcpy (self->dialogue, from->dialogue, sizeof self->dialogue);
  memcpy (self->background, from->background, sizeof self->background);
  memcpy (self->depth_db, from->depth_db, sizeof self->depth_db);
  self->heard = from->heard;
  self->known = from->known;
  self->phrase = from->phrase;
  self->loss_engaged = 0.0;
  self->engaged = from->engaged;
  dmix_lookahead_reset (self->ramp, (float) -from->engaged);
}

/*** depths ***/

static void
average (double *mean, const double *value, double frames)
{
  const double share = fmax (1.0 / frames, DMIX_SPEECHBANDS_HOP_S / AVERAGE_S);

  for (int b = 0; b < BANDS; b++)
    mean[b] += share * (value[b] - mean[b]);
}

/* Starts the dialogue's mean: normal speech at the level of this frame. */
static void
begin_dialogue (DmixSpectralDuck *self, const double *value)
{
  double level = 0.0, sum = 0.0;

  for (int b = 0; b < BANDS; b++) {
    self->dialogue[b] = dmix_power_from_db (normal_speech_db (b));
    sum += self->dialogue[b];
    level += value[b];
  }
  for (int b = 0; b < BANDS; b++)
    self->dialogue[b] *= level / sum;
}

static void
follow (DmixSpectralDuck *self, double gain_db)
{
  const double speed = self->heard * DMIX_SPEECHBANDS_HOP_S < LEARN_S
      ? LEARN_DB_PER_S
      : MOVE_DB_PER_S;
  const double most = speed * DMIX_SPEECHBANDS_HOP_S;
  const int jump = self->phrase <= FREE_FRAMES && self->is_fresh;

  for (int b = 0; b < LOWERED; b++) {
    const double ratio = dmix_intelligibility_db (self->dialogue[b])
        - dmix_intelligibility_db (self->background[b]) + gain_db;
    const double needed =
        dmix_clamp (self->params.target_lu - ratio, 0.0, self->params.range_db);

    self->depth_db[b] = jump ? needed
                             : self->depth_db[b]
            + dmix_clamp (needed - self->depth_db[b], -most, most);
  }
}

void
dmix_spectralduck_add (DmixSpectralDuck *self,
    const DmixSpeechBandsFrame *frame, int active, double gain_db)
{
  self->known += 1.0;
  self->loss_engaged = 0.0;
  average (self->background, frame->background, self->known);
  if (!active)
    return;
  if (self->heard == 0.0)
    begin_dialogue (self, frame->dialogue);
  self->heard += 1.0;
  average (self->dialogue, frame->dialogue, self->heard + PRIOR);
  if (self->phrase >= 0) {
    follow (self, gain_db);
    self->phrase++;
  }
}

void
dmix_spectralduck_forget_dialogue (DmixSpectralDuck *self)
{
  self->heard = 0.0;
}

DmixSpectralGains
dmix_spectralduck_step (DmixSpectralDuck *self, int active)
{
  DmixSpectralGains gains;
  float ramped = active ? -1.0f : 0.0f;
  double left;

  if (!active)
    self->phrase = -1;
  else if (self->phrase < 0) {
    self->phrase = 0;
    self->is_fresh = self->engaged < RELEASED;
  }
  dmix_lookahead_process (self->ramp, &ramped, 1);
  left = -ramped - self->engaged;
  if (left >= 0.0 || left > -SETTLED)
    self->engaged = -ramped;
  else
    self->engaged += self->release_share * left;
  gains.engaged = self->engaged;
  memcpy (gains.depth_db, self->depth_db, sizeof gains.depth_db);
  return gains;
}

int
dmix_spectralduck_rests (const DmixSpectralDuck *self)
{
  return self->phrase < 0 && self->engaged == 0.0
      && dmix_lookahead_rests_on (self->ramp, 0.0f);
}

const double *
dmix_spectralduck_get_depth_db (const DmixSpectralDuck *self)
{
  return self->depth_db;
}

static double
loss_db (const DmixSpectralDuck *self, double engaged)
{
  double whole = 0.0, left = 0.0;
  float gain[BANDS] = { 0.0f };

  for (int b = 0; b < LOWERED; b++)
    gain[b] = (float) (-self->depth_db[b] * engaged);
  dmix_decibel_to_gain (gain, BANDS);
  for (int b = 0; b < BANDS; b++) {
    const double power = self->weight[b] * self->background[b];

    whole += power;
    left += power * gain[b] * gain[b];
  }
  return whole > 0.0 ? dmix_db_from_power (whole / left) : 0.0;
}

double
dmix_spectralduck_get_loss_db (DmixSpectralDuck *self, double engaged)
{
  if (engaged == 0.0)
    return 0.0;
  if (engaged != self->loss_engaged) {
    self->loss_engaged = engaged;
    self->loss_db = loss_db (self, engaged);
  }
  return self->loss_db;
}

/*** audio ***/

static int
is_flat (const DmixSpectralGains *gains)
{
  if (gains->engaged == 0.0)
    return 1;
  for (int b = 0; b < BANDS; b++)
    if (gains->depth_db[b] > 0.0)
      return 0;
  return 1;
}

static int
change (void *user, float *const *re, float *const *im, int audible)
{
  DmixSpectralDuck *self = user;

  if (!audible)
    return 0;
  if (memcmp (&self->applied, &self->wanted, sizeof self->wanted) != 0)
    make_gains (self);
  for (unsigned c = 0; c < self->format.channels; c++) {
    dmix_blockloops ()->scale (re[c], self->gain, self->bins);
    dmix_blockloops ()->scale (im[c], self->gain, self->bins);
  }
  return 1;
}

void
dmix_spectralduck_process (DmixSpectralDuck *self, const float *in,
    float *plain, const DmixSpectralGains *gains, size_t frames)
{
  const unsigned channels = self->format.channels;

  /* the path must be full of audio before its output may be used */
  self->wanted = *gains;
  if (self->fed < self->full)
    self->wanted.engaged = 0.0;
  self->fed += frames;
  dmix_stft_set_plain (self->stft, is_flat (&self->wanted));
  while (frames > 0) {
    const size_t left = self->hop - self->phase;
    size_t n = DMIX_MIN (frames, CHUNK);
    int is_changed;

    n = DMIX_MIN (n, left);
    memcpy (self->block, in, n * channels * sizeof *in);
    dmix_delay_process (self->delay, self->block, n);
    is_changed = self->flat < self->window;
    dmix_stft_process (self->stft, self->block, n, change, self);
    if (is_changed)
      memcpy (plain, self->block, n * channels * sizeof *plain);
    self->flat = is_changed ? self->flat + (unsigned) n : self->flat;
    self->phase += (unsigned) n;
    if (self->phase == self->hop) {
      self->phase = 0;
      if (!is_flat (&self->wanted))
        self->flat = 0;
    }
    in += n * channels;
    plain += n * channels;
    frames -= n;
  }
}
