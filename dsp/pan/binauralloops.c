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

/* A mix under way. */
typedef struct
{
  const float *a, *b, *c;
  float u, v, w; /* their weights; w of 0: two of them */
  Turn coarse, each;
  Turns fine, middle;
} Mix;

static Mix
begin_mix (const float *const from[3], const float weight[3], double radians)
{
  Mix self = {
    from[0],
    from[1],
    from[2],
    weight[0],
    weight[1],
    weight[2],
    { 1, 0 },
    { cos (radians), -sin (radians) },
  };

  self.fine = first_turns (&self.each);
  self.middle = first_turns (&self.each);
  return self;
}

/* The filters of a source: the next one may go to the place of the last one. */
typedef struct
{
  const float *x, *last;
  float *next, *before, *after;
} Target;

INLINE void
add_product (float *sum, unsigned stride, Turns x, Turns a)
{
  put (sum, get (sum) + (x.re * a.re - x.im * a.im));
  put (sum + stride, get (sum + stride) + (x.re * a.im + x.im * a.re));
}

/* The bins from `start` to `end`, WIDTH groups at most; multiply: also the
 * products of the source with both filters. */
INLINE void
mix_some (Mix *self, const Target *t, size_t start, size_t end, unsigned stride,
    const int three, const int multiply)
{
  const float *a = self->a, *b = self->b, *c = self->c;
  const float u = self->u, v = self->v, w = self->w;
  const Turns fine = self->fine,
              group = turn_all (self->middle, (float) self->coarse.re,
                  (float) self->coarse.im);
  size_t g = 0;

  for (size_t k = start; k < end; k += WIDTH, g++) {
    const Turns turn = turn_all (fine, group.re[g], group.im[g]);
    Lanes re = get (a + k) * u + get (b + k) * v;
    Lanes im = get (a + k + stride) * u + get (b + k + stride) * v;
    Turns next;

    if (three) {
      re += get (c + k) * w;
      im += get (c + k + stride) * w;
    }
    next.re = re * turn.re - im * turn.im;
    next.im = re * turn.im + im * turn.re;
    if (multiply) {
      const Turns x = { get (t->x + k), get (t->x + k + stride) };
      const Turns last = { get (t->last + k), get (t->last + k + stride) };

      add_product (t->before + k, stride, x, last);
      add_product (t->after + k, stride, x, next);
    }
    put (t->next + k, next.re);
    put (t->next + k + stride, next.im);
  }
  self->coarse = turn_on (self->coarse, self->each);
}

/* A weight of 0 comes last and is left out: in the horizontal plane, where most
 * sources are, a direction is between two measured ones. */
INLINE void
mix_group (Mix *self, const Target *target, size_t start, unsigned stride,
    const int multiply)
{
  const size_t end = DMIX_MIN (start + WIDTH * WIDTH, stride);

  if (self->w == 0)
    mix_some (self, target, start, end, stride, 0, multiply);
  else
    mix_some (self, target, start, end, stride, 1, multiply);
}

static void
mix (float *to, const float *const from[3], const float weight[3],
    double radians, unsigned stride)
{
  const Target target = { .next = to };
  Mix one = begin_mix (from, weight, radians);

  for (size_t start = 0; start < stride; start += WIDTH * WIDTH)
    mix_group (&one, &target, start, stride, 0);
}

/* All sources for 64 bins, then for the next: the sums of these stay in the
 * first cache. */
static void
turn (const DmixBinauralTurn *source, unsigned sources, float *before,
    float *after, unsigned stride)
{
  Mix each[DMIX_BINAURALLOOPS_TURNS];

  for (unsigned i = 0; i < sources; i++)
    each[i] = begin_mix (source[i].from, source[i].weight, source[i].radians);
  for (size_t start = 0; start < stride; start += WIDTH * WIDTH)
    for (unsigned i = 0; i < sources; i++) {
      const Target target = { source[i].x, source[i].filter, source[i].filter,
        before, after };

      mix_group (&each[i], &target, start, stride, 1);
    }
}

const DmixBinauralLoops LOOPS = {
  multiply_add,
  multiply_add_twice,
  multiply_add_turn,
  mix,
  turn,
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
