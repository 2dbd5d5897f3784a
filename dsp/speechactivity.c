/* Method, for each frame of 20 ms (Hann), every 10 ms, from 230 to 4000 Hz:
 *
 *   divergence   mean over the bins of (largest power of the last six frames
 *                / power of the noise): the long-term spectral divergence of
 *                J. Ramirez et al., "Efficient voice activity detection
 *                algorithms using long-term speech information", Speech
 *                Communication 42, 2004, with past frames only
 *   noise        T. Gerkmann, R. Hendriks, "Unbiased MMSE-based noise power
 *                estimation with low complexity and low tracking delay", IEEE
 *                Trans. ASLP 20(4), 2012: the noise follows a bin as far as
 *                there is probably no speech in it
 *   bleed        what of the background is in the key: a transfer factor for
 *                each bin, by weighted least squares over some seconds. Frames
 *                count the less the louder the key, so that speech does not
 *                hide the bleed; and only what is more coherent than chance
 *                would make it is believed
 *   leakage      what is 50 dB below the whole of the last frames is no sound
 *                of its own, but the window's side lobes
 *   click        a frame whose energy lies in 8 ms of its 20 is left out
 *   foreground   within 26 dB of the loudest speech, which is forgotten by
 *                2 dB a second
 *
 * State
 *   key[], bed[]    the last two hops of key and background
 *   at              frames of the newest hop so far
 *   last[]          power of the last frame alone
 *   power[][]       mean power of two frames in a row, the last MEMORY of them;
 *                   `newest` the place of the last
 *   whole[]         sums over the whole spectra of these frames
 *   noise[]         its power; presence[]: running probability of speech
 *   cross_re/im[], bed_power[], key_power[]   weighted sums for the bleed
 *   usual[]         running power of the key, for the weights
 *   frames          frames since reset
 *   loudest_db      level of the loudest speech, falling
 *   recent_db[]     levels of the last 100 ms
 */
#include "speechactivity.h"

#include "fft.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PI 3.14159265358979323846
#define HOPS_PER_S 100
#define LOW_HZ 230.0
#define HIGH_HZ 4000.0
#define MEMORY 6                /* frames of the long-term spectrum */
#define THRESHOLD_DB 11.0
#define QUIETEST 1e-12f         /* noise is never taken for less: -120 dBFS */
#define FIRST_MOST 1e-4f        /* ... at the start not for more: -40 dBFS */
#define FIRST_FRAMES 8
#define PRIOR_SNR 31.6          /* 15 dB: speech, where there is any */
#define STUCK 0.998f            /* so a constant sound is noise after 2.5 s */
#define PARTS 10                /* of a frame, 2 ms each */
#define CLICK_PARTS 4
#define CLICK_DB 12.0
#define FOREGROUND_DB 26.0
#define FORGET_DB 0.02          /* in a hop */
#define RECENT 10               /* hops */
#define BLEED_SHARE 0.004       /* of a frame: 2.5 s */
#define BLEED_MARGIN 4.0        /* power: the factor is known so well */
#define INDEPENDENT 6.0         /* coherence of N independent frames: 1 / N */
#define OLDEST_LEVEL -120.0
#define LEAKAGE 1e-5f           /* of a strong tone into far bins, and more */

struct DmixSpeechActivity
{
  unsigned hop, at, size, first, bins;
  DmixFft *fft;
  float *memory;
  float *window, *frame, *re, *im;      /* work */
  float *key, *bed, *bed_re, *bed_im;
  float *power[MEMORY], *last, *noise, *presence;
  float *cross_re, *cross_im, *bed_power, *key_power, *usual;
  float window_energy, whole[MEMORY];
  size_t memory_floats;
  unsigned newest, frames;
  int has_bed, speech;
  double divergence_db, loudest_db, recent_db[RECENT];
};

/*** life ***/

