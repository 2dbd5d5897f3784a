/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Rows of sound: levels that do not depend on the rate, a sum of channels, rows
 * above half the rate. */
#include "signals.h"

#include "net/netrows.h"
#include "net/netsound.h"

enum
{
  ROWS = DMIX_NET_ROWS,
  MOST_HOP = 3072 /* at 192 kHz */
};

/* A sine of peak 1 in the middle of the front end's bin 32 (1 kHz): by Parseval's
 * theorem the rows have energy N sum w^2 / 4 = 1536 * 768 / 4, less what leaks to
 * bin 0 (none), at every rate. 5 %: rows at other rates are mapped between bins. */
static void
test_level (void)
{
  static const unsigned rates[] = { 16000, 44100, 48000, 96000, 192000 };
  static float sound[2 * MOST_HOP];

  for (unsigned k = 0; k < G_N_ELEMENTS (rates); k++) {
    DmixNetSound *self = dmix_netsound_new (rates[k]);
    float energy[ROWS];
    double sum = 0;

    g_assert_cmpuint (dmix_netsound_hop (self), ==,
        (unsigned) lround (0.016 * rates[k]));
    fill_sine (sound, 2 * dmix_netsound_hop (self), 1, 1000, rates[k], 1);
    dmix_netsound_add (self, sound, 1);
    dmix_netsound_take_rows (self, energy);
    for (unsigned r = 0; r < ROWS; r++)
      sum += energy[r];
    g_assert_cmpfloat_with_epsilon (sum / (1536.0 * 768.0 / 4), 1, 0.05);
    g_assert_cmpfloat (energy[31], >, 0.4 * sum);
    dmix_netsound_take_rows (self, energy); /* nothing was added since */
    for (unsigned r = 0; r < ROWS; r++)
      g_assert_cmpfloat (energy[r], ==, 0);
    dmix_netsound_free (self);
  }
}

/* Two sounds with weights, opposite in phase: their powers, not their sum; and
 * silence. */
static void
test_sum (void)
{
  DmixNetSound *self = dmix_netsound_new (48000);
  float sound[1536], once[ROWS], both[ROWS];

  fill_sine (sound, 1536, 1, 500, 48000, 1);
  dmix_netsound_add (self, sound, 1);
  dmix_netsound_take_rows (self, once);
  dmix_netsound_add (self, sound, 0.25f);
  for (unsigned i = 0; i < 1536; i++)
    sound[i] = -sound[i];
  dmix_netsound_add (self, sound, 0.25f);
  memset (sound, 0, sizeof sound);
  dmix_netsound_add (self, sound, 1);
  dmix_netsound_take_rows (self, both);
  for (unsigned r = 0; r < ROWS; r++)
    g_assert_cmpfloat_with_epsilon (both[r], once[r] / 2, 1e-6 * once[r]);
  sound[1000] = 1; /* and one sample is no silence */
  dmix_netsound_add (self, sound, 1);
  dmix_netsound_take_rows (self, both);
  for (unsigned r = 0; r < ROWS; r++)
    g_assert_cmpfloat (both[r], >, 0);
  dmix_netsound_free (self);
}

/* At 16 kHz rows above 8 kHz have noise in the mid and nothing else; what is
 * known of it goes with take_over() and is forgotten at reset(). */
static void
test_mid (void)
{
  DmixNetSound *self = dmix_netsound_new (16000);
  DmixNetSound *other = dmix_netsound_new (16000);
  float sound[512], rows[ROWS], mid[ROWS], quiet[ROWS], again[ROWS];

  fill_noise (sound, 512, 0.1, 1);
  dmix_netsound_add (self, sound, 1);
  dmix_netsound_take_rows (self, rows);
  dmix_netsound_add (self, sound, 1);
  dmix_netsound_take_mid (self, mid);
  g_assert_cmpfloat (rows[ROWS - 1], ==, 0);
  g_assert_cmpfloat (mid[ROWS - 1], >, 0);
  g_assert_cmpmem (rows, 96 * sizeof *rows, mid, 96 * sizeof *mid);

  dmix_netsound_take_over (other, self);
  for (unsigned i = 0; i < 512; i++)
    sound[i] *= 0.01f;
  dmix_netsound_add (self, sound, 1);
  dmix_netsound_take_mid (self, quiet);
  dmix_netsound_add (other, sound, 1);
  dmix_netsound_take_mid (other, again);
  g_assert_cmpmem (quiet, sizeof quiet, again, sizeof again);
  dmix_netsound_reset (other);
  dmix_netsound_add (other, sound, 1);
  dmix_netsound_take_mid (other, again);
  g_assert_cmpfloat (fabsf (again[ROWS - 1] - quiet[ROWS - 1]), >,
      0.01 * quiet[ROWS - 1]);
  dmix_netsound_free (self);
  dmix_netsound_free (other);
}

static void
test_bad_arguments (void)
{
  g_assert_null (dmix_netsound_new (0));
  g_assert_null (dmix_netsound_new (768001));
  dmix_netsound_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/netsound/level", test_level);
  g_test_add_func ("/netsound/sum", test_sum);
  g_test_add_func ("/netsound/mid", test_mid);
  g_test_add_func ("/netsound/bad-arguments", test_bad_arguments);
  return g_test_run ();
}
