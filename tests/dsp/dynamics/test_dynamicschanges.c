/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of dynamics.h for parameter changes during playback: no click, no
 * lost or repeated frame, and the same bits for any block sizes. */
#include "dynamicsrig.h"

#define RATE 48000

static DmixDynamicsParams
defaults (void)
{
  return (DmixDynamicsParams){ .mode = DMIX_DYNAMICS_COMPRESS,
    .threshold_db = -20,
    .ratio = 4,
    .knee_db = 6,
    .attack_ms = 20,
    .release_ms = 250,
    .lookahead_ms = 5,
    .detector = DMIX_DETECTOR_RMS,
    .rms_window_ms = 10,
    .mix = 1,
    .range_db = 60,
    .link = 1,
    .ceiling_dbtp = -20 };
}

/* For each field, the two values it alternates between. */
typedef struct
{
  const char *name;
  DmixDynamicsParams a, b;
} Change;

#define CHANGE(field, from, to)                                                \
  {                                                                            \
#field,                                                                    \
        from_defaults(&d, &d.field, sizeof d.field,                            \
            &(__typeof__(d.field)){ from }),                                   \
        from_defaults(&d, &d.field, sizeof d.field,                            \
            &(__typeof__(d.field)){ to })                                      \
  }

static DmixDynamicsParams
from_defaults (const DmixDynamicsParams *d, const void *field, size_t size,
    const void *value)
{
  DmixDynamicsParams p = *d;

  memcpy ((char *) &p + ((const char *) field - (const char *) d), value, size);
  return p;
}

static Change *
all_changes (int *count)
{
  const DmixDynamicsParams d = defaults ();
  const Change changes[] = {
    CHANGE (mode, DMIX_DYNAMICS_COMPRESS, DMIX_DYNAMICS_LIMIT),
    CHANGE (mode, DMIX_DYNAMICS_COMPRESS, DMIX_DYNAMICS_GATE),
    CHANGE (mode, DMIX_DYNAMICS_EXPAND, DMIX_DYNAMICS_UPWARD),
    CHANGE (threshold_db, -10, -40),
    CHANGE (ratio, 1, INFINITY),
    CHANGE (knee_db, 0, 40),
    CHANGE (attack_ms, 0, 200),
    CHANGE (hold_ms, 0, 100),
    CHANGE (release_ms, 20, 2000),
    CHANGE (auto_release, 0, 1),
    CHANGE (lookahead_ms, 0, 30),
    CHANGE (detector, DMIX_DETECTOR_RMS, DMIX_DETECTOR_PEAK),
    CHANGE (detector, DMIX_DETECTOR_RMS, DMIX_DETECTOR_K_WEIGHTED),
    CHANGE (rms_window_ms, 10, 100),
    CHANGE (makeup_db, -12, 12),
    CHANGE (auto_makeup, 0, 1),
    CHANGE (mix, 0, 1),
    CHANGE (range_db, 2, 60),
    CHANGE (link, 0, 1),
    CHANGE (highpass_hz, 0, 2000),
    CHANGE (lowpass_hz, 0, 500),
    CHANGE (ceiling_dbtp, -6, -30),
    CHANGE (bypass, 0, 1),
  };

  *count = G_N_ELEMENTS (changes);
  return g_memdup2 (changes, sizeof changes);
}

/* A sine of 1 kHz at -12 dBFS while parameters step at 100 Hz. */
static float *
stepped_sine (const Change *change, size_t frames)
{
  float *x = g_new (float, frames);
  Rig rig = rig_new (RATE, 1, &change->a, frames);

  fill_sine (x, frames, 1, 1000, RATE, 0.25118864);
  for (size_t at = 0, n = 0; at < frames; at += 480, n++) {
    rig_set_params (&rig, n % 2 ? &change->b : &change->a);
    rig_process (&rig, x + at, MIN (480, frames - at), 0);
  }
  g_free (x);
  return rig_finish (&rig);
}

/* Radix-2 transform in place; n: a power of two. */
static void
transform (double *re, double *im, int n)
{
  for (int i = 1, j = 0; i < n; i++) {
    int bit = n >> 1;

    for (; j & bit; bit >>= 1)
      j ^= bit;
    j ^= bit;
    if (i < j) {
      const double r = re[i], m = im[i];

      re[i] = re[j];
      im[i] = im[j];
      re[j] = r;
      im[j] = m;
    }
  }
  for (int length = 2; length <= n; length *= 2)
    for (int i = 0; i < n; i++) {
      const int k = i % length, other = i + length / 2;
      const double c = cos (2 * G_PI * k / length);
      const double s = -sin (2 * G_PI * k / length);
      double r, m;

      if (k >= length / 2)
        continue;
      r = re[other] * c - im[other] * s;
      m = re[other] * s + im[other] * c;
      re[other] = re[i] - r;
      im[other] = im[i] - m;
      re[i] += r;
      im[i] += m;
    }
}

#define PART 8192

/* Energy outside 500 to 2000 Hz against that of the undisturbed sine, dB. The
 * window of Blackman and Harris leaks less than -92 dB in amplitude. */
