/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of decimator.h. */
#include "signals.h"

#include "spectral/decimator.h"

#define PASS_HZ 7000.0

/* One channel of the output; the input is processed in blocks. */
static float *
decimated (const DmixFormat *format, unsigned factor, const float *in,
    size_t frames, size_t block, unsigned channel, size_t *count)
{
  DmixDecimator *decimator = dmix_decimator_new (format, factor, PASS_HZ);
  const size_t stride = DMIX_DECIMATOR_BLOCK + 1;
  float *out = g_new (float, stride * format->channels);
  float *all = g_new0 (float, frames + stride);
  const size_t late = dmix_decimator_latency_frames (decimator);

  *count = 0;
  for (size_t at = 0; at < frames + late;) {
    const size_t end = at < frames ? frames : frames + late;
    const size_t now = MIN (block, end - at);
    const size_t got = dmix_decimator_process (decimator,
        at < frames ? in + at * format->channels : NULL, now, out, stride);

    g_assert_cmpuint (got, <=, DMIX_DECIMATOR_BLOCK / factor + 1);
    memcpy (all + *count, out + channel * stride, got * sizeof (float));
    *count += got;
    at += now;
  }
  g_free (out);
  dmix_decimator_free (decimator);
  return all;
}

/* Up to the edge of the pass band a sine passes without delay, within 0.02 dB
 * (0.23 %); a sine that aliases into the pass band is 60 dB lower. */
static void
test_response (void)
{
  const struct
  {
    unsigned rate_hz, factor;
  } kinds[] = { { 48000, 3 }, { 44100, 2 }, { 192000, 12 }, { 32000, 2 } };

  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++) {
    const unsigned rate = kinds[k].rate_hz, factor = kinds[k].factor;
    const double alias = (double) rate / factor - PASS_HZ;
    const double hz[] = {
      100.0,
      1000.0,
      5000.0,
      PASS_HZ,
      alias,
      alias + 1000.0,
      rate / 2.0 - 500.0,
    };
    const DmixFormat format = { rate, 1 };
    const size_t frames = rate / 4;
    float *in = g_new (float, frames);

    for (guint h = 0; h < G_N_ELEMENTS (hz); h++) {
      size_t count;
      float *out;
      double worst = 0.0;

      fill_sine (in, frames, 1, hz[h], rate, 0.5);
      out = decimated (&format, factor, in, frames, 1000, 0, &count);
      g_assert_cmpuint (count, >=, frames / factor);
      for (size_t i = count / 4; i < count / 2; i++)
        worst = fmax (worst,
            fabs (out[i] - (hz[h] <= PASS_HZ ? in[i * factor] : 0.0f)));
      g_assert_cmpfloat (worst, <,
          hz[h] <= PASS_HZ ? 0.5 * 0.0023 : 0.5 * 1.1e-3);
      g_free (out);
    }
    g_free (in);
  }
}

/* Any block size gives the same bits, and so does each channel alone. */
static void
test_blocks (void)
{
  const DmixFormat one = { 48000, 1 }, two = { 48000, 2 };
  const size_t frames = 9001, blocks[] = { 1, 7, 480, DMIX_DECIMATOR_BLOCK };
  float *stereo = g_new (float, 2 * frames), *mono = g_new (float, frames);
  float *whole;
  size_t count;

  fill_noise (stereo, 2 * frames, 0.3, 3);
  for (size_t i = 0; i < frames; i++)
    mono[i] = stereo[2 * i + 1];
  whole = decimated (&one, 3, mono, frames, DMIX_DECIMATOR_BLOCK, 0, &count);
  for (guint b = 0; b < G_N_ELEMENTS (blocks); b++) {
    size_t again;
    float *out = decimated (&two, 3, stereo, frames, blocks[b], 1, &again);

    g_assert_cmpmem (out, again * sizeof (float), whole,
        count * sizeof (float));
    g_free (out);
  }
  g_free (whole);
  g_free (mono);
  g_free (stereo);
}

/* The fastest loops and the plain ones give the same bits, whatever number of
 * samples is left over behind whole vectors. */
