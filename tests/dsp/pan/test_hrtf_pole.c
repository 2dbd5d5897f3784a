/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Test of the poles that hrtf.h adds, the mean of their neighbours: if all
 * measured responses are equal, the poles have this response, too. */
#include "pan/hrtf.h"

#include <glib.h>
#include <math.h>
#include <string.h>

enum
{
  TAPS = 128,
  AROUND = 12,
  MOST = 3 * AROUND
};

typedef struct
{
  DmixVector direction[MOST];
  float response[MOST][2][TAPS];
} Measured;

/* A decaying oscillation from `start` frames on. */
static float
ring (double frame, double start, double volume)
{
  const double t = frame - start;

  return t < 0 ? 0.0f
               : (float) (volume * exp (-t / 6.0) * sin (0.6 * (t + 1.0)));
}

/* Three rings of directions, at elevations of -60, 0 and 60 degrees. */
static DmixHrtf *
measure (Measured *m, const double start[2], const double volume[2])
{
  const DmixHrtfData data = { MOST, TAPS, 48000, m->direction,
    &m->response[0][0][0], NULL };

  for (unsigned i = 0; i < MOST; i++) {
    m->direction[i] = dmix_vector_from_angles (360.0 * (i % AROUND) / AROUND,
        60.0 * ((double) (i / AROUND) - 1.0));
    for (unsigned ear = 0; ear < 2; ear++)
      for (unsigned n = 0; n < TAPS; n++)
        m->response[i][ear][n] = ring (n, start[ear], volume[ear]);
  }
  return dmix_hrtf_new (&data);
}

static void
test_equal_responses (void)
{
  const double start[2] = { 20, 31 }, volume[2] = { 0.8, 0.3 };
  static Measured measured;
  DmixHrtf *hrtf = measure (&measured, start, volume);
  const unsigned directions = dmix_hrtf_directions (hrtf);

  g_assert_cmpuint (directions, ==, MOST + 2);
  for (unsigned pole = MOST; pole < directions; pole++)
    for (unsigned ear = 0; ear < 2; ear++) {
      const float *response = dmix_hrtf_get_response (hrtf, pole, ear);

      g_assert_cmpfloat (fabs (dmix_hrtf_get_direction (hrtf, pole).z), >,
          0.999);
      g_assert_cmpfloat_with_epsilon (dmix_hrtf_get_arrival (hrtf, pole, ear),
          dmix_hrtf_get_arrival (hrtf, 0, ear), 1e-6);
      for (unsigned n = 0; n < TAPS; n++)
        g_assert_cmpfloat_with_epsilon (response[n],
            measured.response[0][ear][n], 1e-4);
    }
  dmix_hrtf_free (hrtf);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hrtf/pole/equal-responses", test_equal_responses);
  return g_test_run ();
}