/* Gives each array its place; with memory = NULL only counts the floats. */
static size_t
lay_out (DmixSpeechActivity * self, float *memory)
{
  const unsigned window = 2 * self->hop, spectrum = self->size / 2 + 1;
  size_t at = 0;

#define TAKE(array, count) \
  do { (array) = memory ? memory + at : NULL; at += (count); } while (0)
  TAKE (self->window, window);
  TAKE (self->frame, self->size);
  TAKE (self->re, spectrum);
  TAKE (self->im, spectrum);
  TAKE (self->bed_re, spectrum);
  TAKE (self->bed_im, spectrum);
  TAKE (self->key, window);
  TAKE (self->bed, window);
  for (unsigned i = 0; i < MEMORY; i++)
    TAKE (self->power[i], self->bins);
  TAKE (self->last, self->bins);
  TAKE (self->noise, self->bins);
  TAKE (self->presence, self->bins);
  TAKE (self->cross_re, self->bins);
  TAKE (self->cross_im, self->bins);
  TAKE (self->bed_power, self->bins);
  TAKE (self->key_power, self->bins);
  TAKE (self->usual, self->bins);
#undef TAKE
  return at;
}

static void
set_up_bins (DmixSpeechActivity * self, unsigned rate_hz)
{
  const double step = (double) rate_hz / self->size;
  const unsigned last = (unsigned) fmin (HIGH_HZ / step, self->size / 2 - 1);

  self->first = (unsigned) ceil (LOW_HZ / step);
  self->bins = last - self->first + 1;
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
  self->fft = dmix_fft_new (self->size);
  set_up_bins (self, rate_hz);
  self->memory_floats = lay_out (self, NULL);
  self->memory = calloc (self->memory_floats, sizeof *self->memory);
  if (!self->fft || !self->memory) {
    dmix_speechactivity_free (self);
    return NULL;
  }
  dmix_speechactivity_reset (self);
  return self;
}

void
dmix_speechactivity_free (DmixSpeechActivity * self)
{
  if (!self)
    return;
  dmix_fft_free (self->fft);
  free (self->memory);
  free (self);
}

void
dmix_speechactivity_reset (DmixSpeechActivity * self)
{
  const unsigned window = 2 * self->hop;

  memset (self->memory, 0, self->memory_floats * sizeof *self->memory);
  memset (self->whole, 0, sizeof self->whole);
  lay_out (self, self->memory);
  self->window_energy = 0.0f;
  for (unsigned i = 0; i < window; i++) {
    self->window[i] = (float) (0.5 - 0.5 * cos (2.0 * PI * i / window));
    self->window_energy += self->window[i] * self->window[i];
  }
  for (unsigned b = 0; b < self->bins; b++) {
    self->noise[b] = QUIETEST;
    self->presence[b] = 0.5f;
  }
  self->at = self->newest = self->frames = 0;
  self->has_bed = self->speech = 0;
  self->divergence_db = 0.0;
  self->loudest_db = OLDEST_LEVEL;
  for (int i = 0; i < RECENT; i++)
    self->recent_db[i] = OLDEST_LEVEL;
}

void
dmix_speechactivity_copy (DmixSpeechActivity * self,
    const DmixSpeechActivity * from)
{
  DmixFft *fft = self->fft;
  float *memory = self->memory;

  if (self->size != from->size || self->hop != from->hop)
    return;
  memcpy (memory, from->memory, self->memory_floats * sizeof *memory);
  *self = *from;
  self->fft = fft;
  self->memory = memory;
  lay_out (self, memory);
}

/*** a frame ***/

static void
transform (DmixSpeechActivity * self, const float *sound, float *re,
    float *im)
{
  const unsigned window = 2 * self->hop;

  for (unsigned i = 0; i < window; i++)
    self->frame[i] = sound[i] * self->window[i];
  memset (self->frame + window, 0,
      (self->size - window) * sizeof *self->frame);
  dmix_fft_forward (self->fft, self->frame, re, im);
}

