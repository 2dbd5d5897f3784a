/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method, for each frame of 20 ms (Hann), every 10 ms, from 230 to 4000 Hz:
 *
 *   divergence   mean over the bins of (largest power of the last six frames
 *                / power of the noise): the long-term spectral divergence of
 *                J. Ramirez et al., "Efficient voice activity detection
 *                algorithms using long-term speech information", Speech
 *                Communication 42, 2004, with past frames only
 *   noise        T. Gerkmann, R. Hendriks, "Unbiased MMSE-based noise power
 *                estimation with low complexity and low tracking delay", IEEE
 *                Trans. ASLP 20(4), 2012: the estimate follows the power of a
 *                bin, slowed down by the probability of speech in it
 *   bleed        leakage of the background into the key: a transfer factor for
 *                each bin, by weighted least squares over 2.5 s. Loud frames of
 *                the key have little weight, so that speech does not hide the
 *                bleed. A factor counts only where the coherence is higher than
 *                by chance
 *   leakage      power 50 dB below the highest total of the last frames counts
 *                as noise: it may be side lobes of the window
 *   click        a frame that has its energy in 8 of its 20 ms is not speech
 *   foreground   a level less than 26 dB below the loudest speech, a reference
 *                that falls by 2 dB a second
 *
 * State
 *   key[], bed[]    latest two hops of key and background
 *   at              frames in the newest hop
 *   last[]          power of the previous frame
 *   power[][]       mean power of two successive frames, a ring of MEMORY of
 *                   them; `newest` is the index of the latest
 *   whole[]         total power of the spectrum of these frames
 *   noise[]         noise power; presence[]: running mean of the probability of
 *                   speech
 *   cross_re/im[], bed_power[], key_power[]   weighted means for the bleed
 *   usual[]         running mean of the key's power, for the weights
 *   frames          number of frames since the reset; bleed_frames: of them,
 *                   those that the bleed was learned from
 *   loudest_db      level of the loudest recent speech, falling
 *   recent_db[]     levels of the last 100 ms
 */
#include "speech/speechactivity.h"

#include "base/cpu.h"
#include "base/floats.h"
#include "base/units.h"
#include "spectral/fft.h"
#include "spectral/powerframe.h"
#include "speech/activityloops.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HOPS_PER_S 100
#define HOPS(ms) (HOPS_PER_S * (ms) / 1000)
/* Step of a running mean over time_s, in one hop. */
#define SHARE(time_s) (1.0 / (HOPS_PER_S * (time_s)))
#define LOW_HZ 230.0
#define HIGH_HZ 4000.0
#define MEMORY HOPS (60) /* frames of the long-term spectrum */
#define THRESHOLD_DB 11.0
#define QUIETEST 1e-12f        /* lowest noise estimate: -120 dBFS */
#define FIRST_MOST 1e-4f       /* highest one at the start: -40 dBFS */
#define FIRST_FRAMES HOPS (80) /* the start */
#define NOISE_S 0.05
#define PRESENCE_S 0.1
#define CERTAIN 0.99f     /* with more mean presence the noise may be stuck */
#define MOST_RATIO 200.0f /* of powers; expf() of more is 0 */
#define PRIOR_SNR 31.6    /* 15 dB: assumed ratio of speech to noise */
#define STUCK 0.998f      /* limit then: learns constant sound in 2.5 s */
#define PARTS 10          /* of a frame, 2 ms each */
#define CLICK_PARTS 4
#define CLICK_DB 12.0
#define FOREGROUND_DB 26.0
#define FORGET_DB_PER_S 2.0
#define RECENT HOPS (100)
#define BLEED_S 2.5
#define BLEED_MARGIN 4.0 /* power: for the error of the factor */
#define INDEPENDENT 6.0  /* times 1 / N, the coherence of N random frames */
#define LOWEST_DB -120.0
#define WHOLE_EIGHTS(n) (((n) + 7) / 8 * 8)
#define LEAKAGE 1e-5f /* power of far side lobes, with a margin */