static double
outside_db (const float *x)
{
  static double re[PART], im[PART];
  const double bin_hz = (double) RATE / PART;
  double outside = 0, reference = 0;

  for (int i = 0; i < PART; i++) {
    const double t = 2 * G_PI * (i + 0.5) / PART;
    const double w = 0.35875 - 0.48829 * cos (t) + 0.14128 * cos (2 * t)
        - 0.01168 * cos (3 * t);

    re[i] = x[i] * w;
    im[i] = 0;
    reference += w * w * 0.25118864 * 0.25118864 / 2;
  }
  transform (re, im, PART);
  for (int k = 0; k < PART / 2; k++)
    if (k * bin_hz < 500 || k * bin_hz > 2000)
      outside += 2 * (re[k] * re[k] + im[k] * im[k]) / PART;
  return 10 * log10 (MAX (outside, 1e-30) / reference);
}

static void
test_nothing_clicks (void)
{
  const size_t frames = RATE;
  int count;
  Change *changes = all_changes (&count);

  for (int c = 0; c < count; c++) {
    float *y = stepped_sine (&changes[c], frames);
    double worst = -INFINITY;

    for (size_t at = RATE / 4; at + PART <= frames; at += PART)
      worst = MAX (worst, outside_db (y + at));
    g_test_message ("%s: %.1f dB", changes[c].name, worst);
    g_assert_cmpfloat (worst, <, -90);
    g_free (y);
  }
  g_free (changes);
}

/* Random parameters, with long and short look-aheads, at random times. */
typedef struct
{
  size_t at[40];
  DmixDynamicsParams params[40];
} Script;

static Script
random_script (size_t frames, int keep_gain)
{
  Script s;

  for (int k = 0; k < 40; k++) {
    DmixDynamicsParams *p = &s.params[k];

    s.at[k] = k == 0 ? 0
                     : s.at[k - 1]
            + (size_t) g_test_rand_int_range (0, (int) (2 * frames / 40));
    *p = defaults ();
    p->mode = (DmixDynamicsMode) g_test_rand_int_range (0, 5);
    p->lookahead_ms = g_test_rand_double_range (0, k % 3 ? 10 : 100);
    p->link = g_test_rand_int_range (0, 3) / 2.0;
    p->detector = (DmixDetectorKind) g_test_rand_int_range (0, 3);
    p->threshold_db = g_test_rand_double_range (-40, -10);
    p->rms_window_ms = g_test_rand_double_range (1, 100);
    p->highpass_hz = g_test_rand_int_range (0, 2) * 200;
    p->auto_release = g_test_rand_bit ();
    p->bypass = keep_gain;
  }
  return s;
}

static float *
run_script (const Script *s, const float *x, unsigned channels, size_t frames,
    size_t block)
{
  Rig rig = rig_new (RATE, channels, &s->params[0], frames);

  for (int k = 0; k < 40; k++) {
    const size_t end = k < 39 ? MIN (s->at[k + 1], frames) : frames;

    rig_set_params (&rig, &s->params[k]);
    if (s->at[k] < end)
      rig_process (&rig, x + s->at[k] * channels, end - s->at[k], block);
  }
  return rig_finish (&rig);
}

/* Only the latency changes: without its repeats the output is the input, frame
 * by frame. */
static void
test_no_frame_is_lost (void)
{
  const size_t frames = 2 * RATE;
  float *x = g_new (float, frames * 2);

  fill_noise (x, frames * 2, 0.1, 1);
  for (int n = 0; n < 20; n++) {
    Script s = random_script (frames, TRUE);
    float *y;

    if (n < 4) /* two sets of parameters before the first frame */
      s.at[1] = 0;
    y = run_script (&s, x, 2, frames, 0);
    g_assert_cmpmem (x, frames * 2 * sizeof *x, y, frames * 2 * sizeof *y);
    g_free (y);
  }
  g_free (x);
}

static void
test_blocks_do_not_matter (void)
{
  const size_t frames = 2 * RATE, blocks[] = { 1, 64, 1024, 65536, 0 };
  float *x = g_new (float, frames * 2);

  fill_noise (x, frames * 2, 0.1, 1);
  for (int n = 0; n < 10; n++) {
    const Script s = random_script (frames, FALSE);
    float *y = run_script (&s, x, 2, frames, 480);

    for (int b = n ? 1 : 0; b < 5; b++) {
      float *z = run_script (&s, x, 2, frames, blocks[b]);

      g_assert_cmpmem (z, frames * 2 * sizeof *z, y, frames * 2 * sizeof *y);
      g_free (z);
    }
    g_free (y);
  }
  g_free (x);
}

