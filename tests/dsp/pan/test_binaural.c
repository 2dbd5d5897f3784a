/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Tests of binaural.h with direct convolution with an HRTF of one direction,
 * and with linear cross-fades. */
#include "base/level.h"
#include "pan/binaural.h"
#include "signals.h"

enum
{
  RATE_HZ = 48000,
  BLOCK = 256,
  TAPS = 300, /* two partitions */
  BLOCKS = 24,
  FRAMES = BLOCK * BLOCKS
};

static float response[2][TAPS];
static float sound[FRAMES];

static DmixHrtf *
make_one_direction (void)
{
  static const DmixVector front = { 0, 1, 0 };
  const DmixHrtfData data = { 1, TAPS, RATE_HZ, &front, &response[0][0], NULL };

  fill_noise (&response[0][0], 2 * TAPS, 0.3, 4);
  for (int n = 0; n < TAPS; n++) {
    response[0][n] *= (float) exp (-n / 60.0);
    response[1][n] *= (float) exp (-n / 40.0);
  }
  return dmix_hrtf_new (&data);
}

static DmixHrtfBankParams
filter_of (double left, double right)
{
  return (
      DmixHrtfBankParams){ .direction = { 0, 1, 0 }, .gain = { left, right } };
}

static void
add (DmixBinauralSource *source, unsigned at, const float *x, unsigned frames)
{
  memcpy (dmix_binaural_source_place (source, at), x, frames * sizeof *x);
  dmix_binaural_source_wrote (source, frames,
      !dmix_level_is_silent (x, frames));
}

/* Renders one block of a source, which is added in two parts. */
static void
play_block (DmixBinaural *binaural, DmixBinauralSource *source, const float *x,
    float *left, float *right)
{
  if (dmix_binaural_latency_frames (binaural) > 0) {
    add (source, 0, x, 100);
    add (source, 100, x + 100, BLOCK - 100);
    dmix_binaural_add (binaural, source);
    dmix_binaural_read (binaural, left, right);
    return;
  }
  memset (left, 0, BLOCK * sizeof *left);
  memset (right, 0, BLOCK * sizeof *right);
  add (source, 0, x, 100);
  dmix_binaural_add_now (binaural, source, 0, 100, left, right);
  add (source, 100, x + 100, BLOCK - 100);
  dmix_binaural_add_now (binaural, source, 100, BLOCK - 100, left + 100,
      right + 100);
}

static double
convolved (int ear, int frame)
{
  double sum = 0;

  for (int n = 0; n < TAPS && n <= frame; n++)
    sum += (double) response[ear][n] * sound[frame - n];
  return sum;
}

/* Gain of an ear: 1 before block `at`, a line to `to` in it, `to` after it. */
static double
gain_at (int frame, int at, double to)
{
  const double share = (frame + 1 - at * BLOCK) / (double) BLOCK;

  return 1 + (to - 1) * CLAMP (share, 0, 1);
}

/* At rest (partitions), in the block of a change (linear cross-fade), and after
 * it (whole transforms, then partitions again). */
static void
check_change (int zero_latency)
{
  DmixHrtf *hrtf = make_one_direction ();
  DmixBinaural *binaural = dmix_binaural_new (hrtf, RATE_HZ, zero_latency);
  DmixBinauralSource *source = dmix_binaural_source_new (binaural);
  DmixHrtfBankParams filter = filter_of (1, 1);
  static float out[2][FRAMES];

  fill_noise (sound, FRAMES, 0.3, 5);
  g_assert_cmpuint (dmix_binaural_block_frames (binaural), ==, BLOCK);
  g_assert_cmpuint (dmix_binaural_latency_frames (binaural), ==,
      zero_latency ? 0 : BLOCK);
  g_assert_cmpuint (dmix_binaural_tail_frames (binaural), >=, TAPS);
  for (int b = 0; b < BLOCKS; b++) {
    if (b == 10)
      filter = filter_of (0.25, -2);
    if (b == 0 || b == 10)
      dmix_binaural_source_set_filter (binaural, source, &filter);
    play_block (binaural, source, sound + b * BLOCK, out[0] + b * BLOCK,
        out[1] + b * BLOCK);
  }
  for (int ear = 0; ear < 2; ear++)
    for (int i = 0; i < FRAMES; i++)
      g_assert_cmpfloat_with_epsilon (out[ear][i],
          convolved (ear, i) * gain_at (i, 10, ear ? -2 : 0.25), 1e-5);
  dmix_binaural_source_free (source);
  dmix_binaural_free (binaural);
  dmix_hrtf_free (hrtf);
}

static void
test_change_in_blocks (void)
{
  check_change (0);
}

static void
test_change_without_latency (void)
{
  check_change (1);
}

/* Of many sources some move, to gains of their own, and others turn to a filter
 * without HRTF: the sum of all. */
