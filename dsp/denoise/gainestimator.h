/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Interface of gain estimators: an estimator finds the gains that the noise
 * reduction applies. dmix_denoise_new() takes one. denoise/speechgain.h is a
 * statistical estimator, denoise/learnedgain.h asks a trained network.
 *
 * An estimator receives the power of the input and of the noise in each bin of
 * a spectrum; bin b lies at b * hz_per_bin. It returns a gain for each bin, 0
 * (only noise) to 1 (only speech), and the probability of speech. It need not
 * limit the gains to the chosen reduction: the noise reduction does that.
 */
#ifndef DMIX_GAINESTIMATOR_H
#define DMIX_GAINESTIMATOR_H

typedef struct
{
  unsigned bins;
  double hz_per_bin;
  double hop_s; /* time from frame to frame, s */
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
  /* Returns a new state, or NULL if memory is short. Only make() allocates. */
  void *(*make) (const DmixGainShape *shape);
  void (*free) (void *state); /* state may be NULL */
  void (*reset) (void *state);
  /* `to` takes over the state of `from` (both of the same shape). */
  void (*take_over) (void *to, const void *from);
  /* One frame: power[], noise[] (> 0) in, gain[] out. Returns the probability
   * of speech, 0 to 1. Must not allocate and cannot fail. */
  float (
      *step) (void *state, const float *power, const float *noise, float *gain);
  /* NULL, or called before each step(). */
  void (*hint) (void *state, const DmixGainHint *hint);
  /* Frames in the length of a window; 0: 3. */
  unsigned overlap;
} DmixGainEstimator;

#endif