struct DmixSpeechActivity
{
  unsigned hop, at, size, first, bins;
  DmixPowerFrame *spectrum;
  const DmixActivityLoops *loops; /* fastest version for this processor */
  float *memory;
  float *work, *re, *im; /* of one frame */
  float *key, *bed, *bed_re, *bed_im;
  float *power[MEMORY], *last, *noise, *presence;
  DmixActivityBleed bleed;
  float window_energy, whole[MEMORY];
  size_t memory_floats;
  unsigned newest, frames, bleed_frames;
  int has_bed, speech;
  double divergence_db, loudest_db, recent_db[RECENT];
};

/*** new, free, reset ***/

/* Assigns each array its part of `memory`. Returns the size of all, floats;
 * memory may be NULL. */
static size_t
lay_out (DmixSpeechActivity *self, float *memory)
{
  const unsigned window = 2 * self->hop;
  const unsigned bins = WHOLE_EIGHTS (self->bins);
  const unsigned spectrum = self->size / 2 + 1 + 8;
  size_t at = 0;

#define TAKE(array, count)                                                     \
  do {                                                                         \
    (array) = memory ? memory + at : NULL;                                     \
    at += DMIX_FLOATS_WHOLE (count);                                           \
  } while (0)
  TAKE (self->work, bins);
  TAKE (self->re, spectrum);
  TAKE (self->im, spectrum);
  TAKE (self->bed_re, spectrum);
  TAKE (self->bed_im, spectrum);
  TAKE (self->key, window);
  TAKE (self->bed, window);
  for (unsigned i = 0; i < MEMORY; i++)
    TAKE (self->power[i], bins);
  TAKE (self->last, bins);
  TAKE (self->noise, bins);
  TAKE (self->presence, bins);
  TAKE (self->bleed.cross_re, bins);
  TAKE (self->bleed.cross_im, bins);
  TAKE (self->bleed.bed_power, bins);
  TAKE (self->bleed.key_power, bins);
  TAKE (self->bleed.usual, bins);
#undef TAKE
  return at;
}

static void
set_up_bins (DmixSpeechActivity *self, unsigned rate_hz)
{
  const double step = (double) rate_hz / self->size;
  const unsigned last = (unsigned) fmin (HIGH_HZ / step, self->size / 2 - 1);

  self->first = (unsigned) ceil (LOW_HZ / step);
  self->bins = last - self->first + 1;
}

static const DmixActivityLoops *
fastest_loops (void)
{
#ifdef HAVE_AVX2
  if (dmix_cpu_has_avx2 ())
    return &dmix_activityloops_avx2;
#endif
  return &dmix_activityloops_plain;
}

