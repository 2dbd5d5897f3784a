/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of detector.h. */
#include "signals.h"

#include "dynamics/detector.h"
#include "meter/kweight.h"

#define RATE 48000
#define STEP 8
#define STEPS 6000
#define WINDOW 300 /* 50 ms */

typedef struct
{
  DmixDetectorKind kind;
  unsigned window, channels;
  double high, low;
  const float *weight;
} Setup;

static DmixDetector *
make (const Setup *s)
{
  const DmixFormat format = { RATE, s->channels };
  const DmixDetectorParams settings = {
    s->kind,
    s->window,
    s->high,
    s->low,
  };
  DmixDetector *detector = dmix_detector_new (&format, s->weight, STEP, 6000);

  g_assert_nonnull (detector);
  dmix_detector_set_params (detector, &settings);
  return detector;
}

/* Settled level, dB, of a sine in the given channels. */
static double
sine_level_db (const Setup *s, double frequency, double peak,
    unsigned silent_channels)
{
  static float x[STEPS * STEP * 2], joint[STEPS];
  DmixDetector *detector = make (s);

  fill_sine (x, STEPS * STEP, s->channels, frequency, RATE, peak);
  for (size_t i = 0; i < STEPS * STEP; i++)
    for (unsigned c = s->channels - silent_channels; c < s->channels; c++)
      x[i * s->channels + c] = 0;
  dmix_detector_process (detector, x, STEPS, joint, NULL, 0);
  dmix_detector_free (detector);
  return 10 * log10 (joint[STEPS - 1]);
}

/* BS.1770-5: a 997 Hz sine of 0 dBFS in one of the front channels reads
 * -3.01 LKFS, and 3.01 more in both channels. */
static void
test_levels_of_a_sine (void)
{
  Setup s = { DMIX_DETECTOR_RMS, WINDOW, 2, 0, 0, NULL };

  g_assert_cmpfloat_with_epsilon (sine_level_db (&s, 1000, 0.5, 0),
      db (0.5) - 3.0103, 1e-4);
  g_assert_cmpfloat_with_epsilon (sine_level_db (&s, 1000, 0.5, 1),
      db (0.5) - 3.0103, 1e-4);
  s.kind = DMIX_DETECTOR_PEAK;
  g_assert_cmpfloat_with_epsilon (sine_level_db (&s, 12000, 0.5, 0), db (0.5),
      1e-4);
  s.kind = DMIX_DETECTOR_K_WEIGHTED;
  g_assert_cmpfloat_with_epsilon (sine_level_db (&s, 997, 1.0, 1), -3.01, 0.02);
  g_assert_cmpfloat_with_epsilon (sine_level_db (&s, 997, 1.0, 0), 0.0, 0.02);
  s.channels = 1;
  g_assert_cmpfloat_with_epsilon (sine_level_db (&s, 997, 1.0, 0), -3.01, 0.02);
}

static void
test_weights (void)
{
  const float weight[] = { 1.41f, 0.0f };
  Setup s = { DMIX_DETECTOR_K_WEIGHTED, WINDOW, 2, 0, 0, weight };

  g_assert_cmpfloat_with_epsilon (sine_level_db (&s, 997, 1.0, 0),
      -3.01 + 10 * log10 (1.41), 0.02);
}

/* The LFE (weight 0) does not count in the joint level of any detector, except
 * where it is the only channel; each channel's own level is still there. */
static void
test_lfe (void)
{
  const float weight[] = { 1.0f, 0.0f };

  for (int kind = 0; kind < 3; kind++)
    for (unsigned channels = 1; channels <= 2; channels++) {
      const Setup s = { (DmixDetectorKind) kind, 50, channels, 0, 0,
        channels == 1 ? weight + 1 : weight };
      DmixDetector *detector = make (&s);
      float x[100 * STEP * 2] = { 0 }, joint[100], each[200];

      for (unsigned i = 0; i < 100 * STEP; i++)
        x[i * channels + channels - 1] = i % 2 ? 0.5f : -0.5f;
      dmix_detector_process (detector, x, 100, joint, NULL, 0);
      g_assert_true ((joint[99] > 1e-6f) == (channels == 1));
      g_assert_true (
          dmix_detector_counts (detector, channels - 1) == (channels == 1));
      dmix_detector_process (detector, x, 100, joint, each, 100);
      if (channels == 2 && kind != DMIX_DETECTOR_K_WEIGHTED)
        g_assert_cmpfloat_with_epsilon (each[199], 0.25, 1e-6);
      dmix_detector_free (detector);
    }
}

