/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Tests of gainramp.h: glides follow a known curve, and at rest the fast
 * function gives the same bits as the general one. */
#include "signals.h"

#include "base/sanitize.h"
#include "pan/gainpair.h"
#include "pan/gainramp.h"

#define STEP 64
#define TIME 240.0 /* frames */
#define FRAMES 3000

/* Two one-pole filters in series with a = exp (-step / time): the second is at
 * 1 - a^n (1 + n (1 - a)) after n steps. The curve of a step ends at the mean
 * of its last two values. */
static double
step_response (int n)
{
  const double a = exp (-STEP / TIME);

  return n <= 0 ? 0 : 1 - pow (a, n) * (1 + n * (1 - a));
}

static void
test_glide (void)
{
  DmixGainRamp *ramp = dmix_gainramp_new (1, STEP, TIME);
  const double none = 0, full = 1;
  float one[STEP], out[STEP], last = 0;
  int steps = 0;

  for (guint i = 0; i < STEP; i++)
    one[i] = 1;
  dmix_gainramp_set_gains (ramp, &none);
  dmix_gainramp_step (ramp);
  dmix_gainramp_set_gains (ramp, &full);
  while (!dmix_gainramp_is_at_rest (ramp)) {
    dmix_gainramp_step (ramp);
    steps++;
    memset (out, 0, sizeof out);
    dmix_gainramp_add (ramp, one, 0, 20, out, STEP);
    dmix_gainramp_add (ramp, one + 20, 20, STEP - 20, out + 20, STEP);
    for (guint i = 0; i < STEP; i++) {
      g_assert_cmpfloat (out[i], >=, last - 1e-6);
      last = out[i];
    }
    /* gains within 1e-7 are set to the target; the rest is rounding */
    g_assert_cmpfloat (fabs (last
                           - (step_response (steps) + step_response (steps - 1))
                               / 2),
        <, 5e-7);
    g_assert_cmpint (steps, <, 200);
  }
  g_assert_cmpfloat (last, ==, 1);
  /* 99 % after 7 time constants: 1 - 8 exp (-7) */
  g_assert_cmpfloat (step_response ((int) (7 * TIME / STEP)), >, 0.99);
  dmix_gainramp_free (ramp);
}

/* process() gives the bits of add() of the cleaned samples to silence. */
static void
test_process_at_rest (void)
{
  const float bad[] = { NAN, INFINITY, -INFINITY, -0.0f, 1e-40f, 2e9f };

  for (unsigned channels = 1; channels <= 13; channels++) {
    float in[FRAMES], clean[FRAMES], *out, *plane;
    DmixGainRamp *ramp = dmix_gainramp_new (channels, STEP, TIME);
    double gain[13];

    fill_noise (in, FRAMES, 0.3, channels);
    for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
      in[100 + 37 * i] = bad[i];
    memcpy (clean, in, sizeof in);
    dmix_sanitize_clean (clean, FRAMES);
    for (unsigned c = 0; c < channels; c++)
      gain[c] = c == 1 ? 0 : 0.9 - 0.3 * c;
    dmix_gainramp_set_gains (ramp, gain);
    for (guint i = 0; !dmix_gainramp_is_at_rest (ramp); i++) {
      dmix_gainramp_step (ramp);
      g_assert_cmpuint (i, <, 5);
    }
    out = g_new0 (float, FRAMES *channels);
    plane = g_new0 (float, FRAMES *channels);
    dmix_gainramp_add (ramp, clean, 0, FRAMES, plane, FRAMES);
    dmix_gainramp_process (ramp, in, FRAMES, out);
    for (guint i = 0; i < FRAMES; i++)
      for (unsigned c = 0; c < channels; c++)
        g_assert_true (memcmp (&out[i * channels + c], &plane[c * FRAMES + i],
                           sizeof (float))
            == 0);
    g_free (out);
    g_free (plane);
    dmix_gainramp_free (ramp);
  }
}

/* All versions of the pair loop give the same bits for any length and
 * alignment, and write nothing outside of the output. */
static void
test_pair (void)
{
  float in[64], plain[140], best[140];

  fill_noise (in, G_N_ELEMENTS (in), 0.3, 7);
  in[9] = NAN;
  in[20] = -0.0f;
  for (guint from = 0; from < 9; from++)
    for (guint frames = 0; frames + from <= 40; frames++) {
      memset (plain, 0x55, sizeof plain);
      memset (best, 0x55, sizeof best);
      dmix_gainpair_plain (plain + from, in + from, 0.7f, -0.2f, frames);
      dmix_gainpair_get () (best + from, in + from, 0.7f, -0.2f, frames);
      g_assert_true (memcmp (plain, best, sizeof best) == 0);
      for (guint i = 0; i < frames; i++) {
        const float x = isfinite (in[from + i]) ? in[from + i] : 0;

        g_assert_true (plain[from + 2 * i] == x * 0.7f);
        g_assert_true (plain[from + 2 * i + 1] == x * -0.2f);
        g_assert_false (signbit (plain[from + 2 * i]) && x == 0);
      }
      g_assert_true (memcmp (best + from + 2 * frames, "UUUU", 4) == 0);
      g_assert_true (from == 0 || memcmp (best + from - 1, "UUUU", 4) == 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gainramp/glide", test_glide);
  g_test_add_func ("/gainramp/process-at-rest", test_process_at_rest);
  g_test_add_func ("/gainramp/pair", test_pair);
  return g_test_run ();
}
