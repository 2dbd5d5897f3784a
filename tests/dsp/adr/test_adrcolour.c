/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of adrcolour.h: level within 0.3 LU, third octaves within 1.5 dB
 * from 100 Hz to 8 kHz, room tone of the guide's spectrum. The "speech"
 * is noise switched on and off, so its rows are known. */
#include "signals.h"

#include "adr/adrcolour.h"

#define RATE 48000
#define ROWS 2400 /* 12 s */
#define BURST 200 /* rows of speech, then as many of pause */

static int
speaks (size_t row)
{
  return row / BURST % 2;
}

typedef struct
{
  DmixAdrQueue guide, take;
  float level[ROWS], noisy[ROWS];
  double map[ROWS + 1];
  DmixAdrColourLine line;
} Scene;

/* Bursts of noise (x[n] + slope x[n - 1], which is brighter or darker than
 * white) on white background noise. */
static void
make_side (DmixAdrQueue *queue, double speech, double slope, double background,
    guint32 seed)
{
  const DmixFormat format = { RATE, 1 };
  const size_t frames = (size_t) ROWS * RATE / 200;
  float *loud = g_new (float, frames), *soft = g_new (float, frames);

  fill_noise (loud, frames, speech, seed);
  fill_noise (soft, frames, background, seed + 1);
  for (size_t i = frames - 1; i > 0; i--)
    soft[i] +=
        speaks (i * 200 / RATE) ? loud[i] + (float) slope * loud[i - 1] : 0.0f;
  g_assert_true (dmix_adrqueue_init (queue, &format));
  g_assert_true (dmix_adrqueue_push (queue, soft, frames));
  g_assert_true (dmix_adrqueue_end (queue));
  g_free (loud);
  g_free (soft);
}

/* Where the background is noise above the common floor, its level fluctuates
 * between about 0.6 and 2 dB. */
static void
scene_init (Scene *s)
{
  GRand *rand = g_rand_new_with_seed (99);

  for (size_t i = 0; i < ROWS; i++) {
    s->level[i] = speaks (i) ? 20.0f : 0.0f;
    s->noisy[i] =
        speaks (i) ? 20.0f : (float) g_rand_double_range (rand, 0.6, 2.0);
  }
  g_rand_free (rand);
  for (size_t i = 0; i <= ROWS; i++)
    s->map[i] = (double) i;
  s->line = (DmixAdrColourLine){ .guide = &s->guide,
    .take = &s->take,
    .guide_level = s->noisy,
    .take_level = s->level,
    .rows = ROWS,
    .take_rows = ROWS,
    .map = s->map };
}

static void
scene_free (Scene *s)
{
  dmix_adrqueue_free (&s->guide);
  dmix_adrqueue_free (&s->take);
}

/* The gain makes the speech of both equally loud, whatever noise the guide has.
 * The loudness of 6 s of other noise varies by sqrt (2 / (6 s * 20 kHz)), 0.02
 * dB; burst edges and the subtracted noise add up to 0.1 dB. */
static void
test_level (void)
{
  const double gains[] = { -20, -6, 0, 9 }, noises[] = { 0.0, 0.003, 0.03 };

  for (guint g = 0; g < G_N_ELEMENTS (gains); g++)
    for (guint n = 0; n < G_N_ELEMENTS (noises); n++) {
      Scene s;

      make_side (&s.guide, 0.1, 0.0, noises[n], 1);
      make_side (&s.take, 0.1 * pow (10.0, -gains[g] / 20.0), 0.0, 1e-5, 3);
      scene_init (&s);
      g_assert_cmpfloat (fabs (dmix_adrcolour_get_gain_db (&s.line, 99.0)
                             - gains[g]),
          <, 0.15);
      s.line.rows = 20;
      g_assert_cmpfloat (dmix_adrcolour_get_gain_db (&s.line, 99.0), ==, 99.0);
      scene_free (&s);
    }
}

/* Gain of |1 + slope exp (-iw)| in a third octave. */
static double
slope_db (double slope, double hz)
{
  const double w = 2.0 * G_PI * hz / RATE;

  return 10.0 * log10 (1.0 + slope * slope + 2.0 * slope * cos (w));
}

