/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: no branch and no call in a loop, so that compilers vectorise it; levels
 * by vectors of eight, whose parts are one channel each, or two. All versions
 * round products before they are added.
 */
#include "base/blockloops.h"

#include "base/eight.h"
#include "base/format.h"
#include "base/units.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#ifdef __AVX2__
#define LOOPS dmix_blockloops_avx2
#else
#define LOOPS dmix_blockloops_plain
#endif

/*** sanitize ***/

#define SMALLEST_NORMAL 0x00800000u /* FLT_MIN */
#define INFINITE 0x7f800000u
#define LIMIT 0x4e6e6b28u /* 1e9f */

static int
clean (float *sample, size_t count)
{
  int32_t any = 0;

  for (size_t i = 0; i < count; i++) {
    int32_t bits, magnitude, keep;

    memcpy (&bits, &sample[i], sizeof bits);
    magnitude = bits & 0x7fffffff;
    keep = -((magnitude >= (int32_t) SMALLEST_NORMAL)
        & (magnitude <= (int32_t) LIMIT));
    bits &= keep;
    any |= bits;
    memcpy (&sample[i], &bits, sizeof bits);
  }
  return any != 0;
}

static size_t
mute (float *sample, size_t count)
{
  size_t muted = 0;

  for (size_t i = 0; i < count; i++) {
    int32_t bits, keep;

    memcpy (&bits, &sample[i], sizeof bits);
    keep = -((bits & 0x7fffffff) < (int32_t) INFINITE);
    muted += (size_t) (keep + 1);
    bits &= keep;
    memcpy (&sample[i], &bits, sizeof bits);
  }
  return muted;
}

/*** delay ***/

static void
limit (float *sample, float most, size_t count)
{
  const DmixEight high = dmix_eight_all (most), low = dmix_eight_all (-most);
  size_t i = 0;

  for (; i + 8 <= count; i += 8) {
    const DmixEight x = dmix_eight_larger (dmix_eight_load (sample + i), low);

    dmix_eight_store (sample + i, dmix_eight_smaller (x, high));
  }
  for (; i < count; i++)
    sample[i] = dmix_smaller (dmix_larger (sample[i], -most), most);
}

static void
exchange (float *restrict a, float *restrict b, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    const float kept = a[i];

    a[i] = b[i];
    b[i] = kept;
  }
}

/*** mixgain, gaincurve ***/

/* Inlined with a constant channel count, compilers vectorise it. */
static inline void
mix_channels (float *restrict io, const float *restrict other,
    const unsigned channels, size_t frames, DmixRamp gain, DmixRamp other_gain,
    size_t first)
{
  for (size_t i = 0; i < frames; i++) {
    const float place = (float) (int) (first + i + 1);
    const float g = gain.start + gain.slope * place;
    const float h = other_gain.start + other_gain.slope * place;

    for (unsigned c = 0; c < channels; c++)
      io[i * channels + c] =
          io[i * channels + c] * g + other[i * channels + c] * h;
  }
}

/* Vectors of four frames of two channels. */
static void
mix_pairs (float *io, const float *other, size_t frames, DmixRamp gain,
    DmixRamp other_gain, size_t first)
{
  DmixEight place = { 1, 1, 2, 2, 3, 3, 4, 4 };
  size_t i = 0;

  place += (float) (int) first;
  for (; i + 4 <= frames; i += 4, place += 4.0f)
    dmix_eight_store (io + 2 * i,
        dmix_eight_load (io + 2 * i) * (gain.start + gain.slope * place)
            + dmix_eight_load (other + 2 * i)
                * (other_gain.start + other_gain.slope * place));
  mix_channels (io + 2 * i, other + 2 * i, 2, frames - i, gain, other_gain,
      first + i);
}

static void
mix (float *io, const float *other, unsigned channels, size_t frames,
    DmixRamp gain, DmixRamp other_gain, size_t first)
{
  if (channels == 1)
    mix_channels (io, other, 1, frames, gain, other_gain, first);
  else if (channels == 2)
    mix_pairs (io, other, frames, gain, other_gain, first);
  else if (channels == 6)
    mix_channels (io, other, 6, frames, gain, other_gain, first);
  else
    mix_channels (io, other, channels, frames, gain, other_gain, first);
}

