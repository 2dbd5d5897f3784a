/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Tests of doppler.h with the closed forms of a source at rest, a moving one,
 * and one that glides after a jump. */
#include "pan/doppler.h"
#include "signals.h"

enum
{
  RATE_HZ = 48000,
  STEP = 64,
  FRAMES = STEP * 200,
  JUMP_STEPS = 40,
  JUMP_AT = STEP * 80
};

#define JUMP_FROM_FRAMES 1500.3
#define MOVING_FROM_M 30.0

static DmixDopplerKernel *kernel;

/* A source at rest is delayed by distance / c, for any fraction of a frame. The
 * error is below -75 dB up to 12 kHz, below -40 dB up to 0.4 of the rate. */
static void
test_delay_is_clean (void)
{
  static float io[FRAMES];

  for (double d = 1; d < 10; d += 0.777)
    for (double f = 100; f < 0.4 * RATE_HZ; f *= 2.1) {
      DmixDoppler *doppler = dmix_doppler_new (kernel, RATE_HZ, STEP);
      double error = 0;

      fill_sine (io, FRAMES, 1, f, RATE_HZ, 1);
      for (int i = 0; i < FRAMES; i += STEP) {
        dmix_doppler_set_distance (doppler, d);
        dmix_doppler_process (doppler, io + i, 0, STEP);
      }
      for (int i = FRAMES / 2; i < FRAMES; i++)
        error = MAX (error,
            fabs (io[i]
                - sin (2 * G_PI * f * (i - d / 343 * RATE_HZ) / RATE_HZ)));
      g_assert_cmpfloat (db (error), <, f < 12000 ? -75 : -40);
      dmix_doppler_free (doppler);
    }
  g_assert_null (dmix_doppler_new (kernel, 0, 64));
  g_assert_null (dmix_doppler_new (kernel, RATE_HZ, 0));
  g_assert_null (dmix_doppler_new (kernel, RATE_HZ, 257));
}

/* Largest error, from frame `first` on, of a received sine of 1 kHz; emission:
 * returns the time of emission for a time of arrival, frames. */
static double
worst_error (const float *received, int first, int frames,
    double (*emission) (double))
{
  double error = 0;

  for (int i = first; i < frames; i++)
    error = MAX (error,
        fabs (received[i] - sin (2 * G_PI * 1000 * emission (i) / RATE_HZ)));
  return error;
}

/* Sound emitted at time t by a source that moves away from d0 at speed v
 * arrives at t + (d0 + v t) / c. The first distance applies to the whole first
 * step. */
static double speed_m_s;

static double
moving_emission (double time)
{
  const double per_frame = speed_m_s / DMIX_DOPPLER_SPEED_M_S;

  return (time - MOVING_FROM_M / DMIX_DOPPLER_SPEED_M_S * RATE_HZ
             + per_frame * STEP)
      / (1 + per_frame);
}

static void
test_moving_source (void)
{
  static const double speeds[] = { -60, -5, 5, 60, 150 };
  static float io[FRAMES];

  for (guint s = 0; s < G_N_ELEMENTS (speeds); s++) {
    DmixDoppler *doppler = dmix_doppler_new (kernel, RATE_HZ, STEP);
    double error;

    speed_m_s = speeds[s];
    fill_sine (io, FRAMES, 1, 1000, RATE_HZ, 1);
    for (int i = 0; i < FRAMES; i += STEP) {
      dmix_doppler_set_distance (doppler,
          MOVING_FROM_M + speed_m_s * i / RATE_HZ);
      /* a step in two parts */
      dmix_doppler_process (doppler, io + i, 0, 20);
      dmix_doppler_process (doppler, io + i + 20, 20, STEP - 20);
    }
    error = worst_error (io, 6000, FRAMES, moving_emission);
    g_test_message ("%g m/s: error %.1f dB", speed_m_s, db (error));
    g_assert_cmpfloat (db (error), <, -75);
    dmix_doppler_free (doppler);
  }
}

/* After a jump the source glides at half the speed of sound for JUMP_STEPS
 * whole steps: the delay changes by half a frame per frame. Then it rests. */
static double jump_sign;

static double
jump_emission (double time)
{
  const double begin = JUMP_AT, end = begin + JUMP_STEPS * STEP;
  const double from = JUMP_FROM_FRAMES;
  const double to = from + jump_sign * JUMP_STEPS * STEP / 2;

  if (time < begin + from)
    return time - from;
  if (time < end + to)
    return begin + (time - begin - from) / (1 + jump_sign / 2);
  return time - to;
}

static void
test_glide_after_a_jump (void)
{
  const double metre = RATE_HZ / DMIX_DOPPLER_SPEED_M_S;
  static float io[FRAMES];

  for (jump_sign = -1; jump_sign <= 1; jump_sign += 2) {
    DmixDoppler *doppler = dmix_doppler_new (kernel, RATE_HZ, STEP);
    const double to = JUMP_FROM_FRAMES + jump_sign * JUMP_STEPS * STEP / 2;
    double error;

    fill_sine (io, FRAMES, 1, 1000, RATE_HZ, 1);
    for (int i = 0; i < FRAMES; i += STEP) {
      dmix_doppler_set_distance (doppler,
          (i < JUMP_AT ? JUMP_FROM_FRAMES : to) / metre);
      dmix_doppler_process (doppler, io + i, 0, STEP);
    }
    error =
        worst_error (io, (int) JUMP_FROM_FRAMES + 100, FRAMES, jump_emission);
    g_test_message ("jump %+g: error %.1f dB", jump_sign, db (error));
    g_assert_cmpfloat (db (error), <, -75);
    g_assert_cmpfloat (fabs (dmix_doppler_tail_frames (doppler) - to), <, 18);
    dmix_doppler_free (doppler);
  }
}

/* Beyond DMIX_DOPPLER_MAX_M the delay stays at one second. */
static void
test_farthest (void)
{
  DmixDoppler *doppler = dmix_doppler_new (kernel, RATE_HZ, STEP);
  static float io[STEP * (RATE_HZ / STEP + 2)];

  io[0] = 1;
  for (guint i = 0; i < G_N_ELEMENTS (io); i += STEP) {
    dmix_doppler_set_distance (doppler, 2 * DMIX_DOPPLER_MAX_M);
    dmix_doppler_process (doppler, io + i, 0, STEP);
  }
  for (guint i = 0; i < G_N_ELEMENTS (io); i++)
    g_assert_cmpfloat_with_epsilon (io[i], i == RATE_HZ, 1e-5);
  dmix_doppler_free (doppler);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  kernel = dmix_doppler_kernel_new ();
  g_test_add_func ("/doppler/delay-is-clean", test_delay_is_clean);
  g_test_add_func ("/doppler/moving-source", test_moving_source);
  g_test_add_func ("/doppler/glide-after-a-jump", test_glide_after_a_jump);
  g_test_add_func ("/doppler/farthest", test_farthest);
  result = g_test_run ();
  dmix_doppler_kernel_free (kernel);
  return result;
}
