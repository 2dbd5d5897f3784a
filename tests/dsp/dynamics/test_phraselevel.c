/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The loudness of a phrase, from blocks whose levels are known. */
#include "dynamics/phraselevel.h"

#include <glib.h>
#include <math.h>

#define SIDE DMIX_PHRASELEVEL_REACH
#define COUNT (2 * SIDE)

static void
fill (DmixPhraseBlock *block, double lufs)
{
  for (unsigned i = 0; i < COUNT; i++)
    block[i] =
        (DmixPhraseBlock){ pow (10.0, (lufs + 0.691) / 10.0), TRUE, TRUE };
}

static void
set (DmixPhraseBlock *block, unsigned first, unsigned count, double lufs,
    gboolean counts, gboolean confirmed)
{
  for (unsigned i = first; i < first + count; i++)
    block[i] = (DmixPhraseBlock){ pow (10.0, (lufs + 0.691) / 10.0), counts,
      confirmed };
}

static double
level (const DmixPhraseBlock *block)
{
  return dmix_phraselevel_lufs (block, COUNT, SIDE, -20.0, -20.0, 60.0);
}

static void
test_steady (void)
{
  DmixPhraseBlock block[COUNT];

  fill (block, -22.5);
  g_assert_cmpfloat_with_epsilon (level (block), -22.5, 1e-9);
  g_assert_cmpfloat_with_epsilon (dmix_phraselevel_lufs (block, COUNT, SIDE,
                                      -20.0, -20.0, 2.0),
      -22.0, 1e-9);
}

/* Pauses do not count, nor what is softer by more than the range and 6 dB; of what
 * is softer by less each block has the share of its weight. */
static void
test_pauses (void)
{
  DmixPhraseBlock block[COUNT];

  fill (block, -20.0);
  for (unsigned i = 2; i + 2 < COUNT; i += 4)
    set (block, i, 2, -30.0, FALSE, TRUE);
  g_assert_cmpfloat_with_epsilon (level (block), -20.0, 1e-9);
  for (unsigned i = 2; i + 2 < COUNT; i += 4)
    set (block, i, 2, -90.0, TRUE, TRUE);
  g_assert_cmpfloat_with_epsilon (level (block), -20.0, 1e-9);
  fill (block, -20.0);
  set (block, SIDE, 1, -60.0, TRUE, TRUE); /* 1 of 10.5, the window's sum */
  g_assert_cmpfloat_with_epsilon (level (block), -20 + 10 * log10 (9.5 / 10.5),
      0.02);
}

/* Another voice counts as far as the window has it: at 0.3 s less than at once. */
static void
test_window (void)
{
  DmixPhraseBlock block[COUNT];
  double last = -10.0;

  for (unsigned distance = 0; distance <= 10; distance++) {
    fill (block, -20.0);
    set (block, SIDE + distance, SIDE - distance, -10.0, TRUE, TRUE);
    g_assert_cmpfloat (dmix_phraselevel_lufs (block, COUNT, SIDE, -20.0, -10.0,
                           60.0),
        <, last);
    last = dmix_phraselevel_lufs (block, COUNT, SIDE, -20.0, -10.0, 60.0);
  }
  g_assert_cmpfloat_with_epsilon (last, -20.0, 1e-9);
}

/* Music before an onset is not confirmed, and does not count; the speech between
 * the break and the moment does, confirmed by what is ahead. */
static void
test_onset (void)
{
  DmixPhraseBlock block[COUNT];

  fill (block, -20.0);
  set (block, 0, 7, -10.0, TRUE, FALSE);
  set (block, 7, 5, -90.0, FALSE, FALSE);
  set (block, 12, 8, -26.0, TRUE, FALSE);
  g_assert_cmpfloat (level (block), <, -21.0);
  set (block, SIDE, SIDE, -20.0, TRUE, FALSE); /* nothing is confirmed */
  g_assert_cmpfloat_with_epsilon (level (block), -20.0, 1e-9);
  fill (block, -22.5);
  set (block, 0, SIDE, -10.0, TRUE, FALSE); /* music up to the moment */
  g_assert_cmpfloat_with_epsilon (level (block), -22.5, 1e-9);
}

/* 1.5 s that are 14 LU louder than both sides: the rest tells the loudness. A
 * louder voice is one of the sides. */
static void
test_shout (void)
{
  DmixPhraseBlock block[COUNT];

  fill (block, -20.0);
  set (block, 18, 15, -6.0, TRUE, TRUE);
  g_assert_cmpfloat_with_epsilon (level (block), -20.0, 0.01);
  g_assert_cmpfloat (dmix_phraselevel_lufs (block, COUNT, SIDE, -20.0, -6.0,
                         60.0),
      >, -9.0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/phraselevel/steady", test_steady);
  g_test_add_func ("/phraselevel/pauses", test_pauses);
  g_test_add_func ("/phraselevel/window", test_window);
  g_test_add_func ("/phraselevel/onset", test_onset);
  g_test_add_func ("/phraselevel/shout", test_shout);
  return g_test_run ();
}
