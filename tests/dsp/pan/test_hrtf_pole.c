/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Tests of hrtf.h with responses in closed form: arrival times; the poles that it
 * adds, the mean of their neighbours; the limits of what it accepts. */
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

static DmixHrtf *
one_response (const float *response, DmixVector *direction, unsigned count,
    const float *delay)
{
  const DmixHrtfData data = { count, TAPS, 48000, direction, response, delay };

  return dmix_hrtf_new (&data);
}

/* A response of minimum phase, k frames later, arrives k frames later; a change
 * of its volume or an extra delay, which is counted apart, does not change the
 * arrival. Parts of frames: within 0.05. */
static void
test_arrival (void)
{
  const double starts[] = { 0, 1, 7.25, 20.5, 31.75 };
  DmixVector front = { 0, 1, 0 };
  const float delay[] = { 3.5f, 9.0f };
  double zero = 0;

  for (unsigned k = 0; k < G_N_ELEMENTS (starts); k++) {
    float response[2][TAPS];
    DmixHrtf *plain, *late;

    /* a hump without a corner, for which parts of a frame have a meaning */
    for (unsigned n = 0; n < TAPS; n++) {
      const double t = ((double) n - 16.0 - starts[k]) / 2.5;

      response[0][n] = (float) exp (-0.5 * t * t);
      response[1][n] = 0.1f * response[0][n];
    }
    plain = one_response (response[0], &front, 1, NULL);
    late = one_response (response[0], &front, 1, delay);
    zero = k == 0 ? dmix_hrtf_get_arrival (plain, 0, 0) : zero;
    for (unsigned ear = 0; ear < 2; ear++) {
      g_assert_cmpfloat_with_epsilon (dmix_hrtf_get_arrival (plain, 0, ear),
          zero + starts[k], 0.05);
      g_assert_cmpfloat_with_epsilon (dmix_hrtf_get_arrival (late, 0, ear),
          dmix_hrtf_get_arrival (plain, 0, ear), 1e-6);
      g_assert_cmpfloat (dmix_hrtf_get_extra_delay (late, 0, ear), ==,
          delay[ear]);
      g_assert_cmpfloat (dmix_hrtf_get_extra_delay (plain, 0, ear), ==, 0.0);
    }
    g_assert_cmpfloat_with_epsilon (dmix_hrtf_length_frames (late), TAPS + 9.0,
        1e-6);
    dmix_hrtf_free (plain);
    dmix_hrtf_free (late);
  }
}

/* Of two directions less than 0.05 degrees apart one counts; a measurement within
 * 15 degrees of a pole serves for it. */
static void
test_directions (void)
{
  const struct
  {
    double apart_deg, below_pole_deg;
    unsigned directions;
  } cases[] = {
    { 0.045, 40, 3 },
    { 0.055, 40, 4 },
    { 30, 14.5, 3 },
    { 30, 15.5, 4 },
  };

  for (unsigned c = 0; c < G_N_ELEMENTS (cases); c++) {
    /* around the axis, so that poles have neighbours */
    DmixVector direction[8];
    static float many[8][2][TAPS];
    DmixHrtf *hrtf;
    const double up = 90 - cases[c].below_pole_deg;

    for (unsigned i = 0; i < 6; i++)
      direction[i] = dmix_vector_from_angles (60.0 * i, 0);
    direction[6] = dmix_vector_from_angles (10, up);
    direction[7] = dmix_vector_from_angles (10, up - cases[c].apart_deg);
    for (unsigned i = 0; i < 16; i++)
      many[i / 2][i % 2][5] = 1;
    hrtf = one_response (many[0][0], direction, 8, NULL);
    g_assert_cmpuint (dmix_hrtf_directions (hrtf), ==, 6 + cases[c].directions);
    dmix_hrtf_free (hrtf);
  }
}

/* If the responses around a pole arrive at two times, by turns, that of the pole
 * arrives between them and has the same form. */
static void
test_mean_arrival (void)
{
  static Measured m;
  const DmixHrtfData data = { MOST, TAPS, 48000, m.direction,
    &m.response[0][0][0], NULL };
  DmixHrtf *hrtf;

  for (unsigned i = 0; i < MOST; i++) {
    m.direction[i] = dmix_vector_from_angles (360.0 * (i % AROUND) / AROUND,
        60.0 * ((double) (i / AROUND) - 1.0));
    for (unsigned ear = 0; ear < 2; ear++)
      for (unsigned n = 0; n < TAPS; n++) {
        const double t = ((double) n - (i % 2 ? 23 : 17)) / 2.5;

        m.response[i][ear][n] = (float) exp (-0.5 * t * t);
      }
  }
  hrtf = dmix_hrtf_new (&data);
  g_assert_cmpuint (dmix_hrtf_directions (hrtf), ==, MOST + 2);
  for (unsigned pole = MOST; pole < MOST + 2; pole++)
    for (unsigned n = 0; n < TAPS; n++) {
      const double t = ((double) n - 20) / 2.5;

      g_assert_cmpfloat_with_epsilon (dmix_hrtf_get_response (hrtf, pole, 0)[n],
          exp (-0.5 * t * t), 1e-3);
    }
  dmix_hrtf_free (hrtf);
}

static void
test_accepted (void)
{
  static float response[2 * DMIX_HRTF_MAX_TAPS + 2];
  DmixVector front = { 0, 2, 0 }, none = { 0, 0, 0 };
  const float most = DMIX_HRTF_MAX_TAPS,
              delays[][2] = {
                { 0, most },
                { -0.5f, 0 },
                { 0, most * 1.01f },
                { NAN, 0 },
              };
  const struct
  {
    unsigned taps;
    double rate_hz;
    int good;
  } cases[] = {
    { 1, 1000, 1 },
    { 0, 48000, 0 },
    { DMIX_HRTF_MAX_TAPS, 1e6, 1 },
    { DMIX_HRTF_MAX_TAPS + 1, 48000, 0 },
    { 8, 999, 0 },
    { 8, 1.001e6, 0 },
    { 8, NAN, 0 },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (response); i++)
    response[i] = i % 2 ? 0.0f : 0.5f;
  for (unsigned c = 0; c < G_N_ELEMENTS (cases); c++) {
    const DmixHrtfData data = { 1, cases[c].taps, cases[c].rate_hz, &front,
      response, NULL };
    DmixHrtf *hrtf = dmix_hrtf_new (&data);

    g_assert_cmpint (hrtf != NULL, ==, cases[c].good);
    dmix_hrtf_free (hrtf);
  }
  for (unsigned d = 0; d < G_N_ELEMENTS (delays); d++) {
    DmixHrtf *hrtf = one_response (response, &front, 1, delays[d]);

    g_assert_cmpint (hrtf != NULL, ==, d == 0);
    dmix_hrtf_free (hrtf);
  }
  g_assert_null (one_response (response, &none, 1, NULL));
  g_assert_null (one_response (response, &front, 0, NULL));
  response[9] = INFINITY;
  g_assert_null (one_response (response, &front, 1, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hrtf/pole/equal-responses", test_equal_responses);
  g_test_add_func ("/hrtf/pole/mean-arrival", test_mean_arrival);
  g_test_add_func ("/hrtf/arrival", test_arrival);
  g_test_add_func ("/hrtf/directions", test_directions);
  g_test_add_func ("/hrtf/accepted", test_accepted);
  return g_test_run ();
}
