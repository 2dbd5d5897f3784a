/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method, for each frame of 20 ms (Hann), every 10 ms, from 230 to 4000 Hz.
 * What lies higher is taken out first, by 60 dB (`leakage` is 50), and the rate
 * lowered to 11 kHz or a little more: transforms of a quarter of the length.
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
 *   key[], bed[]    `at` frames of the newest hop of key and background; behind
 *                   that of the background the hop before
 *   low_key, low_bed   the latest two hops at the low rate, of `hop` samples each;
 *                   they rest, and are out of date, while the key is silent
 *   part[]          energy of the parts of the latest two hops of the key
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
#include "speech/lowsound.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HOPS_PER_S 100
#define HOPS(ms) (HOPS_PER_S * (ms) / 1000)
/* Step of a running mean over time_s, in one hop. */
#define SHARE(time_s) (1.0 / (HOPS_PER_S * (time_s)))
#define LOW_HZ 230.0
#define HIGH_HZ 4000.0
#define LOW_RATE_HZ 11025u /* at least so much is left of a higher rate */
#define MOST_FACTOR 64u
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
  unsigned factor, hop, at, size, first, bins;
  DmixPowerFrame *spectrum;
  const DmixActivityLoops *loops; /* fastest version for this processor */
  float *memory;
  float *work, *re, *im; /* of one frame */
  float *key, *bed;
  DmixLowSound *low_key, *low_bed;
  float *bed_re, *bed_im;
  float *power[MEMORY], *last, *noise, *presence;
  DmixActivityBleed bleed;
  double part[PARTS], part_weight[PARTS]; /* weight: of a part in a frame */
  float window_energy, whole[MEMORY];
  size_t memory_floats;
  unsigned newest, frames, bleed_frames;
  int has_bed, speech, rests;
  double divergence_db, loudest_db, recent_db[RECENT];
};

/*** new, free, reset ***/

/* Assigns each array its part of `memory`. Returns the size of all, floats;
 * memory may be NULL. */
