/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Sounds like speech for the tests of dsp/. */
#ifndef VOICES_H
#define VOICES_H

#include "signals.h"

/* Adds a sound like speech: a gliding harmonic tone with two moving formants, in
 * syllables of 0.25 s, at about -26 dBFS RMS. */
static inline void
add_speech (float *out, size_t first, double seconds, unsigned rate,
    double gain)
{
  const size_t frames = (size_t) (seconds * rate);
  double phase = 0;

  for (size_t i = 0; i < frames; i++) {
    const double t = (double) i / rate;
    const double pitch = 120 + 20 * sin (2 * G_PI * 1.3 * t);
    const double low = 700 + 300 * sin (2 * G_PI * 2.1 * t);
    const double high = 1700 + 600 * sin (2 * G_PI * 1.7 * t + 1);
    const double syllable = pow (sin (G_PI * 4 * t), 2);
    double y = 0;

    phase += 2 * G_PI * pitch / rate;
    for (int h = 1; h * pitch < 3500; h++)
      y += sin (h * phase) / h
          * (1 / (0.1 + pow ((h * pitch - low) / 500, 2))
              + 1 / (0.2 + pow ((h * pitch - high) / 500, 2)));
    out[first + i] += (float) (0.031 * gain * syllable * y);
  }
}

#endif
