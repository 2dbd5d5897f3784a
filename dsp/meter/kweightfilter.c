/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the recursion limits the speed, so that what an output has of samples
 * before the last one is summed up a sample ahead. Four operations in a row are left
 * for two samples; the transposed direct form II has five. The numerator 1, -2, 1
 * is a difference of differences.
 *
 * This file is compiled once for any processor, with vectors of two doubles,
 * and on x86 once more for AVX2 and FMA (which define __FMA__), with vectors of
 * four. There products are added unrounded: 11 operations in place of 17, and other
 * last bits of an energy (10^-13 of it). Vector types are those of gcc and clang.
 */
#include "meter/kweightfilter.h"

#include "base/four.h"

#include <string.h>

#ifdef __FMA__
#include <immintrin.h>
#define FILTER dmix_kweight_filter_fma
#define WIDTH 4
#else
#define FILTER dmix_kweight_filter_plain
#define WIDTH 2
#endif
#define VECTORS (DMIX_KWEIGHT_GROUP / WIDTH)

typedef double Two __attribute__ ((vector_size (2 * sizeof (double))));
typedef double Lanes __attribute__ ((vector_size (WIDTH * sizeof (double))));

typedef struct
{
  Lanes y, y_next, y_later, z, z_next, sum;
} State;

static void
load (State *state, const DmixKWeightMemory *m, const double *energy, int first)
{
  memcpy (&state->y, m->y + first, sizeof (Lanes));
  memcpy (&state->y_next, m->y_next + first, sizeof (Lanes));
  memcpy (&state->y_later, m->y_later + first, sizeof (Lanes));
  memcpy (&state->z, m->z + first, sizeof (Lanes));
  memcpy (&state->z_next, m->z_next + first, sizeof (Lanes));
  memcpy (&state->sum, energy + first, sizeof (Lanes));
}

static void
store (const State *state, DmixKWeightMemory *m, double *energy, int first)
{
  memcpy (m->y + first, &state->y, sizeof (Lanes));
  memcpy (m->y_next + first, &state->y_next, sizeof (Lanes));
  memcpy (m->y_later + first, &state->y_later, sizeof (Lanes));
  memcpy (m->z + first, &state->z, sizeof (Lanes));
  memcpy (m->z_next + first, &state->z_next, sizeof (Lanes));
  memcpy (energy + first, &state->sum, sizeof (Lanes));
}

/* sum + k * x */
static inline Lanes
plus (Lanes sum, double k, Lanes x)
{
#ifdef __FMA__
  return _mm256_fmadd_pd (_mm256_set1_pd (k), x, sum);
#else
  return sum + k * x;
#endif
}

/* sum - k * x */
static inline Lanes
minus (Lanes sum, double k, Lanes x)
{
#ifdef __FMA__
  return _mm256_fnmadd_pd (_mm256_set1_pd (k), x, sum);
#else
  return sum - k * x;
#endif
}

static inline void
filter (const DmixBiquad *s, const DmixBiquad *p, State *m, Lanes x)
{
  const Lanes y = minus (plus (m->y_next, s->b0, x), s->a1, m->y);
  const Lanes rise = y - m->y;
  const Lanes z = minus (rise - m->z_next, p->a1, m->z);

  m->y_next = minus (plus (m->y_later, s->b1, x), s->a2, m->y);
  m->y_later = s->b2 * x;
  m->y = y;
  m->z_next = plus (rise, p->a2, m->z);
  m->z = z;
  m->sum += z * z;
}

/* Two neighbours, as the bits of a double: one load. */
static inline double
load_pair (const float *x)
{
  double pair;

  memcpy (&pair, x, sizeof pair);
  return pair;
}

/* Samples of the lanes in two pairs of neighbours, as those of two stereo
 * sounds. */
static inline void
filter_pairs (const DmixBiquad *s, const DmixBiquad *p, State *state,
    const float *a, const float *b)
{
  const DmixFour four = (DmixFour) (Two){ load_pair (a), load_pair (b) };

#if WIDTH == 4
  filter (s, p, &state[0], __builtin_convertvector(four, Lanes));
#else
  filter (s, p, &state[0], (Lanes){ four[0], four[1] });
  filter (s, p, &state[1], (Lanes){ four[2], four[3] });
#endif
}

static inline void
filter_lanes (const DmixBiquad *s, const DmixBiquad *p, State *state,
    const float *const *lane, size_t at)
{
#if WIDTH == 4
  filter (s, p, &state[0],
      (Lanes){ lane[0][at], lane[1][at], lane[2][at], lane[3][at] });
#else
  filter (s, p, &state[0], (Lanes){ lane[0][at], lane[1][at] });
  filter (s, p, &state[1], (Lanes){ lane[2][at], lane[3][at] });
#endif
}

void
FILTER (const DmixBiquad *shelf, const DmixBiquad *pass,
    DmixKWeightMemory *memory, const float *const *lane, size_t stride,
    size_t frames, double *energy)
{
  const DmixBiquad s = *shelf, p = *pass;
  const float *each[DMIX_KWEIGHT_GROUP] = { lane[0], lane[1], lane[2],
    lane[3] };
  const int pairs = lane[1] == lane[0] + 1 && lane[3] == lane[2] + 1;
  State state[VECTORS];

  for (int v = 0; v < VECTORS; v++)
    load (&state[v], memory, energy, v * WIDTH);
  if (pairs)
#pragma GCC unroll 4
    for (size_t i = 0; i < frames; i++)
      filter_pairs (&s, &p, state, each[0] + i * stride, each[2] + i * stride);
  else
#pragma GCC unroll 2
    for (size_t i = 0; i < frames; i++)
      filter_lanes (&s, &p, state, each, i * stride);
  for (int v = 0; v < VECTORS; v++)
    store (&state[v], memory, energy, v * WIDTH);
}
