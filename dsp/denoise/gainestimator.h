/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Interface of gain estimators: the noise reduction applies gains, an
 * estimator finds them. dmix_denoise_new() takes one of these;
 * denoise/speechgain.h is the statistical one, denoise/learnedgain.h the
 * learned one.
 *
 * An estimator sees the power of each frame in bands, all as wide as a bin of
 * the transform (hz_per_bin, the first at 0 Hz; pool them as you like), and
 * the noise power in them. It answers with a gain for each, 0 (nothing but
 * noise) to 1 (nothing but speech), and the probability of speech.
 * The floor, the chosen reduction, is not its concern.
 */
#ifndef DMIX_GAINESTIMATOR_H
#define DMIX_GAINESTIMATOR_H

typedef struct
{
  unsigned bins;
  double hz_per_bin;
  double hop_s; /* time from frame to frame */
  /* power of each bin for white noise of mean square 1 */
  double window_energy;
} DmixGainShape;

/* What else is known of a frame. */
typedef struct
{
  /* Power of the mean of all channels that get the gain, and of the rest: both
   * together the mean power of a channel. NULL if it is one channel. */
  const float *mid, *side;
  /* noise[] is a captured profile: lower this noise, and no other. */
  int noise_is_given;
} DmixGainHint;

typedef struct
{
  /* A state that knows nothing, or NULL. All memory is taken here. */
  void *(*make) (const DmixGainShape *shape);
  void (*free) (void *state); /* state may be NULL */
  void (*reset) (void *state);
  /* `to` takes over the state of `from` (both of the same shape). */
  void (*take_over) (void *to, const void *from);
  /* power[], noise[] (> 0) in, gain[] out; returns the probability of voice,
   * 0 to 1. No allocation, no failure. */
  float (
      *step) (void *state, const float *power, const float *noise, float *gain);
  /* NULL, or called before each step(). */
  void (*hint) (void *state, const DmixGainHint *hint);
  /* Frames in the length of a window; 0: 3. */
  unsigned overlap;
} DmixGainEstimator;

#endif