static size_t
lay_out (DmixSpeechActivity *self, float *memory)
{
  const unsigned hop = self->hop * self->factor;
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
  TAKE (self->key, hop);
  TAKE (self->bed, 2 * hop);
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
set_up_bins (DmixSpeechActivity *self, double low_rate_hz)
{
  const double step = low_rate_hz / self->size;
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

/* Mean square of the window in each part of a frame. */
static void
set_up_parts (DmixSpeechActivity *self)
{
  for (unsigned p = 0; p < PARTS; p++) {
    const double a = 2.0 * DMIX_PI * p / PARTS;
    const double b = 2.0 * DMIX_PI * (p + 1) / PARTS;

    /* the integral of (0.5 - 0.5 cos x)^2 */
    self->part_weight[p] = 0.375
        + (0.0625 * (sin (2.0 * b) - sin (2.0 * a)) - 0.5 * (sin (b) - sin (a)))
            / (b - a);
  }
}

DmixSpeechActivity *
dmix_speechactivity_new (unsigned rate_hz)
{
  DmixSpeechActivity *self;
  unsigned window;

  if (rate_hz < DMIX_SPEECHACTIVITY_MIN_RATE_HZ || rate_hz > 768000
      || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->factor = DMIX_MIN (DMIX_MAX (rate_hz / LOW_RATE_HZ, 1), MOST_FACTOR);
  self->hop = rate_hz / self->factor / HOPS_PER_S;
  window = 2 * self->hop;
  self->size = dmix_fft_size_for (window);
  self->spectrum = dmix_powerframe_new (window, self->size,
      dmix_powerframe_plain_weight (window, self->size));
  /* a sound in the band has the same power at any rate */
  self->window_energy =
      (float) dmix_powerframe_window_energy (window) / (float) self->factor;
  set_up_bins (self, (double) rate_hz / self->factor);
  set_up_parts (self);
  self->loops = fastest_loops ();
  self->memory_floats = lay_out (self, NULL);
  self->memory = dmix_floats_new (self->memory_floats);
  self->low_key = dmix_lowsound_new (rate_hz, self->factor, HIGH_HZ, window);
  self->low_bed = dmix_lowsound_new (rate_hz, self->factor, HIGH_HZ, window);
  if (!self->spectrum || !self->memory || !self->low_key || !self->low_bed) {
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
  dmix_lowsound_free (self->low_key);
  dmix_lowsound_free (self->low_bed);
  dmix_powerframe_free (self->spectrum);
  dmix_floats_free (self->memory);
  free (self);
}

void
dmix_speechactivity_reset (DmixSpeechActivity *self)
{
  memset (self->memory, 0, self->memory_floats * sizeof *self->memory);
  memset (self->whole, 0, sizeof self->whole);
  memset (self->part, 0, sizeof self->part);
  lay_out (self, self->memory);
  dmix_lowsound_reset (self->low_key);
  dmix_lowsound_reset (self->low_bed);
  for (unsigned b = 0; b < WHOLE_EIGHTS (self->bins); b++) {
    self->noise[b] = QUIETEST;
    self->presence[b] = 0.5f;
  }
  self->at = self->newest = self->frames = self->bleed_frames = 0;
  self->has_bed = self->speech = self->rests = 0;
  self->divergence_db = 0.0;
  self->loudest_db = LOWEST_DB;
  for (int i = 0; i < RECENT; i++)
    self->recent_db[i] = LOWEST_DB;
}

void
dmix_speechactivity_take_over (DmixSpeechActivity *self,
    const DmixSpeechActivity *from)
{
  const DmixSpeechActivity own = *self;

  if (own.size != from->size || own.hop != from->hop
      || own.factor != from->factor)
    return;
  memcpy (own.memory, from->memory, own.memory_floats * sizeof *own.memory);
  *self = *from;
  self->spectrum = own.spectrum;
  self->memory = own.memory;
  self->low_key = own.low_key;
  self->low_bed = own.low_bed;
  lay_out (self, own.memory);
  dmix_lowsound_take_over (own.low_key, from->low_key);
  dmix_lowsound_take_over (own.low_bed, from->low_bed);
}

/*** frames ***/

/* Energies of the parts of the newest hop, behind those of the one before. */
static void
push_parts (DmixSpeechActivity *self)
{
  const unsigned frames = self->hop * self->factor, count = PARTS / 2;

  memmove (self->part, self->part + count, count * sizeof *self->part);
  for (unsigned p = 0; p < count; p++) {
    const unsigned begin = p * frames / count;

    self->part[count + p] = self->loops->energy (self->key + begin,
        (p + 1) * frames / count - begin);
  }
}

static double
loudest_part (const double *part)
{
  double most = part[0];

  for (int p = 1; p < PARTS; p++)
    most = DMIX_MAX (part[p], most);
  return most;
}

/* Non-zero if the energy outside of the loudest 8 ms is below -12 dB. Most frames have no
 * part that is loud enough (0.999: rounding), so that nothing has to be sorted. */
static int
is_click (const DmixSpeechActivity *self, double energy)
{
  const double most_rest = energy * dmix_power_from_db (-CLICK_DB);
  double part[PARTS], rest = energy;

  if (CLICK_PARTS * loudest_part (self->part) < 0.999 * (energy - most_rest))
    return 0;
  memcpy (part, self->part, sizeof part);
  for (int n = 0; n < CLICK_PARTS; n++) {
    int most = 0;

    for (int p = 1; p < PARTS; p++)
      most = part[p] > part[most] ? p : most;
    rest -= part[most];
    part[most] = 0.0;
  }
  return rest < most_rest;
}

/* Total power of the spectrum of the latest frame, by Parseval's theorem: all of
 * it, for what lies above the band leaks, too. */
static float
whole_power (const DmixSpeechActivity *self)
{
  double energy = 0.0;

  for (unsigned p = 0; p < PARTS; p++)
    energy += self->part[p] * self->part_weight[p];
  return (
      float) (energy * self->size / (2.0 * self->window_energy) / self->factor);
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

/* Brings both sounds at the low rate up to date. */
static void
lower_rate (DmixSpeechActivity *self)
{
  const size_t hop = (size_t) self->hop * self->factor;

  if (self->rests) {
    dmix_lowsound_reset (self->low_key); /* the hop before was silent */
    dmix_lowsound_reset (self->low_bed);
    dmix_lowsound_process (self->low_bed, self->bed + hop, hop);
    self->rests = 0;
  }
  dmix_lowsound_process (self->low_key, self->key, hop);
  if (self->has_bed)
    dmix_lowsound_process (self->low_bed, self->bed, hop);
}

/* Power of the key in the latest frame; learns the bleed in it. */
static void
analyse (DmixSpeechActivity *self, float *power)
{
  const unsigned bins = self->first + self->bins;
  const float scale = 1.0f / self->window_energy;

  self->whole[self->newest] = whole_power (self);
  dmix_powerframe_transform_low (self->spectrum,
      dmix_lowsound_get (self->low_key), bins, self->re, self->im);
  self->loops->power (self->re + self->first, self->im + self->first, scale,
      power, self->bins);
  if (self->has_bed) {
    dmix_powerframe_transform_low (self->spectrum,
        dmix_lowsound_get (self->low_bed), bins, self->bed_re, self->bed_im);
    learn_bleed (self, power);
    self->bleed_frames += self->bleed_frames < 1u << 30;
  }
}

static void
process_frame (DmixSpeechActivity *self)
{
  const size_t hop = (size_t) self->hop * self->factor;
  double energy = 0.0;
  float *power;
  int click;

  push_parts (self);
  for (unsigned p = 0; p < PARTS; p++)
    energy += self->part[p];
  click = is_click (self, energy);
  self->newest = (self->newest + 1) % MEMORY;
  power = self->power[self->newest];
  if (energy > 0.0) {
    lower_rate (self);
    analyse (self, power);
  } else { /* digital silence: a muted microphone, which has no bleed */
    memset (power, 0, self->bins * sizeof *power);
    self->whole[self->newest] = 0.0f;
    self->rests = 1;
  }
  memcpy (self->bed + hop, self->bed, hop * sizeof *self->bed);
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
  const unsigned hop = self->hop * self->factor;

  self->has_bed = background != NULL;
  while (frames > 0) {
    const size_t left = hop - self->at, n = DMIX_MIN (frames, left);

    memcpy (self->key + self->at, key, n * sizeof *key);
    key += n;
    if (background) {
      memcpy (self->bed + self->at, background, n * sizeof *key);
      background += n;
    }
    frames -= n;
    self->at += (unsigned) n;
    if (self->at == hop) {
      process_frame (self);
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
