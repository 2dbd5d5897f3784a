/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of splice.h: length of the piece, both ends of the block, and a joint
 * that is not heard in a tone and keeps the power of noise. */
#include "signals.h"

#include "base/splice.h"

#define FRAMES 960
#define FADE 240
#define PERIOD 110 /* frames */

static void
fill_tone (float *x, size_t frames, unsigned channels)
{
  for (size_t i = 0; i < frames; i++)
    for (unsigned c = 0; c < channels; c++)
      x[i * channels + c] =
          0.5f * sinf (2.0f * (float) M_PI * (i % PERIOD) / PERIOD + c);
}

static size_t
change (int longer, const float *in, size_t frames, unsigned channels,
    size_t least, size_t most, size_t fade, float *out)
{
  return longer
      ? dmix_splice_repeat (in, frames, channels, least, most, fade, out)
      : dmix_splice_drop (in, frames, channels, least, most, fade, out);
}

/* Whole periods: what comes out is the same tone, shorter or longer. */
static void
test_tone (void)
{
  float in[2 * FRAMES], out[2 * 2 * FRAMES], want[2 * 2 * FRAMES];

  for (int longer = 0; longer < 2; longer++)
    for (unsigned channels = 1; channels <= 2; channels++) {
      size_t piece, frames;

      fill_tone (in, FRAMES, channels);
      fill_tone (want, 2 * FRAMES, channels);
      piece = change (longer, in, FRAMES, channels, 240, 400, FADE, out);
      g_assert_cmpuint (piece, ==, 3 * PERIOD);
      frames = longer ? FRAMES + piece : FRAMES - piece;
      for (size_t i = 0; i < frames * channels; i++)
        g_assert_cmpfloat_with_epsilon (out[i], want[i], 1e-6);
    }
}

/* Any limits: the piece is within them, the ends of the block stay, and nothing
 * is written behind the end. */
static void
test_limits (void)
{
  float in[FRAMES], out[2 * FRAMES + 1];
  const size_t limits[][4] = { /* frames, least, most, fade */
    { FRAMES, 1, 720, 240 }, { FRAMES, 300, 300, 240 }, { 64, 1, 32, 32 },
    { 2, 1, 1, 1 }, { 300, 60, 60, 240 }
  };

  fill_noise (in, FRAMES, 0.3, 1);
  for (guint l = 0; l < G_N_ELEMENTS (limits); l++)
    for (int longer = 0; longer < 2; longer++) {
      const size_t *lim = limits[l], n = lim[0];
      size_t piece, frames;

      for (guint i = 0; i < G_N_ELEMENTS (out); i++)
        out[i] = 7.0f;
      piece = change (longer, in, n, 1, lim[1], lim[2], lim[3], out);
      g_assert_cmpuint (piece, >=, lim[1]);
      g_assert_cmpuint (piece, <=, lim[2]);
      frames = longer ? n + piece : n - piece;
      g_assert_cmpfloat (out[frames], ==, 7.0f);
      if (longer) {
        g_assert_cmpmem (out, (n - lim[3]) * sizeof *out, in,
            (n - lim[3]) * sizeof *in);
        g_assert_cmpmem (out + n, piece * sizeof *out, in + n - piece,
            piece * sizeof *in);
      } else {
        g_assert_cmpmem (out + lim[3], (frames - lim[3]) * sizeof *out,
            in + piece + lim[3], (frames - lim[3]) * sizeof *in);
      }
    }
}

/* The power of noise in the cross-fade: within 1 dB of the rest, mean of 200
 * joints (a linear fade would lose 1.8 dB of uncorrelated noise). Silence stays
 * silence. */
static void
test_power (void)
{
  float in[FRAMES], out[2 * FRAMES];

  for (int longer = 0; longer < 2; longer++) {
    double inside = 0.0, all = 0.0;

    for (guint32 seed = 1; seed <= 200; seed++) {
      fill_noise (in, FRAMES, 0.3, seed);
      change (longer, in, FRAMES, 1, 300, 310, FADE, out);
      for (guint i = 0; i < FADE; i++)
        inside += out[i + (longer ? FRAMES - FADE : 0)]
            * out[i + (longer ? FRAMES - FADE : 0)];
      for (guint i = 0; i < FADE; i++)
        all += in[i] * in[i];
    }
    g_assert_cmpfloat (fabs (10.0 * log10 (inside / all)), <, 1.0);
    memset (in, 0, sizeof in);
    change (longer, in, FRAMES, 1, 100, 400, FADE, out);
    for (guint i = 0; i < FRAMES - 400; i++)
      g_assert_cmpfloat (out[i], ==, 0.0f);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/splice/tone", test_tone);
  g_test_add_func ("/splice/limits", test_limits);
  g_test_add_func ("/splice/power", test_power);
  return g_test_run ();
}
