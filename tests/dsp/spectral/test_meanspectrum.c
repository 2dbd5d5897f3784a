/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of meanspectrum.h. */
#include "signals.h"

#include "spectral/meanspectrum.h"

static DmixMeanSpectrum *
measure (unsigned rate_hz, unsigned channels, const float *in, size_t windows)
{
  const DmixFormat format = { rate_hz, channels };
  DmixMeanSpectrum *self = dmix_meanspectrum_new (&format);
  const size_t window = dmix_meanspectrum_window_frames (self);

  for (size_t w = 0; w < windows; w++)
    dmix_meanspectrum_add (self, in + w * window * channels);
  g_assert_cmpuint (dmix_meanspectrum_get_count (self), ==, windows);
  return self;
}

static double
total (DmixMeanSpectrum *self)
{
  const double *power = dmix_meanspectrum_get_power (self);
  double sum = 0.0;

  for (unsigned b = 0; b < dmix_meanspectrum_bins (self); b++)
    sum += power[b];
  return sum;
}

/* The mean square of a sine in the middle of a third octave is in this band
 * only. The window's side lobes fall by 18 dB an octave and are below -80 dB
 * at the band's edges from 1 kHz on (F. Harris, Proc. IEEE 66(1), 1978). */
static void
test_sine (void)
{
  const unsigned rates[] = { 16000, 44100, 48000, 96000 };

  for (guint r = 0; r < G_N_ELEMENTS (rates); r++)
    for (unsigned i = 11; i < DMIX_MEANSPECTRUM_THIRDS; i++) {
      const double hz = dmix_meanspectrum_third_hz (i);
      double third[DMIX_MEANSPECTRUM_THIRDS];
      DmixMeanSpectrum *self;
      float *sine;

      if (hz * 1.13 > rates[r] / 2)
        continue;
      sine = g_new (float, rates[r]);
      fill_sine (sine, rates[r], 1, hz, rates[r], 0.5);
      self = measure (rates[r], 1, sine, 3);
      g_assert_cmpfloat_with_epsilon (total (self), 0.125, 0.125e-3);
      dmix_meanspectrum_get_thirds (self, third);
      for (unsigned k = 0; k < DMIX_MEANSPECTRUM_THIRDS; k++)
        if (k == i)
          g_assert_cmpfloat_with_epsilon (third[k], 0.125, 0.125e-3);
        else
          g_assert_cmpfloat (third[k], <, 0.125e-6);
      dmix_meanspectrum_free (self);
      g_free (sine);
    }
}

/* White noise: the power of a third octave is proportional to its width. The
 * estimate of a band of n bins from w windows that do not overlap has a
 * standard deviation of sqrt (1.5 / (n w)) (Hann window: neighbouring bins
 * correlate); the tolerance is 5 of them. */
static void
test_noise (void)
{
  const unsigned rate = 48000;
  const size_t windows = 60;
  const DmixFormat format = { rate, 1 };
  DmixMeanSpectrum *self = dmix_meanspectrum_new (&format);
  const unsigned window = dmix_meanspectrum_window_frames (self);
  float *noise = g_new (float, windows *window);
  double third[DMIX_MEANSPECTRUM_THIRDS];

  dmix_meanspectrum_free (self);
  fill_noise (noise, windows * window, 0.1, 5);
  self = measure (rate, 1, noise, windows);
  dmix_meanspectrum_get_thirds (self, third);
  for (unsigned i = 0; i < DMIX_MEANSPECTRUM_THIRDS; i++) {
    const double hz = dmix_meanspectrum_third_hz (i);
    const double wide = hz * (pow (10, 0.05) - pow (10, -0.05));
    const double bins = wide * window / rate;
    const double want = 0.01 * wide / (rate / 2.0);

    g_assert_cmpfloat (fabs (third[i] / want - 1.0), <,
        5 * sqrt (1.5 / (bins * (double) windows)));
  }
  dmix_meanspectrum_free (self);
  g_free (noise);
}

/* The powers of the channels are averaged, whatever their phase. */
static void
test_channels (void)
{
  const size_t frames = 48000;
  float *sine = g_new (float, frames), *two = g_new (float, 2 * frames);
  DmixMeanSpectrum *mono, *stereo;

  fill_sine (sine, frames, 1, 1000, 48000, 0.5);
  for (int kind = 0; kind < 2; kind++) {
    for (size_t i = 0; i < frames; i++) {
      two[2 * i] = sine[i];
      two[2 * i + 1] = kind ? -sine[i] : 0.0f;
    }
    mono = measure (48000, 1, sine, 2);
    stereo = measure (48000, 2, two, 2);
    g_assert_cmpfloat_with_epsilon (total (stereo),
        total (mono) * (kind ? 1.0 : 0.5), 1e-6);
    dmix_meanspectrum_free (mono);
    dmix_meanspectrum_free (stereo);
  }
  g_free (sine);
  g_free (two);
}

static void
test_frame (void)
{
  const DmixFormat narrow = { 8000, 1 },
                   bad[] = {
                     { 3999, 1 },
                     { 384001, 1 },
                     { 48000, 0 },
                     { 48000, 65 },
                   };
  DmixMeanSpectrum *self = dmix_meanspectrum_new (&narrow);
  const unsigned window = dmix_meanspectrum_window_frames (self);
  float *noise = g_new (float, window);
  double third[DMIX_MEANSPECTRUM_THIRDS];

  fill_noise (noise, window, 0.1, 6);
  dmix_meanspectrum_add (self, noise);
  dmix_meanspectrum_get_thirds (self, third);
  for (unsigned i = 0; i < DMIX_MEANSPECTRUM_THIRDS; i++)
    g_assert_true ((third[i] > 0.0)
        == (dmix_meanspectrum_third_hz (i) * pow (10, 0.05) <= 4000.0));
  dmix_meanspectrum_reset (self);
  g_assert_cmpuint (dmix_meanspectrum_get_count (self), ==, 0);
  g_assert_cmpfloat (total (self), ==, 0.0);
  dmix_meanspectrum_free (self);
  dmix_meanspectrum_free (NULL);
  for (guint b = 0; b < G_N_ELEMENTS (bad); b++)
    g_assert_null (dmix_meanspectrum_new (&bad[b]));
  g_assert_cmpfloat_with_epsilon (dmix_meanspectrum_third_hz (11), 1000.0,
      1e-9);
  g_free (noise);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/meanspectrum/sine", test_sine);
  g_test_add_func ("/meanspectrum/noise", test_noise);
  g_test_add_func ("/meanspectrum/channels", test_channels);
  g_test_add_func ("/meanspectrum/frame", test_frame);
  return g_test_run ();
}
