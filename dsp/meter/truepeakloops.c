/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: see meter/truepeak.c. Vectors of eight floats, in which the compiler
 * uses whatever the processor has: one register with AVX2, else two. A sum of
 * products has eight partial sums, which are added in pairs.
 *
 * Candidates are judged against the highest value so far, for the highest peak
 * is all that counts: a loud step has many peaks, and most of them cannot be it.
 */
#include "meter/truepeakloops.h"

#include "base/eight.h"
#include "base/units.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#ifdef __AVX2__
#define LOOPS dmix_truepeak_loops_avx2
#else
#define LOOPS dmix_truepeak_loops_plain
#endif

#define SCAN DMIX_TRUEPEAK_SCAN
#define FIND DMIX_TRUEPEAK_FIND
#define WIDTH DMIX_TRUEPEAK_WIDTH
#define SHORT DMIX_TRUEPEAK_SHORT
#define BEFORE DMIX_TRUEPEAK_BEFORE
#define SHUFFLE __builtin_shufflevector
#define UPHILL 2         /* most points from a candidate to the peak */
#define NEAR_ENOUGH 0.8f /* of `least`: near it */
#define HALF_NEAR 0.5f   /* the same for points half a sample apart */

typedef DmixEight Eight;
typedef DmixEightBits EightBits;

/* Without signs, and 0 where the mask has no bits. */
static inline Eight
absolute (Eight v, EightBits mask)
{
  return (Eight) ((EightBits) v & 0x7fffffff & mask);
}

/* Sums of the parts of three vectors. */
static inline void
sums_of (Eight a, Eight b, Eight c, float *sum)
{
#ifdef __AVX__
  DmixFour la, ha, lb, hb, lc, hc;

  dmix_eight_halve (a, &la, &ha);
  dmix_eight_halve (b, &lb, &hb);
  dmix_eight_halve (c, &lc, &hc);
  lc += hc;
  dmix_four_store (sum,
      __builtin_ia32_haddps (__builtin_ia32_haddps (la + ha, lb + hb),
          __builtin_ia32_haddps (lc, lc)));
#else
  sum[0] = dmix_eight_sum (a);
  sum[1] = dmix_eight_sum (b);
  sum[2] = dmix_eight_sum (c);
#endif
}

/* Bit i of the result: is part i of the mask set? */
static inline unsigned
bits_of (EightBits mask)
{
#ifdef __AVX__
  return (unsigned) __builtin_ia32_movmskps256 ((Eight) mask);
#else
  unsigned bits = 0;

  for (int i = 0; i < 8; i++)
    bits |= (unsigned) (mask[i] & 1) << i;
  return bits;
#endif
}

/* Absolute value at place/8 after x[0]. taps: eight filters of `length` taps, of
 * which the first 2 * side are not zero. */
static inline float
value_at (const float *taps, const int length, const int side, const float *x,
    int place)
{
  const float *tap = taps + (place & 7) * length;
  Eight sum = { 0.0f };

  x += (place >> 3) - (side - 1);
  for (int k = 0; k < length; k += 8)
    sum += dmix_eight_load (tap + k) * dmix_eight_load (x + k);
  return fabsf (dmix_eight_sum (sum));
}

/* The values at place - 1, place and place + 1: three independent sums. */
static inline void
points_at (const float *taps, const int length, const int side, const float *x,
    int place, float *value)
{
  const float *tap[3], *in[3];
  Eight sum[3] = { { 0.0f } };

  for (int p = 0; p < 3; p++) {
    tap[p] = taps + ((place + p - 1) & 7) * length;
    in[p] = x + ((place + p - 1) >> 3) - (side - 1);
  }
  for (int k = 0; k < length; k += 8) {
    sum[0] += dmix_eight_load (tap[0] + k) * dmix_eight_load (in[0] + k);
    sum[1] += dmix_eight_load (tap[1] + k) * dmix_eight_load (in[1] + k);
    sum[2] += dmix_eight_load (tap[2] + k) * dmix_eight_load (in[2] + k);
  }
  sums_of (sum[0], sum[1], sum[2], value);
}