static void
sum_pairs (const float *restrict both, float *restrict mono, size_t frames)
{
  for (size_t i = 0; i < frames; i++)
    mono[i] = both[2 * i] + both[2 * i + 1];
}

static inline void
apply_channels (float *restrict out, const float *restrict x,
    const float *restrict gain, const unsigned channels, size_t frames)
{
  for (size_t i = 0; i < frames; i++)
    for (unsigned c = 0; c < channels; c++)
      out[i * channels + c] = x[i * channels + c] * gain[i];
}

static void
apply (float *out, const float *x, const float *gain, unsigned channels,
    size_t frames)
{
  if (channels == 1)
    apply_channels (out, x, gain, 1, frames);
  else if (channels == 2)
    apply_channels (out, x, gain, 2, frames);
  else if (channels == 6)
    apply_channels (out, x, gain, 6, frames);
  else
    apply_channels (out, x, gain, channels, frames);
}

static void
draw (float *restrict line, const float *restrict gain,
    const float *restrict place, unsigned step_frames, unsigned at,
    size_t frames)
{
  const DmixEight one = dmix_eight_all (1.0f);

  for (; frames > 0; gain++) {
    const size_t n = DMIX_MIN (frames, step_frames - at);
    const DmixEight from = dmix_eight_all (gain[0]);
    const DmixEight to = dmix_eight_all (gain[1]);

    for (size_t i = 0; i < n; i += 8) {
      const DmixEight p = dmix_eight_load (place + at + i);
      const DmixEight between = from * (one - p) + to * p;

      dmix_eight_store (line + i, gain[0] == gain[1] ? from : between);
    }
    line += n;
    frames -= n;
    at = 0;
  }
}

/*** spectra ***/

static void
multiply (float *restrict out, const float *restrict a, const float *restrict b,
    size_t count)
{
  for (size_t i = 0; i < count; i++)
    out[i] = a[i] * b[i];
}

static void
scale (float *restrict x, const float *restrict gain, size_t count)
{
  for (size_t i = 0; i < count; i++)
    x[i] *= gain[i];
}

static void
add_product (float *restrict sum, const float *restrict a,
    const float *restrict b, size_t count)
{
  for (size_t i = 0; i < count; i++)
    sum[i] += a[i] * b[i];
}

static void
square (float *restrict re, const float *restrict im, size_t count)
{
  for (size_t i = 0; i < count; i++)
    re[i] = re[i] * re[i] + im[i] * im[i];
}

static void
swap_pairs (float *restrict io, float *restrict left, float *restrict right,
    const float *restrict new_left, const float *restrict new_right,
    size_t frames)
{
  for (size_t i = 0; i < frames; i++) {
    left[i] = io[2 * i];
    right[i] = io[2 * i + 1];
    io[2 * i] = new_left[i];
    io[2 * i + 1] = new_right[i];
  }
}

static float
largest (const float *x, size_t count)
{
  DmixEight a = dmix_eight_all (0.0f);
  float most;
  size_t i = 0;

  for (; i + 8 <= count; i += 8)
    a = dmix_eight_larger (dmix_eight_absolute (dmix_eight_load (x + i)), a);
  most = dmix_eight_largest (a);
  for (; i < count; i++)
    most = dmix_larger (fabsf (x[i]), most);
  return most;
}

/*** decibel ***/

#define SMALLEST_POWER 1e-20f
#define ROOT_HALF_BITS 0x3f3504f3            /* sqrt(1/2) */
#define DB_PER_OCTAVE 3.01029995663981195f   /* 10 log10 (2) */
#define OCTAVES_PER_DB 0.166096404744368118f /* 1 / (20 log10 (2)) */
#define LIMIT_DB 200.0f
#define ROUND 12582912.0f /* 1.5 * 2^23: adding it rounds to an integer */

