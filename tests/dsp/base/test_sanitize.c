/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of sanitize.h: bad samples become 0, all others keep their bits. */
#include "signals.h"

#include "base/sanitize.h"

#include <float.h>

static float
from_bits (guint32 bits)
{
  float value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

/* Every sign, exponent and leading mantissa bits, with several low bits. */
static void
test_all_kinds (void)
{
  const guint32 ends[] = { 0, 1, 0x6b28, 0x6b29, 0x8000, 0xffff };

  for (guint32 head = 0; head < 0x10000; head++) {
    for (guint e = 0; e < G_N_ELEMENTS (ends); e++) {
      const float in = from_bits (head << 16 | ends[e]);
      const int keep =
          isfinite (in) && fabsf (in) >= FLT_MIN && fabsf (in) <= 1e9f;
      const float want = keep ? in : 0.0f; /* +0, also for -0 */
      float out = in;

      g_assert_cmpint (dmix_sanitize_clean (&out, 1) != 0, ==, keep);
      g_assert_true (memcmp (&out, &want, sizeof out) == 0);
    }
  }
}

/* _mute() clears only NaN and infinities, and counts them. */
static void
test_mute (void)
{
  const guint32 ends[] = { 0, 1, 0x8000, 0xffff };

  for (guint32 head = 0; head < 0x10000; head++) {
    for (guint e = 0; e < G_N_ELEMENTS (ends); e++) {
      const float in = from_bits (head << 16 | ends[e]);
      const float want = isfinite (in) ? in : 0.0f;
      float out[9] = { in, 1, 1, 1, 1, 1, 1, 1, in };

      g_assert_cmpuint (dmix_sanitize_mute (out, 9), ==, isfinite (in) ? 0 : 2);
      g_assert_true (memcmp (&out[0], &want, sizeof want) == 0);
      g_assert_true (memcmp (&out[8], &want, sizeof want) == 0);
    }
  }
  g_assert_cmpuint (dmix_sanitize_mute (NULL, 0), ==, 0);
}

/* The loop is vectorised: any length and address, no write outside. */
static void
test_edges_of_the_array (void)
{
  float x[64];

  for (size_t start = 0; start < 9; start++) {
    for (size_t count = 0; count < 48; count++) {
      for (size_t i = 0; i < 64; i++)
        x[i] = NAN;
      g_assert_false (dmix_sanitize_clean (x + start, count));
      for (size_t i = 0; i < 64; i++)
        g_assert_true (
            i >= start && i < start + count ? x[i] == 0.0f : isnan (x[i]));
    }
  }
}

/* A single non-silent sample is found anywhere. */
static void
test_says_if_there_is_sound (void)
{
  for (size_t count = 1; count < 40; count++) {
    for (size_t at = 0; at < count; at++) {
      float x[40] = { 0 };

      x[at] = -1e-30f;
      g_assert_true (dmix_sanitize_clean (x, count));
      x[at] = INFINITY;
      g_assert_false (dmix_sanitize_clean (x, count));
    }
  }
  g_assert_false (dmix_sanitize_clean (NULL, 0));
}

static void
test_limit (void)
{
  float x[] = { 16, 16.01f, -16, -16.01f, 0.5f, -0.5f, 0, 1e38f, -1e38f, 99 };
  const float limited[] = { 16, 16, -16, -16, 0.5f, -0.5f, 0, 16, -16, 99 };

  dmix_sanitize_limit (x, 9);
  g_assert_cmpmem (x, sizeof x, limited, sizeof limited);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sanitize/all-kinds", test_all_kinds);
  g_test_add_func ("/sanitize/mute", test_mute);
  g_test_add_func ("/sanitize/edges-of-the-array", test_edges_of_the_array);
  g_test_add_func ("/sanitize/says-if-there-is-sound",
      test_says_if_there_is_sound);
  g_test_add_func ("/sanitize/limit", test_limit);
  return g_test_run ();
}