/* The peak near place/8 if it lies between 0 and `most` eighths, else 0. Moves
 * by up to UPHILL points until the middle one of three is the highest. */
static inline float
find_top (const float *taps, const int length, const int side, const float *x,
    int place, int most)
{
  float point[4], before, here, after, bend, tilt, where;

  points_at (taps, length, side, x, place, point);
  before = fabsf (point[0]);
  here = fabsf (point[1]);
  after = fabsf (point[2]);
  for (int k = 0; k < UPHILL && after > here; k++) {
    before = here;
    here = after;
    after = value_at (taps, length, side, x, ++place + 1);
  }
  for (int k = 0; k < UPHILL && before > here; k++) {
    after = here;
    here = before;
    before = value_at (taps, length, side, x, --place - 1);
  }
  bend = before + after - 2.0f * here;
  tilt = after - before;
  if (here < before || here < after || bend >= 0.0f)
    return place >= 0 && place <= most ? here : 0.0f;
  where = (float) place - tilt / (2.0f * bend);
  return where >= 0.0f && where <= (float) most
      ? here - tilt * tilt / (8.0f * bend)
      : 0.0f;
}

/* Absolute values in the middle of WIDTH intervals. */
static inline Eight
middle (const DmixTruePeakFilters *f, const float *x, EightBits mask)
{
  Eight sum = { 0.0f };

#pragma GCC unroll 10
  for (int k = 0; k < SCAN; k++)
    sum += dmix_eight_load (f->half[k])
        * (dmix_eight_load (x + k - (SCAN - 1))
            + dmix_eight_load (x + SCAN - k));
  return absolute (sum, mask);
}

/* Absolute values at the first and the third quarter of `count` intervals, as v[1]
 * and v[3]. Apart from its caller, whose sums the compiler would keep for it. */
static __attribute__ ((noinline)) void
quarters (const DmixTruePeakFilters *f, const float *x, int count, Eight *v)
{
  const EightBits mask = dmix_eight_first (count);
  Eight even = { 0.0f }, odd = { 0.0f };

#pragma GCC unroll 10
  for (int k = 0; k < SCAN; k++) {
    const Eight a = dmix_eight_load (x + k - (SCAN - 1));
    const Eight b = dmix_eight_load (x + SCAN - k);

    even += dmix_eight_load (f->even[k]) * (a + b);
    odd += dmix_eight_load (f->odd[k]) * (a - b);
  }
  v[1] = absolute (even + odd, mask);
  v[3] = absolute (even - odd, mask);
}

/* The higher of the peaks that both filters find at a candidate. */
static inline float
peak_at (const DmixTruePeakFilters *f, const float *x, int place, int most)
{
  return dmix_larger (find_top (f->find[0], 2 * FIND, FIND, x, place, most),
      find_top (f->scan[0], SHORT, SCAN, x, place, most));
}

/* The local maxima of at least `least` among the points at q quarters of each
 * interval, as bits. */
static inline unsigned
maxima (Eight before, Eight here, Eight after, Eight least)
{
  return bits_of ((here >= before) & (here >= after) & (here >= least));
}

/* The peaks near the points v[] of `count` intervals that are at least `least`; the
 * highest of them, or `top` if it is higher. */
static __attribute__ ((noinline)) float
climb (const DmixTruePeakFilters *f, const float *x, int count, const Eight *v,
    float least, float top)
{
  const float end = fabsf (x[count]);
  const Eight level = dmix_eight_all (least);
  const Eight next =
      absolute (dmix_eight_load (x + 1), dmix_eight_first (count));
  float previous[9] = { 0.0f };
  unsigned found[4];

  memcpy (previous + 1, &v[3], sizeof v[3]);
  found[0] = maxima (dmix_eight_load (previous), v[0], v[1], level);
  found[1] = maxima (v[0], v[1], v[2], level);
  found[2] = maxima (v[1], v[2], v[3], level);
  found[3] = maxima (v[2], v[3], next, level);
  for (int q = 0; q < 4; q++)
    for (unsigned left = found[q]; left; left &= left - 1)
      top = dmix_larger (top,
          peak_at (f, x, 8 * __builtin_ctz (left) + 2 * q, 8 * count));
  if (end >= least && end >= v[3][count - 1])
    top = dmix_larger (top, peak_at (f, x, 8 * count, 8 * count));
  return top;
}

