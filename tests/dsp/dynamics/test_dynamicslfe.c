/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What dynamics.h promises of channels with loudness weight 0, on 5.1 with an
 * explosion (40 Hz) in the LFE and a tone in the centre. */
#include "dynamicsrig.h"

#define RATE 48000
#define FRAMES RATE
#define CHANNELS 6
#define CENTRE 2
#define LFE 3

static const float weight[CHANNELS] = { 1, 1, 1, 0, 1.41f, 1.41f };

/* Output for a tone of this level in the centre and this peak in the LFE. */
static float *
play (const DmixDynamicsParams *params, double centre, double lfe)
{
  const DmixFormat format = { RATE, CHANNELS };
  DmixDynamics *dynamics = dmix_dynamics_new (&format, weight);
  float *io = g_new0 (float, FRAMES *CHANNELS);

  for (int i = 0; i < FRAMES; i++) {
    const int sounds = i > FRAMES / 3 && i < 2 * FRAMES / 3;

    io[i * CHANNELS + CENTRE] =
        (float) (centre * sin (2 * G_PI * 1000 * i / RATE));
    io[i * CHANNELS + LFE] =
        (float) (sounds * lfe * sin (2 * G_PI * 40 * i / RATE));
  }
  dmix_dynamics_set_params (dynamics, params);
  dmix_dynamics_process (dynamics, io, FRAMES);
  dmix_dynamics_free (dynamics);
  return io;
}

/* RMS of a channel while the explosion sounds, dB. */
static double
level_db (const float *out, unsigned channel)
{
  return db (
      rms (out + (FRAMES / 2) * CHANNELS + channel, FRAMES / 10, CHANNELS));
}

/* No mode and no detector: the centre has the same bits with and without. */
static void
test_centre_stays (void)
{
  for (int mode = 0; mode < 5; mode++)
    for (int detector = 0; detector < 3; detector++)
      for (int link = 0; link <= 2; link++) {
        DmixDynamicsParams params = rig_params ();
        float *loud, *silent;

        params.mode = (DmixDynamicsMode) mode;
        params.detector = (DmixDetectorKind) detector;
        params.link = link / 2.0;
        params.threshold_db = -30;
        params.makeup_db = 3;
        loud = play (&params, 0.05, 0.9);
        silent = play (&params, 0.05, 0.0);
        for (int i = 0; i < FRAMES; i++)
          g_assert_cmpfloat (loud[i * CHANNELS + CENTRE], ==,
              silent[i * CHANNELS + CENTRE]);
        g_free (loud);
        g_free (silent);
      }
}

/* Linked, the LFE has the gain of the others: a tone of -20.2 dB (rms) in the
 * centre is 9.8 dB over the threshold, so 4:1 takes 7.3 dB off both. */
static void
test_lfe_is_linked (void)
{
  DmixDynamicsParams params = rig_params ();
  float *out;

  params.detector = DMIX_DETECTOR_RMS;
  params.threshold_db = -30;
  out = play (&params, 0.138, 0.5);
  g_assert_cmpfloat_with_epsilon (level_db (out, CENTRE),
      db (0.138) - 3.01 - 7.35, 0.1);
  g_assert_cmpfloat_with_epsilon (level_db (out, LFE), db (0.5) - 3.01 - 7.35,
      0.1);
  g_free (out);
}

/* With link 0 its own level decides: it is 18 dB over the threshold. The
 * K-weighted detector gives it no level, and so the gain of the others. */
static void
test_lfe_alone (void)
{
  DmixDynamicsParams params = rig_params ();
  float *out;

  params.detector = DMIX_DETECTOR_RMS;
  params.rms_window_ms = 100; /* four waves of 40 Hz */
  params.threshold_db = -27;
  params.link = 0;
  out = play (&params, 0.01, 0.5);
  g_assert_cmpfloat_with_epsilon (level_db (out, LFE),
      db (0.5) - 3.01 - 0.75 * (27 + db (0.5) - 3.01), 0.1);
  g_free (out);
  params.detector = DMIX_DETECTOR_K_WEIGHTED;
  params.mode = DMIX_DYNAMICS_GATE;
  params.threshold_db = -60;
  out = play (&params, 0.1, 0.5);
  g_assert_cmpfloat_with_epsilon (level_db (out, LFE), db (0.5) - 3.01, 0.1);
  g_free (out);
}

/* The ceiling holds in the LFE, and a loud centre lowers it, too. */
static void
test_limiter (void)
{
  for (int link = 0; link <= 2; link++) {
    DmixDynamicsParams params = rig_params ();
    float *out, peak = 0.0f;

    params.mode = DMIX_DYNAMICS_LIMIT;
    params.lookahead_ms = 5;
    params.release_ms = 50;
    params.link = link / 2.0;
    out = play (&params, 0.1, 3.0);
    for (int i = 0; i < FRAMES; i++)
      peak = MAX (peak, fabsf (out[i * CHANNELS + LFE]));
    g_assert_cmpfloat (db (peak), <=, -1.0);
    g_assert_cmpfloat (db (peak), >, -1.5);
    g_free (out);
    out = play (&params, 2.0, 0.5);
    g_assert_cmpfloat_with_epsilon (level_db (out, LFE),
        db (0.5) - 3.01 - params.link * (db (2.0) + 1.1), 0.2);
    g_free (out);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dynamicslfe/centre-stays", test_centre_stays);
  g_test_add_func ("/dynamicslfe/lfe-is-linked", test_lfe_is_linked);
  g_test_add_func ("/dynamicslfe/lfe-alone", test_lfe_alone);
  g_test_add_func ("/dynamicslfe/limiter", test_limiter);
  return g_test_run ();
}