static void
test_loops (void)
{
  const DmixFormat format = { 48000, 1 };
  float in[1000], fast[1000 / 3 + 1], plain[1000 / 3 + 1];

  fill_noise (in, 1000, 0.3, 4);
  for (unsigned factor = 3; factor <= 5; factor++)
    for (size_t frames = 100; frames <= 1000; frames += 37) {
      DmixDecimator *a = dmix_decimator_new (&format, factor, 4000.0), *b;
      size_t count;

      g_setenv ("DMIX_SIMD", "off", TRUE);
      b = dmix_decimator_new (&format, factor, 4000.0);
      g_unsetenv ("DMIX_SIMD");
      count = dmix_decimator_process (a, in, frames, fast, 0);
      g_assert_cmpuint (dmix_decimator_process (b, in, frames, plain, 0), ==,
          count);
      g_assert_cmpuint (count, >, 0);
      g_assert_cmpmem (fast, count * sizeof *fast, plain,
          count * sizeof *plain);
      dmix_decimator_free (a);
      dmix_decimator_free (b);
    }
}

/* Frames that come one by one find the same places in the rows as whole columns do,
 * whatever the factor; silence, too. */
static void
test_columns (void)
{
  const DmixFormat format = { 48000, 1 };
  float in[1000], whole[1000 / 3 + 1], single[1000 / 3 + 1];

  fill_noise (in, 1000, 0.3, 5);
  for (unsigned factor = 3; factor <= 35; factor++)
    for (int silent = 0; silent < 2; silent++) {
      const double pass_hz = 0.35 * 48000 / factor;
      DmixDecimator *a = dmix_decimator_new (&format, factor, pass_hz);
      DmixDecimator *b = dmix_decimator_new (&format, factor, pass_hz);
      const float *second = silent ? NULL : in + 500;
      size_t count = dmix_decimator_process (a, in, 500, whole, 0), got = 0;

      count += dmix_decimator_process (a, second, 500, whole + count, 0);
      for (int i = 0; i < 1000; i++)
        got += dmix_decimator_process (b, i < 500 || !silent ? in + i : NULL, 1,
            single + got, 0);
      g_assert_cmpuint (got, ==, count);
      g_assert_cmpuint (count, >, 0);
      g_assert_cmpmem (single, got * sizeof *single, whole,
          count * sizeof *whole);
      dmix_decimator_free (a);
      dmix_decimator_free (b);
    }
}

/* One that takes over goes on as the other one does. */
static void
test_take_over (void)
{
  const DmixFormat format = { 48000, 2 };
  DmixDecimator *a = dmix_decimator_new (&format, 4, 4000.0);
  DmixDecimator *b = dmix_decimator_new (&format, 4, 4000.0);
  float in[2 * 500], one[2 * 200], other[2 * 200];
  size_t count;

  fill_noise (in, 2 * 500, 0.3, 4);
  dmix_decimator_process (a, in, 333, one, 200);
  dmix_decimator_take_over (b, a);
  count = dmix_decimator_process (a, in, 500, one, 200);
  g_assert_cmpuint (dmix_decimator_process (b, in, 500, other, 200), ==, count);
  for (int c = 0; c < 2; c++)
    g_assert_cmpmem (one + 200 * c, count * sizeof *one, other + 200 * c,
        count * sizeof *one);
  dmix_decimator_free (a);
  dmix_decimator_free (b);
}

static void
test_arguments (void)
{
  const DmixFormat format = { 48000, 1 };

  g_assert_null (dmix_decimator_new (NULL, 3, PASS_HZ));
  g_assert_null (dmix_decimator_new (&format, 0, PASS_HZ));
  g_assert_null (dmix_decimator_new (&format, 4, PASS_HZ));
  g_assert_null (dmix_decimator_new (&format, 3, 0.0));
  dmix_decimator_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/decimator/response", test_response);
  g_test_add_func ("/decimator/blocks", test_blocks);
  g_test_add_func ("/decimator/loops", test_loops);
  g_test_add_func ("/decimator/columns", test_columns);
  g_test_add_func ("/decimator/take-over", test_take_over);
  g_test_add_func ("/decimator/arguments", test_arguments);
  return g_test_run ();
}