static void
test_many_moves (void)
{
  enum
  {
    SOURCES = 19,
    MOVE = 6
  };
  DmixHrtf *hrtf = make_one_direction ();
  DmixBinaural *binaural = dmix_binaural_new (hrtf, RATE_HZ, 0);
  DmixBinauralSource *source[SOURCES];
  static float out[2][FRAMES];

  fill_noise (sound, FRAMES, 0.05, 5);
  for (int i = 0; i < SOURCES; i++) {
    const DmixHrtfBankParams filter = filter_of (1, 1);

    source[i] = dmix_binaural_source_new (binaural);
    dmix_binaural_source_set_filter (binaural, source[i], &filter);
  }
  for (int b = 0; b < BLOCKS; b++) {
    for (int i = 0; i < SOURCES; i++) {
      const DmixHrtfBankParams filter = filter_of (0.1 * i, -0.1 * i);
      const DmixHrtfBankParams flat = { .gain = { 1, 2 }, .flat = 1 };

      if (b == MOVE && i % 3 != 2)
        dmix_binaural_source_set_filter (binaural, source[i],
            i % 9 == 0 ? &flat : &filter);
      add (source[i], 0, sound + b * BLOCK, BLOCK);
      dmix_binaural_add (binaural, source[i]);
    }
    dmix_binaural_read (binaural, out[0] + b * BLOCK, out[1] + b * BLOCK);
  }
  for (int ear = 0; ear < 2; ear++)
    for (int n = 0; n < FRAMES; n++) {
      const double y = convolved (ear, n);
      const double share =
          CLAMP ((n + 1 - MOVE * BLOCK) / (double) BLOCK, 0, 1);
      double sum = 0;

      for (int i = 0; i < SOURCES; i++)
        if (i % 3 == 2)
          sum += y;
        else if (i % 9 == 0)
          sum += (1 - share) * y + share * sound[n] * (ear ? 2 : 1);
        else
          sum += y * gain_at (n, MOVE, ear ? -0.1 * i : 0.1 * i);
      g_assert_cmpfloat_with_epsilon (out[ear][n], sum, 1e-5);
    }
  for (int i = 0; i < SOURCES; i++)
    dmix_binaural_source_free (source[i]);
  dmix_binaural_free (binaural);
  dmix_hrtf_free (hrtf);
}

/* A flat source has gains only; two sources add up; a source after silence is
 * filtered as if the silence had been played. */
static void
test_sum_of_sources (void)
{
  DmixHrtf *hrtf = make_one_direction ();
  DmixBinaural *binaural = dmix_binaural_new (hrtf, RATE_HZ, 0);
  DmixBinauralSource *flat = dmix_binaural_source_new (binaural);
  DmixBinauralSource *late = dmix_binaural_source_new (binaural);
  const DmixHrtfBankParams direct = { .gain = { 0.5, -0.25 }, .flat = 1 };
  const DmixHrtfBankParams filter = filter_of (1, 1);
  static float other[FRAMES];

  fill_noise (other, FRAMES, 0.2, 6);
  fill_noise (sound, FRAMES, 0.3, 7);
  memset (sound + 2 * BLOCK, 0, 10 * BLOCK * sizeof *sound);
  dmix_binaural_source_set_filter (binaural, flat, &direct);
  dmix_binaural_source_set_filter (binaural, late, &filter);
  for (int b = 0; b < BLOCKS; b++) {
    float out[2][BLOCK];

    add (flat, 0, other + b * BLOCK, BLOCK);
    add (late, 0, sound + b * BLOCK, BLOCK);
    dmix_binaural_add (binaural, flat);
    dmix_binaural_add (binaural, late);
    dmix_binaural_read (binaural, out[0], out[1]);
    for (int ear = 0; ear < 2; ear++)
      for (int i = 0; i < BLOCK; i++)
        g_assert_cmpfloat_with_epsilon (out[ear][i],
            convolved (ear, b * BLOCK + i)
                + direct.gain[ear] * other[b * BLOCK + i],
            1e-5);
  }
  dmix_binaural_source_free (flat);
  dmix_binaural_source_free (late);
  dmix_binaural_free (binaural);
  dmix_hrtf_free (hrtf);
}

/* A reset clears the audio, and the next filter takes effect at once. */
static void
test_reset (void)
{
  DmixHrtf *hrtf = make_one_direction ();
  DmixBinaural *binaural = dmix_binaural_new (hrtf, RATE_HZ, 0);
  DmixBinauralSource *source = dmix_binaural_source_new (binaural);
  const DmixHrtfBankParams loud = filter_of (3, 3), plain = filter_of (1, 1);
  float out[2][BLOCK];

  fill_noise (sound, FRAMES, 0.3, 8);
  dmix_binaural_source_set_filter (binaural, source, &loud);
  for (int b = 0; b < 3; b++)
    play_block (binaural, source, sound + (5 + b) * BLOCK, out[0], out[1]);
  dmix_binaural_source_reset (source);
  dmix_binaural_source_set_filter (binaural, source, &plain);
  for (int b = 0; b < 3; b++) {
    play_block (binaural, source, sound + b * BLOCK, out[0], out[1]);
    for (int ear = 0; ear < 2; ear++)
      for (int i = 0; i < BLOCK; i++)
        g_assert_cmpfloat_with_epsilon (out[ear][i],
            convolved (ear, b * BLOCK + i), 1e-5);
  }
  dmix_binaural_source_free (source);
  dmix_binaural_free (binaural);
  dmix_hrtf_free (hrtf);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/binaural/change-in-blocks", test_change_in_blocks);
  g_test_add_func ("/binaural/change-without-latency",
      test_change_without_latency);
  g_test_add_func ("/binaural/sum-of-sources", test_sum_of_sources);
  g_test_add_func ("/binaural/many-moves", test_many_moves);
  g_test_add_func ("/binaural/reset", test_reset);
  return g_test_run ();
}
