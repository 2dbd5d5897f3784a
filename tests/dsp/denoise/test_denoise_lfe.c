/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmix_denoise_set_weights(): the LFE is not linked with the other channels. */
#include "signals.h"

#include "denoise/denoise.h"

#define RATE 16000
#define FRAMES (2 * RATE)
#define CHANNELS 3 /* the LFE is the second */

static DmixDenoise *
make (unsigned channels, const float *weight)
{
  const DmixFormat format = { RATE, channels };
  const DmixDenoiseParams params = { .reduction_db = 12, .link = 1 };
  DmixDenoise *denoise = dmix_denoise_new (&format, DMIX_DENOISE_NORMAL, NULL);

  dmix_denoise_set_weights (denoise, weight);
  dmix_denoise_set_params (denoise, &params);
  return denoise;
}

/* Noise and a tone that comes and goes; in the LFE an explosion of this peak
 * in the second half. */
static float *
sound (double explosion)
{
  float *out = g_new (float, CHANNELS *FRAMES);

  fill_noise (out, CHANNELS * FRAMES, 0.001, 1);
  for (int i = 0; i < FRAMES; i++) {
    const double t = (double) i / RATE;

    out[CHANNELS * i] +=
        (float) (0.1 * (fmod (t, 0.4) < 0.2) * sin (2 * G_PI * 300 * t));
    out[CHANNELS * i + 1] +=
        (float) (explosion * (t > 1) * sin (2 * G_PI * 40 * t));
  }
  return out;
}

/* What is in the LFE changes no bit of the others; it is treated as a mono
 * signal. */
static void
test_apart (void)
{
  const float weight[CHANNELS] = { 1, 0, 1 };
  float *silent = sound (0), *loud = sound (0.5), *lfe = g_new (float, FRAMES);
  DmixDenoise *a = make (CHANNELS, weight), *b = make (CHANNELS, weight);
  DmixDenoise *alone = make (1, NULL);

  for (int i = 0; i < FRAMES; i++)
    lfe[i] = loud[CHANNELS * i + 1];
  dmix_denoise_process (a, silent, FRAMES);
  dmix_denoise_process (b, loud, FRAMES);
  dmix_denoise_process (alone, lfe, FRAMES);
  for (int i = 0; i < FRAMES; i++) {
    g_assert_cmpfloat (silent[CHANNELS * i], ==, loud[CHANNELS * i]);
    g_assert_cmpfloat (silent[CHANNELS * i + 2], ==, loud[CHANNELS * i + 2]);
    g_assert_cmpfloat (loud[CHANNELS * i + 1], ==, lfe[i]);
  }
  g_free (silent);
  g_free (loud);
  g_free (lfe);
  dmix_denoise_free (a);
  dmix_denoise_free (b);
  dmix_denoise_free (alone);
}

/* Without weights, and where all are 0, all channels are linked. */
static void
test_linked (void)
{
  const float none[CHANNELS] = { 0 };
  DmixDenoise *a = make (CHANNELS, NULL), *b = make (CHANNELS, none);
  float *first = sound (0.5), *second = sound (0.5);

  dmix_denoise_process (a, first, FRAMES);
  dmix_denoise_process (b, second, FRAMES);
  g_assert_cmpmem (first, CHANNELS * FRAMES * sizeof *first, second,
      CHANNELS * FRAMES * sizeof *second);
  g_free (first);
  g_free (second);
  dmix_denoise_free (a);
  dmix_denoise_free (b);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/denoise-lfe/apart", test_apart);
  g_test_add_func ("/denoise-lfe/linked", test_linked);
  return g_test_run ();
}