DmixSpeechActivity *
dmix_speechactivity_new (unsigned rate_hz)
{
  DmixSpeechActivity *self;

  if (rate_hz < DMIX_SPEECHACTIVITY_MIN_RATE_HZ || rate_hz > 768000
      || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->hop = rate_hz / HOPS_PER_S;
  self->size = dmix_fft_size_for (2 * self->hop);
  self->spectrum = dmix_powerframe_new (2 * self->hop, self->size,
      dmix_powerframe_plain_weight (2 * self->hop, self->size));
  self->window_energy = (float) dmix_powerframe_window_energy (2 * self->hop);
  set_up_bins (self, rate_hz);
  self->loops = fastest_loops ();
  self->memory_floats = lay_out (self, NULL);
  self->memory = dmix_floats_new (self->memory_floats);
  if (!self->spectrum || !self->memory) {
    dmix_speechactivity_free (self);
    return NULL;
  }
  dmix_speechactivity_reset (self);
  return self;
}

void
dmix_speechactivity_free (DmixSpeechActivity *self)
{
  if (!self)
    return;
  dmix_powerframe_free (self->spectrum);
  dmix_floats_free (self->memory);
  free (self);
}

void
dmix_speechactivity_reset (DmixSpeechActivity *self)
{
  memset (self->memory, 0, self->memory_floats * sizeof *self->memory);
  memset (self->whole, 0, sizeof self->whole);
  lay_out (self, self->memory);
  for (unsigned b = 0; b < WHOLE_EIGHTS (self->bins); b++) {
    self->noise[b] = QUIETEST;
    self->presence[b] = 0.5f;
  }
  self->at = self->newest = self->frames = self->bleed_frames = 0;
  self->has_bed = self->speech = 0;
  self->divergence_db = 0.0;
  self->loudest_db = LOWEST_DB;
  for (int i = 0; i < RECENT; i++)
    self->recent_db[i] = LOWEST_DB;
}

void
dmix_speechactivity_take_over (DmixSpeechActivity *self,
    const DmixSpeechActivity *from)
{
  DmixPowerFrame *spectrum = self->spectrum;
  float *memory = self->memory;

  if (self->size != from->size || self->hop != from->hop)
    return;
  memcpy (memory, from->memory, self->memory_floats * sizeof *memory);
  *self = *from;
  self->spectrum = spectrum;
  self->memory = memory;
  lay_out (self, memory);
}

/*** frames ***/

/* Non-zero if the energy outside of the loudest 8 ms is below -12 dB. Writes the
 * energy of the frame. */
static int
is_click (const DmixSpeechActivity *self, double *energy)
{
  const unsigned window = 2 * self->hop;
  double part[PARTS], all = 0.0, rest;

  for (unsigned p = 0; p < PARTS; p++) {
    const unsigned begin = p * window / PARTS;

    part[p] = self->loops->energy (self->key + begin,
        (p + 1) * window / PARTS - begin);
    all += part[p];
  }
  *energy = rest = all;
  for (int n = 0; n < CLICK_PARTS; n++) {
    int most = 0;

    for (int p = 1; p < PARTS; p++)
      most = part[p] > part[most] ? p : most;
    rest -= part[most];
    part[most] = 0.0;
  }
  return rest < all * dmix_power_from_db (-CLICK_DB);
}

/* Updates the noise power of each bin where speech is unlikely. Same method as
 * denoise/noisetracker.c with other constants: a detector needs less smoothing
 * over bins and must not learn speech as noise at the start. Balanced accuracy
 * with that tracker and with this one (tests/quality/speech_run, development
 * recordings): clean 98.4 and 99.3 %, 10 LU 92.9 and 90.8 %. With that
 * tracker's handling of silence, too: 10 LU 89.8 %, and false alarms on
 * ambience alone 10.4 and 7.6 %. */
static void
follow_noise (DmixSpeechActivity *self, const float *power)
{
  static const DmixActivityNoise constants = {
    .lowest = QUIETEST,
    .share = (float) SHARE (NOISE_S),
    .presence_share = (float) SHARE (PRESENCE_S),
    .prior_snr = (float) PRIOR_SNR,
    .most_ratio = MOST_RATIO,
    .certain = CERTAIN,
    .stuck = STUCK,
  };

  self->loops->follow (&constants, power, self->noise, self->presence,
      self->bins);
}

/* Sets the noise to the mean of the first frames, within limits: a loud start
 * may be speech. */
static void
begin_noise (DmixSpeechActivity *self, const float *power)
{
  const float share = 1.0f / (float) (self->frames + 1);

  for (unsigned b = 0; b < self->bins; b++) {
    self->noise[b] += share * (power[b] - self->noise[b]);
    self->noise[b] =
        dmix_smaller (dmix_larger (self->noise[b], QUIETEST), FIRST_MOST);
  }
}

/* Updates the weighted means for the transfer from background to key. */
static void
learn_bleed (DmixSpeechActivity *self, const float *power)
{
  const float share = dmix_larger ((float) SHARE (BLEED_S),
      1.0f / (float) (self->bleed_frames + 1));
  const DmixActivitySpectra spectra = {
    self->re + self->first,
    self->im + self->first,
    self->bed_re + self->first,
    self->bed_im + self->first,
  };

  self->loops->learn (&self->bleed, &spectra, power, share, self->window_energy,
      QUIETEST, self->bins);
}

/* Raises the noise to the estimated bleed in the latest frame of the key. */
static void
add_bleed (const DmixSpeechActivity *self, float *noise)
{
  const float frames =
      dmix_smaller ((float) self->bleed_frames, (float) (HOPS_PER_S * BLEED_S))
      / 2.0f; /* frames overlap by half */
  const float chance = (float) INDEPENDENT / dmix_larger (frames, 1.0f);
  const float scale = (float) BLEED_MARGIN / self->window_energy;

  self->loops->add_bleed (&self->bleed, self->bed_re + self->first,
      self->bed_im + self->first, scale, chance, noise, self->bins);
}

/* The divergence of the latest frames, dB. */
static double
divergence (const DmixSpeechActivity *self)
{
  float *restrict noise = self->work;
  float leakage = 0.0f, sum;

  for (int i = 0; i < MEMORY; i++)
    leakage = dmix_larger (leakage, LEAKAGE * self->whole[i]);
  for (unsigned b = 0; b < WHOLE_EIGHTS (self->bins); b++)
    noise[b] = dmix_larger (self->noise[b], leakage);
  if (self->has_bed)
    add_bleed (self, noise);
  sum = self->loops->divergence (self->power, MEMORY, noise, self->bins);
  return dmix_db_from_power (sum / self->bins + 1e-9);
}

/* Updates the level of the loudest speech; returns 0 for distant voices.
 * fired: the frame is speech according to its divergence. */
static int
is_foreground (DmixSpeechActivity *self, double level_db, int fired)
{
  double most = LOWEST_DB;

  self->recent_db[self->frames % RECENT] = level_db;
  self->loudest_db =
      fmax (self->loudest_db - FORGET_DB_PER_S / HOPS_PER_S, LOWEST_DB);
  if (fired)
    self->loudest_db = fmax (self->loudest_db, level_db);
  for (int i = 0; i < RECENT; i++)
    most = fmax (most, self->recent_db[i]);
  return most >= self->loudest_db - FOREGROUND_DB;
}

static void
decide (DmixSpeechActivity *self, const float *power, int click)
{
  const double level = self->loops->sum (power, self->bins);

  self->divergence_db = divergence (self);
  self->speech = self->divergence_db > THRESHOLD_DB && !click;
  self->speech &=
      is_foreground (self, dmix_db_from_power (level + 1e-12), self->speech);
}

/* Averages two successive frames. Otherwise the power of 50 Hz mains hum, whose
 * period is two hops, would alternate from frame to frame. */
static void
smooth_power (DmixSpeechActivity *self, float *power)
{
  self->loops->smooth (power, self->last, self->bins);
}

/* Power of the key in the latest frame; learns the bleed in it. */
static void
analyse (DmixSpeechActivity *self, float *power)
{
  const unsigned bins = self->first + self->bins;
  const float scale = 1.0f / self->window_energy;

  self->whole[self->newest] = scale
      * dmix_powerframe_transform_low (self->spectrum, self->key, bins,
          self->re, self->im);
  self->loops->power (self->re + self->first, self->im + self->first, scale,
      power, self->bins);
  if (self->has_bed) {
    dmix_powerframe_transform_low (self->spectrum, self->bed, bins,
        self->bed_re, self->bed_im);
    learn_bleed (self, power);
    self->bleed_frames += self->bleed_frames < 1u << 30;
  }
}

static void
process_frame (DmixSpeechActivity *self)
{
  double energy;
  const int click = is_click (self, &energy);
  float *power;

  self->newest = (self->newest + 1) % MEMORY;
  power = self->power[self->newest];
  if (energy > 0.0)
    analyse (self, power);
  else { /* digital silence: a muted microphone, which has no bleed */
    memset (power, 0, self->bins * sizeof *power);
    self->whole[self->newest] = 0.0f;
  }
  if (click) /* keep clicks out of the memory */
    memcpy (power, self->noise, self->bins * sizeof *power);
  smooth_power (self, power);
  if (self->frames < FIRST_FRAMES)
    begin_noise (self, power);
  decide (self, power, click);
  follow_noise (self, power);
  self->frames += self->frames < 1u << 30;
}

void
dmix_speechactivity_process (DmixSpeechActivity *self, const float *key,
    const float *background, size_t frames)
{
  const unsigned hop = self->hop;

  self->has_bed = background != NULL;
  while (frames > 0) {
    const size_t left = hop - self->at, n = DMIX_MIN (frames, left);

    memcpy (self->key + hop + self->at, key, n * sizeof *key);
    key += n;
    if (background) {
      memcpy (self->bed + hop + self->at, background, n * sizeof *key);
      background += n;
    }
    frames -= n;
    self->at += (unsigned) n;
    if (self->at == hop) {
      process_frame (self);
      memcpy (self->key, self->key + hop, hop * sizeof *key);
      memcpy (self->bed, self->bed + hop, hop * sizeof *key);
      self->at = 0;
    }
  }
}

int
dmix_speechactivity_is_speech (const DmixSpeechActivity *self)
{
  return self->speech;
}

double
dmix_speechactivity_get_divergence_db (const DmixSpeechActivity *self)
{
  return self->divergence_db;
}
