/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Synthetic speech as mel band powers: sounds with a random spectrum each, and
 * pauses with a steady background. The same seed gives the same text. For tests
 * of modules that process mel powers (adr/align.c and others), without a signal
 * and its analysis. */
#ifndef MEL_RIG_H
#define MEL_RIG_H

#include "signals.h"

#include "speech/melpower.h"
#include "speech/speechfeatures.h"

#define MEL_SOUNDS 60
#define MEL_ROWS 20 /* rows of a sound at tempo 1: 100 ms */
#define MEL_PAUSE(s) ((s) % 10 == 0 || (s) == MEL_SOUNDS - 1)
#define MEL_BACKGROUND 1e-9f

typedef struct
{
  float *power;
  size_t rows, start[MEL_SOUNDS + 1];
} MelSpeech;

/* Sound s lasts MEL_ROWS * tempo[s] rows (tempo NULL: 1). gain: one per band,
 * or NULL for 1. The caller frees `power`. */
static inline MelSpeech
mel_speak (guint32 seed, const double *tempo, const double *gain)
{
  GRand *rand = g_rand_new_with_seed (seed);
  MelSpeech speech = { NULL, 0, { 0 } };
  size_t row = 0;

  for (int s = 0; s < MEL_SOUNDS; s++)
    speech.start[s + 1] =
        speech.start[s] + (size_t) (MEL_ROWS * (tempo ? tempo[s] : 1.0) + 0.5);
  speech.rows = speech.start[MEL_SOUNDS];
  speech.power = g_new (float, speech.rows *DMIX_MEL_BANDS);
  for (int s = 0; s < MEL_SOUNDS; s++) {
    double sound[DMIX_MEL_BANDS];
    /* a resonance or two, as vowels have */
    const double first = g_rand_double_range (rand, 2, 14);
    const double second = g_rand_double_range (rand, 12, 30);
    const double loud = g_rand_double_range (rand, -4, 4);

    for (int b = 0; b < DMIX_MEL_BANDS; b++)
      sound[b] = pow (10.0,
          (loud - 70.0 + 30.0 * exp (-pow ((b - first) / 3, 2))
              + 25.0 * exp (-pow ((b - second) / 3, 2)))
              / 10.0);
    for (; row < speech.start[s + 1]; row++)
      for (int b = 0; b < DMIX_MEL_BANDS; b++)
        speech.power[row * DMIX_MEL_BANDS + (size_t) b] =
            (float) ((MEL_BACKGROUND + (MEL_PAUSE (s) ? 0.0 : sound[b]))
                * (gain ? gain[b] : 1.0));
  }
  g_rand_free (rand);
  return speech;
}

/* The middle of a sound. */
static inline double
mel_middle (const MelSpeech *speech, int s)
{
  return 0.5 * (double) (speech->start[s] + speech->start[s + 1]);
}

#endif
