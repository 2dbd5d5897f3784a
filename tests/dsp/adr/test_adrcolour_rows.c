/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The level of a line is measured in rows where both sides have speech. A word
 * on one side only does not count. */
#include "signals.h"

#include "adr/adrcolour.h"

#define RATE 48000
#define ROW_FRAMES 240
#define ROWS 2400 /* 12 s */
#define BURST 200 /* rows of speech, then as many of pause */

/* Noise of amplitude 0.1 in bursts of even number, of odd number, or in all. */
typedef enum
{
  ALL,
  EVEN,
} Bursts;

typedef struct
{
  DmixAdrQueue queue;
  float level[ROWS];
} Side;

static int
speaks (Bursts bursts, size_t row)
{
  return row / BURST % 2 && (bursts == ALL || row / BURST / 2 % 2 == 0);
}

static void
side_init (Side *s, Bursts bursts, float volume, guint32 seed)
{
  const DmixFormat format = { RATE, 1 };
  const size_t frames = (size_t) ROWS * ROW_FRAMES;
  float *sound = g_new (float, frames);

  fill_noise (sound, frames, volume, seed);
  for (size_t i = 0; i < frames; i++)
    sound[i] *= speaks (bursts, i / ROW_FRAMES) ? 1.0f : 1e-4f;
  for (size_t i = 0; i < ROWS; i++)
    s->level[i] = speaks (bursts, i) ? 20.0f : 0.0f;
  g_assert_true (dmix_adrqueue_init (&s->queue, &format));
  g_assert_true (dmix_adrqueue_push (&s->queue, sound, frames));
  g_assert_true (dmix_adrqueue_end (&s->queue));
  g_free (sound);
}

static double
gain_db (Bursts guide_bursts, Bursts take_bursts)
{
  static Side guide, take;
  double map[ROWS + 1], gain;
  DmixAdrColourLine line = {
    .guide = &guide.queue,
    .take = &take.queue,
    .guide_level = guide.level,
    .take_level = take.level,
    .rows = ROWS,
    .take_rows = ROWS,
    .map = map,
  };

  for (size_t i = 0; i <= ROWS; i++)
    map[i] = (double) i;
  side_init (&guide, guide_bursts, 0.1f, 21);
  side_init (&take, take_bursts, 0.05f, 22);
  gain = dmix_adrcolour_get_gain_db (&line, 99.0);
  dmix_adrqueue_free (&guide.queue);
  dmix_adrqueue_free (&take.queue);
  return gain;
}

/* Counting the words of one side alone would change the gain by 3 dB. */
static void
test_both_speak (void)
{
  g_assert_cmpfloat (fabs (gain_db (ALL, ALL) - 6.02), <, 0.15);
  g_assert_cmpfloat (fabs (gain_db (ALL, EVEN) - 6.02), <, 0.15);
  g_assert_cmpfloat (fabs (gain_db (EVEN, ALL) - 6.02), <, 0.15);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/adrcolour/rows/both speak", test_both_speak);
  return g_test_run ();
}
