/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of melpower.h: the mean square of a band, the time of rows, all
 * channels, the same bits for any block sizes. */
#include "signals.h"

#include "speech/melpower.h"

#define SECONDS 1

static float *
rows_of (const DmixFormat *format, const float *in, size_t frames, size_t block,
    size_t *count)
{
  DmixMelPower *mel = dmix_melpower_new (format);
  float *rows = g_new0 (float,
      (dmix_melpower_max_rows (mel, frames) + 8) * DMIX_MEL_BANDS);

  *count = 0;
  for (size_t at = 0; at < frames; at += block) {
    const size_t now = MIN (block, frames - at);

    *count += dmix_melpower_process (mel, in + at * format->channels, now,
        rows + *count * DMIX_MEL_BANDS);
  }
  *count += dmix_melpower_process (mel, NULL,
      dmix_melpower_latency_frames (mel), rows + *count * DMIX_MEL_BANDS);
  dmix_melpower_free (mel);
  return rows;
}

/* The bands of a row add up to the mean square of a sine of peak 0.5, 0.125, at
 * any rate; within 0.5 dB. */
static void
test_power (void)
{
  const unsigned rates[] = { 8000, 16000, 44100, 48000, 96000, 192000 };

  for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
    const DmixFormat format = { rates[r], 1 };
    const size_t frames = (size_t) rates[r] * SECONDS;
    float *in = g_new (float, frames), *rows;
    size_t count;
    double sum = 0.0;

    fill_sine (in, frames, 1, 1000.0, rates[r], 0.5);
    rows = rows_of (&format, in, frames, 1000, &count);
    for (unsigned b = 0; b < DMIX_MEL_BANDS; b++)
      sum += rows[count / 2 * DMIX_MEL_BANDS + b];
    g_assert_cmpfloat (fabs (10 * log10 (sum / 0.125)), <, 0.5);
    /* one row every 5 ms, the first at frame 0 */
    g_assert_cmpuint (count, >=, 200 * SECONDS);
    g_assert_cmpuint (count, <=, 200 * SECONDS + 1);
    g_free (rows);
    g_free (in);
  }
}

/* Two channels of opposite sign do not cancel: they have the power of one. */
static void
test_opposite_channels (void)
{
  const DmixFormat one = { 48000, 1 }, two = { 48000, 2 };
  const size_t frames = 48000;
  float *mono = g_new (float, frames), *stereo = g_new (float, 2 * frames);
  float *a, *b;
  size_t count;

  fill_noise (mono, frames, 0.1, 5);
  for (size_t i = 0; i < frames; i++) {
    stereo[2 * i] = mono[i];
    stereo[2 * i + 1] = -mono[i];
  }
  a = rows_of (&one, mono, frames, 480, &count);
  b = rows_of (&two, stereo, frames, 480, &count);
  for (size_t i = 0; i < count * DMIX_MEL_BANDS; i++)
    g_assert_cmpfloat (fabs (a[i] - b[i]), <=, 1e-5 * a[i]);
  g_free (a);
  g_free (b);
  g_free (mono);
  g_free (stereo);
}

static void
test_blocks (void)
{
  const DmixFormat format = { 44100, 2 };
  const size_t frames = 44100, blocks[] = { 1, 7, 441, 5000 };
  float *in = g_new (float, 2 * frames), *whole;
  size_t count;

  fill_noise (in, 2 * frames, 0.1, 9);
  whole = rows_of (&format, in, frames, frames, &count);
  for (guint b = 0; b < G_N_ELEMENTS (blocks); b++) {
    size_t again;
    float *rows = rows_of (&format, in, frames, blocks[b], &again);

    g_assert_cmpmem (rows, again * DMIX_MEL_BANDS * sizeof (float), whole,
        count * DMIX_MEL_BANDS * sizeof (float));
    g_free (rows);
  }
  g_free (whole);
  g_free (in);
}

/* A click at 0.5 s has its centre of power at row 100. */
static void
test_time (void)
{
  const DmixFormat format = { 48000, 1 };
  const size_t frames = 48000, at = 24000;
  float *in = g_new0 (float, frames), *rows;
  double first = 0.0, sum = 0.0;
  size_t count;

  in[at] = 1.0f;
  rows = rows_of (&format, in, frames, 4800, &count);
  for (size_t t = 0; t < count; t++) {
    first += (double) t * rows[t * DMIX_MEL_BANDS + 15];
    sum += rows[t * DMIX_MEL_BANDS + 15];
  }
  g_assert_cmpfloat (fabs (first / sum - 100.0), <, 0.1);
  g_free (rows);
  g_free (in);
}

static void
test_arguments (void)
{
  const DmixFormat wrong[] = { { 3999, 1 }, { 48000, 0 }, { 400000, 1 } };

  g_assert_null (dmix_melpower_new (NULL));
  for (guint w = 0; w < G_N_ELEMENTS (wrong); w++)
    g_assert_null (dmix_melpower_new (&wrong[w]));
}

/* dmix_melpower_place() is the inverse of dmix_melpower_hz(). */
static void
test_place (void)
{
  for (double place = -1.0; place < 40.0; place += 0.37)
    g_assert_cmpfloat_with_epsilon (dmix_melpower_place (
                                        dmix_melpower_hz (place)),
        place, 1e-9);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/melpower/power", test_power);
  g_test_add_func ("/melpower/opposite-channels", test_opposite_channels);
  g_test_add_func ("/melpower/blocks", test_blocks);
  g_test_add_func ("/melpower/time", test_time);
  g_test_add_func ("/melpower/arguments", test_arguments);
  g_test_add_func ("/melpower/place", test_place);
  return g_test_run ();
}
