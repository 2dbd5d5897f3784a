/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: direct form I. The recursion limits the speed, so the product with
 * the latest output, the only one that has to wait, comes last in each sum.
 *
 * This file is compiled once for any processor, with vectors of two doubles,
 * and on x86 once more for AVX2 (with -mavx2, which defines __AVX2__), with
 * vectors of four. Vector types are those of gcc and clang.
 */
#include "meter/kweightfilter.h"

#include "base/four.h"

#include <string.h>

#ifdef __AVX2__
#define FILTER dmix_kweight_filter_avx2
#define WIDTH 4
#else
#define FILTER dmix_kweight_filter_plain
#define WIDTH 2
#endif
#define VECTORS (DMIX_KWEIGHT_GROUP / WIDTH)

typedef float Pair __attribute__ ((vector_size (2 * sizeof (float))));
typedef double Lanes __attribute__ ((vector_size (WIDTH * sizeof (double))));

typedef struct
{
  Lanes x1, x2, y1, y2, z1, z2, sum;
} State;

static void
load (State *state, const DmixKWeightMemory *m, const double *energy, int first)
{
  memcpy (&state->x1, m->x1 + first, sizeof (Lanes));
  memcpy (&state->x2, m->x2 + first, sizeof (Lanes));
  memcpy (&state->y1, m->y1 + first, sizeof (Lanes));
  memcpy (&state->y2, m->y2 + first, sizeof (Lanes));
  memcpy (&state->z1, m->z1 + first, sizeof (Lanes));
  memcpy (&state->z2, m->z2 + first, sizeof (Lanes));
  memcpy (&state->sum, energy + first, sizeof (Lanes));
}

static void
store (const State *state, DmixKWeightMemory *m, double *energy, int first)
{
  memcpy (m->x1 + first, &state->x1, sizeof (Lanes));
  memcpy (m->x2 + first, &state->x2, sizeof (Lanes));
  memcpy (m->y1 + first, &state->y1, sizeof (Lanes));
  memcpy (m->y2 + first, &state->y2, sizeof (Lanes));
  memcpy (m->z1 + first, &state->z1, sizeof (Lanes));
  memcpy (m->z2 + first, &state->z2, sizeof (Lanes));
  memcpy (energy + first, &state->sum, sizeof (Lanes));
}

static inline void
filter (const DmixBiquad *s, const DmixBiquad *p, State *m, Lanes x)
{
  const Lanes y = (s->b0 * x + s->b1 * m->x1 + s->b2 * m->x2 - s->a2 * m->y2)
      - s->a1 * m->y1;
  const Lanes z = (y - (m->y1 + m->y1) + m->y2 - p->a2 * m->z2) - p->a1 * m->z1;

  *m = (State){ x, m->x1, y, m->y1, z, m->z1, m->sum + z * z };
}

static inline Pair
load_pair (const float *x)
{
  Pair pair;

  memcpy (&pair, x, sizeof pair);
  return pair;
}

/* Samples of the lanes in two pairs of neighbours, as those of two stereo
 * sounds: one load for each pair. */
static inline void
filter_pairs (const DmixBiquad *s, const DmixBiquad *p, State *state,
    const float *a, const float *b)
{
  const Pair first = load_pair (a), second = load_pair (b);

#if WIDTH == 4
  const DmixFour four = { first[0], first[1], second[0], second[1] };

  filter (s, p, &state[0], __builtin_convertvector(four, Lanes));
#else
  filter (s, p, &state[0], __builtin_convertvector(first, Lanes));
  filter (s, p, &state[1], __builtin_convertvector(second, Lanes));
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