/* A change begins at the input frame where it was set and ends 50 ms later. */
static void
test_place_of_a_change (void)
{
  const double looks[] = { 0, 5, 50 };

  for (int l = 0; l < 3; l++) {
    DmixDynamicsParams p = defaults ();
    float *x = g_new (float, RATE), *y;
    Rig rig;

    for (int i = 0; i < RATE; i++)
      x[i] = 0.5f;
    p.ratio = 1;
    p.lookahead_ms = looks[l];
    rig = rig_new (RATE, 1, &p, RATE);
    rig_process (&rig, x, RATE / 2, 480);
    p.makeup_db = -6;
    rig_set_params (&rig, &p);
    rig_process (&rig, x + RATE / 2, RATE / 2, 480);
    y = rig_finish (&rig);
    g_assert_cmpfloat (y[RATE / 2], ==, 0.5);
    g_assert_cmpfloat (y[RATE / 2 + 2400 + 16], ==, y[RATE - 1]);
    g_assert_cmpfloat_with_epsilon (y[RATE / 2 + 1200],
        0.5 * (0.5 + 0.5 * pow (10, -0.3)), 2e-3);
    g_free (x);
    g_free (y);
  }
}

/* Latency is the longest of all running and waiting sets, then the last's. */
static void
test_latency_while_it_changes (void)
{
  const DmixFormat format = { RATE, 1 };
  DmixDynamics *dynamics = dmix_dynamics_new (&format, NULL);
  DmixDynamicsParams p = defaults ();
  static float x[RATE];

  dmix_dynamics_set_params (dynamics, &p);
  g_assert_cmpuint (dmix_dynamics_latency_frames (dynamics), ==, 240);
  dmix_dynamics_process (dynamics, x, 1000);
  p.lookahead_ms = 20;
  dmix_dynamics_set_params (dynamics, &p);
  g_assert_cmpuint (dmix_dynamics_latency_frames (dynamics), ==, 960);
  p.lookahead_ms = 1; /* waits for the set before */
  dmix_dynamics_set_params (dynamics, &p);
  g_assert_cmpuint (dmix_dynamics_latency_frames (dynamics), ==, 960);
  dmix_dynamics_process (dynamics, x, 4000);
  g_assert_cmpuint (dmix_dynamics_latency_frames (dynamics), ==, 960);
  dmix_dynamics_process (dynamics, x, 8000);
  g_assert_cmpuint (dmix_dynamics_latency_frames (dynamics), ==, 48);
  g_assert_cmpuint (dmix_dynamics_catch_up (dynamics, x, 500), ==, 500);
  g_assert_cmpuint (dmix_dynamics_catch_up (dynamics, x, 500), ==, 412);
  g_assert_cmpuint (dmix_dynamics_tail_frames (dynamics), ==, 48);
  dmix_dynamics_reset (dynamics);
  g_assert_cmpuint (dmix_dynamics_latency_frames (dynamics), ==, 48);
  dmix_dynamics_free (dynamics);
}

/* The frames that are put out twice while the latency grows are metered once. */
static void
test_meter_while_latency_grows (void)
{
  const DmixFormat format = { RATE, 1 };
  DmixDynamics *dynamics = dmix_dynamics_new (&format, NULL);
  DmixDynamicsParams p = defaults ();
  DmixDynamicsMeter meter;
  static float x[RATE];

  dmix_dynamics_set_params (dynamics, &p);
  dmix_dynamics_process (dynamics, x, 1000);
  dmix_dynamics_read_meter (dynamics, &meter);
  g_assert_cmpuint (meter.frames, ==, 1000);
  p.lookahead_ms = 20; /* 720 frames more */
  dmix_dynamics_set_params (dynamics, &p);
  dmix_dynamics_process (dynamics, x, 500);
  dmix_dynamics_read_meter (dynamics, &meter);
  g_assert_cmpuint (meter.frames, ==, 0);
  dmix_dynamics_process (dynamics, x, 1000);
  dmix_dynamics_read_meter (dynamics, &meter);
  g_assert_cmpuint (meter.frames, ==, 780);
  dmix_dynamics_free (dynamics);
}

/* A limiter keeps its ceiling while its other parameters change. */
static void
test_ceiling_while_it_changes (void)
{
  const size_t frames = 2 * RATE;
  float *x = g_new (float, frames), *y;

  fill_noise (x, frames, 0.3, 1);
  for (int n = 0; n < 10; n++) {
    Script s = random_script (frames, FALSE);

    for (int k = 0; k < 40; k++) {
      s.params[k].mode = DMIX_DYNAMICS_LIMIT;
      s.params[k].ceiling_dbtp = -20;
    }
    y = run_script (&s, x, 1, frames, 0);
    for (size_t i = 0; i < frames; i++)
      g_assert_cmpfloat (fabs (y[i]), <=, 0.1 * (1 + 1e-6));
    g_free (y);
  }
  g_free (x);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dynamicschanges/nothing-clicks", test_nothing_clicks);
  g_test_add_func ("/dynamicschanges/no-frame-is-lost", test_no_frame_is_lost);
  g_test_add_func ("/dynamicschanges/blocks-do-not-matter",
      test_blocks_do_not_matter);
  g_test_add_func ("/dynamicschanges/place-of-a-change",
      test_place_of_a_change);
  g_test_add_func ("/dynamicschanges/latency", test_latency_while_it_changes);
  g_test_add_func ("/dynamicschanges/meter", test_meter_while_latency_grows);
  g_test_add_func ("/dynamicschanges/ceiling", test_ceiling_while_it_changes);
  return g_test_run ();
}
