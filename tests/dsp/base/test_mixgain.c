/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of mixgain.h, for constant gains (vector kernels) and ramps. */
#include "signals.h"

#include "base/mixgain.h"

enum
{
  STEP = 96,
  MOST = 6
};

/* In two statements, so that no compiler fuses product and sum. */
static float
mixed (float a, float gain, float b, float other_gain)
{
  volatile float x = a * gain, y = b * other_gain;

  return x + y;
}

/* A gain of 1 and a silenced signal keep every bit; other pairs give the sum of
 * the rounded products. Lengths and addresses unaligned to vectors. */
static void
test_resting (void)
{
  const float gains[] = { 0.0f, 1.0f, 0.25f, 1.4125f };
  float io[100], before[100], other[100];

  fill_noise (before, 100, 0.1, 1);
  fill_noise (other, 100, 0.1, 2);
  for (int pair = 0; pair < 16; pair++) {
    const float g = gains[pair / 4], h = gains[pair % 4];

    for (size_t start = 0; start < 5; start++) {
      for (size_t count = 0; count < 40; count++) {
        memcpy (io, before, sizeof io);
        dmix_mixgain_process (io + start, other + start, 1, count,
            (DmixGainLine){ g, g }, (DmixGainLine){ h, h }, 0, STEP);
        for (size_t i = 0; i < 100; i++)
          g_assert_cmpfloat (io[i], ==,
              i >= start && i < start + count
                  ? mixed (before[i], g, other[i], h)
                  : before[i]);
      }
    }
  }
}

/* A silenced signal may hold any finite values. */
static void
test_silenced (void)
{
  const DmixGainLine one = { 1, 1 }, off = { 0, 0 };
  float io[64], before[64], other[64];

  fill_noise (before, 64, 0.1, 1);
  fill_noise (other, 64, 1e8, 2);
  memcpy (io, before, sizeof io);
  dmix_mixgain_process (io, other, 2, 32, one, off, 0, STEP);
  g_assert_cmpmem (io, sizeof io, before, sizeof before);
  dmix_mixgain_process (io, other, 2, 32, off, one, 0, STEP);
  g_assert_cmpmem (io, sizeof io, other, sizeof other);
}

/* The gain is linear and ends on `to`: within the rounding of float gains
 * (three operations of 6e-8 each on values below 2). */
static void
test_moving (void)
{
  const DmixGainLine lines[] = {
    { 1, 0.25f },
    { 0.25f, 1 },
    { 0, 1 },
    { 1.5f, 1.5f },
    { 1, 1 },
    { 0, 0 },
  };

  for (unsigned channels = 1; channels <= MOST; channels++) {
    for (int pair = 0; pair < 36; pair++) {
      const DmixGainLine g = lines[pair / 6], h = lines[pair % 6];
      float io[STEP * MOST], before[STEP * MOST], other[STEP * MOST];

      fill_noise (before, STEP * channels, 0.3, 3);
      fill_noise (other, STEP * channels, 0.3, 4);
      memcpy (io, before, sizeof io);
      dmix_mixgain_process (io, other, channels, STEP, g, h, 0, STEP);
      for (unsigned i = 0; i < STEP * channels; i++) {
        const double place = (i / channels + 1.0) / STEP;

        g_assert_cmpfloat_with_epsilon (io[i],
            before[i] * (g.from + (g.to - g.from) * place)
                + other[i] * (h.from + (h.to - h.from) * place),
            5e-7);
      }
    }
  }
}

static void
test_splits_do_not_matter (void)
{
  const DmixGainLine lines[] = { { 1, 0.25f }, { 0.3f, 0.3f }, { 0, 0.9f } };

  for (unsigned channels = 1; channels <= MOST; channels++) {
    for (int pair = 0; pair < 9; pair++) {
      const DmixGainLine g = lines[pair / 3], h = lines[pair % 3];
      const unsigned samples = STEP * channels;
      float whole[STEP * MOST], parts[STEP * MOST], other[STEP * MOST];

      fill_noise (whole, samples, 0.3, 5);
      fill_noise (other, samples, 0.3, 6);
      memcpy (parts, whole, sizeof parts);
      dmix_mixgain_process (whole, other, channels, STEP, g, h, 0, STEP);
      for (unsigned done = 0, n = 1; done < STEP; done += n, n += 3) {
        n = MIN (n, STEP - done);
        dmix_mixgain_process (parts + done * channels, other + done * channels,
            channels, n, g, h, done, STEP);
      }
      g_assert_cmpmem (whole, samples * sizeof *whole, parts,
          samples * sizeof *parts);
    }
  }
}

static void
test_add (void)
{
  float io[50], before[50], other[50];

  fill_noise (before, 50, 0.1, 7);
  fill_noise (other, 50, 0.1, 8);
  for (size_t count = 0; count <= 50; count++) {
    memcpy (io, before, sizeof io);
    dmix_mixgain_add (io, other, count);
    for (size_t i = 0; i < 50; i++)
      g_assert_cmpfloat (io[i], ==,
          i < count ? before[i] + other[i] : before[i]);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mixgain/resting", test_resting);
  g_test_add_func ("/mixgain/silenced", test_silenced);
  g_test_add_func ("/mixgain/moving", test_moving);
  g_test_add_func ("/mixgain/splits-do-not-matter", test_splits_do_not_matter);
  g_test_add_func ("/mixgain/add", test_add);
  return g_test_run ();
}
