/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: a search for the highest cosine between the bands' slopes of guide and
 * take along the map, over the scale of frequency (vocal tract length
 * normalisation: L. Lee, R. Rose, ICASSP 1996), and over strength and decay of a
 * room whose power dies away exponentially behind each sound (J.-D. Polack's
 * model; in the power domain: K. Lebart et al., Acta Acustica 87(3), 2001). The
 * tail of a sound is the sum of what came before it, so that a weak sound
 * behind a loud one begins later in the guide than in a dry take; limiting the
 * decay, as the features do without a map, puts all moments 1.5 ms off.
 *
 * For the room, the take's level features become powers again, in units of
 * the common floor, and those of every BAND_STEP-th band get the tail.
 */
#include "adr/liken.h"

#include "base/decibel.h"
#include "base/units.h"

#include <math.h>
#include <string.h>

#define BANDS DMIX_MEL_BANDS
#define STEP 2         /* frames: every other one is measured */
#define SCALE_FRAMES 4 /* every fourth: neighbours say the same */
#define SCALE_STEP 0.025
#define SCALE_FIRST 3    /* steps: first in steps of so many */
#define SCALE_STEPS 10   /* to each side: 0.78 to 1.28 */
#define SCALE_LEAST 0.01 /* gain of the cosine: less is chance */
#define BAND_STEP 2
#define ROOM_BANDS (BANDS / BAND_STEP)
#define ROOM_LEAST 0.005
#define DECIBEL_10 1.0f /* a level feature of 10 dB, see speechfeatures.c */
#define SLOPE_FRAMES 3  /* to each side, as in speechfeatures.c */

/*** how alike ***/

typedef struct
{
  double aa, bb, ab;
} Sums;

static inline void
add (Sums *sums, double a, double b, double weight)
{
  sums->aa += weight * a * a;
  sums->bb += weight * b * b;
  sums->ab += weight * a * b;
}

static double
cosine (const Sums *sums)
{
  return sums->ab / sqrt (sums->aa * sums->bb + 1e-9);
}

static inline double
trust_at (const DmixSpeech *guide, unsigned band, size_t frame)
{
  return guide->trust ? guide->trust[band * guide->stride + frame] / 255.0
                      : 1.0;
}

/*** scale ***/

/* Where a guide's band lies in the take: bands `band` and the next, which has
 * this part. Returns 0 if it lies outside. */
static int
find_band (unsigned guide_band, double scale, size_t *band, float *part)
{
  const double place =
      dmix_melpower_place (scale * dmix_melpower_hz (guide_band + 1.0)) - 1.0;
  const double inside = dmix_clamp (place, 0.0, BANDS - 1.0);

  *band = (size_t) fmin (inside, BANDS - 2.0);
  *part = (float) (inside - (double) *band);
  return place == inside;
}

static double
fit_of_scale (const DmixSpeech *guide, const DmixSpeech *take,
    const double *take_frame, double scale)
{
  Sums sums = { 0.0, 0.0, 0.0 };

  for (unsigned b = 0; b < BANDS; b++) {
    const float *own = dmix_speech_slopes (guide) + b * guide->stride, *other;
    size_t band;
    float part;

    if (!find_band (b, scale, &band, &part))
      continue;
    other = dmix_speech_slopes (take) + band * take->stride;
    for (size_t i = 0; i < guide->frames; i += SCALE_FRAMES) {
      const double at = take_frame[i] + 0.5;
      const size_t j = (size_t) fmax (at, 0.0);

      if (at >= 0.0 && j < take->frames)
        add (&sums, own[i],
            other[j] + part * (other[j + take->stride] - other[j]),
            trust_at (guide, b, i));
    }
  }
  return cosine (&sums);
}

static double
scale_at (int step)
{
  return exp (SCALE_STEP * (step - SCALE_STEPS));
}

double
dmix_liken_find_scale (const DmixSpeech *guide, const DmixSpeech *take,
    const double *take_frame)
{
  double fit[2 * SCALE_STEPS + 1], bend, part;
  int best = SCALE_STEPS, first;

  for (int k = SCALE_STEPS % SCALE_FIRST; k <= 2 * SCALE_STEPS;
       k += SCALE_FIRST)
    fit[k] = fit_of_scale (guide, take, take_frame, scale_at (k));
  for (int k = SCALE_STEPS % SCALE_FIRST; k <= 2 * SCALE_STEPS;
       k += SCALE_FIRST)
    best = fit[k] > fit[best] ? k : best;
  first = best;
  for (int k = first - SCALE_FIRST + 1; k < first + SCALE_FIRST; k++)
    if (k >= 0 && k <= 2 * SCALE_STEPS && k != first) {
      fit[k] = fit_of_scale (guide, take, take_frame, scale_at (k));
      best = fit[k] > fit[best] ? k : best;
    }
  if (fit[best] < fit[SCALE_STEPS] + SCALE_LEAST)
    return 1.0;
  if (best == 0 || best == 2 * SCALE_STEPS)
    return scale_at (best);
  bend = 2.0 * fit[best] - fit[best - 1] - fit[best + 1];
  part = bend > 0.0 ? 0.5 * (fit[best + 1] - fit[best - 1]) / bend : 0.0;
  return exp (SCALE_STEP * (best - SCALE_STEPS + dmix_clamp (part, -0.5, 0.5)));
}

/*** room ***/

/* What the tail keeps from one frame to the next. */
static float
decay_of (double decay_s)
{
  return (float) pow (10.0, -6.0 / (decay_s * DMIX_MEL_ROWS_PER_S));
}

