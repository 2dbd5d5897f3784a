/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of copyshift.h: the delay of a copy to the frame, with another
 * equalizer, gain, polarity and noise 10 dB below it; no delay for another
 * sound, and none for a copy with a pause put in. */
#include "signals.h"

#include "adr/copyshift.h"

#define RATE 16000
#define FRAMES (3 * RATE)
#define DELAY 1234

/* A take that has the guide's frames `delay` later and from frame `pause` on
 * 0.2 s more, times gain, a little darker, with noise. */
static void
make_take (DmixAdrQueue *take, const float *guide, double gain, double noise,
    size_t pause)
{
  const DmixFormat format = { RATE, 1 };
  float *sound = g_new (float, FRAMES + DELAY);

  fill_noise (sound, FRAMES + DELAY, noise, 7);
  for (size_t i = DELAY + 1; i < FRAMES + DELAY; i++) {
    const size_t at = i - DELAY - (i - DELAY > pause ? RATE / 5 : 0);

    sound[i] += (float) gain * (guide[at] + 0.3f * guide[at - 1]);
  }
  g_assert_true (dmix_adrqueue_init (take, &format));
  g_assert_true (dmix_adrqueue_push (take, sound, FRAMES + DELAY));
  g_free (sound);
}

/* Tones of 100 to 3300 Hz that swell at different rates, at frame `at`. */
static double
voice_at (double at)
{
  const double t = at / RATE;
  double sum = 0.0;

  for (int k = 1; k <= 32; k++)
    sum += sin (2 * G_PI * 100.0 * (k + 0.4 * sin (5.0 * k)) * t + k * k)
        * (1.0 + sin (2 * G_PI * (0.31 + 0.23 * k) * t + 2 * k));
  return 0.01 * sum;
}

typedef struct
{
  float *sound;
  DmixAdrQueue guide;
} Side;

static void
side_init (Side *side, guint32 seed)
{
  const DmixFormat format = { RATE, 1 };

  side->sound = g_new (float, FRAMES);
  fill_noise (side->sound, FRAMES, 0.2, seed);
  g_assert_true (dmix_adrqueue_init (&side->guide, &format));
  g_assert_true (dmix_adrqueue_push (&side->guide, side->sound, FRAMES));
}

static void
side_clear (Side *side)
{
  g_free (side->sound);
  dmix_adrqueue_free (&side->guide);
}

static void
test_copies (void)
{
  const double gains[] = { 1.0, -0.1, 4.0 };
  Side side;

  side_init (&side, 1);
  for (guint k = 0; k < G_N_ELEMENTS (gains); k++)
    for (int off = -150; off <= 150; off += 50) { /* 10 ms are 160 frames */
      DmixCopyDelay delay = { DELAY + off, 0, 0.0 };
      DmixAdrQueue take;

      make_take (&take, side.sound, gains[k], 0.06 * fabs (gains[k]),
          G_MAXSIZE);
      g_assert_true (
          dmix_copyshift_find (&side.guide, &take, 0, FRAMES, &delay));
      g_assert_cmpfloat (delay.frames, ==, DELAY);
      g_assert_cmpfloat (delay.drift, ==, 0.0);
      dmix_adrqueue_free (&take);
    }
  side_clear (&side);
}

static void
test_no_copies (void)
{
  Side side, other;
  DmixAdrQueue take;
  DmixCopyDelay delay = { DELAY, 0, 0.0 };

  side_init (&side, 1);
  side_init (&other, 2);
  make_take (&take, side.sound, 1.0, 0.0, G_MAXSIZE);
  g_assert_false (dmix_copyshift_find (&other.guide, &take, 0, FRAMES, &delay));
  delay.frames = DELAY + 400; /* beyond 10 ms */
  g_assert_false (dmix_copyshift_find (&side.guide, &take, 0, FRAMES, &delay));
  delay.frames = DELAY; /* a tenth of a second says nothing */
  g_assert_false (dmix_copyshift_find (&side.guide, &take, 0, 1000, &delay));
  dmix_adrqueue_free (&take);
  make_take (&take, side.sound, 1.0, 0.0, FRAMES / 2);
  delay.frames = DELAY;
  g_assert_false (dmix_copyshift_find (&side.guide, &take, 0, FRAMES, &delay));
  dmix_adrqueue_free (&take);
  side_clear (&other);
  side_clear (&side);
}

