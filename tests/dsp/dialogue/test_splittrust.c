/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* splittrust.h with probabilities that are known. */
#include <glib.h>
#include <math.h>

#include "dialogue/splittrust.h"

#define HOP_S 0.016

static const DmixSplitLimits limits = { 0.25f, 0.5f, 0.75f };
static const DmixSplitLimits louder = { 0.5f, 0.7f, 0.9f };

/* Seconds of loud sound with the probability until trust is below half. */
static double
seconds_trusted (DmixSplitTrust *trust, float probability)
{
  int frames = 0;

  do
    dmix_splittrust_step (trust, probability, 1, 0);
  while (dmix_splittrust_get (trust) > 0.5f && ++frames < 1000);
  return frames * HOP_S;
}

/* From 1 to p + (1 - p) e^(-t / 0.4 s) = .625, within a frame. */
static void
test_fall (void)
{
  DmixSplitTrust trust;

  dmix_splittrust_init (&trust, HOP_S, &limits, &louder);
  for (float p = 0.0f; p < 0.55f; p += 0.1f) {
    const double wanted = 0.4 * log ((1.0 - p) / (0.625 - p));

    dmix_splittrust_reset (&trust);
    g_assert_cmpfloat (dmix_splittrust_get (&trust), ==, 1.0f);
    g_assert_cmpfloat_with_epsilon (seconds_trusted (&trust, p), wanted,
        1.01 * HOP_S);
  }
  dmix_splittrust_reset (&trust);
  g_assert_cmpfloat (seconds_trusted (&trust, 0.8f), >, 15.0); /* never */
}

/* What is surely no voice is other sound, a sure one or a quiet frame is not. */
static void
test_other (void)
{
  DmixSplitTrust trust;

  dmix_splittrust_init (&trust, HOP_S, &limits, &louder);
  for (int t = 0; t < 50; t++)
    dmix_splittrust_step (&trust, 0.3f, 1, 0);
  g_assert_cmpfloat (dmix_splittrust_get (&trust), ==, 0.0f);
  g_assert_false (dmix_splittrust_is_other (&trust));
  for (int t = 0; t < 50; t++)
    dmix_splittrust_step (&trust, 0.1f, 1, 0);
  g_assert_true (dmix_splittrust_is_other (&trust));
  dmix_splittrust_step (&trust, 0.9f, 1, 0);
  g_assert_false (dmix_splittrust_is_other (&trust));
  g_assert_cmpfloat (dmix_splittrust_get (&trust), ==, 1.0f);
  for (int t = 0; t < 50; t++)
    dmix_splittrust_step (&trust, 0.1f, 1, 0);
  dmix_splittrust_step (&trust, 0.1f, 0, 0);
  g_assert_false (dmix_splittrust_is_other (&trust));
}

/* What is louder than the voice before has limits of its own. */
static void
test_louder (void)
{
  DmixSplitTrust trust;

  dmix_splittrust_init (&trust, HOP_S, &limits, &louder);
  for (int t = 0; t < 200; t++)
    dmix_splittrust_step (&trust, 0.45f, 1, 0);
  g_assert_false (dmix_splittrust_is_other (&trust));
  dmix_splittrust_step (&trust, 0.45f, 1, 1);
  g_assert_true (dmix_splittrust_is_other (&trust));
  dmix_splittrust_step (&trust, 0.8f, 1, 0);
  g_assert_cmpfloat (dmix_splittrust_get (&trust), ==, 1.0f);
  dmix_splittrust_step (&trust, 0.8f, 1, 1);
  g_assert_cmpfloat_with_epsilon (dmix_splittrust_get (&trust), 0.5, 1e-6);
}

/* A pause brings trust back: 1 - .8 e^(-t / 0.3 s) is .7 after .29 s. */
static void
test_pause (void)
{
  DmixSplitTrust trust;
  double seconds = 0.0;

  dmix_splittrust_init (&trust, HOP_S, &limits, &louder);
  for (int t = 0; t < 500; t++)
    dmix_splittrust_step (&trust, 0.2f, 1, 0);
  for (; dmix_splittrust_get (&trust) < 0.8f; seconds += HOP_S)
    dmix_splittrust_step (&trust, 0.0f, 0, 0);
  g_assert_cmpfloat_with_epsilon (seconds, 0.3 * log (0.8 / 0.3), 1.01 * HOP_S);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/splittrust/fall", test_fall);
  g_test_add_func ("/splittrust/other", test_other);
  g_test_add_func ("/splittrust/louder", test_louder);
  g_test_add_func ("/splittrust/pause", test_pause);
  return g_test_run ();
}
