/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of matrix.h: mixes the channels of one layout into another. */
#include "signals.h"

#include "base/matrix.h"

enum
{
  FRAMES = 50,
  MOST = 64
};

static void
test_any_matrix (void)
{
  const unsigned sizes[] = { 1, 2, 3, 6, 64 };
  float *in = g_new (float, FRAMES *MOST), *out = g_new (float, FRAMES *MOST),
        *gain = g_new (float, MOST *MOST);

  fill_noise (in, FRAMES * MOST, 0.3, 1);
  fill_noise (gain, MOST * MOST, 0.5, 2);
  for (int k = 0; k < MOST * MOST; k += 3) /* some zeros, as in real layouts */
    gain[k] = 0.0f;
  for (guint a = 0; a < G_N_ELEMENTS (sizes); a++) {
    for (guint b = 0; b < G_N_ELEMENTS (sizes); b++) {
      const unsigned from = sizes[a], to = sizes[b];
      DmixMatrix *matrix = dmix_matrix_new (from, to, gain);

      for (int i = 0; i < FRAMES * MOST; i++)
        out[i] = NAN; /* must be overwritten, not added to */
      dmix_matrix_process (matrix, in, out, FRAMES);
      for (unsigned i = 0; i < FRAMES * to; i++) {
        double want = 0.0;

        for (unsigned c = 0; c < from; c++)
          want += (double) in[i / to * from + c] * gain[c * to + i % to];
        /* up to 64 products below 1, each rounded to 6e-8 */
        g_assert_cmpfloat_with_epsilon (out[i], want, 64 * 2 * 6e-8);
      }
      for (unsigned i = FRAMES * to; i < FRAMES * MOST; i++)
        g_assert_true (isnan (out[i]));
      dmix_matrix_free (matrix);
    }
  }
  g_free (in);
  g_free (out);
  g_free (gain);
}

/* One input channel at gain 1 keeps its bits in every output channel. */
static void
test_keeps_bits (void)
{
  float gain[2 * 6] = { 0 }, in[FRAMES * 2], out[FRAMES * 6];
  DmixMatrix *matrix;

  gain[0 * 6 + 4] = gain[1 * 6 + 2] = gain[1 * 6 + 5] = 1.0f;
  fill_noise (in, FRAMES * 2, 1e-3, 3);
  matrix = dmix_matrix_new (2, 6, gain);
  g_assert_false (dmix_matrix_is_identity (matrix));
  dmix_matrix_process (matrix, in, out, FRAMES);
  for (int i = 0; i < FRAMES; i++) {
    const float want[] = { 0, 0, in[2 * i + 1], 0, in[2 * i], in[2 * i + 1] };

    g_assert_cmpmem (out + 6 * i, sizeof want, want, sizeof want);
  }
  dmix_matrix_process (matrix, in, out, 0);
  dmix_matrix_free (matrix);
}

static int
is_identity (unsigned in_channels, unsigned out_channels, const float *gain)
{
  DmixMatrix *matrix = dmix_matrix_new (in_channels, out_channels, gain);
  const int answer = dmix_matrix_is_identity (matrix);

  dmix_matrix_free (matrix);
  return answer;
}

static void
test_identity (void)
{
  const float same[] = { 1, 0, 0, 1 }, swapped[] = { 0, 1, 1, 0 };
  const float softer[] = { 1, 0, 0, 0.5f }, one_less[] = { 1, 0, 0, 0 };
  const float leak[] = { 1, 0.1f, 0, 1 };

  g_assert_true (is_identity (2, 2, same));
  g_assert_true (is_identity (1, 1, same));
  g_assert_false (is_identity (2, 2, swapped));
  g_assert_false (is_identity (2, 2, softer));
  g_assert_false (is_identity (2, 2, one_less));
  g_assert_false (is_identity (2, 2, leak));
  g_assert_false (is_identity (1, 2, same));
  g_assert_false (is_identity (2, 1, same));
}

static void
test_bad_arguments (void)
{
  const float gain[] = { 1 };

  g_assert_null (dmix_matrix_new (0, 1, gain));
  g_assert_null (dmix_matrix_new (1, 0, gain));
  g_assert_null (dmix_matrix_new (65, 1, gain));
  g_assert_null (dmix_matrix_new (1, 65, gain));
  g_assert_null (dmix_matrix_new (1, 1, NULL));
  dmix_matrix_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/matrix/any-matrix", test_any_matrix);
  g_test_add_func ("/matrix/keeps-bits", test_keeps_bits);
  g_test_add_func ("/matrix/identity", test_identity);
  g_test_add_func ("/matrix/bad-arguments", test_bad_arguments);
  return g_test_run ();
}
