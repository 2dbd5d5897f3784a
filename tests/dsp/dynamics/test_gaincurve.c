/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Gain lines of gaincurve.h, from the gains at their borders. */
#include "signals.h"

#include "dynamics/gaincurve.h"

#define CHANNELS 3
#define STEP 8
#define BORDERS 16
#define FIRST 1000u /* the ring wraps: 1000 modulo 16 is 8 */
#define STEPS 12
#define FRAMES (STEPS * STEP)

typedef struct
{
  DmixGainCurve *curve;
  float gain[CHANNELS][BORDERS];
  float in[FRAMES * CHANNELS], out[FRAMES * CHANNELS];
} Rig;

/* Borders FIRST to FIRST + STEPS with random gains from 0.1 to 1. */
static Rig *
rig_new (gboolean shared, float rest)
{
  const DmixGainCurveBorder what = { shared, rest };
  Rig *rig = g_new0 (Rig, 1);

  rig->curve = dmix_gaincurve_new (CHANNELS, STEP, BORDERS, FRAMES);
  fill_noise (rig->in, FRAMES * CHANNELS, 0.3, 4);
  for (int c = 0; c < CHANNELS; c++) {
    for (int b = 0; b < BORDERS; b++)
      rig->gain[c][b] = (float) g_test_rand_double_range (0.1, 1.0);
    if (c == 0 || !shared)
      dmix_gaincurve_set_gains (rig->curve, FIRST, STEPS + 1, what,
          (unsigned) c, rig->gain[c]);
  }
  return rig;
}

static void
rig_free (Rig *rig)
{
  dmix_gaincurve_free (rig->curve);
  g_free (rig);
}

static float
process (Rig *rig, size_t first, size_t frames, DmixDynamicsMeterState *meter)
{
  return dmix_gaincurve_process (rig->curve, rig->out + first * CHANNELS,
      rig->in + first * CHANNELS, (uint64_t) FIRST * STEP + first, frames,
      meter);
}

/* The gain of frame i has made (i + 1) / S of the way between two borders.
 * Tolerance: three roundings of a float. */
static void
test_lines (void)
{
  for (int shared = 0; shared < 2; shared++) {
    Rig *rig = rig_new (shared, 0.5f);

    g_assert_true (process (rig, 0, FRAMES, NULL) == 0.5f);
    for (unsigned i = 0; i < FRAMES; i++)
      for (int c = 0; c < CHANNELS; c++) {
        const float *gain = rig->gain[shared ? 0 : c];
        const unsigned border = FIRST + i / STEP;
        const double from = gain[border % BORDERS];
        const double to = gain[(border + 1) % BORDERS];
        const double part = (i % STEP + 1) / (double) STEP;
        const double x = rig->in[i * CHANNELS + c];

        g_assert_cmpfloat_with_epsilon (rig->out[i * CHANNELS + c],
            x * (from + (to - from) * part), 2e-7);
      }
    rig_free (rig);
  }
}

/* Any split gives the same bits. */
static void
test_blocks (void)
{
  const size_t blocks[] = { 1, 5, 8, 17 };
  Rig *rig = rig_new (FALSE, 1.0f);
  float whole[FRAMES * CHANNELS];

  process (rig, 0, FRAMES, NULL);
  memcpy (whole, rig->out, sizeof whole);
  for (guint b = 0; b < G_N_ELEMENTS (blocks); b++) {
    memset (rig->out, 0, sizeof rig->out);
    for (size_t at = 0; at < FRAMES; at += blocks[b])
      process (rig, at, MIN (blocks[b], FRAMES - at), NULL);
    g_assert_cmpmem (rig->out, sizeof rig->out, whole, sizeof whole);
  }
  rig_free (rig);
}

/* Where both borders have a gain of 1 the samples keep their bits; one frame
 * before that they do not. */
static void
test_unity (void)
{
  const DmixGainCurveBorder what = { 1, 1.0f };
  Rig *rig = rig_new (TRUE, 1.0f);

  for (int b = 0; b < BORDERS; b++)
    rig->gain[0][b] = b == FIRST % BORDERS ? 0.5f : 1.0f;
  dmix_gaincurve_set_gains (rig->curve, FIRST, STEPS + 1, what, 0,
      rig->gain[0]);
  process (rig, 0, FRAMES, NULL);
  g_assert_cmpmem (rig->out + STEP * CHANNELS,
      (FRAMES - STEP) * CHANNELS * sizeof (float), rig->in + STEP * CHANNELS,
      (FRAMES - STEP) * CHANNELS * sizeof (float));
  for (int c = 0; c < CHANNELS; c++)
    g_assert_cmpfloat_with_epsilon (rig->out[c],
        rig->in[c] * (0.5 + 0.5 / STEP), 1e-7);
  rig_free (rig);
}