/* The copy of a recorder whose clock is slow by some ppm: its frame
 * i (1 + ppm) + DELAY is the guide's i. The sound is a sum of tones, so that it is
 * known between the frames. The delay is right to a frame and a half over 30 s; the
 * copy is refused at 600 ppm, another speed. */
static void
test_drift (void)
{
  const double ppms[] = { 200, -200, 60, 600 };
  const guint frames = 30 * RATE;
  const DmixFormat format = { RATE, 1 };
  float *sound = g_new (float, frames + 2 * DELAY);
  DmixAdrQueue guide;

  g_assert_true (dmix_adrqueue_init (&guide, &format));
  for (guint i = 0; i < frames; i++)
    sound[i] = (float) voice_at (i);
  g_assert_true (dmix_adrqueue_push (&guide, sound, frames));
  for (guint k = 0; k < G_N_ELEMENTS (ppms); k++) {
    const double drift = 1e-6 * ppms[k];
    DmixCopyDelay delay = { DELAY + drift * frames / 2, 0, 0.0 };
    DmixAdrQueue take;

    g_assert_true (dmix_adrqueue_init (&take, &format));
    for (guint i = 0; i < frames + 2 * DELAY; i++)
      sound[i] = (float) voice_at ((i - (double) DELAY) / (1.0 + drift));
    g_assert_true (dmix_adrqueue_push (&take, sound, frames + 2 * DELAY));
    g_assert_cmpint (dmix_copyshift_find (&guide, &take, 0, frames, &delay), ==,
        ppms[k] < 500);
    for (guint i = 0; i < frames && ppms[k] < 500; i += RATE)
      g_assert_cmpfloat_with_epsilon (delay.frames
              + delay.drift * ((double) i - (double) delay.at),
          DELAY + drift * i, 1.5);
    dmix_adrqueue_free (&take);
  }
  dmix_adrqueue_free (&guide);
  g_free (sound);
}

/* A line's map becomes one delay, where it was nearly one. */
static void
test_process (void)
{
  const size_t rows = FRAMES / (RATE / 200);
  const int64_t origin = 4; /* row of the take that the map counts from */
  double *map = g_new (double, rows), *before = g_new (double, rows);
  float *level = g_new (float, rows);
  DmixAdrQueue take;
  Side side;

  side_init (&side, 1);
  make_take (&take, side.sound, 1.0, 0.0, G_MAXSIZE);
  for (int wide = 0; wide <= 1; wide++) {
    const DmixCopyLine line = { .take_row = origin,
      .rows = rows,
      .guide_level = level };

    for (size_t i = 0; i < rows; i++) {
      level[i] = i % 40 < 20 ? 20.0f : 0.0f;
      map[i] = (double) i + DELAY / (RATE / 200.0) - (double) origin
          + (wide ? 4.0 : 0.9) * sin ((double) i * 0.05)
          + (level[i] > 3.0f ? 0.0 : 30.0); /* pauses do not count */
      before[i] = map[i];
    }
    g_assert_cmpint (dmix_copyshift_process (&side.guide, &take, &line, map),
        ==, !wide);
    for (size_t i = 0; i < rows; i++)
      g_assert_cmpfloat_with_epsilon (map[i],
          wide ? before[i]
               : (double) i + DELAY / (RATE / 200.0) - (double) origin,
          1e-9);
  }
  dmix_adrqueue_free (&take);
  side_clear (&side);
  g_free (map);
  g_free (before);
  g_free (level);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/copyshift/copies", test_copies);
  g_test_add_func ("/copyshift/no-copies", test_no_copies);
  g_test_add_func ("/copyshift/drift", test_drift);
  g_test_add_func ("/copyshift/process", test_process);
  return g_test_run ();
}
