/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Time that cepstralsnr.h needs for the pitch of a voice: the harmonics reach
 * their contrast after a few frames, not after the 0.1 s of other details. The
 * spectra are synthetic and constant, so that only the smoothing makes a
 * difference. */
#include "signals.h"

#include "denoise/cepstralsnr.h"

enum
{
  BINS = 769
};

/* One frame every 10.7 ms. */
static const DmixGainShape shape = { BINS, 31.25, 0.0107 };

/* Difference between the harmonics of 156 Hz and the valleys between them
 * after `frames` frames, dB. */
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

/* The time constant of the pitch peak is 6.6 ms: 99 % after three frames. The
 * contrast is a little behind, because the multiples of the peak in the
 * cepstrum are smoothed with 100 ms. */
static void
test_pitch_is_fast (void)
{
  const double settled = contrast_db (200);

  g_assert_cmpfloat (settled, >, 10.0);
  g_test_message ("contrast after 3, 5, 200 frames: %f %f %f dB",
      contrast_db (3), contrast_db (5), settled);
  g_assert_cmpfloat (contrast_db (3), >, 0.7 * settled);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cepstralsnr/pitch/fast", test_pitch_is_fast);
  return g_test_run ();
}
