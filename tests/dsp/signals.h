/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Signals and sums for the tests of dsp/. */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <glib.h>
#include <math.h>
#include <string.h>

/* White noise of a given RMS value, the same in every run. */
static inline void
fill_noise (float *out, size_t samples, double rms, guint32 seed)
{
  GRand *rand = g_rand_new_with_seed (seed);

  for (size_t i = 0; i < samples; i++)
    out[i] = (float) (rms * sqrt (3.0) * g_rand_double_range (rand, -1, 1));
  g_rand_free (rand);
}

static inline void
fill_sine (float *out, size_t frames, unsigned channels, double frequency_hz,
    double rate_hz, double peak)
{
  for (size_t i = 0; i < frames; i++)
    for (unsigned c = 0; c < channels; c++)
      out[i * channels + c] =
          (float) (peak * sin (2 * G_PI * frequency_hz * i / rate_hz));
}

static inline double
db (double gain)
{
  return 20.0 * log10 (fmax (gain, 1e-12));
}

#endif
