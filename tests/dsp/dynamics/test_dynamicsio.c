/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of dynamics.h: kept bits, latency, bad samples, formats, block sizes
 * and the meter. */
#include "dynamicsrig.h"

#define RATE 48000

/* Parameters with every feature in use. */
static DmixDynamicsParams
busy (DmixDynamicsMode mode, double link)
{
  return (DmixDynamicsParams){ .mode = mode,
    .threshold_db = -30,
    .ratio = 3,
    .knee_db = 6,
    .attack_ms = 2,
    .hold_ms = 3,
    .release_ms = 30,
    .auto_release = 1,
    .lookahead_ms = 1.37,
    .detector = DMIX_DETECTOR_RMS,
    .rms_window_ms = 5,
    .makeup_db = 3,
    .mix = 0.9,
    .range_db = 30,
    .link = link,
    .highpass_hz = 100,
    .lowpass_hz = 5000,
    .ceiling_dbtp = -12 };
}

/* Noise in bursts. */
static float *
bursts (size_t frames, unsigned channels, guint32 seed)
{
  float *x = g_new (float, frames *channels);

  fill_noise (x, frames * channels, 0.2, seed);
  for (size_t i = 0; i < frames; i++)
    for (unsigned c = 0; c < channels; c++)
      x[i * channels + c] *= (i / 700 + c) % 3 ? 0.05f : 1.0f;
  return x;
}

/* ratio 1, mix 0, bypass, and levels the curve leaves alone change no bit. */
static void
test_nothing_to_do (void)
{
  for (int what = 0; what < 6; what++)
    for (unsigned channels = 1; channels <= 3; channels++) {
      DmixDynamicsParams p = busy (DMIX_DYNAMICS_COMPRESS, what % 2);
      float *x = bursts (RATE, channels, what), *y;

      p.makeup_db = 0;
      if (what == 0)
        p.ratio = 1;
      else if (what == 1)
        p.mix = 0;
      else if (what == 2)
        p.bypass = 1;
      else if (what == 3)
        p.threshold_db = 0;
      else if (what == 4)
        p.mode = DMIX_DYNAMICS_LIMIT, p.ceiling_dbtp = 6;
      else
        p.mode = DMIX_DYNAMICS_UPWARD, p.threshold_db = -120, p.range_db = 0;
      y = rig_run (RATE, channels, &p, x, RATE, 0);
      g_assert_cmpmem (x, RATE * channels * sizeof *x, y,
          RATE * channels * sizeof *y);
      g_free (x);
      g_free (y);
    }
}

/* An impulse comes out after exactly the reported latency. */
static void
test_latency (void)
{
  const unsigned rates[] = {
    8000,
    11025,
    16000,
    22050,
    32000,
    44100,
    48000,
    88200,
    96000,
    176400,
    192000,
    384000,
  };
  const double looks[] = { 0, 1, 1.37, 5, 20, 100 };

  for (int n = 0; n < 12 * 6 * 2; n++) {
    const unsigned rate = rates[n % 12];
    const DmixFormat format = { rate, 1 };
    DmixDynamics *dynamics = dmix_dynamics_new (&format, NULL);
    DmixDynamicsParams p =
        busy (n >= 72 ? DMIX_DYNAMICS_LIMIT : DMIX_DYNAMICS_COMPRESS, 1);
    float *x = g_new0 (float, rate);
    size_t at = 0;

    p.lookahead_ms = looks[n / 12 % 6];
    dmix_dynamics_set_params (dynamics, &p);
    x[0] = 1;
    dmix_dynamics_process (dynamics, x, rate);
    while (x[at] == 0.0f)
      at++;
    g_assert_cmpuint (at, ==, dmix_dynamics_latency_frames (dynamics));
    g_assert_cmpuint (dmix_dynamics_tail_frames (dynamics), ==, at);
    if (p.mode == DMIX_DYNAMICS_COMPRESS)
      g_assert_cmpuint (at, ==, lround (p.lookahead_ms * rate / 1000));
    while (++at < rate)
      g_assert_cmpfloat (x[at], ==, 0.0f);
    g_free (x);
    dmix_dynamics_free (dynamics);
  }
}

