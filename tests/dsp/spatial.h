/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Shared by the tests of spatial sound: a synthetic HRTF, and a window. */
#ifndef SPATIAL_H
#define SPATIAL_H

#include "pan/hrtf.h"
#include "signals.h"

#define HRTF_TAPS 300

/* Smooths a response, because measured ones have no energy at half of the rate.
 */
static inline void
soften (float *x)
{
  for (int times = 0; times < 6; times++)
    for (unsigned n = HRTF_TAPS - 1; n > 0; n--)
      x[n] = (x[n] + x[n - 1]) / 2;
}

/* A synthetic head: the response of each ear is a decaying noise, later and
 * softer on the far side. Every 10 degrees, down to an elevation of -40. */
static inline DmixHrtf *
make_head (double rate_hz)
{
  static DmixVector direction[600];
  static float response[600 * 2 * HRTF_TAPS];
  DmixHrtfData data = { 0, HRTF_TAPS, rate_hz, direction, response, NULL };
  static float noise[HRTF_TAPS];

  fill_noise (noise, HRTF_TAPS, 1, 3);
  for (int el = -40; el <= 80; el += 10)
    for (int az = 0; az < 360; az += 10) {
      const DmixVector d = dmix_vector_from_angles (az, el);

      for (unsigned ear = 0; ear < 2; ear++) {
        float *to = response + (2 * data.measurements + ear) * HRTF_TAPS;
        const double facing = ear ? d.x : -d.x;
        const unsigned late = (unsigned) (40 - 14 * facing);

        for (unsigned n = 0; n < HRTF_TAPS; n++)
          to[n] = n < late
              ? 0
              : (float) ((n == late ? 1 : 0.3 * noise[n - late])
                  * (0.6 + 0.4 * facing) * exp ((late - (double) n) / 20));
        soften (to);
      }
      direction[data.measurements++] = d;
    }
  return dmix_hrtf_new (&data);
}

/* 4-term Blackman-Harris window: side lobes below -92 dB. */
static inline double
window (size_t i, size_t frames)
{
  const double t = 2 * G_PI * i / frames;

  return 0.35875 - 0.48829 * cos (t) + 0.14128 * cos (2 * t)
      - 0.01168 * cos (3 * t);
}

#endif