/* Whether one of two points of each interval is high enough for a peak of `least`. */
static inline int
may_reach (const DmixTruePeakFilters *f, const float *x, EightBits inside,
    float least)
{
  const Eight level = dmix_eight_all (HALF_NEAR * least);

  return bits_of ((absolute (dmix_eight_load (x), inside) >= level) & inside)
      || bits_of ((middle (f, x, inside) >= level) & inside);
}

static inline void
thin_steps (const DmixTruePeakFilters *f, const float *x, const int frames,
    int steps, float least, float around, float *near)
{
  const float level =
      DMIX_TRUEPEAK_ROUNDED_DOWN * (least - around * f->far) / f->near;

  for (int s = 0; s < steps; s++, x += frames)
    for (int i = 0; i < frames; i += WIDTH, near++)
      if (*near < level
          || !may_reach (f, x + i, dmix_eight_first (DMIX_MIN (frames - i, 8)),
              least))
        *near = -1.0f;
}

static void
thin (const DmixTruePeakFilters *f, const float *x, int frames, int steps,
    float least, float around, float *near)
{
  if (frames == WIDTH) /* at 48 kHz: a constant */
    thin_steps (f, x, WIDTH, steps, least, around, near);
  else
    thin_steps (f, x, frames, steps, least, around, near);
}

/* The highest peak of `count` (up to WIDTH) intervals: two points of each
 * interval, then four, then the peaks near the highest. */
static inline float
find_highest (const DmixTruePeakFilters *f, const float *x, int count,
    float least, float precise)
{
  const EightBits inside = dmix_eight_first (count);
  Eight v[4];
  float top;

  v[0] = absolute (dmix_eight_load (x), inside);
  v[2] = middle (f, x, inside);
  if (!bits_of (
          dmix_eight_larger (v[0], v[2]) >= dmix_eight_all (HALF_NEAR * least)))
    return 0.0f;
  quarters (f, x, count, v);
  top = dmix_larger (fabsf (x[count]),
      dmix_eight_largest (dmix_eight_larger (dmix_eight_larger (v[0], v[2]),
          dmix_eight_larger (v[1], v[3]))));
  if (top < NEAR_ENOUGH * precise)
    return top;
  return climb (f, x, count, v, dmix_larger (precise, top) * NEAR_ENOUGH, top);
}

/* Whether there is anything to find depends on `least`, not on `precise`: a bound
 * made of `around` may differ with the split of the sound into blocks. */
static inline float
highest_of (const DmixTruePeakFilters *f, const float *x, const int count,
    float top, const float *near, float least, float precise, float around)
{
  for (int i = 0; i < count; i += WIDTH) {
    const int n = DMIX_MIN (count - i, WIDTH);
    const float wanted = dmix_larger (least, top);

    if (near[i / WIDTH] >= 0.0f
        && near[i / WIDTH] * f->near + around * f->far >= wanted)
      top = dmix_larger (top,
          find_highest (f, x + i, n, wanted, dmix_larger (precise, top)));
  }
  return top;
}

static float
highest (const DmixTruePeakFilters *f, const float *x, int count, float top,
    const float *near, float least, float precise, float around)
{
  if (count == WIDTH)
    return highest_of (f, x, WIDTH, top, near, least, precise, around);
  return highest_of (f, x, count, top, near, least, precise, around);
}

/* In each half: the larger parts 0 and 2, 1 and 3 of a, each beside those of b. */
static inline Eight
fold (Eight a, Eight b)
{
  return dmix_eight_larger (SHUFFLE (a, b, 0, 8, 1, 9, 4, 12, 5, 13),
      SHUFFLE (a, b, 2, 10, 3, 11, 6, 14, 7, 15));
}

