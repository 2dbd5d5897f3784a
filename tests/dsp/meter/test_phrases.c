/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of phrases.h: closed forms. */
#include "meter/phrases.h"

#include <glib.h>
#include <math.h>
#include <string.h>

/* A block of this power, the same in each band but one. */
static DmixPhraseBlock
block (double power, int band, double other)
{
  DmixPhraseBlock b = { .power = power };

  for (int i = 0; i < DMIX_SPEECHBANDS; i++)
    b.band[i] = i == band ? other : power;
  return b;
}

static void
pause (DmixPhrases *self, double power, unsigned blocks)
{
  const DmixPhraseBlock b = block (power, -1, 0);
  DmixPhrase done;

  while (blocks--)
    g_assert_false (dmix_phrases_add_pause (self, &b, &done));
}

/* Speech of power s over backgrounds of 1 before and 3 behind it: their mean,
 * weighted by their lengths, is taken off. */
static void
test_difference (void)
{
  for (int db = -10; db <= 30; db += 10) {
    const double background = (5 * 1.0 + 15 * 3.0) / 20;
    const double speech = background * pow (10, db / 10.0);
    const DmixPhraseBlock b = block (background + speech, 4, background * 1.01);
    DmixPhrases self;
    DmixPhrase done;

    dmix_phrases_reset (&self);
    pause (&self, 1, 5);
    for (unsigned k = 0; k < 4; k++)
      g_assert_false (
          dmix_phrases_add_speech (&self, &b, 100 + k, 140 + k, &done));
    pause (&self, 3, 15);
    g_assert_true (dmix_phrases_add_speech (&self, &b, 300, 340, &done));
    g_assert_cmpfloat_with_epsilon (done.difference_lu, db, 1e-9);
    g_assert_cmpfloat_with_epsilon (done.background, background, 1e-12);
    g_assert_cmpfloat_with_epsilon (done.mixed, 4 * (background + speech),
        1e-9);
    g_assert_cmpuint (done.first, ==, 100);
    g_assert_cmpuint (done.end, ==, 143);
    g_assert_cmpuint (done.blocks, ==, 4);
    if (db >= 20) /* no other band loses anything */
      g_assert_cmpfloat (done.limiting_band_hz, ==, dmix_speechbands_hz[4]);
  }
}

/* Pauses that differ by more than 6 dB: the softer one counts. */
static void
test_scenes (void)
{
  const DmixPhraseBlock b = block (11, -1, 0);

  for (int swap = 0; swap < 2; swap++) {
    DmixPhrases self;
    DmixPhrase done;

    dmix_phrases_reset (&self);
    pause (&self, swap ? 5 : 1, 8);
    dmix_phrases_add_speech (&self, &b, 0, 40, &done);
    pause (&self, swap ? 1 : 5, 8);
    g_assert_true (dmix_phrases_finish (&self, &done));
    g_assert_cmpfloat_with_epsilon (done.difference_lu, 10, 1e-9);
    g_assert_cmpfloat_with_epsilon (done.background, 3, 1e-12);
  }
}

/* A phrase without two blocks of pause around it has no background; the pause
 * behind a phrase is that before the next; a pause of 3 s ends a phrase. */
static void
test_pauses (void)
{
  const DmixPhraseBlock speech = block (11, -1, 0), quiet = block (1, -1, 0);
  DmixPhrases self;
  DmixPhrase done;

  dmix_phrases_reset (&self);
  g_assert_false (dmix_phrases_finish (&self, &done));
  g_assert_false (dmix_phrases_add_speech (&self, &speech, 0, 40, &done));
  pause (&self, 1, 1);
  g_assert_false (dmix_phrases_finish (&self, &done));
  pause (&self, 1, 1);
  g_assert_false (dmix_phrases_add_speech (&self, &speech, 80, 120, &done));
  for (unsigned k = 1; k < DMIX_PHRASES_PAUSE; k++)
    g_assert_false (dmix_phrases_add_pause (&self, &quiet, &done));
  g_assert_true (dmix_phrases_add_pause (&self, &quiet, &done));
  g_assert_cmpfloat_with_epsilon (done.difference_lu, 10, 1e-9);
  g_assert_cmpuint (done.first, ==, 80);
  g_assert_false (dmix_phrases_add_speech (&self, &speech, 600, 640, &done));
  g_assert_true (dmix_phrases_finish (&self, &done));
  g_assert_cmpfloat_with_epsilon (done.difference_lu, 10, 1e-9);
}

/* Over digital silence 60 LU, and no band limits. */
static void
test_limits (void)
{
  const DmixPhraseBlock speech = block (1, -1, 0);
  DmixPhrases self;
  DmixPhrase done;

  dmix_phrases_reset (&self);
  pause (&self, 0, 10);
  dmix_phrases_add_speech (&self, &speech, 0, 40, &done);
  g_assert_true (dmix_phrases_finish (&self, &done));
  g_assert_cmpfloat (done.difference_lu, ==, 60);
  g_assert_cmpfloat (done.limiting_band_hz, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/phrases/difference", test_difference);
  g_test_add_func ("/phrases/pauses", test_pauses);
  g_test_add_func ("/phrases/scenes", test_scenes);
  g_test_add_func ("/phrases/limits", test_limits);
  return g_test_run ();
}