static void
test_blocks_do_not_matter (void)
{
  const size_t blocks[] = { 1, 7, 64, 1024, 65536 };
  const size_t frames = 30000;

  for (int mode = 0; mode < 5; mode++)
    for (int detector = 0; detector < 3; detector++) {
      DmixDynamicsParams p = busy ((DmixDynamicsMode) mode, 0.5);
      float *x = bursts (frames, 2, mode), *whole, *parts;

      p.detector = (DmixDetectorKind) detector;
      whole = rig_run (44100, 2, &p, x, frames, frames);
      for (int b = 0; b < 5; b++) {
        parts = rig_run (44100, 2, &p, x, frames, blocks[b]);
        g_assert_cmpmem (whole, frames * 2 * sizeof *whole, parts,
            frames * 2 * sizeof *parts);
        g_free (parts);
      }
      g_free (whole);
      g_free (x);
    }
}

/* The same where the gain rests between short loud moments: what then does not
 * move is not computed step by step. */
static void
test_blocks_at_rest (void)
{
  const size_t blocks[] = { 1, 100, 480, 65536 };
  const size_t frames = 60000;

  for (int mode = 0; mode < 5; mode++)
    for (int look = 0; look < 2; look++) {
      DmixDynamicsParams p = busy ((DmixDynamicsMode) mode, 1);
      float *x = g_new (float, 2 * frames), *whole = NULL, *parts;

      fill_noise (x, 2 * frames, 0.003, mode);
      for (size_t at = g_test_rand_int_range (0, 9000); at + 500 < frames;
           at += g_test_rand_int_range (12000, 20000))
        fill_noise (x + 2 * at, 2 * 480, 0.5, (guint32) at);
      p.threshold_db = p.ceiling_dbtp = -20;
      p.lookahead_ms = 5 * look;
      p.release_ms = p.hold_ms = 5;
      p.auto_release = 0;
      for (int b = 0; b < 4; b++) {
        parts = rig_run (48000, 2, &p, x, frames, blocks[b]);
        if (whole)
          g_assert_cmpmem (whole, frames * 2 * sizeof *whole, parts,
              frames * 2 * sizeof *parts);
        g_free (whole);
        whole = parts;
      }
      g_free (whole);
      g_free (x);
    }
}

/* Unlinked channels equal separate mono processors. */
static void
test_channels (void)
{
  const unsigned numbers[] = { 1, 2, 3, 6, 8, 64 };
  const size_t frames = 4000;

  for (int n = 0; n < 12; n++) {
    const unsigned channels = numbers[n / 2];
    const DmixDynamicsParams p =
        busy (n % 2 ? DMIX_DYNAMICS_LIMIT : DMIX_DYNAMICS_COMPRESS, 0);
    float *x = bursts (frames, channels, n), *one = g_new (float, frames);
    float *all = rig_run (RATE, channels, &p, x, frames, 0), *y;

    for (unsigned c = 0; c<channels; c += channels> 8 ? 21 : 1) {
      for (size_t i = 0; i < frames; i++)
        one[i] = x[i * channels + c];
      y = rig_run (RATE, 1, &p, one, frames, 0);
      for (size_t i = 0; i < frames; i++) /* sums in another order */
        g_assert_cmpfloat_with_epsilon (all[i * channels + c], y[i], 2e-6);
      g_free (y);
    }
    g_free (x);
    g_free (one);
    g_free (all);
  }
}

/* NaN, Inf and denormals become 0 and leave no trace in the state after a
 * block. */
