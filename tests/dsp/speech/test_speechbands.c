/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of speechbands.h, on sounds with known band powers. */
#include "signals.h"

#include "speech/speechbands.h"

#define BANDS DMIX_SPEECHBANDS
#define LAST (BANDS - 1)

static const unsigned rates[] = { 16000, 22050, 44100, 48000, 96000, 192000 };

/* Averages the band powers of all frames; returns the number of frames. */
static guint
measure (const float *dialogue, const float *background, unsigned rate,
    size_t frames, DmixSpeechBandsFrame *mean)
{
  DmixSpeechBands *bands = dmix_speechbands_new (rate);
  guint count = 0;

  memset (mean, 0, sizeof *mean);
  for (size_t at = 0; at < frames;) {
    const DmixSpeechBandsFrame *frame;

    at += dmix_speechbands_process (bands, dialogue + at, background + at,
        frames - at, &frame);
    for (int b = 0; frame && b < BANDS; b++) {
      mean->dialogue[b] += frame->dialogue[b];
      mean->background[b] += frame->background[b];
    }
    count += frame != NULL;
  }
  for (int b = 0; b < BANDS; b++) {
    mean->dialogue[b] /= count;
    mean->background[b] /= count;
  }
  dmix_speechbands_free (bands);
  return count;
}

static double
sum (const double *band)
{
  double all = 0.0;

  for (int b = 0; b < BANDS; b++)
    all += band[b];
  return all;
}

/* A sine of peak a has the power a^2 / 2, in its own band. The main lobe of
 * the window is 47 Hz to each side: from 630 Hz on it lies inside the band, and
 * all other bands are more than 40 dB lower. The nominal centres are not
 * exactly a third of an octave apart, with a gap of 3 Hz between the bands of
 * 315 and 400 Hz, so below 600 Hz up to 1 % of the power is lost. */
static void
test_sine (void)
{
  for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
    const size_t frames = rates[r] / 4;
    float *sine = g_new (float, frames), *silence = g_new0 (float, frames);

    for (int b = 2; b < BANDS; b++) {
      const double hz = dmix_speechbands_hz[b], power = 0.4 * 0.4 / 2.0;
      DmixSpeechBandsFrame mean;

      if (hz * 1.2 > rates[r] / 2.0)
        continue;
      fill_sine (sine, frames, 1, hz, rates[r], 0.4);
      measure (sine, silence, rates[r], frames, &mean);
      g_assert_cmpfloat_with_epsilon (sum (mean.dialogue), power,
          (hz < 600 ? 0.01 : 1e-3) * power);
      g_assert_cmpfloat (mean.dialogue[b], >, (hz < 600 ? 0.6 : 0.999) * power);
      for (int other = 0; hz > 600 && other < BANDS; other++)
        if (other != b)
          g_assert_cmpfloat (mean.dialogue[other], <, 1e-4 * power);
      g_assert_cmpfloat (sum (mean.background), ==, 0.0);
      measure (silence, sine, rates[r], frames, &mean);
      g_assert_cmpfloat_with_epsilon (mean.background[b], power, 0.4 * power);
      g_assert_cmpfloat (sum (mean.dialogue), ==, 0.0);
    }
    g_free (sine);
    g_free (silence);
  }
}

/* A sine 60 Hz inside an edge, a sixth of an octave from the centre, is in the
 * band; 60 Hz outside it is not. */
static void
test_edges (void)
{
  const unsigned rate = 48000, frames = rate / 4;
  float *sine = g_new (float, frames), *silence = g_new0 (float, frames);

  for (int b = 9; b < BANDS; b++)
    for (int above = 0; above < 2; above++)
      for (int outside = 0; outside < 2; outside++) {
        const double edge =
            dmix_speechbands_hz[b] * pow (2.0, above ? 1 / 6.0 : -1 / 6.0);
        const double hz = edge + (above == outside ? 60.0 : -60.0);
        DmixSpeechBandsFrame mean;

        fill_sine (sine, frames, 1, hz, rate, sqrt (2.0));
        measure (sine, silence, rate, frames, &mean);
        if (outside)
          g_assert_cmpfloat (mean.dialogue[b], <, 0.001);
        else
          g_assert_cmpfloat (mean.dialogue[b], >, 0.995);
      }
  g_free (sine);
  g_free (silence);
}

/* White noise of variance s has s * width / (rate / 2) in a band. Tolerance:
 * one bin of 23 Hz, because bands are made of whole bins, and 6 % for the
 * random power of 200 frames (4 s). */
static void
test_noise (void)
{
  const unsigned rate = 48000, frames = 4 * rate;
  float *noise = g_new (float, frames), *other = g_new (float, frames);
  DmixSpeechBandsFrame mean;

  fill_noise (noise, frames, 0.1, 1);
  fill_noise (other, frames, 0.2, 2);
  measure (noise, other, rate, frames, &mean);
  for (int b = 6; b < BANDS; b++) {
    const double hz = dmix_speechbands_hz[b];
    const double width = hz * (pow (2.0, 1 / 6.0) - pow (2.0, -1 / 6.0));
    const double within = 23.5 / width + 0.06;

    g_assert_cmpfloat_with_epsilon (mean.dialogue[b] / (0.01 * width / 24000),
        1.0, within);
    g_assert_cmpfloat_with_epsilon (mean.background[b] / (0.04 * width / 24000),
        1.0, within);
  }
  g_free (noise);
  g_free (other);
}

