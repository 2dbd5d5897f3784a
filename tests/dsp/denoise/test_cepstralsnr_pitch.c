/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* How fast cepstralsnr.h believes in a voice's pitch: the harmonics stand out
 * in full after a few frames, not after the tenth of a second that other
 * details take. The spectra are made and do not vary, so that all the
 * difference is the smoothing's. */
#include "signals.h"

#include "denoise/cepstralsnr.h"

enum
{
  BINS = 769
};

/* 10.7 ms a frame */
static const DmixGainShape shape = { BINS, 31.25, 0.0107 };

/* dB between the harmonics and the valleys of 156 Hz after some frames. */
static double
contrast_db (int frames)
{
  DmixCepstralSnr *snr = dmix_cepstralsnr_new (&shape);
  float power[BINS], noise[BINS];
  const float *prior = NULL;
  double on = 0.0, between = 0.0;

  for (int b = 0; b < BINS; b++) {
    power[b] = (float) (1.5 + 100.0 * pow (cos (G_PI * b / 5.0), 8.0));
    noise[b] = 1.0f;
  }
  for (int i = 0; i < frames; i++)
    prior = dmix_cepstralsnr_step (snr, power, noise, 0.003f);
  for (int b = 10; b < 190; b += 5) {
    on += 10.0 * log10 (prior[b]) / 36.0;
    between += 10.0 * log10 (0.5 * (prior[b + 2] + prior[b + 3])) / 36.0;
  }
  dmix_cepstralsnr_free (snr);
  return on - between;
}

/* 6.6 ms are the time constant of the pitch: 99 % after three frames, of which
 * the peak's harmonics, which are smoothed by 100 ms, take a part. */
static void
test_pitch_is_fast (void)
{
  const double settled = contrast_db (200);

  g_assert_cmpfloat (settled, >, 10.0);
  g_test_message ("%f %f %f", contrast_db (3), contrast_db (5), settled);
  g_assert_cmpfloat (contrast_db (3), >, 0.7 * settled);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cepstralsnr/pitch/fast", test_pitch_is_fast);
  return g_test_run ();
}