static void
test_bad_samples (void)
{
  const float bad[] = { NAN, INFINITY, -INFINITY, 1e30f, 1e-40f };
  const size_t frames = 3 * RATE;

  for (int mode = 0; mode < 5; mode++)
    for (int detector = 0; detector < 3; detector++) {
      DmixDynamicsParams p = busy ((DmixDynamicsMode) mode, 0.5);
      float *x = bursts (frames, 2, 9), *clean, *y;

      p.detector = (DmixDetectorKind) detector;
      clean = g_memdup2 (x, frames * 2 * sizeof *x);
      for (int i = 0; i < 500; i++) {
        x[2 * RATE + i] = bad[i % 5];
        clean[2 * RATE + i] = 0;
      }
      y = rig_run (RATE, 2, &p, x, frames, 480);
      g_free (x);
      x = rig_run (RATE, 2, &p, clean, frames, 480);
      g_assert_cmpmem (x, frames * 2 * sizeof *x, y, frames * 2 * sizeof *y);
      for (size_t i = 0; i < frames * 2; i++)
        g_assert_true (isfinite (y[i]));
      g_free (x);
      g_free (y);
      g_free (clean);
    }
}

static void
test_reset (void)
{
  const DmixFormat format = { RATE, 2 };
  const DmixDynamicsParams p = busy (DMIX_DYNAMICS_COMPRESS, 0);
  DmixDynamics *dynamics = dmix_dynamics_new (&format, NULL);
  const size_t size = 2 * 5000 * sizeof (float);
  float *x = bursts (5000, 2, 1), *a = g_memdup2 (x, size);
  float *b = g_memdup2 (x, size);

  dmix_dynamics_set_params (dynamics, &p);
  dmix_dynamics_process (dynamics, a, 5000);
  dmix_dynamics_reset (dynamics);
  dmix_dynamics_process (dynamics, b, 5000);
  g_assert_cmpmem (a, size, b, size);
  g_free (x);
  g_free (a);
  g_free (b);
  dmix_dynamics_free (dynamics);
}

/* The meter of each block against the gain measured on its samples. */
static void
test_meter (void)
{
  DmixDynamicsParams p = busy (DMIX_DYNAMICS_COMPRESS, 1);
  const DmixFormat format = { RATE, 2 };
  DmixDynamics *dynamics = dmix_dynamics_new (&format, NULL);
  float *x = bursts (RATE, 2, 3), *y = g_memdup2 (x, RATE * 2 * sizeof *x);
  size_t late;

  dmix_dynamics_set_params (dynamics, &p);
  late = dmix_dynamics_latency_frames (dynamics);
  for (size_t at = 0; at + 500 <= RATE; at += 500) {
    const float *in = x + 2 * (at - late), *out = y + 2 * at;
    DmixDynamicsMeter m;
    double least = INFINITY, sum = 0, in_peak = 0, out_peak = 0;

    dmix_dynamics_process (dynamics, y + 2 * at, 500);
    dmix_dynamics_read_meter (dynamics, &m);
    g_assert_cmpuint (m.frames, ==, 500);
    if (at < late)
      continue;
    for (int i = 0; i < 1000; i += 2) {
      const double gain = db (out[i] / in[i]);

      least = MIN (least, gain);
      sum += gain;
      in_peak = MAX (in_peak, fabs (in[i]));
      out_peak = MAX (out_peak, fabs (out[i]));
    }
    g_assert_cmpfloat_with_epsilon (m.rest_db, db (0.1 + 0.9 * pow (10, 0.15)),
        1e-4);
    g_assert_cmpfloat_with_epsilon (m.gain_min_db + m.rest_db, least, 0.1);
    g_assert_cmpfloat_with_epsilon (m.gain_mean_db + m.rest_db, sum / 500, 0.1);
    g_assert_cmpfloat_with_epsilon (m.in_peak_db[0], db (in_peak), 1e-4);
    g_assert_cmpfloat_with_epsilon (m.out_peak_db[0], db (out_peak), 1e-4);
    g_assert_cmpfloat_with_epsilon (m.in_rms_db[0], db (rms (in, 500, 2)),
        1e-3);
    g_assert_cmpfloat_with_epsilon (m.out_rms_db[1], db (rms (out + 1, 500, 2)),
        1e-3);
  }
  g_free (x);
  g_free (y);
  dmix_dynamics_free (dynamics);
}