/* A border in a fade has the gain a + w (b - a); its neighbours do not change.
 * After a shared border, lines to separate gains start at the shared one. */
static void
test_mix (void)
{
  const DmixGainCurveBorder each = { 0, 0.25f };
  const float w = 0.375f;
  Rig *rig = rig_new (TRUE, 1.0f);
  const unsigned border = FIRST + 2, at = border % BORDERS;
  float other[BORDERS];

  for (int b = 0; b < BORDERS; b++)
    other[b] = 0.5f;
  for (unsigned c = 0; c < CHANNELS; c++)
    dmix_gaincurve_set_mix (rig->curve, border, each, c, rig->gain[c], other,
        w);
  g_assert_true (process (rig, 0, STEP, NULL) == 1.0f);
  g_assert_true (process (rig, STEP, STEP, NULL) == 0.25f);
  g_assert_true (process (rig, 2 * STEP, STEP, NULL) == 1.0f);
  for (unsigned i = STEP; i < 3 * STEP; i++)
    for (unsigned c = 0; c < CHANNELS; c++) {
      const double mixed = (1.0 - w) * rig->gain[c][at] + w * 0.5;
      const double before = rig->gain[0][at - 1], after = rig->gain[0][at + 1];
      const double part = (i % STEP + 1) / (double) STEP;
      const double gain = i < 2 * STEP ? before + (mixed - before) * part
                                       : mixed + (after - mixed) * part;

      g_assert_cmpfloat_with_epsilon (rig->out[i * CHANNELS + c],
          rig->in[i * CHANNELS + c] * gain, 2e-7);
    }
  rig_free (rig);
}

/* Borders that are set again, as after a reset, have what was set last; those behind
 * them keep theirs. */
static void
test_again (void)
{
  const DmixGainCurveBorder what = { 1, 0.25f };
  Rig *rig = rig_new (FALSE, 1.0f);
  float again[BORDERS];

  for (int b = 0; b < BORDERS; b++)
    again[b] = 0.125f;
  dmix_gaincurve_set_gains (rig->curve, FIRST, 4, what, 0, again);
  g_assert_true (process (rig, 0, 3 * STEP, NULL) == 0.25f);
  for (unsigned i = 0; i < 3 * STEP * CHANNELS; i++)
    g_assert_true (rig->out[i] == rig->in[i] * 0.125f);
  g_assert_true (process (rig, 3 * STEP, STEP, NULL) == 1.0f);
  for (unsigned c = 0; c < CHANNELS; c++) {
    const unsigned last = 4 * STEP * CHANNELS - CHANNELS + c;
    const float end = rig->gain[c][(FIRST + 4) % BORDERS];

    g_assert_cmpfloat_with_epsilon (rig->out[last], rig->in[last] * end, 2e-7);
  }
  rig_free (rig);
}

/* The meter gets gains over the rest gain: minimum and mean of the lines' ends
 * in dB, for a block that begins and ends within steps. */
static void
test_meter (void)
{
  const float rest = 2.0f;
  Rig *rig = rig_new (TRUE, rest);
  const size_t first = 3, frames = STEP; /* of step 0, from its 4th frame on */
  DmixDynamicsMeterState state;
  DmixDynamicsMeter meter;
  double g[3], line[4], low, mean;

  for (int b = 0; b < 3; b++)
    g[b] = rig->gain[0][(FIRST + (unsigned) b) % BORDERS];
  dmix_dynamicsmeter_reset (&state);
  process (rig, first, frames, &state);
  dmix_dynamicsmeter_read (&state, CHANNELS, rest, &meter);
  line[0] = g[0] + (g[1] - g[0]) * (first + 1) / STEP;
  line[1] = g[1];
  line[2] = g[1] + (g[2] - g[1]) / STEP;
  line[3] = g[1] + (g[2] - g[1]) * first / STEP;
  low = INFINITY;
  for (int i = 0; i < 4; i++) {
    line[i] = db (line[i] / rest);
    low = fmin (low, line[i]);
  }
  mean = ((line[0] + line[1]) * (STEP - first) + (line[2] + line[3]) * first)
      / (2.0 * STEP);
  g_assert_cmpfloat_with_epsilon (meter.gain_min_db, low, 1e-4);
  g_assert_cmpfloat_with_epsilon (meter.gain_mean_db, mean, 1e-4);
  g_assert_cmpfloat_with_epsilon (meter.rest_db, db (rest), 1e-9);
  rig_free (rig);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gaincurve/lines", test_lines);
  g_test_add_func ("/gaincurve/blocks", test_blocks);
  g_test_add_func ("/gaincurve/unity", test_unity);
  g_test_add_func ("/gaincurve/mix", test_mix);
  g_test_add_func ("/gaincurve/again", test_again);
  g_test_add_func ("/gaincurve/meter", test_meter);
  return g_test_run ();
}