static void
test_filters (void)
{
  const Setup s = { DMIX_DETECTOR_RMS, WINDOW, 1, 1000, 0, NULL };
  const Setup t = { DMIX_DETECTOR_RMS, WINDOW, 1, 0, 1000, NULL };

  g_assert_cmpfloat_with_epsilon (sine_level_db (&s, 1000, 1.0, 0), -6.02,
      0.01);
  g_assert_cmpfloat_with_epsilon (sine_level_db (&t, 1000, 1.0, 0), -6.02,
      0.01);
}

/* Each step of each channel against a mean written as a plain sum. */
static void
test_true_rms (void)
{
  for (unsigned channels = 1; channels <= 6; channels++) {
    const Setup s = { DMIX_DETECTOR_RMS, 37, channels, 0, 0, NULL };
    DmixDetector *detector = make (&s);
    float *x = g_new (float, 200 * STEP * channels), joint[200];
    float *each = g_new (float, 200 * channels);

    fill_noise (x, 200 * STEP * channels, 0.2, channels);
    dmix_detector_process (detector, x, 200, joint, each, 200);
    for (int k = 0; k < 200; k++) {
      double most = 0;

      for (unsigned c = 0; c < channels; c++) {
        double sum = 0;

        for (int i = MAX (0, k - 36) * STEP; i < (k + 1) * STEP; i++)
          sum += (double) x[i * channels + c] * x[i * channels + c];
        sum /= 37 * STEP;
        most = MAX (most, sum);
        g_assert_cmpfloat_with_epsilon (each[c * 200 + k], sum, 2e-6 * sum);
      }
      g_assert_cmpfloat_with_epsilon (joint[k], most, 2e-6 * most);
    }
    g_free (x);
    g_free (each);
    dmix_detector_free (detector);
  }
}

/* A new window length starts from the latest level; so does a take-over. */
static void
test_changes (void)
{
  const Setup s = { DMIX_DETECTOR_RMS, 60, 2, 0, 0, NULL };
  DmixDetectorParams longer = { DMIX_DETECTOR_RMS, 600, 0, 0 };
  DmixDetector *a = make (&s), *b = make (&s);
  static float x[STEPS * STEP * 2];
  float first[300], second[300];
  const float power[] = { 0.25f, 0.01f };

  fill_sine (x, STEPS * STEP, 2, 1000, RATE, 0.5);
  dmix_detector_process (a, x, 120, first, NULL, 0);
  dmix_detector_take_over (b, a);
  dmix_detector_process (a, x, 300, first, NULL, 0);
  dmix_detector_process (b, x, 300, second, NULL, 0);
  g_assert_cmpmem (first, sizeof first, second, sizeof second);
  dmix_detector_set_params (a, &longer);
  dmix_detector_process (a, x, 6, first, NULL, 0);
  for (int i = 0; i < 6; i++)
    g_assert_cmpfloat_with_epsilon (first[i], 0.125, 1e-3);
  dmix_detector_set_power (a, power);
  dmix_detector_process (a, x, 6, first, NULL, 0);
  g_assert_cmpfloat_with_epsilon (first[5], 0.25, 2e-3);
  dmix_detector_reset (a);
  memset (x, 0, sizeof x);
  dmix_detector_process (a, x, 6, first, NULL, 0);
  g_assert_cmpfloat (first[5], <, 1e-20);
  dmix_detector_free (a);
  dmix_detector_free (b);
}

static void
test_bad_arguments (void)
{
  const DmixFormat good = { 48000, 2 }, bad = { 48000, 65 };

  g_assert_null (dmix_detector_new (&bad, NULL, 8, 100));
  g_assert_null (dmix_detector_new (&good, NULL, 0, 100));
  g_assert_null (dmix_detector_new (&good, NULL, 8, 0));
  dmix_detector_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/detector/levels-of-a-sine", test_levels_of_a_sine);
  g_test_add_func ("/detector/weights", test_weights);
  g_test_add_func ("/detector/lfe", test_lfe);
  g_test_add_func ("/detector/filters", test_filters);
  g_test_add_func ("/detector/true-rms", test_true_rms);
  g_test_add_func ("/detector/changes", test_changes);
  g_test_add_func ("/detector/bad-arguments", test_bad_arguments);
  return g_test_run ();
}
