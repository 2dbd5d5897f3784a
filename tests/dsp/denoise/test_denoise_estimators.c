/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Which gain estimator the noise reduction gets, and that it takes others:
 * gainestimator.h. */
#include "signals.h"

#include "denoise/denoise.h"
#include "denoise/learnedgain.h"
#include "denoise/speechgain.h"

enum
{
  RATE = 48000
};

/* A gain estimator that takes everything as noise. */
static unsigned made; /* calls of its make() */

static void *
make_mute (const DmixGainShape *shape)
{
  g_assert_cmpuint (shape->bins, ==, 769);
  g_assert_cmpfloat (shape->hz_per_bin, ==, 31.25);
  made++;
  return g_memdup2 (shape, sizeof *shape);
}

static void
reset_mute (void *state)
{
}

static void
take_over_mute (void *to, const void *from)
{
}

static float
step_mute (void *state, const float *power, const float *noise, float *gain)
{
  memset (gain, 0, ((DmixGainShape *) state)->bins * sizeof *gain);
  g_assert_true (power[10] >= 0.0f && noise[10] > 0.0f);
  return 0.25f;
}

static void
test_other_estimators (void)
{
  const DmixGainEstimator mute = {
    make_mute,
    g_free,
    reset_mute,
    take_over_mute,
    step_mute,
  };
  const DmixDenoiseParams usual = { .reduction_db = 12, .link = 1 };
  static float input[2 * RATE], output[2 * RATE];
  const DmixFormat format = { RATE, 2 };
  DmixDenoise *denoise = dmix_denoise_new (&format, DMIX_DENOISE_NORMAL, &mute);
  DmixDenoiseMeter meter;

  g_assert_cmpuint (made, ==, 2);
  dmix_denoise_set_params (denoise, &usual);
  fill_noise (input, 2 * RATE, 0.1, 15);
  memcpy (output, input, sizeof output);
  dmix_denoise_process (denoise, output, RATE);
  for (size_t i = RATE; i < 2 * RATE; i++)
    g_assert_cmpfloat_with_epsilon (output[i],
        0.25118864f * input[i - 2 * dmix_denoise_latency_frames (denoise)],
        1e-6);
  dmix_denoise_read_meter (denoise, &meter);
  g_assert_cmpfloat_with_epsilon (meter.voice_activity, 0.25, 1e-6);
  dmix_denoise_free (denoise);
}

/* What hint() got last. */
static struct
{
  double mid, side;
  int has_side, noise_is_given;
} hinted;

static void
take_hint (void *state, const DmixGainHint *hint)
{
  const unsigned bins = ((DmixGainShape *) state)->bins;

  memset (&hinted, 0, sizeof hinted);
  hinted.noise_is_given = hint->noise_is_given;
  hinted.has_side = hint->side != NULL;
  g_assert_true ((hint->mid == NULL) == (hint->side == NULL));
  for (unsigned b = 1; b + 1 < bins && hint->side; b++) {
    hinted.mid += hint->mid[b] / bins;
    hinted.side += hint->side[b] / bins;
  }
}

static const DmixGainEstimator hinting = {
  make_mute,
  g_free,
  reset_mute,
  take_over_mute,
  step_mute,
  take_hint,
  2,
};

/* Noise in the middle and noise at half the level in the side, linked or not;
 * each bin has its power times the window's energy, 768. */
static void
play_hint (const DmixDenoiseParams *params, int capture)
{
  static float mid[RATE], side[RATE], sound[2 * RATE];
  const DmixFormat format = { RATE, 2 };
  DmixDenoise *denoise =
      dmix_denoise_new (&format, DMIX_DENOISE_NORMAL, &hinting);
  DmixDenoiseParams first = *params;

  fill_noise (mid, RATE, 0.1, 1);
  fill_noise (side, RATE, 0.05, 2);
  for (int i = 0; i < RATE; i++) {
    sound[2 * i] = mid[i] + side[i];
    sound[2 * i + 1] = mid[i] - side[i];
  }
  g_assert_cmpuint (dmix_denoise_latency_frames (denoise), ==, 1536);
  first.learn = capture;
  dmix_denoise_set_params (denoise, &first);
  dmix_denoise_process (denoise, sound, RATE / 2);
  dmix_denoise_set_params (denoise, params);
  dmix_denoise_process (denoise, sound + RATE, RATE / 2);
  dmix_denoise_free (denoise);
}

static void
test_hints (void)
{
  DmixDenoiseParams params = { .reduction_db = 12, .link = 1 };

  play_hint (&params, 0);
  g_assert_cmpint (hinted.noise_is_given, ==, 0);
  /* of 769 bins: 1 / sqrt (769), 3.6 %, three times */
  g_assert_cmpfloat_with_epsilon (hinted.mid / 768, 0.01, 0.0011);
  g_assert_cmpfloat_with_epsilon (hinted.side / 768, 0.0025, 0.0003);
  params.link = 0;
  play_hint (&params, 0);
  g_assert_false (hinted.has_side);
  params.noise = DMIX_NOISE_LEARNED;
  play_hint (&params, 0); /* without a profile: adaptive */
  g_assert_cmpint (hinted.noise_is_given, ==, 0);
  play_hint (&params, 1);
  g_assert_cmpint (hinted.noise_is_given, ==, 1);
  params.noise = DMIX_NOISE_LEARNED_FLOOR;
  play_hint (&params, 1);
  g_assert_cmpint (hinted.noise_is_given, ==, 0);
}

/* The network knows frames of 32 ms, and not enough of speech at low rates. */
static void
test_find_estimator (void)
{
  const DmixGainEstimator *statistical = &dmix_speechgain;

  for (int wish = 0; wish < 3; wish++)
    for (int latency = 0; latency < 2; latency++)
      for (unsigned rate = 8000; rate <= 64000; rate *= 2) {
        const DmixFormat format = { rate, 1 };
        const DmixGainEstimator *found =
            dmix_denoise_find_estimator (wish, &format, latency);

        if (wish == DMIX_DENOISE_STATISTICAL || latency == DMIX_DENOISE_LOW
            || rate < DMIX_DENOISE_MIN_LEARNED_RATE_HZ)
          g_assert_true (found == statistical);
        else if (wish == DMIX_DENOISE_LEARNED)
          g_assert_true (found == &dmix_learnedgain);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/denoise/other-estimators", test_other_estimators);
  g_test_add_func ("/denoise/hints", test_hints);
  g_test_add_func ("/denoise/find-estimator", test_find_estimator);
  return g_test_run ();
}
