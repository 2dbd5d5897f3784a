/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of stft.h, for usual, long, short and odd shapes. */
#include "signals.h"

#include "spectral/stft.h"

enum
{
  FRAMES = 20000,
  MOST = 3
};

static const DmixStftShape shapes[] = {
  { 1, 384, 1536, 1536 },
  { 2, 384, 1536, 1536 },
  { 3, 352, 1408, 1408 },
  { 1, 384, 1536, 3072 },
  { 2, 144, 576, 1536 },
  { 1, 288, 576, 1000 },
  { 1, 1, 8, 9 },
  { 1, 7, 21, 32 },
  { 2, 64, 256, 256 },
};

static float input[FRAMES * MOST], output[FRAMES * MOST];

static int
keep (void *user, float *const *re, float *const *im, int audible)
{
  return 1;
}

static int
clear (void *user, float *const *re, float *const *im, int audible)
{
  return 0;
}

/* Processes `io` in one block, or in blocks of random length. */
static void
run (DmixStft *stft, unsigned channels, float *io, DmixStftChange *change,
    void *user, gboolean split)
{
  GRand *rand = g_rand_new_with_seed (1);

  for (int at = 0, n; at < FRAMES; at += n) {
    n = split ? g_rand_int_range (rand, 0, 900) : FRAMES;
    n = MIN (n, FRAMES - at);
    dmix_stft_process (stft, io + at * channels, n, change, user);
  }
  g_rand_free (rand);
}

/* Tolerance -120 dBFS: rounding errors of two transforms (1e-7 each). */
static void
test_reconstruction (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++) {
    const unsigned channels = shapes[i].channels;
    DmixStft *stft = dmix_stft_new (&shapes[i]);
    const unsigned delay = dmix_stft_latency_frames (stft) * channels;

    g_assert_cmpuint (delay, ==, shapes[i].output_frames * channels);
    fill_noise (input, FRAMES * channels, 0.5, i);
    memcpy (output, input, sizeof output);
    run (stft, channels, output, keep, NULL, FALSE);
    for (unsigned n = 0; n < FRAMES * channels; n++)
      g_assert_cmpfloat_with_epsilon (output[n],
          n < delay ? 0.0 : input[n - delay], 1e-6);
    dmix_stft_free (stft);
  }
}

static int
never (void *user, float *const *re, float *const *im, int audible)
{
  g_assert_not_reached ();
}

/* Frames that pass plain are those of a callback that changes nothing, to the
 * rounding of the transforms, and may change with them at any time. */
static void
test_plain (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++) {
    const unsigned channels = shapes[i].channels;
    DmixStft *stft = dmix_stft_new (&shapes[i]);
    const unsigned delay = dmix_stft_latency_frames (stft) * channels;
    const int turn = FRAMES / 3;

    fill_noise (input, FRAMES * channels, 0.5, i);
    memcpy (output, input, sizeof output);
    for (int at = 0, n, plain = 1; at < FRAMES; at += n, plain = !plain) {
      n = MIN (turn, FRAMES - at);
      dmix_stft_set_plain (stft, plain);
      dmix_stft_process (stft, output + at * channels, n, plain ? never : keep,
          NULL);
    }
    for (unsigned n = 0; n < FRAMES * channels; n++)
      g_assert_cmpfloat_with_epsilon (output[n],
          n < delay ? 0.0 : input[n - delay], 1e-6);
    dmix_stft_free (stft);
  }
}

static void
test_blocks (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++) {
    const unsigned channels = shapes[i].channels;
    DmixStft *stft = dmix_stft_new (&shapes[i]);

    fill_noise (input, FRAMES * channels, 0.5, i);
    memcpy (output, input, sizeof output);
    run (stft, channels, input, keep, NULL, FALSE);
    dmix_stft_reset (stft);
    run (stft, channels, output, keep, NULL, TRUE);
    g_assert_cmpmem (input, FRAMES * channels * sizeof *input, output,
        FRAMES * channels * sizeof *output);
    dmix_stft_free (stft);
  }
}

typedef struct
{
  double power, peak;
  unsigned peak_bin, bins, frames, silent;
} Measured;

static int
measure (void *user, float *const *re, float *const *im, int audible)
{
  Measured *measured = user;

  measured->frames++;
  if (!audible) {
    measured->silent++;
    return 0;
  }
  for (unsigned b = 0; b < measured->bins; b++) {
    const double p = re[0][b] * re[0][b] + im[0][b] * im[0][b];

    measured->power += p;
    if (p > measured->peak) {
      measured->peak = p;
      measured->peak_bin = b;
    }
  }
  return 1;
}

/* The scale of the spectra, on noise. Tolerance: 5 % for the random power of
 * 20000 frames, and the first windows, which begin with silence. */
static void
test_scale (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++) {
    DmixStftShape shape = shapes[i];
    DmixStft *stft;
    Measured measured = { 0 };

    shape.channels = 1;
    stft = dmix_stft_new (&shape);
    measured.bins = dmix_stft_bins (stft);
    fill_noise (input, FRAMES, 0.1, i);
    run (stft, 1, input, measure, &measured, FALSE);
    g_assert_cmpuint (measured.frames, ==, FRAMES / shape.hop_frames);
    g_assert_cmpfloat_with_epsilon (measured.power / measured.frames
            / measured.bins / (0.01 * dmix_stft_window_energy (stft)),
        1.0, 0.12);
    dmix_stft_free (stft);
  }
}

