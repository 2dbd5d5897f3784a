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

static float
largest (const float *x, int count)
{
  Eight a = { 0.0f };
  float most;
  int i = 0;

  for (; i + 8 <= count; i += 8)
    a = dmix_eight_larger (absolute (dmix_eight_load (x + i),
                               dmix_eight_first (WIDTH)),
        a);
  most = dmix_eight_largest (a);
  for (; i < count; i++)
    most = dmix_larger (fabsf (x[i]), most);
  return most;
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
  if (dmix_eight_largest (dmix_eight_larger (v[0], v[2])) < HALF_NEAR * least)
    return 0.0f;
  quarters (f, x, count, v);
  top = dmix_larger (fabsf (x[count]),
      dmix_eight_largest (dmix_eight_larger (dmix_eight_larger (v[0], v[2]),
          dmix_eight_larger (v[1], v[3]))));
  if (top < NEAR_ENOUGH * precise)
    return top;
  return climb (f, x, count, v, dmix_larger (precise, top) * NEAR_ENOUGH, top);
}

/* The largest sample within the reach of the short filters of WIDTH intervals. */
static inline float
near_by (const float *x)
{
  const float *from = x - (SCAN + 2);

  return dmix_eight_largest (
      dmix_eight_larger (dmix_eight_larger (dmix_eight_absolute (
                                                dmix_eight_load (from)),
                             dmix_eight_absolute (dmix_eight_load (from + 8))),
          dmix_eight_larger (dmix_eight_absolute (dmix_eight_load (from + 16)),
              dmix_eight_absolute (dmix_eight_load (from + 24)))));
}

/* Whether there is anything to find depends on `least`, not on `precise`: a bound
 * made of `around` may differ with the split of the sound into blocks. */
static float
highest (const DmixTruePeakFilters *f, const float *x, int count, float least,
    float precise, float around)
{
  float top = samples (x, count);

  for (int i = 0; i < count; i += WIDTH) {
    const int n = DMIX_MIN (count - i, WIDTH);
    const float wanted = dmix_larger (least, top);

    if (top * f->near >= wanted
        || near_by (x + i) * f->near + around * f->far >= wanted)
      top = dmix_larger (top,
          find_highest (f, x + i, n, wanted, dmix_larger (precise, top)));
  }
  return top;
}

static void
mark (const float *x, int count, float least, unsigned char *loud)
{
  const Eight level = dmix_eight_all (least);

  for (int i = 0; i < count; i += 8) {
    const EightBits mask = dmix_eight_first (DMIX_MIN (count - i, 8));

    *loud++ =
        bits_of ((absolute (dmix_eight_load (x + i), mask) >= level) & mask)
        != 0;
  }
}

static void
tops (const float *x, int count, int steps, float *top)
{
  if (count == WIDTH) /* at 48 kHz: inlined, `count` is a constant */
    for (int s = 0; s < steps; s++)
      top[s] = samples (x + s * WIDTH, WIDTH);
  else
    for (int s = 0; s < steps; s++)
      top[s] = samples (x + s * count, count);
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

const DmixTruePeakLoops LOOPS = { largest, highest, mark, tops, take };
