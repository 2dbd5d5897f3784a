/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of fader.h: a gain that glides, bits that do not
 * depend on blocks, and an end that is not heard as a click. */
#include "signals.h"

#include "base/fader.h"

#define RATE 48000
#define FRAMES 4800
#define GLIDE 960 /* 20 ms */

static DmixFader *
new_fader (unsigned channels)
{
  DmixFader *self = dmix_fader_new (&(DmixFormat){ RATE, channels });

  g_assert_nonnull (self);
  return self;
}

/* Share of a glide that is done at frame i of it: raised cosine. */
static double
part (int i)
{
  return i < 0 ? 0.0 : i >= GLIDE ? 1.0 : 0.5 - 0.5 * cos (G_PI * i / GLIDE);
}

/* Constant input shows the gain: 20 ms to the target. */
static void
test_glide (void)
{
  DmixFader *self = new_fader (1);
  float x[FRAMES];

  for (int i = 0; i < FRAMES; i++)
    x[i] = 1.0f;
  g_assert_false (dmix_fader_changes_sound (self));
  dmix_fader_process (self, x, 100);
  dmix_fader_set_gain (self, 0.25);
  g_assert_true (dmix_fader_changes_sound (self));
  dmix_fader_process (self, x + 100, FRAMES - 100);
  for (int i = 0; i < FRAMES; i++)
    g_assert_cmpfloat_with_epsilon (x[i], 1.0 - 0.75 * part (i - 100), 1e-6);
  g_assert_cmpfloat (x[FRAMES - 1], ==, 0.25f);
  dmix_fader_free (self);

  self = new_fader (1);
  x[0] = x[1] = 1.0f;
  dmix_fader_set_gain (self, 0.5); /* before the first sound */
  dmix_fader_process (self, x, 1);
  g_assert_cmpfloat (x[0], ==, 0.5f);
  dmix_fader_set_gain (self, NAN);
  dmix_fader_set_gain (self, -1);
  dmix_fader_process (self, x + 1, 1);
  g_assert_cmpfloat (x[1], ==, 0.5f);
  dmix_fader_free (self);

  self = new_fader (1);
  x[0] = 1.0f;
  dmix_fader_remember (self, NULL, 0); /* there has been sound */
  dmix_fader_set_gain (self, 0.5);
  dmix_fader_process (self, x, 1);
  g_assert_cmpfloat (x[0], ==, 1.0f);
  dmix_fader_free (self);
}

static void
test_rise (void)
{
  DmixFader *self = new_fader (2);
  float x[2 * FRAMES];

  for (int i = 0; i < 2 * FRAMES; i++)
    x[i] = 1.0f;
  dmix_fader_rise (self);
  dmix_fader_process (self, x, FRAMES);
  for (int i = 0; i < FRAMES; i++)
    for (int c = 0; c < 2; c++)
      g_assert_cmpfloat_with_epsilon (x[2 * i + c], part (i), 1e-6);
  g_assert_false (dmix_fader_changes_sound (self));
  dmix_fader_free (self);
}

static void
test_splits (void)
{
  DmixFader *whole = new_fader (2), *split = new_fader (2);
  float a[2 * FRAMES], b[2 * FRAMES], end[2][2 * GLIDE];
  guint at = 0;

  fill_noise (a, 2 * FRAMES, 0.2, 3);
  memcpy (b, a, sizeof b);
  dmix_fader_rise (whole);
  dmix_fader_rise (split);
  dmix_fader_process (whole, a, FRAMES);
  for (guint n = 1; at < FRAMES; at += n, n = 1 + n * 7 % 301)
    dmix_fader_process (split, b + 2 * at, n = MIN (n, FRAMES - at));
  g_assert_cmpmem (a, sizeof a, b, sizeof b);
  g_assert_cmpuint (dmix_fader_end_frames (whole), ==, GLIDE);
  dmix_fader_end (whole, end[0]);
  dmix_fader_end (split, end[1]);
  g_assert_cmpmem (end[0], sizeof end[0], end[1], sizeof end[1]);
  dmix_fader_free (whole);
  dmix_fader_free (split);
}