/* The largest part of each of eight vectors. */
static inline Eight
largest_of_each (const Eight *v)
{
  const Eight ab = fold (v[0], v[1]), cd = fold (v[2], v[3]);
  const Eight ef = fold (v[4], v[5]), gh = fold (v[6], v[7]);
  const Eight ad =
      dmix_eight_larger (SHUFFLE (ab, cd, 0, 1, 8, 9, 4, 5, 12, 13),
          SHUFFLE (ab, cd, 2, 3, 10, 11, 6, 7, 14, 15));
  const Eight eh =
      dmix_eight_larger (SHUFFLE (ef, gh, 0, 1, 8, 9, 4, 5, 12, 13),
          SHUFFLE (ef, gh, 2, 3, 10, 11, 6, 7, 14, 15));

  return dmix_eight_larger (SHUFFLE (ad, eh, 0, 1, 2, 3, 8, 9, 10, 11),
      SHUFFLE (ad, eh, 4, 5, 6, 7, 12, 13, 14, 15));
}

static float
groups (const float *x, int count, float *group)
{
  Eight all = { 0.0f }, v[8];
  int i = 0;

  for (; i + 8 * WIDTH <= count; i += 8 * WIDTH, group += 8) {
    for (int k = 0; k < 8; k++)
      v[k] = dmix_eight_absolute (dmix_eight_load (x + i + k * WIDTH));
    v[0] = largest_of_each (v);
    dmix_eight_store (group, v[0]);
    all = dmix_eight_larger (v[0], all);
  }
  for (; i < count; i += WIDTH) {
    v[0] = absolute (dmix_eight_load (x + i),
        dmix_eight_first (DMIX_MIN (count - i, WIDTH)));
    all = dmix_eight_larger (v[0], all);
    *group++ = dmix_eight_largest (v[0]);
  }
  return dmix_eight_largest (all);
}

/* The groups that hold the 32 samples of the short filters: the largest of five. */
static inline Eight
largest_of_five (const float *group)
{
  const Eight a =
      dmix_eight_larger (dmix_eight_load (group), dmix_eight_load (group + 1));
  const Eight b = dmix_eight_larger (dmix_eight_load (group + 2),
      dmix_eight_load (group + 3));

  return dmix_eight_larger (dmix_eight_larger (a, b),
      dmix_eight_load (group + 4));
}

static void
reach (const float *group, int first, int frames, int steps, float *near)
{
  const int from = first - BEFORE;

  if (frames == WIDTH) { /* at 48 kHz: steps are groups */
    for (int s = 0; s < steps; s += WIDTH)
      dmix_eight_store (near + s, largest_of_five (group + from / WIDTH + s));
    return;
  }
  for (int s = 0; s < steps; s++)
    for (int i = 0; i < frames; i += WIDTH) {
      const float *g = group + (from + s * frames + i) / WIDTH;

      *near = g[0];
      for (int k = 1; k < 5; k++)
        *near = dmix_larger (*near, g[k]);
      near++;
    }
}

/* The largest of the samples x[0] to x[count]. */
static inline float
samples (const float *x, int count)
{
  float top = fabsf (x[count]);

  for (int i = 0; i < count; i += WIDTH)
    top = dmix_larger (top,
        dmix_eight_largest (absolute (dmix_eight_load (x + i),
            dmix_eight_first (DMIX_MIN (count - i, WIDTH)))));
  return top;
}

static void
tops (const float *x, int count, int steps, const float *group, float *top)
{
  for (int s = 0; s < steps; s++, x += count)
    if (count % WIDTH) {
      top[s] = samples (x, count);
    } else {
      top[s] = fabsf (x[count]);
      for (int i = 0; i < count; i += WIDTH, group++)
        top[s] = dmix_larger (top[s], *group);
    }
}

static inline void
take_channel (float *restrict to, const float *restrict from,
    const unsigned channels, int frames)
{
  for (int i = 0; i < frames; i++)
    to[i] = from[(size_t) i * channels];
}

static void
take (float *to, const float *from, unsigned channels, int frames)
{
  if (channels == 1)
    take_channel (to, from, 1, frames);
  else if (channels == 2)
    take_channel (to, from, 2, frames);
  else
    take_channel (to, from, channels, frames);
}

const DmixTruePeakLoops LOOPS = { groups, reach, thin, tops, highest, take };
