/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Loops over the samples of a block, in one version for any processor and one
 * for AVX2, which give the same bits. The modules that they belong to say what
 * they do: base/sanitize.h, delay, mixgain, level, decibel, and
 * dynamics/gaincurve.h.
 */
#ifndef DMIX_BLOCKLOOPS_H
#define DMIX_BLOCKLOOPS_H

#include <stddef.h>

/* The gain of frame i: start + slope * i. */
typedef struct
{
  float start, slope;
} DmixRamp;

typedef struct
{
  int (*clean) (float *sample, size_t count);
  size_t (*mute) (float *sample, size_t count);
  void (*limit) (float *sample, float most, size_t count);
  void (*exchange) (float *a, float *b, size_t count);
  /* io = io * gain + other * other_gain, for frames `first` + 1 and on. */
  void (*mix) (float *io, const float *other, unsigned channels, size_t frames,
      DmixRamp gain, DmixRamp other_gain, size_t first);
  /* The sum of both channels of a stereo signal. */
  void (*sum_pairs) (const float *both, float *mono, size_t frames);
  /* out = x * gain, one gain for each frame. */
  void (*apply) (float *out, const float *x, const float *gain,
      unsigned channels, size_t frames);
  /* A line from each of `gain` to the next one, over a step: from * (1 - p) + to
   * * p with the places p of a step's frames, from its frame `at` on. Reads up to
   * 8 places too many and writes as many frames. */
  void (*draw) (float *line, const float *gain, const float *place,
      unsigned step_frames, unsigned at, size_t frames);
  /* out = a * b; x *= gain; sum += a * b; re = re^2 + im^2, of `count` values */
  void (*multiply) (float *out, const float *a, const float *b, size_t count);
  void (*scale) (float *x, const float *gain, size_t count);
  void (
      *add_product) (float *sum, const float *a, const float *b, size_t count);
  void (*square) (float *re, const float *im, size_t count);
  /* Takes a stereo signal apart and puts another one in its place. */
  void (*swap_pairs) (float *io, float *left, float *right,
      const float *new_left, const float *new_right, size_t frames);
  /* The largest absolute value. */
  float (*largest) (const float *x, size_t count);
  void (*from_power) (float *power, size_t count);
  void (*to_gain) (float *db, size_t count);
  /* Largest sample and energy of each channel in each of `steps` steps,
   * [step][channel]; NULL: not wanted. */
  void (*level) (const float *x, unsigned channels, size_t frames, size_t steps,
      float *peak, float *energy);
} DmixBlockLoops;

/* The fastest version, from the first call on. */
const DmixBlockLoops *dmix_blockloops (void);

extern const DmixBlockLoops dmix_blockloops_plain;
#ifdef HAVE_AVX2
extern const DmixBlockLoops dmix_blockloops_avx2;
#endif

#endif