/* 1 kHz at 48 kHz in a transform of 1536: bin 32. */
static void
test_sine (void)
{
  DmixStft *stft = dmix_stft_new (&shapes[0]);
  Measured measured = { .bins = dmix_stft_bins (stft) };

  g_assert_cmpuint (measured.bins, ==, 769);
  fill_sine (input, FRAMES, 1, 1000, 48000, 1.0);
  run (stft, 1, input, measure, &measured, FALSE);
  g_assert_cmpuint (measured.peak_bin, ==, 32);
  /* half the sum of a root-Hann window, 2 / pi of its length */
  g_assert_cmpfloat_with_epsilon (sqrt (measured.peak) / (1536 / G_PI), 1.0,
      0.01);
  dmix_stft_free (stft);
}

/* Silence longer than the tail comes out as exact zeros, and its spectra are
 * not computed. */
static void
test_silence (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++) {
    const unsigned channels = shapes[i].channels;
    DmixStft *stft = dmix_stft_new (&shapes[i]);
    const unsigned end = 5000 + dmix_stft_tail_frames (stft);
    Measured measured = { .bins = dmix_stft_bins (stft) };

    memset (input, 0, sizeof input);
    fill_noise (input, 5000 * channels, 0.5, i);
    run (stft, channels, input, measure, &measured, FALSE);
    for (unsigned n = end * channels; n < FRAMES * channels; n++)
      g_assert_cmpfloat (input[n], ==, 0.0f);
    g_assert_cmpuint (measured.silent, >=,
        (FRAMES - end) / shapes[i].hop_frames);
    dmix_stft_free (stft);
  }
}

typedef struct
{
  const DmixStft *stft;
  unsigned frame, first, count; /* silent frames from `first` on */
} Hole;

/* The window of this shape is a root-Hann: its square has the running sum
 * place / length - sin (2 pi place / length) / (2 pi). */
static double
hann_sum (double place)
{
  place = CLAMP (place / 1536.0, 0.0, 1.0);
  return place - sin (2 * G_PI * place) / (2 * G_PI);
}

static int
check_filled (void *user, float *const *re, float *const *im, int audible)
{
  Hole *hole = user;
  const double end = ++hole->frame * 384.0, start = end - 1536.0;
  const double missing = hann_sum (-start)
      + hann_sum (hole->first + hole->count - start)
      - hann_sum (hole->first - start);

  g_assert_cmpfloat_with_epsilon (dmix_stft_get_filled (hole->stft),
      1.0 - missing, 1e-3);
  return 1;
}

/* The share of the window that has sound: none before the first sample, less
 * around a hole. The hole begins and ends with a quarter of a hop; smaller
 * ones are counted in part. */
static void
test_filled (void)
{
  const unsigned holes[] = { 96, 384, 960, 4800 };

  for (guint i = 0; i < G_N_ELEMENTS (holes); i++) {
    DmixStft *stft = dmix_stft_new (&shapes[1]);
    Hole hole = { stft, 0, 4800 + 96 * i, holes[i] };

    fill_noise (input, FRAMES * 2, 0.5, i);
    memset (input + 2 * hole.first, 0, 2 * hole.count * sizeof (float));
    run (stft, 2, input, check_filled, &hole, i % 2);
    g_assert_cmpuint (hole.frame, ==, FRAMES / 384);
    dmix_stft_free (stft);
  }
}

static void
test_cleared_spectra (void)
{
  DmixStft *stft = dmix_stft_new (&shapes[1]);

  fill_noise (input, FRAMES * 2, 0.5, 1);
  run (stft, 2, input, clear, NULL, FALSE);
  for (unsigned n = 0; n < FRAMES * 2; n++)
    g_assert_cmpfloat (input[n], ==, 0.0f);
  dmix_stft_free (stft);
}

static void
test_bad_shapes (void)
{
  const DmixStftShape bad[] = {
    { 0, 384, 1536, 1536 },
    { 65, 384, 1536, 1536 },
    { 1, 0, 1536, 1536 },
    { 1, 1536, 1536, 1536 },
    { 1, 385, 1536, 1536 },
    { 1, 384, 1536, 1535 },
    { 1, 384, 1536, 65537 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_null (dmix_stft_new (&bad[i]));
  g_assert_null (dmix_stft_new (NULL));
  dmix_stft_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stft/reconstruction", test_reconstruction);
  g_test_add_func ("/stft/plain", test_plain);
  g_test_add_func ("/stft/blocks", test_blocks);
  g_test_add_func ("/stft/scale", test_scale);
  g_test_add_func ("/stft/sine", test_sine);
  g_test_add_func ("/stft/silence", test_silence);
  g_test_add_func ("/stft/cleared-spectra", test_cleared_spectra);
  g_test_add_func ("/stft/filled", test_filled);
  g_test_add_func ("/stft/bad-shapes", test_bad_shapes);
  return g_test_run ();
}
