/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Speech-like signals with known timing: syllables of a few harmonics with
 * formants of their own, and pauses. The same seed gives the same text. */
#ifndef SPEECH_RIG_H
#define SPEECH_RIG_H

#include "signals.h"

#define RIG_SYLLABLES 40

typedef struct
{
  double length_s[RIG_SYLLABLES], formant_hz[RIG_SYLLABLES][3];
  gboolean pause[RIG_SYLLABLES];
} RigText;

static inline RigText
rig_text (guint32 seed)
{
  GRand *rand = g_rand_new_with_seed (seed);
  RigText text;

  for (int s = 0; s < RIG_SYLLABLES; s++) {
    text.pause[s] = s == 0 || s == RIG_SYLLABLES - 1
        || (g_rand_int_range (rand, 0, 6) == 0 && !text.pause[s - 1]);
    text.length_s[s] =
        text.pause[s] ? 0.35 : g_rand_double_range (rand, 0.08, 0.25);
    text.formant_hz[s][0] = g_rand_double_range (rand, 250, 900);
    text.formant_hz[s][1] = g_rand_double_range (rand, 900, 2400);
    text.formant_hz[s][2] = g_rand_double_range (rand, 2400, 5000);
  }
  g_rand_free (rand);
  return text;
}

/* Speaks the text at rate_hz, syllable s stretched by tempo[s] (NULL: 1), and
 * writes the start of each syllable. The caller frees the samples. */
static inline float *
rig_speak (const RigText *text, const double *tempo, double voice_hz,
    unsigned rate_hz, double start_s[RIG_SYLLABLES + 1], size_t *frames)
{
  double at = 0.0;
  float *out;

  for (int s = 0; s < RIG_SYLLABLES; s++) {
    start_s[s] = at;
    at += text->length_s[s] * (tempo ? tempo[s] : 1.0);
  }
  start_s[RIG_SYLLABLES] = at;
  *frames = (size_t) (at * rate_hz);
  out = g_new0 (float, *frames);
  for (int s = 0; s < RIG_SYLLABLES; s++) {
    const size_t first = (size_t) (start_s[s] * rate_hz);
    const size_t end = MIN ((size_t) (start_s[s + 1] * rate_hz), *frames);

    for (size_t i = first; !text->pause[s] && i < end; i++) {
      const double t = (double) i / rate_hz;
      const double part = (double) (i - first) / (double) (end - first);
      const double shape = pow (sin (G_PI * part), 0.5);
      double sum = 0.0;

      for (double hz = voice_hz; hz < 6000 && hz < rate_hz / 2.2;
           hz += voice_hz) {
        double gain = 0.02;

        for (int f = 0; f < 3; f++)
          gain += (f ? 0.5 : 1.0)
              * exp (-pow ((hz - text->formant_hz[s][f]) / 180.0, 2));
        sum += gain * sin (2 * G_PI * hz * t);
      }
      out[i] = (float) (0.05 * shape * sum);
    }
  }
  return out;
}

#endif
