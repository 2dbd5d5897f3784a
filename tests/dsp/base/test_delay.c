/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of delay.h: the output is the input of N frames ago. */
#include "signals.h"

#include "base/delay.h"

#define SAMPLES 24000

/* Blocks of any size: empty, single frames, shorter and longer than N. */
static void
delay_in_blocks (DmixDelay *delay, float *io, unsigned channels)
{
  GRand *rand = g_rand_new_with_seed (1);
  const size_t frames = SAMPLES / channels;

  for (size_t done = 0, n; done < frames; done += n) {
    n = g_rand_int_range (rand, 0, g_rand_boolean (rand) ? 4 : 1500);
    n = MIN (n, frames - done);
    dmix_delay_process (delay, io + done * channels, n);
  }
  g_rand_free (rand);
}

static void
test_delays (void)
{
  const size_t delays[] = { 0, 1, 2, 7, 480, 4801 };
  const unsigned channel_counts[] = { 1, 2, 6, 64 };
  float *in = g_new (float, SAMPLES), *out = g_new (float, SAMPLES);

  fill_noise (in, SAMPLES, 0.1, 1);
  for (guint d = 0; d < G_N_ELEMENTS (delays); d++) {
    for (guint c = 0; c < G_N_ELEMENTS (channel_counts); c++) {
      const unsigned channels = channel_counts[c];
      const size_t late = MIN (delays[d] * channels,
                       SAMPLES / channels * channels),
                   kept = SAMPLES / channels * channels - late;
      DmixDelay *delay = dmix_delay_new (delays[d], channels);

      g_assert_cmpuint (dmix_delay_latency_frames (delay), ==, delays[d]);
      for (int again = 0; again < 2; again++) { /* _reset() equals _new() */
        memcpy (out, in, SAMPLES * sizeof *out);
        delay_in_blocks (delay, out, channels);
        for (size_t i = 0; i < late; i++)
          g_assert_cmpfloat (out[i], ==, 0.0f);
        g_assert_cmpmem (out + late, kept * sizeof *out, in, kept * sizeof *in);
        dmix_delay_reset (delay);
      }
      dmix_delay_free (delay);
    }
  }
  g_free (in);
  g_free (out);
}

static void
test_bad_arguments (void)
{
  g_assert_null (dmix_delay_new (1, 0));
  dmix_delay_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/delay/delays", test_delays);
  g_test_add_func ("/delay/bad-arguments", test_bad_arguments);
  return g_test_run ();
}