/* Bands above half the rate are 0. */
static void
test_low_rates (void)
{
  const unsigned low[] = { 1600, 8000, 11025 };
  float noise[4 * 11025];

  for (guint r = 0; r < G_N_ELEMENTS (low); r++) {
    DmixSpeechBandsFrame mean;

    fill_noise (noise, 4 * low[r], 0.1, 1);
    measure (noise, noise, low[r], 4 * low[r], &mean);
    for (int b = 0; b < BANDS; b++)
      if (dmix_speechbands_hz[b] * pow (2.0, -1 / 6.0) > low[r] / 2.0)
        g_assert_cmpfloat (mean.dialogue[b], ==, 0.0);
      else
        g_assert_cmpfloat (mean.dialogue[b], >, 0.0);
  }
}

/* The first frame is complete after 2048 / 48000 s, then one every 20 ms, and a
 * call reads no further than that. An impulse in the middle of the first window
 * is near the start of the second, and before the third. */
static void
test_frames (void)
{
  const unsigned rate = 48000;
  const DmixSpeechBandsFrame *frame;
  DmixSpeechBands *bands = dmix_speechbands_new (rate);
  float *sound = g_new0 (float, rate);
  double first, second;

  sound[1024] = 1.0f;
  g_assert_cmpuint (dmix_speechbands_process (bands, sound, sound, 2047,
                        &frame),
      ==, 2047);
  g_assert_null (frame);
  g_assert_cmpuint (dmix_speechbands_process (bands, sound + 2047, sound + 2047,
                        5000, &frame),
      ==, 1);
  first = frame->dialogue[LAST];
  g_assert_cmpuint (dmix_speechbands_process (bands, sound + 2048, sound + 2048,
                        5000, &frame),
      ==, 960);
  second = frame->dialogue[LAST];
  dmix_speechbands_process (bands, sound + 3008, sound + 3008, 5000, &frame);
  g_assert_cmpfloat (frame->dialogue[LAST], ==, 0.0);
  /* the window is 1 at its middle, and 960 frames before it
   * 0.5 - 0.5 cos (2 pi 64.5 / 2048); all bins of an impulse are equal */
  g_assert_cmpfloat (first, >, 0.0);
  g_assert_cmpfloat_with_epsilon (sqrt (second / first),
      0.5 - 0.5 * cos (2.0 * G_PI * 64.5 / 2048), 1e-4);
  /* a reset drops the samples of an incomplete frame */
  dmix_speechbands_reset (bands);
  dmix_speechbands_process (bands, sound + 1000, sound + 1000, 500, &frame);
  dmix_speechbands_reset (bands);
  g_assert_cmpuint (dmix_speechbands_process (bands, sound + 2000, sound + 2000,
                        5000, &frame),
      ==, 2048);
  g_assert_cmpfloat (sum (frame->dialogue), ==, 0.0);
  dmix_speechbands_free (bands);
  g_free (sound);
}

static void
test_blocks (void)
{
  const unsigned rate = 44100, frames = 2 * rate;
  float *a = g_new (float, frames), *b = g_new (float, frames);
  DmixSpeechBands *split = dmix_speechbands_new (rate);
  DmixSpeechBandsFrame whole, mean = { 0 };
  guint count = 0;

  fill_noise (a, frames, 0.1, 1);
  fill_noise (b, frames, 0.1, 2);
  for (size_t at = 0; at < frames;) {
    const size_t n = (size_t) g_test_rand_int_range (1, 2500);
    const DmixSpeechBandsFrame *frame;

    at += dmix_speechbands_process (split, a + at, b + at, MIN (n, frames - at),
        &frame);
    for (int k = 0; frame && k < BANDS; k++) {
      mean.dialogue[k] += frame->dialogue[k];
      mean.background[k] += frame->background[k];
    }
    count += frame != NULL;
  }
  g_assert_cmpuint (measure (a, b, rate, frames, &whole), ==, count);
  g_assert_cmpuint (count, ==, (frames - 1882) / 882 + 1);
  for (int k = 0; k < BANDS; k++) {
    g_assert_cmpfloat (mean.dialogue[k] / count, ==, whole.dialogue[k]);
    g_assert_cmpfloat (mean.background[k] / count, ==, whole.background[k]);
  }
  g_assert_null (dmix_speechbands_new (DMIX_SPEECHBANDS_MIN_RATE_HZ - 1));
  g_assert_null (dmix_speechbands_new (768001));
  dmix_speechbands_free (NULL);
  dmix_speechbands_free (split);
  g_free (a);
  g_free (b);
}

/* Without a background the bands of the dialogue are the same. */
static void
test_single (void)
{
  float a[9600];
  DmixSpeechBands *one = dmix_speechbands_new (48000);
  DmixSpeechBands *both = dmix_speechbands_new (48000);

  fill_noise (a, 9600, 0.1, 1);
  for (size_t at = 0, n; at < 9600; at += n) {
    const DmixSpeechBandsFrame *x, *y;

    n = dmix_speechbands_process (one, a + at, NULL, 9600 - at, &x);
    g_assert_cmpuint (n, ==,
        dmix_speechbands_process (both, a + at, a + at, 9600 - at, &y));
    g_assert_true ((x != NULL) == (y != NULL));
    for (int k = 0; x && k < BANDS; k++) {
      g_assert_cmpfloat (x->dialogue[k], ==, y->dialogue[k]);
      g_assert_cmpfloat (x->background[k], ==, 0);
    }
  }
  dmix_speechbands_free (one);
  dmix_speechbands_free (both);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/speechbands/sine", test_sine);
  g_test_add_func ("/speechbands/edges", test_edges);
  g_test_add_func ("/speechbands/noise", test_noise);
  g_test_add_func ("/speechbands/low-rates", test_low_rates);
  g_test_add_func ("/speechbands/frames", test_frames);
  g_test_add_func ("/speechbands/blocks", test_blocks);
  g_test_add_func ("/speechbands/single", test_single);
  return g_test_run ();
}