static void
test_meter_of_nothing (void)
{
  const DmixFormat format = { RATE, 1 };
  DmixDynamics *dynamics = dmix_dynamics_new (&format, NULL);
  DmixDynamicsMeter m;
  float x[100] = { 0 };

  dmix_dynamics_read_meter (dynamics, &m);
  g_assert_cmpuint (m.frames, ==, 0);
  g_assert_cmpfloat (m.gain_min_db, ==, 0);
  g_assert_cmpfloat (m.in_rms_db[0], ==, -200);
  dmix_dynamics_process (dynamics, x, 100);
  dmix_dynamics_read_meter (dynamics, &m);
  g_assert_cmpuint (m.frames, ==, 100);
  g_assert_cmpfloat (m.gain_mean_db, ==, 0);
  g_assert_cmpfloat (m.out_peak_db[0], ==, -200);
  dmix_dynamics_free (dynamics);
}

/* Any rate and any parameters, however odd, give finite output. */
static void
test_odd_parameters (void)
{
  const double odd[] = { NAN, -INFINITY, INFINITY, 0, -1, 1, 1e9, 0.3 };
  const unsigned rates[] = { 1, 100, 4000, 9000, 48000, 768000 };

  for (int n = 0; n < 300; n++) {
    const unsigned rate = rates[n % 6];
    DmixDynamicsParams p;
    double *field[] = {
      &p.threshold_db,
      &p.ratio,
      &p.knee_db,
      &p.attack_ms,
      &p.hold_ms,
      &p.release_ms,
      &p.lookahead_ms,
      &p.rms_window_ms,
      &p.makeup_db,
      &p.mix,
      &p.range_db,
      &p.link,
      &p.highpass_hz,
      &p.lowpass_hz,
      &p.ceiling_dbtp,
    };
    float *x = bursts (3000, 2, n), *y;

    p = busy ((DmixDynamicsMode) (n % 5), 1);
    for (int f = 0; f < 15; f++)
      *field[f] = odd[g_test_rand_int_range (0, 8)];
    y = rig_run (rate, 2, &p, x, 3000, 0);
    for (int i = 0; i < 6000; i++)
      g_assert_true (isfinite (y[i]));
    g_free (x);
    g_free (y);
  }
}

static void
test_bad_arguments (void)
{
  const DmixFormat bad = { 0, 1 }, worse = { 48000, 65 };

  g_assert_null (dmix_dynamics_new (&bad, NULL));
  g_assert_null (dmix_dynamics_new (&worse, NULL));
  dmix_dynamics_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dynamicsio/nothing-to-do", test_nothing_to_do);
  g_test_add_func ("/dynamicsio/latency", test_latency);
  g_test_add_func ("/dynamicsio/blocks-at-rest", test_blocks_at_rest);
  g_test_add_func ("/dynamicsio/blocks-do-not-matter",
      test_blocks_do_not_matter);
  g_test_add_func ("/dynamicsio/channels", test_channels);
  g_test_add_func ("/dynamicsio/bad-samples", test_bad_samples);
  g_test_add_func ("/dynamicsio/reset", test_reset);
  g_test_add_func ("/dynamicsio/meter", test_meter);
  g_test_add_func ("/dynamicsio/meter-of-nothing", test_meter_of_nothing);
  g_test_add_func ("/dynamicsio/odd-parameters", test_odd_parameters);
  g_test_add_func ("/dynamicsio/bad-arguments", test_bad_arguments);
  return g_test_run ();
}
