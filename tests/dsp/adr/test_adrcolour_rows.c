/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The level of a line is measured in rows where both sides have speech. A word
 * on one side only does not count. Rows of known energy show which rows count as
 * speech and as background. */
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

/* A queue of rows of known energy. */
static DmixAdrQueue
rows_of (float *energy, int64_t first_row, size_t rows)
{
  return (DmixAdrQueue){
    .format = { RATE, 1 },
    .energy = energy,
    .first_row = first_row,
    .energy_row = first_row + (int64_t) rows,
  };
}

enum
{
  COUNT = 400,
  FIRST = 1000, /* number of the first row in the queues */
};

typedef struct
{
  float level[COUNT], energy[COUNT];
  DmixAdrQueue queue;
} Rows;

/* Background first: `soft` rows at 0.62 dB, which the histogram's steps of 0.05
 * dB put at 0.65 dB, so that the limit is 2.5 * 0.65 = 1.625 dB; `near` rows just
 * below it, then rows just above it. The last 200 rows are speech. */
static void
rows_init (Rows *r, size_t soft, size_t near, double speech)
{
  for (size_t i = 0; i < COUNT; i++) {
    r->level[i] = i < soft ? 0.62f : i < soft + near ? 1.62f : 1.63f;
    r->energy[i] = i < soft ? 1.0f : i < soft + near ? 3.0f : 100.0f;
    if (i >= COUNT - 200) {
      r->level[i] = 3.01f;
      r->energy[i] = (float) speech;
    }
  }
  r->queue = rows_of (r->energy, FIRST, COUNT);
}

static DmixAdrColourLine
line_of (const Rows *guide, const Rows *take, const double *map)
{
  return (DmixAdrColourLine){
    .guide = &guide->queue,
    .take = &take->queue,
    .guide_level = guide->level,
    .take_level = take->level,
    .guide_row = FIRST,
    .take_row = FIRST,
    .rows = COUNT,
    .take_rows = COUNT,
    .map = map,
  };
}

/* The gain is that of the mean energies of speech, each less that of its
 * background; the background needs 0.2 s, 40 rows. */
static void
test_background_rows (void)
{
  const size_t soft[] = { 41, 60, 30, 39 }, near[] = { 10, 0, 80, 0 };
  Rows guide, take;
  double map[COUNT + 1];

  for (size_t i = 0; i <= COUNT; i++)
    map[i] = (double) i;
  for (guint k = 0; k < G_N_ELEMENTS (soft); k++) {
    const double rows = (double) (soft[k] + near[k]);
    /* with under a tenth of the rows at 0.62 dB, the tenth is at 1 dB or more,
     * and the limit 2.5 dB: all rows in pauses count */
    const double background = soft[k] > 40
        ? (soft[k] + 3.0 * near[k]) / rows
        : (soft[k] + 3.0 * near[k] + 100.0 * (200 - rows)) / 200;

    rows_init (&guide, soft[k], near[k], 500.0);
    rows_init (&take, 41, 0, 20.0);
    const DmixAdrColourLine line = line_of (&guide, &take, map);

    g_assert_cmpfloat_with_epsilon (dmix_adrcolour_get_gain_db (&line, 99.0),
        10 * log10 ((500.0 - background) / (20.0 - 1.0)), 1e-6);
  }
  /* limits: 36 dB, and no gain from speech below the background or from under
   * 0.2 s */
  rows_init (&guide, 60, 0, 1e6);
  DmixAdrColourLine line = line_of (&guide, &take, map);
  g_assert_cmpfloat (dmix_adrcolour_get_gain_db (&line, 99.0), ==, 36.0);
  line = line_of (&take, &guide, map);
  g_assert_cmpfloat (dmix_adrcolour_get_gain_db (&line, 99.0), ==, -36.0);
  rows_init (&guide, 60, 0, 0.9);
  g_assert_cmpfloat (dmix_adrcolour_get_gain_db (&line, 99.0), ==, 99.0);
  line = line_of (&guide, &take, map);
  g_assert_cmpfloat (dmix_adrcolour_get_gain_db (&line, 99.0), ==, 99.0);
}

/* 40 rows of background or of speech are enough, 39 are not: without a
 * background nothing is subtracted. */
static void
test_least_rows (void)
{
  Rows guide, take;
  double map[COUNT + 1];

  for (size_t i = 0; i <= COUNT; i++)
    map[i] = (double) i;
  for (size_t rows = 39; rows <= 41; rows++) {
    DmixAdrColourLine line;

    rows_init (&guide, 200, 0, 50.0);
    for (size_t i = rows; i < COUNT - 200; i++)
      guide.level[i] = 2.9f; /* neither */
    rows_init (&take, 60, 0, 20.0);
    line = line_of (&guide, &take, map);
    g_assert_cmpfloat_with_epsilon (dmix_adrcolour_get_gain_db (&line, 99.0),
        10 * log10 ((50.0 - (rows >= 40)) / (20.0 - 1.0)), 1e-6);
    rows_init (&guide, 60, 0, 50.0);
    for (size_t i = COUNT - 200 + rows; i < COUNT; i++)
      guide.level[i] = 3.0f; /* not above 3 dB */
    line = line_of (&guide, &take, map);
    if (rows >= 40)
      g_assert_cmpfloat_with_epsilon (dmix_adrcolour_get_gain_db (&line, 99.0),
          10 * log10 ((50.0 - 1.0) / (20.0 - 1.0)), 1e-6);
    else
      g_assert_cmpfloat (dmix_adrcolour_get_gain_db (&line, 99.0), ==, 99.0);
  }
}

/* The take row of a guide row is the map's, rounded; rows outside the take do
 * not count, nor do those whose energy is no longer in the queue. */
static void
test_mapped_rows (void)
{
  Rows guide, take;
  double map[COUNT + 1];
  const double parts[] = { -0.45, 0.45 };

  for (guint p = 0; p < G_N_ELEMENTS (parts); p++)
    for (int shift = -150; shift <= 150; shift += 75) {
      double guide_sum = 0, take_sum = 0;

      for (size_t i = 0; i <= COUNT; i++)
        map[i] = (double) i + shift + parts[p];
      rows_init (&guide, 60, 0, 50.0);
      rows_init (&take, 60, 0, 20.0);
      for (int i = COUNT - 200; i < COUNT; i++) {
        guide.energy[i] += (float) (i % 7);
        take.energy[i] += (float) (i % 5);
      }
      const DmixAdrColourLine line = line_of (&guide, &take, map);

      for (int i = COUNT - 200; i < COUNT; i++)
        if (i + shift >= COUNT - 200 && i + shift < COUNT) {
          guide_sum += 50 + i % 7 - 1;
          take_sum += 20 + (i + shift) % 5 - 1;
        }
      g_assert_cmpfloat_with_epsilon (dmix_adrcolour_get_gain_db (&line, 99.0),
          10 * log10 (guide_sum / take_sum), 1e-6);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/adrcolour/rows/both speak", test_both_speak);
  g_test_add_func ("/adrcolour/rows/background", test_background_rows);
  g_test_add_func ("/adrcolour/rows/least", test_least_rows);
  g_test_add_func ("/adrcolour/rows/mapped", test_mapped_rows);
  return g_test_run ();
}