static inline float
from_power (float power)
{
  int32_t bits, exponent;
  float fraction, f, p;

  power = DMIX_MAX (power, SMALLEST_POWER);
  memcpy (&bits, &power, sizeof bits);
  exponent = (bits - ROOT_HALF_BITS) >> 23;
  bits -= (int32_t) ((uint32_t) exponent << 23);
  memcpy (&fraction, &bits, sizeof fraction);
  f = fraction - 1.0f;
  p = 0.170656636f;
  p = p * f - 0.272686541f;
  p = p * f + 0.297250897f;
  p = p * f - 0.358963192f;
  p = p * f + 0.480466217f;
  p = p * f - 0.721375823f;
  p = p * f + 1.442699671f;
  return ((float) exponent + p * f) * DB_PER_OCTAVE;
}

static inline float
to_gain (float db)
{
  float octaves, whole, f, q, gain;
  int32_t bits;

  db = db > -LIMIT_DB ? db : -LIMIT_DB;
  db = DMIX_MIN (db, LIMIT_DB);
  octaves = db * OCTAVES_PER_DB;
  whole = (octaves + ROUND) - ROUND;
  f = octaves - whole;
  q = 0.00132647657f;
  q = q * f + 0.00967151206f;
  q = q * f + 0.0555073363f;
  q = q * f + 0.240222424f;
  q = q * f + 0.693147004f;
  gain = 1.0f + q * f;
  memcpy (&bits, &gain, sizeof bits);
  bits += (int32_t) ((uint32_t) (int32_t) whole << 23);
  memcpy (&gain, &bits, sizeof gain);
  return gain;
}

static void
powers_to_db (float *power, size_t count)
{
  for (size_t i = 0; i < count; i++)
    power[i] = from_power (power[i]);
}

static void
db_to_gains (float *db, size_t count)
{
  for (size_t i = 0; i < count; i++)
    db[i] = to_gain (db[i]);
}

/*** level ***/

#define NOTHING 1e-15f

static inline DmixEight
magnitudes (const float *x)
{
  return dmix_eight_larger (dmix_eight_absolute (dmix_eight_load (x)),
      dmix_eight_all (NOTHING));
}

/* Those of the first `count` samples, and 0. */
static inline DmixEight
magnitudes_of (const float *x, size_t count)
{
  float rest[8] = { 0.0f };

  if (count >= 8)
    return magnitudes (x);
  memcpy (rest, x, count * sizeof *rest);
  return (DmixEight) ((DmixEightBits) magnitudes (rest)
      & dmix_eight_first ((int) count));
}

/* Of each two, the larger or the sum. */
static inline DmixFour
join (DmixFour a, DmixFour b, const int sums)
{
  return sums ? a + b : dmix_four_larger (a, b);
}

/* Folds eight lanes into `channels` (1, 2, 4 or 8): of each two the larger, or the
 * sum. */
static inline void
fold (DmixEight v, unsigned channels, const int sums, float *lane)
{
  DmixFour low, high;

  if (channels == 8) {
    dmix_eight_store (lane, v);
    return;
  }
  dmix_eight_halve (v, &low, &high);
  low = join (low, high, sums);
  if (channels < 4)
    low = join (low, (DmixFour){ low[2], low[3], low[0], low[1] }, sums);
  if (channels < 2)
    low = join (low, (DmixFour){ low[1], low[0], low[3], low[2] }, sums);
  memcpy (lane, &low, channels * sizeof *lane);
}

/* Lane i takes samples i, i + 8, ... in two vectors by turns, because each addition
 * to one waits for the last. Inlined with constants, a result that is not wanted
 * costs nothing. */
static inline void
level_step (const float *x, size_t count, const unsigned channels, float *peak,
    float *energy, const int peaks, const int sums)
{
  DmixEight most = dmix_eight_all (0.0f), total = most, second = most;
  size_t i = 0;

  for (; i + 16 <= count; i += 16) {
    const DmixEight a = magnitudes (x + i), b = magnitudes (x + i + 8);

    if (peaks)
      most = dmix_eight_larger (dmix_eight_larger (a, b), most);
    if (sums) {
      total += a * a;
      second += b * b;
    }
  }
  for (; i < count; i += 8) {
    const DmixEight a = magnitudes_of (x + i, count - i);

    most = dmix_eight_larger (a, most);
    total += a * a;
  }
  if (peaks)
    fold (most, channels, 0, peak);
  if (sums)
    fold (total + second, channels, 1, energy);
}