/* Non-zero if nearly all of the energy is in a few milliseconds. */
static int
is_click (const DmixSpeechActivity * self)
{
  const unsigned window = 2 * self->hop;
  double part[PARTS] = { 0.0 }, all = 0.0, rest;

  for (unsigned p = 0; p < PARTS; p++) {
    for (unsigned i = p * window / PARTS; i < (p + 1) * window / PARTS; i++)
      part[p] += (double) self->key[i] * self->key[i];
    all += part[p];
  }
  rest = all;
  for (int n = 0; n < CLICK_PARTS; n++) {
    int most = 0;

    for (int p = 1; p < PARTS; p++)
      most = part[p] > part[most] ? p : most;
    rest -= part[most];
    part[most] = 0.0;
  }
  return rest < all * pow (10.0, -CLICK_DB / 10.0);
}

/* The noise follows the power as far as no speech is likely. */
static void
follow_noise (DmixSpeechActivity * self, const float *power)
{
  const float gain = (float) (PRIOR_SNR / (1.0 + PRIOR_SNR));

  for (unsigned b = 0; b < self->bins; b++) {
    const float ratio = fminf (power[b] / self->noise[b], 200.0f);
    float speech = 1.0f / (1.0f + (float) (1.0 + PRIOR_SNR)
        * expf (-ratio * gain));

    self->presence[b] = 0.9f * self->presence[b] + 0.1f * speech;
    if (self->presence[b] > 0.99f)      /* stuck: let it follow a little */
      speech = fminf (speech, STUCK);
    self->noise[b] += 0.2f * (1.0f - speech) * (power[b] - self->noise[b]);
    self->noise[b] = fmaxf (self->noise[b], QUIETEST);
  }
}

/* The mean of the first frames; but what is loud at once may be speech. */
static void
begin_noise (DmixSpeechActivity * self, const float *power)
{
  const float share = 1.0f / (float) (self->frames + 1);

  for (unsigned b = 0; b < self->bins; b++) {
    self->noise[b] += share * (power[b] - self->noise[b]);
    self->noise[b] = fminf (fmaxf (self->noise[b], QUIETEST), FIRST_MOST);
  }
}

/* Weighted sums for the transfer from background to key. */
static void
learn_bleed (DmixSpeechActivity * self, const float *power)
{
  const float share = fmaxf ((float) BLEED_SHARE,
      1.0f / (float) (self->frames + 1));
  const float *kr = self->re + self->first, *ki = self->im + self->first;
  const float *br = self->bed_re + self->first;
  const float *bi = self->bed_im + self->first;

  for (unsigned b = 0; b < self->bins; b++) {
    const float bed = br[b] * br[b] + bi[b] * bi[b];
    float weight;

    self->usual[b] += share * (power[b] - self->usual[b]);
    weight = 1.0f / (power[b] + 0.01f * self->usual[b] + QUIETEST);
    self->cross_re[b] += share * (weight * (kr[b] * br[b] + ki[b] * bi[b])
        - self->cross_re[b]);
    self->cross_im[b] += share * (weight * (ki[b] * br[b] - kr[b] * bi[b])
        - self->cross_im[b]);
    self->bed_power[b] += share * (weight * bed - self->bed_power[b]);
    self->key_power[b] += share * (weight * power[b] * self->window_energy
        - self->key_power[b]);
  }
}

/* Power of the background in this frame of the key, one bin. */
static float
bleed_power (const DmixSpeechActivity * self, unsigned b)
{
  const float br = self->bed_re[self->first + b];
  const float bi = self->bed_im[self->first + b];
  const float cross = self->cross_re[b] * self->cross_re[b]
      + self->cross_im[b] * self->cross_im[b];
  const float frames = fminf ((float) self->frames, (float) (1.0
          / BLEED_SHARE)) / 2.0f;       /* they overlap by a half */
  const float chance = (float) INDEPENDENT / fmaxf (frames, 1.0f);

  if (!(cross > chance * self->bed_power[b] * self->key_power[b])
      || !(self->bed_power[b] > 1e-20f))
    return 0.0f;
  return (float) BLEED_MARGIN * cross / (self->bed_power[b]
      * self->bed_power[b]) * (br * br + bi * bi) / self->window_energy;
}

