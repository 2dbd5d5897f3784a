/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: plain loops that compilers vectorise. The phase factor of a bin is
 * the product of three factors: one for each 64 bins, continued in double, one
 * for each group of 8 bins in these, and one for the bin in its group. So
 * rounding errors do not accumulate and stay below 2^-22.
 */
#include "pan/binauralloops.h"

#include "base/units.h"
#include "base/cpu.h"
#include <math.h>
#include <stddef.h>

#define WIDTH DMIX_BINAURALLOOPS_WIDTH
#define INLINE static inline __attribute__ ((always_inline))

#ifdef __AVX2__
#define LOOPS dmix_binauralloops_avx2
#else
#define LOOPS dmix_binauralloops_plain
#endif

static void
multiply_add (float *restrict sum, const float *restrict a,
    const float *restrict b, unsigned stride)
{
  const float *a_im = a + stride, *b_im = b + stride;
  float *restrict sum_im = sum + stride;

  for (unsigned k = 0; k < stride; k++) {
    const float re = a[k] * b[k] - a_im[k] * b_im[k];
    const float im = a[k] * b_im[k] + a_im[k] * b[k];

    sum[k] += re;
    sum_im[k] += im;
  }
}

static void
multiply_add_twice (float *restrict old, float *restrict new,
    const float *restrict x, const float *restrict a, unsigned stride)
{
  multiply_add (old, x, a, stride);
  multiply_add (new, x, a, stride);
}

static void
multiply_add_turn (float *restrict old, float *restrict new,
    const float *restrict x, float *restrict now, const float *restrict next,
    unsigned stride)
{
  const float *x_im = x + stride, *next_im = next + stride;
  float *restrict old_im = old + stride, *restrict new_im = new + stride;
  float *restrict now_im = now + stride;

  for (unsigned k = 0; k < stride; k++) {
    const float re = x[k], im = x_im[k];

    old[k] += re * now[k] - im * now_im[k];
    old_im[k] += re * now_im[k] + im * now[k];
    new[k] += re *next[k] - im *next_im[k];
    new_im[k] += re * next_im[k] + im * next[k];
    now[k] = next[k];
    now_im[k] = next_im[k];
  }
}

/* Eight adjacent floats (two registers where vectors have four), and the same
 * in memory, not aligned. The compiler would put arrays of floats on the stack.
 */
typedef float Lanes __attribute__ ((vector_size (WIDTH * sizeof (float))));
typedef Lanes Stored __attribute__ ((aligned (sizeof (float)), may_alias));

INLINE Lanes
get (const float *from)
{
  return *(const Stored *) from;
}

INLINE void
put (float *to, Lanes values)
{
  *(Stored *) to = values;
}

typedef struct
{
  double re, im;
} Turn;

static Turn
turn_on (Turn a, Turn b)
{
  return (Turn){ a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re };
}

typedef struct
{
  Lanes re, im;
} Turns;

/* Returns 1, each, each^2 and so on; sets `each` to each^WIDTH. */
static Turns
first_turns (Turn *each)
{
  Turn turn = { 1, 0 };
  Turns turns;

  for (unsigned k = 0; k < WIDTH; k++) {
    turns.re[k] = (float) turn.re;
    turns.im[k] = (float) turn.im;
    turn = turn_on (turn, *each);
  }
  *each = turn;
  return turns;
}

INLINE Turns
turn_all (Turns turns, float re, float im)
{
  return (Turns){
    re * turns.re - im * turns.im,
    re * turns.im + im * turns.re,
  };
}

/* Where the mixed spectra go; only `to` without a source. */
typedef struct
{
  float *to;             /* the mix, or the filter that it replaces */
  const float *x;        /* spectrum of a source */
  float *before, *after; /* sums of the source with the old filter, the mix */
} Target;

/* Eight bins of the mix, at the bin k. */
typedef void Put (const Target *target, size_t k, unsigned stride, Turns mix);

INLINE void
store (const Target *target, size_t k, unsigned stride, Turns mix)
{
  put (target->to + k, mix.re);
  put (target->to + k + stride, mix.im);
}

INLINE void
add_product (float *sum, unsigned stride, Turns x, Turns a)
{
  put (sum, get (sum) + (x.re * a.re - x.im * a.im));
  put (sum + stride, get (sum + stride) + (x.re * a.im + x.im * a.re));
}

INLINE void
store_and_multiply (const Target *target, size_t k, unsigned stride, Turns mix)
{
  const Turns x = { get (target->x + k), get (target->x + k + stride) };
  const Turns now = { get (target->to + k), get (target->to + k + stride) };

  add_product (target->before + k, stride, x, now);
  add_product (target->after + k, stride, x, mix);
  store (target, k, stride, mix);
}

/* A delay turns bin k by k times this. */
static Turn
turn_by (double radians)
{
  return (Turn){ cos (radians), -sin (radians) };
}

INLINE void
mix_some (const Target *target, const float *const from[3],
    const float weight[3], Turn each, unsigned stride, const int three,
    Put *put_bins)
{
  const float *a = from[0], *b = from[1], *c = from[2];
  const float u = weight[0], v = weight[1], w = weight[2];
  Turn coarse = { 1, 0 };
  const Turns fine = first_turns (&each), middle = first_turns (&each);

  for (size_t start = 0; start < stride; start += WIDTH * WIDTH) {
    const Turns group = turn_all (middle, (float) coarse.re, (float) coarse.im);
    const size_t end = DMIX_MIN (start + WIDTH * WIDTH, stride);
    size_t g = 0;

    for (size_t k = start; k < end; k += WIDTH, g++) {
      const Turns turn = turn_all (fine, group.re[g], group.im[g]);
      Lanes re = get (a + k) * u + get (b + k) * v;
      Lanes im = get (a + k + stride) * u + get (b + k + stride) * v;

      if (three) {
        re += get (c + k) * w;
        im += get (c + k + stride) * w;
      }
      put_bins (target, k, stride,
          (Turns){
              re * turn.re - im * turn.im,
              re * turn.im + im * turn.re,
          });
    }
    coarse = turn_on (coarse, each);
  }
}

/* A weight of 0 comes last and is left out: in the horizontal plane, where most
 * sources are, a direction is between two measured ones. */
static void
mix (float *to, const float *const from[3], const float weight[3],
    double radians, unsigned stride)
{
  const Target target = { .to = to };
  const Turn each = turn_by (radians);

  if (weight[2] == 0)
    mix_some (&target, from, weight, each, stride, 0, store);
  else
    mix_some (&target, from, weight, each, stride, 1, store);
}

static void
mix_turn (float *restrict old, float *restrict new, const float *restrict x,
    float *restrict now, const float *const from[3], const float weight[3],
    double radians, unsigned stride)
{
  const Target target = { now, x, old, new };
  const Turn each = turn_by (radians);

  if (weight[2] == 0)
    mix_some (&target, from, weight, each, stride, 0, store_and_multiply);
  else
    mix_some (&target, from, weight, each, stride, 1, store_and_multiply);
}

const DmixBinauralLoops LOOPS = {
  multiply_add,
  multiply_add_twice,
  multiply_add_turn,
  mix,
  mix_turn,
};

#ifndef __AVX2__
const DmixBinauralLoops *
dmix_binauralloops_get (void)
{
#ifdef HAVE_AVX2
  if (dmix_cpu_has_avx2 ())
    return &dmix_binauralloops_avx2;
#endif
  return &dmix_binauralloops_plain;
}
#endif