static inline void
level_steps (const float *x, const unsigned channels, size_t frames,
    size_t steps, float *peak, float *energy)
{
  for (size_t s = 0; s < steps; s++, x += channels * frames) {
    if (peak && energy)
      level_step (x, channels * frames, channels, peak + s * channels,
          energy + s * channels, 1, 1);
    else if (peak)
      level_step (x, channels * frames, channels, peak + s * channels, NULL, 1,
          0);
    else
      level_step (x, channels * frames, channels, NULL, energy + s * channels,
          0, 1);
  }
}

/* Other numbers of channels: after `vectors` vectors the parts belong to the same
 * channels again. Inlined with constants for usual numbers. */
static inline void
level_step_many (const float *x, const unsigned channels,
    const unsigned vectors, size_t frames, float *peak, float *energy)
{
  DmixEight most[DMIX_MAX_CHANNELS], total[DMIX_MAX_CHANNELS];
  float peaks[8 * DMIX_MAX_CHANNELS], sums[8 * DMIX_MAX_CHANNELS];
  const size_t count = channels * frames;

  for (unsigned v = 0; v < vectors; v++)
    most[v] = total[v] = dmix_eight_all (0.0f);
  for (size_t i = 0; i < count; i += 8 * vectors)
    for (unsigned v = 0; v < vectors && i + 8 * v < count; v++) {
      const DmixEight a = magnitudes_of (x + i + 8 * v, count - i - 8 * v);

      most[v] = dmix_eight_larger (a, most[v]);
      total[v] += a * a;
    }
  for (unsigned v = 0; v < vectors; v++) {
    dmix_eight_store (peaks + 8 * v, most[v]);
    dmix_eight_store (sums + 8 * v, total[v]);
  }
  for (unsigned i = channels; i < 8 * vectors; i++) {
    peaks[i % channels] = dmix_larger (peaks[i], peaks[i % channels]);
    sums[i % channels] += sums[i];
  }
  if (peak)
    memcpy (peak, peaks, channels * sizeof *peak);
  if (energy)
    memcpy (energy, sums, channels * sizeof *energy);
}

static inline void
level_many (const float *x, const unsigned channels, const unsigned vectors,
    size_t frames, size_t steps, float *peak, float *energy)
{
  for (size_t s = 0; s < steps; s++)
    level_step_many (x + s * channels * frames, channels, vectors, frames,
        peak ? peak + s * channels : NULL,
        energy ? energy + s * channels : NULL);
}

/* Vectors until the parts belong to the same channels again. */
static unsigned
vectors_for (unsigned channels)
{
  return channels % 8 == 0 ? channels / 8
      : channels % 4 == 0  ? channels / 4
      : channels % 2 == 0  ? channels / 2
                           : channels;
}

static void
level (const float *x, unsigned channels, size_t frames, size_t steps,
    float *peak, float *energy)
{
  if (channels == 1)
    level_steps (x, 1, frames, steps, peak, energy);
  else if (channels == 2)
    level_steps (x, 2, frames, steps, peak, energy);
  else if (channels == 4 || channels == 8)
    level_steps (x, channels, frames, steps, peak, energy);
  else if (channels == 6)
    level_many (x, 6, 3, frames, steps, peak, energy);
  else if (channels == 12)
    level_many (x, 12, 3, frames, steps, peak, energy);
  else
    level_many (x, channels, vectors_for (channels), frames, steps, peak,
        energy);
}

const DmixBlockLoops LOOPS = {
  .clean = clean,
  .mute = mute,
  .limit = limit,
  .exchange = exchange,
  .mix = mix,
  .sum_pairs = sum_pairs,
  .apply = apply,
  .draw = draw,
  .multiply = multiply,
  .scale = scale,
  .add_product = add_product,
  .square = square,
  .swap_pairs = swap_pairs,
  .largest = largest,
  .from_power = powers_to_db,
  .to_gain = db_to_gains,
  .level = level,
};