/* The curve is the spectral difference, except for a common level. */
static void
test_curve (void)
{
  const DmixFormat format = { RATE, 1 };
  const DmixEqMatchParams whole = { 1.0, 24.0 }, limited = { 1.0, 3.0 };
  double gain[DMIX_MEANSPECTRUM_THIRDS], mean = 0.0;
  DmixAdrColour *colour = dmix_adrcolour_new (&format, &format);
  unsigned count = 0;
  Scene s;

  make_side (&s.guide, 0.1, 0.8, 1e-4, 5);
  make_side (&s.take, 0.05, -0.5, 1e-4, 7);
  scene_init (&s);
  g_assert_false (dmix_adrcolour_get_curve (colour, &whole, gain));
  s.line.map = NULL; /* an unmatched line must not count */
  dmix_adrcolour_add (colour, &s.line);
  g_assert_false (dmix_adrcolour_get_curve (colour, &whole, gain));
  s.line.map = s.map;
  dmix_adrcolour_add (colour, &s.line);
  g_assert_true (dmix_adrcolour_get_curve (colour, &whole, gain));
  for (unsigned i = 1; i < 21; i++, count++)
    mean += gain[i] - slope_db (0.8, dmix_meanspectrum_third_hz (i))
        + slope_db (-0.5, dmix_meanspectrum_third_hz (i));
  mean /= count;
  for (unsigned i = 1; i < 21; i++)
    g_assert_cmpfloat (fabs (gain[i] - mean
                           - slope_db (0.8, dmix_meanspectrum_third_hz (i))
                           + slope_db (-0.5, dmix_meanspectrum_third_hz (i))),
        <, 1.5);
  g_assert_true (dmix_adrcolour_get_curve (colour, &limited, gain));
  for (unsigned i = 0; i < DMIX_MEANSPECTRUM_THIRDS; i++)
    g_assert_cmpfloat (fabs (gain[i]), <=, 3.0 + 1e-9);
  dmix_adrcolour_reset (colour);
  g_assert_false (dmix_adrcolour_get_curve (colour, &whole, gain));
  dmix_adrcolour_free (colour);
  scene_free (&s);
}

/* The room spectrum is the guide's background less the take's background at
 * the take's gain. */
static void
test_room (void)
{
  const DmixFormat format = { RATE, 1 };
  DmixAdrColour *colour = dmix_adrcolour_new (&format, &format);
  const double *room;
  unsigned bins;
  Scene s;

  make_side (&s.guide, 0.1, 0.0, 0.01, 11);
  make_side (&s.take, 0.1, 0.0, 0.004, 13);
  scene_init (&s);
  g_assert_null (dmix_adrcolour_get_room (colour, 0.0, &bins));
  dmix_adrcolour_add (colour, &s.line);
  for (int gain_db = -20; gain_db <= 6; gain_db += 13) {
    double sum = 0.0;
    const double want = 1e-4 - 1.6e-5 * pow (10.0, gain_db / 10.0);

    room = dmix_adrcolour_get_room (colour, gain_db, &bins);
    for (unsigned b = 0; b < bins; b++)
      sum += room[b];
    /* bins below 0 count as 0, a bias of the order of a bin's deviation,
     * 1 / sqrt (40) for some 40 windows */
    g_assert_cmpfloat (fabs (10.0 * log10 (sum / want)), <, 0.5);
  }
  dmix_adrcolour_free (colour);
  dmix_adrcolour_free (NULL);
  scene_free (&s);
}

/* Lines in the middle of queues whose beginning is gone give the same curve,
 * room and gain, bit by bit: a part before them is loud noise. */
static void
test_later_line (void)
{
  const DmixFormat format = { RATE, 1 };
  const DmixEqMatchParams whole = { 1.0, 24.0 };
  const size_t lead = 100 * 240;
  double first[DMIX_MEANSPECTRUM_THIRDS], later[DMIX_MEANSPECTRUM_THIRDS];
  float *noise = g_new (float, lead);
  double room[2][8];

  fill_noise (noise, lead, 0.3, 77);
  for (int shifted = 0; shifted < 2; shifted++) {
    DmixAdrColour *colour = dmix_adrcolour_new (&format, &format);
    Scene s;
    DmixAdrQueue *queue[] = { &s.guide, &s.take };
    unsigned bins;

    make_side (&s.guide, 0.1, 0.8, 1e-3, 5);
    make_side (&s.take, 0.05, -0.5, 3e-4, 7);
    scene_init (&s);
    /* the map leaves the take on both sides */
    for (size_t i = 0; i <= ROWS; i++)
      s.map[i] = (double) i * 1.2 - 100;
    if (shifted)
      for (int q = 0; q < 2; q++) {
        DmixAdrQueue old = *queue[q];

        g_assert_true (dmix_adrqueue_init (queue[q], &format));
        g_assert_true (dmix_adrqueue_push (queue[q], noise, lead));
        g_assert_true (dmix_adrqueue_push (queue[q], old.sample,
            (size_t) (old.end - old.start)));
        g_assert_true (dmix_adrqueue_end (queue[q]));
        dmix_adrqueue_drop (queue[q], 60 * 240);
        s.line.guide_row = s.line.take_row = 100;
        dmix_adrqueue_free (&old);
      }
    dmix_adrcolour_add (colour, &s.line);
    g_assert_true (
        dmix_adrcolour_get_curve (colour, &whole, shifted ? later : first));
    memcpy (room[shifted], dmix_adrcolour_get_room (colour, -10.0, &bins) + 20,
        sizeof room[shifted]);
    dmix_adrcolour_free (colour);
    scene_free (&s);
  }
  g_assert_cmpmem (first, sizeof first, later, sizeof later);
  g_assert_cmpmem (room[0], sizeof room[0], room[1], sizeof room[1]);
  g_free (noise);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/adrcolour/level", test_level);
  g_test_add_func ("/adrcolour/curve", test_curve);
  g_test_add_func ("/adrcolour/room", test_room);
  g_test_add_func ("/adrcolour/later-line", test_later_line);
  return g_test_run ();
}