static double
divergence (const DmixSpeechActivity * self)
{
  double sum = 0.0;
  float leakage = 0.0f;

  for (int i = 0; i < MEMORY; i++)
    leakage = fmaxf (leakage, LEAKAGE * self->whole[i]);
  for (unsigned b = 0; b < self->bins; b++) {
    float most = self->power[0][b], noise = fmaxf (self->noise[b], leakage);

    for (int i = 1; i < MEMORY; i++)
      most = fmaxf (most, self->power[i][b]);
    if (self->has_bed)
      noise = fmaxf (noise, bleed_power (self, b));
    sum += most / noise;
  }
  return 10.0 * log10 (sum / self->bins + 1e-9);
}

/* Not a voice far behind the one that speaks. */
static int
is_foreground (DmixSpeechActivity * self, double level_db, int fired)
{
  double most = OLDEST_LEVEL;

  self->recent_db[self->frames % RECENT] = level_db;
  self->loudest_db = fmax (self->loudest_db - FORGET_DB, OLDEST_LEVEL);
  if (fired)
    self->loudest_db = fmax (self->loudest_db, level_db);
  for (int i = 0; i < RECENT; i++)
    most = fmax (most, self->recent_db[i]);
  return most >= self->loudest_db - FOREGROUND_DB;
}

static void
decide (DmixSpeechActivity * self, const float *power, int click)
{
  double level = 0.0;

  for (unsigned b = 0; b < self->bins; b++)
    level += power[b];
  self->divergence_db = divergence (self);
  self->speech = self->divergence_db > THRESHOLD_DB && !click;
  self->speech &= is_foreground (self, 10.0 * log10 (level + 1e-12),
      self->speech);
}

/* The power of the bins in question; returns the sum of all. */
static float
take_power (DmixSpeechActivity * self, float *power)
{
  const float scale = 1.0f / self->window_energy;
  float whole = 0.0f;

  for (unsigned k = 0; k <= self->size / 2; k++)
    whole += self->re[k] * self->re[k] + self->im[k] * self->im[k];
  for (unsigned b = 0; b < self->bins; b++) {
    const float r = self->re[self->first + b], i = self->im[self->first + b];

    power[b] = scale * (r * r + i * i);
  }
  return scale * whole;
}

/* Two frames in a row: mains hum has a period of a frame, and of two hops, and
 * would else look different in every other one. */
static void
smooth_power (DmixSpeechActivity * self, float *power)
{
  for (unsigned b = 0; b < self->bins; b++) {
    const float now = power[b];

    power[b] = 0.5f * (now + self->last[b]);
    self->last[b] = now;
  }
}

static void
process_frame (DmixSpeechActivity * self)
{
  const int click = is_click (self);
  float *power;

  self->newest = (self->newest + 1) % MEMORY;
  power = self->power[self->newest];
  transform (self, self->key, self->re, self->im);
  self->whole[self->newest] = take_power (self, power);
  if (self->has_bed) {
    transform (self, self->bed, self->bed_re, self->bed_im);
    learn_bleed (self, power);
  }
  if (click)                    /* it is not to be remembered */
    memcpy (power, self->noise, self->bins * sizeof *power);
  smooth_power (self, power);
  if (self->frames < FIRST_FRAMES)
    begin_noise (self, power);
  decide (self, power, click);
  follow_noise (self, power);
  self->frames += self->frames < 1u << 30;
}

void
dmix_speechactivity_process (DmixSpeechActivity * self, const float *key,
    const float *background, size_t frames)
{
  const unsigned hop = self->hop;

  self->has_bed = background != NULL;
  while (frames > 0) {
    const size_t left = hop - self->at, n = frames < left ? frames : left;

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
dmix_speechactivity_is_speech (const DmixSpeechActivity * self)
{
  return self->speech;
}

double
dmix_speechactivity_divergence (const DmixSpeechActivity * self)
{
  return self->divergence_db;
}
