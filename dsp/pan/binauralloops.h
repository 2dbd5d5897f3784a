/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Inner loops of the binaural renderer, built for several kinds of processor.
 * Private to hrtfbank.c and binaural.c.
 *
 * A spectrum is `stride` floats of real parts, followed by `stride` floats of
 * imaginary parts; stride is a multiple of DMIX_BINAURALLOOPS_WIDTH.
 */
#ifndef DMIX_BINAURALLOOPS_H
#define DMIX_BINAURALLOOPS_H

#define DMIX_BINAURALLOOPS_WIDTH 8u

#define DMIX_BINAURALLOOPS_TURNS 8u

/* One ear of a source whose filter changes. */
typedef struct
{
  const float *x; /* spectrum of the source */
  float *filter;  /* the old one, which becomes the new one: a mix */
  const float *from[3];
  float weight[3];
  double radians;
} DmixBinauralTurn;

typedef struct
{
  /* sum += a * b */
  void (*multiply_add) (float *sum, const float *a, const float *b,
      unsigned stride);
  /* old += x * a, new += x * a */
  void (*multiply_add_twice) (float *old, float *new, const float *x,
      const float *a, unsigned stride);
  /* old += x * now, new += x * next, now = next */
  void (*multiply_add_turn) (float *old, float *new, const float *x, float *now,
      const float *next, unsigned stride);
  /* to = (a * weight[0] + b * weight[1] + c * weight[2]) * turn, where turn
   * is exp (-i * radians * bin) */
  void (*mix) (float *to, const float *const from[3], const float weight[3],
      double radians, unsigned stride);
  /* mix and multiply_add_turn of up to DMIX_BINAURALLOOPS_TURNS sources, in
   * this order: the mix of each is its `next` */
  void (*turn) (const DmixBinauralTurn *source, unsigned sources, float *before,
      float *after, unsigned stride);
} DmixBinauralLoops;

extern const DmixBinauralLoops dmix_binauralloops_plain,
    dmix_binauralloops_avx2;

/* The fastest version that this processor can run; all give the same bits. */
const DmixBinauralLoops *dmix_binauralloops_get (void);

#endif