typedef struct
{
  const DmixSpeech *guide, *take;
  const double *take_frame;
  float *power; /* of the take: ROOM_BANDS rows of its frames */
  float *level; /* of one band */
} Room;

static void
make_powers (const Room *room)
{
  const DmixSpeech *take = room->take;

  for (size_t k = 0; k < ROOM_BANDS; k++)
    for (size_t t = 0; t < take->frames; t++)
      room->power[k * take->frames + t] =
          powf (10.0f,
              take->feature[k * BAND_STEP * take->stride + t] / DECIBEL_10)
          - 1.0f;
}

/* Levels of a band in the room, dB, as loud on the whole as without it. */
static void
make_levels (const Room *room, size_t k, double tail, double decay_s)
{
  const float *power = room->power + k * room->take->frames;
  const float kept = decay_of (decay_s);
  const float direct = (float) (1.0 / (1.0 + tail));
  const float rest = (float) tail * direct;
  float sum = 0.0f;

  for (size_t t = 0; t < room->take->frames; t++) {
    room->level[t] = 1.0f + direct * power[t] + rest * sum;
    sum = kept * sum + (1.0f - kept) * power[t];
  }
  dmix_decibel_from_power (room->level, room->take->frames);
}

static double
fit_of_room (const Room *room, double tail, double decay_s)
{
  const DmixSpeech *guide = room->guide;
  const double most = (double) room->take->frames - SLOPE_FRAMES - 0.5;
  Sums sums = { 0.0, 0.0, 0.0 };

  for (size_t k = 0; k < ROOM_BANDS; k++) {
    const unsigned b = (unsigned) (k * BAND_STEP);
    const float *own = guide->feature + (BANDS + b) * guide->stride;

    make_levels (room, k, tail, decay_s);
    for (size_t i = 0; i < guide->frames; i += STEP) {
      const double at = room->take_frame[i];
      const size_t j = (size_t) fmax (at + 0.5, 0.0);

      if (at >= SLOPE_FRAMES && at < most)
        add (&sums, own[i],
            room->level[j + SLOPE_FRAMES] - room->level[j - SLOPE_FRAMES],
            trust_at (guide, b, i));
    }
  }
  return cosine (&sums);
}

static void
try_room (const Room *room, double tail, double decay_s, double *best,
    DmixLikeness *likeness)
{
  const double fit = fit_of_room (room, tail, decay_s);

  if (fit > *best) {
    *best = fit;
    likeness->tail = tail;
    likeness->decay_s = decay_s;
  }
}

void
dmix_liken_find_room (const DmixSpeech *guide, const DmixSpeech *take,
    const double *take_frame, float *work, DmixLikeness *likeness)
{
  static const double tails[] = { 0.1, 0.2, 0.4, 0.8, 1.6 };
  static const double decays[] = { 0.15, 0.22, 0.33, 0.75, 1.1 };
  const Room room = { guide, take, take_frame, work,
    work + ROOM_BANDS * take->frames };
  double best;

  likeness->tail = 0.0;
  likeness->decay_s = 0.5;
  if (take->frames <= 2 * SLOPE_FRAMES)
    return;
  make_powers (&room);
  best = fit_of_room (&room, 0.0, likeness->decay_s) + ROOM_LEAST;
  for (size_t k = 0; k < 5; k++)
    try_room (&room, tails[k], likeness->decay_s, &best, likeness);
  for (size_t k = 0; k < 5 && likeness->tail > 0.0; k++)
    try_room (&room, likeness->tail, decays[k], &best, likeness);
  for (int k = 0; k < 2 && likeness->tail > 0.0; k++)
    try_room (&room, likeness->tail * (k ? 0.7 : 1.4), likeness->decay_s, &best,
        likeness);
}

/*** the take ***/

static void
scale_plane (const float *from, size_t frames, double scale, float *to)
{
  if (scale == 1.0)
    memcpy (to, from, frames * BANDS * sizeof *to);
  for (unsigned b = 0; b < BANDS && scale != 1.0; b++) {
    size_t band;
    float part;

    find_band (b, scale, &band, &part);
    for (size_t t = 0; t < frames; t++) {
      const float *x = from + t * BANDS + band;

      to[t * BANDS + b] = x[0] + part * (x[1] - x[0]);
    }
  }
}

/* Adds the room's tail of the voice, which is voice too. */
static void
add_tail (const DmixLikeness *likeness, float *power, float *voice,
    size_t frames)
{
  const float kept = decay_of (likeness->decay_s);
  const float tail = (float) likeness->tail;
  float sum[BANDS] = { 0.0f };

  for (size_t t = 0; t < frames; t++)
    for (unsigned b = 0; b < BANDS; b++) {
      const size_t k = t * BANDS + b;
      const float said = voice ? voice[k] * power[k] : power[k];
      const float after = tail * sum[b];

      sum[b] = kept * sum[b] + (1.0f - kept) * said;
      power[k] += after;
      if (voice)
        voice[k] = (said + after) / (power[k] + DMIX_MEL_SILENCE);
    }
}

DmixSpeechInput
dmix_liken_process (const DmixLikeness *likeness, const DmixSpeechInput *take,
    float *work)
{
  float *power = work,
        *voice = take->voice ? work + take->frames * BANDS : NULL;

  scale_plane (take->power, take->frames, likeness->scale, power);
  if (voice)
    scale_plane (take->voice, take->frames, likeness->scale, voice);
  if (likeness->tail > 0.0)
    add_tail (likeness, power, voice, take->frames);
  return (DmixSpeechInput){ power, voice, take->frames,
    .same_room = likeness->tail > 0.0 };
}
