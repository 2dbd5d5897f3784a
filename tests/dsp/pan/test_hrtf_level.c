/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Sets of HRTFs of different makers are equally loud: the same head, scaled,
 * or measured in other directions. */
#include "pan/sofa.h"
#include "spatial.h"

#define MOST 900
#define TAPS 256

typedef enum
{
  GRID,   /* each 10 degrees, dense at the poles */
  SPIRAL, /* evenly */
  RING,   /* a turntable: at ear height alone */
  KINDS
} Kind;

static DmixVector direction[MOST];
static float response[MOST][2][TAPS];

/* Each ear hears a short sound, softer on the side that is turned away. */
static void
add (DmixHrtfData *data, DmixVector d, double volume)
{
  for (unsigned ear = 0; ear < 2; ear++) {
    const double facing = ear ? d.x : -d.x;
    float *to = response[data->measurements][ear];

    memset (to, 0, sizeof response[0][0]);
    to[20] = (float) (volume * (0.6 + 0.35 * facing));
    to[23] = -0.4f * to[20];
  }
  direction[data->measurements++] = d;
}

static DmixHrtf *
measure (Kind kind, double rate_hz, double volume)
{
  DmixHrtfData data = { 0, TAPS, rate_hz, direction, &response[0][0][0], NULL,
    1 };

  for (int el = -80; kind == GRID && el <= 80; el += 10)
    for (int az = 0; az < 360; az += 10)
      add (&data, dmix_vector_from_angles (az, el), volume);
  for (int i = 0; kind == SPIRAL && i < 400; i++)
    add (&data,
        dmix_vector_from_angles (i * 137.508,
            asin ((2 * i + 1) / 400.0 - 1) * 180 / G_PI),
        volume);
  for (int az = 0; kind == RING && az < 360; az += 5)
    add (&data, dmix_vector_from_angles (az, 0), volume);
  return dmix_hrtf_new (&data);
}

/* Energy of both ears for sound from the front left, dB. */
static double
level_db (const DmixHrtf *hrtf)
{
  unsigned hint = 0, index[3];
  double weight[3], sum = 0;

  dmix_hrtf_find (hrtf, dmix_vector_from_angles (30, 0), &hint, index, weight);
  for (unsigned j = 0; j < 3; j++)
    for (unsigned ear = 0; ear < 2; ear++) {
      const float *x = dmix_hrtf_get_response (hrtf, index[j], ear);

      for (unsigned n = 0; n < dmix_hrtf_taps (hrtf); n++)
        sum += weight[j] * x[n] * x[n];
    }
  return 10 * log10 (sum);
}

/* Steps of 0.1 dB, so 0.1 dB. */
static void
test_scaled (void)
{
  const double volume[] = { 1, 0.02, 30, 1e-4 };
  double first = 0;

  for (guint v = 0; v < G_N_ELEMENTS (volume); v++) {
    DmixHrtf *hrtf = measure (GRID, 44100, volume[v]);
    const double level = level_db (hrtf);

    if (v == 0)
      first = level;
    g_assert_cmpfloat_with_epsilon (level, first, 0.1);
    dmix_hrtf_free (hrtf);
  }
}

/* Directions that lack are taken from the nearest: within 1.5 dB. */
static void
test_directions (void)
{
  DmixHrtf *grid = measure (GRID, 44100, 1);

  for (int kind = SPIRAL; kind < KINDS; kind++) {
    DmixHrtf *other = measure ((Kind) kind, 44100, 5);

    g_assert_cmpfloat_with_epsilon (level_db (other), level_db (grid),
        kind == SPIRAL ? 0.3 : 1.5);
    dmix_hrtf_free (other);
  }
  dmix_hrtf_free (grid);
}

/* Nothing to measure, or as asked for: the responses stay as they are. */
static void
test_unscaled (void)
{
  const DmixVector front = { 0, 1, 0 };
  float silence[2 * 16] = { 0 };
  DmixHrtfData data = { 1, 16, 48000, &front, silence, NULL, 1 };
  DmixHrtf *hrtf = dmix_hrtf_new (&data);

  g_assert_nonnull (hrtf);
  dmix_hrtf_free (hrtf);
  silence[3] = 0.25f;
  data.equal_level = 0;
  hrtf = dmix_hrtf_new (&data);
  g_assert_cmpfloat (dmix_hrtf_get_response (hrtf, 0, 0)[3], ==, 0.25f);
  dmix_hrtf_free (hrtf);
}

/* The default set is the reference, and so keeps its bits: what it is like is
 * known from its documentation (W. Gardner, K. Martin, "HRTF measurements of a
 * KEMAR dummy-head microphone", 1994): 16-bit samples. */
static void
test_default (void)
{
  char reason[200];
  DmixHrtf *hrtf = dmix_sofa_load (NULL, reason, sizeof reason);

  if (!hrtf) {
    g_test_skip (reason);
    return;
  }
  for (unsigned d = 0; d < 100; d++)
    for (unsigned n = 0; n < dmix_hrtf_taps (hrtf); n++) {
      const float x = 32768 * dmix_hrtf_get_response (hrtf, d, 0)[n];

      g_assert_cmpfloat_with_epsilon (x, roundf (x), 1e-3);
    }
  dmix_hrtf_free (hrtf);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hrtf-level/scaled", test_scaled);
  g_test_add_func ("/hrtf-level/directions", test_directions);
  g_test_add_func ("/hrtf-level/unscaled", test_unscaled);
  g_test_add_func ("/hrtf-level/default", test_default);
  return g_test_run ();
}