/* What a click is: sound above 10 kHz, where the tones have none. The first
 * 40 ms of `x` are left out, for the filter is long. Relative to the RMS of the
 * sound before the end, in dB. */
static double
click_db (const float *x, guint frames, guint end)
{
  double peak = 0.0, energy = 0.0;

  for (guint i = 2000; i < frames - 100; i++) {
    double y = 0.0;

    for (int k = -64; k <= 64; k++) {
      const double window =
          0.42 + 0.5 * cos (G_PI * k / 65.0) + 0.08 * cos (2 * G_PI * k / 65.0);
      const double low =
          k == 0 ? 10.0 / 24.0 : sin (2 * G_PI * 10.0 / 48.0 * k) / (G_PI * k);

      y += x[i + k] * window * ((k == 0) - low);
    }
    peak = fmax (peak, fabs (y));
  }
  for (guint i = 0; i < end; i++)
    energy += x[i] * x[i] / end;
  return db (peak / sqrt (energy));
}

/* Tones end at any phase, two of them together: no click above -70 dB, where a
 * cut has one of -15 dB. */
static void
test_no_click (void)
{
  static const double hz[][2] = { { 440, 440 }, { 97, 1200 }, { 60, 61 },
    { 3000, 5100 }, { 250, 7000 } };

  for (guint h = 0; h < G_N_ELEMENTS (hz); h++)
    for (guint phase = 0; phase < 4; phase++) {
      const guint end = FRAMES + 29 * phase;
      DmixFader *self = new_fader (1);
      float x[2 * FRAMES] = { 0.0f };

      for (guint i = 0; i < end; i++)
        x[i] = (float) (0.3 * sin (2 * G_PI * hz[h][0] * i / RATE)
            + 0.3 * sin (2 * G_PI * hz[h][1] * i / RATE));
      g_assert_cmpfloat (click_db (x, 2 * FRAMES, end), >, -40.0);
      dmix_fader_remember (self, x, end);
      dmix_fader_end (self, x + end);
      g_assert_cmpfloat (click_db (x, 2 * FRAMES, end), <, -70.0);
      dmix_fader_free (self);
    }
}

/* Noise goes on at its level and fades: its RMS within 6 dB of the half of the
 * cosine's power, no peak above that of the sound. Silence ends in silence. */
static void
test_noise (void)
{
  DmixFader *self = new_fader (2);
  float x[2 * FRAMES], end[2 * GLIDE];
  double energy = 0.0;

  dmix_fader_end (self, end);
  for (guint i = 0; i < 2 * GLIDE; i++)
    g_assert_cmpfloat (end[i], ==, 0.0f);
  fill_noise (x, 2 * FRAMES, 0.1, 8);
  for (guint i = 2; i < 2 * FRAMES; i++) /* mostly low, as speech */
    x[i] = 0.95f * x[i - 2] + 0.3f * x[i];
  dmix_fader_remember (self, x, FRAMES);
  dmix_fader_end (self, end);
  for (guint i = 0; i < 2 * GLIDE; i++)
    energy += end[i] * end[i] / (2 * GLIDE);
  g_assert_cmpfloat (db (sqrt (energy) / 0.1), >, -26.0);
  g_assert_cmpfloat (db (sqrt (energy) / 0.1), <, 0.0);
  dmix_fader_end (self, end); /* the sound is forgotten */
  for (guint i = 0; i < 2 * GLIDE; i++)
    g_assert_cmpfloat (end[i], ==, 0.0f);
  dmix_fader_free (self);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fader/glide", test_glide);
  g_test_add_func ("/fader/rise", test_rise);
  g_test_add_func ("/fader/splits", test_splits);
  g_test_add_func ("/fader/no-click", test_no_click);
  g_test_add_func ("/fader/noise", test_noise);
  return g_test_run ();
}
