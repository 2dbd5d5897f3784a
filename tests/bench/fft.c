/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Our FFT against gst-fft: the same values, and how much faster?
 * usage: fft [--values]     --values: do not measure the time
 * Fails if values differ or a size from 256 to 2048 is not twice as fast. */
#define _GNU_SOURCE
#include "spectral/fft.h"

#include <gst/fft/gstfftf32.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum
{
  LARGEST = 65536,
  ROUNDS = 9
};

static float sound[LARGEST], back[LARGEST];
static float re[LARGEST / 2 + 1], im[LARGEST / 2 + 1];
static GstFFTF32Complex bins[LARGEST / 2 + 1];

typedef struct
{
  DmixFft *ours;
  GstFFTF32 *forward, *inverse;
} Pair;

static void
run (Pair *pair, int which)
{
  if (which == 0)
    dmix_fft_forward (pair->ours, sound, re, im);
  else if (which == 1)
    gst_fft_f32_fft (pair->forward, sound, bins);
  else if (which == 2)
    dmix_fft_inverse (pair->ours, re, im, back);
  else
    gst_fft_f32_inverse_fft (pair->inverse, bins, back);
}

static double
microseconds (Pair *pair, int which, int runs)
{
  struct timespec from, to;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &from);
  for (int i = 0; i < runs; i++)
    run (pair, which);
  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &to);
  return ((to.tv_sec - from.tv_sec) * 1e6 + (to.tv_nsec - from.tv_nsec) * 1e-3)
      / runs;
}

/* Largest difference, relative to the largest bin. */
static double
difference (Pair *pair, int size)
{
  double worst = 0, largest = 0;

  run (pair, 0);
  run (pair, 1);
  for (int k = 0; k <= size / 2; k++) {
    worst = fmax (worst, hypot (bins[k].r - re[k], bins[k].i - im[k]));
    largest = fmax (largest, hypot (bins[k].r, bins[k].i));
  }
  return worst / largest;
}

/* Least of several rounds that take turns, so that both meet the same load. */
static double
least_ratio (Pair *pair, int size)
{
  double least[4] = { 1e9, 1e9, 1e9, 1e9 };

  for (int round = 0; round < ROUNDS; round++)
    for (int which = 0; which < 4; which++)
      least[which] =
          fmin (least[which], microseconds (pair, which, 1000000 / size));
  printf ("%6d  forward %8.2f us, gst-fft %8.2f: %.1f x   inverse %8.2f us, "
          "gst-fft %8.2f: %.1f x\n",
      size, least[0], least[1], least[1] / least[0], least[2], least[3],
      least[3] / least[2]);
  return fmin (least[1] / least[0], least[3] / least[2]);
}

int
main (int argc, char **argv)
{
  const int timed = argc < 2 || strcmp (argv[1], "--values") != 0;
  int failed = 0;

  for (int i = 0; i < LARGEST; i++)
    sound[i] = sinf (i * 0.37f) + 0.1f * (float) (i * 7919L % 13);
  for (unsigned size = 32; size; size = dmix_fft_size_for (size + 1)) {
    Pair pair = {
      dmix_fft_new (size),
      gst_fft_f32_new ((int) size, FALSE),
      gst_fft_f32_new ((int) size, TRUE),
    };

    if (!(difference (&pair, (int) size) < 1e-6)) {
      printf ("%u: other values than gst-fft\n", size);
      failed = 1;
    }
    if (timed && least_ratio (&pair, (int) size) < 2.0 && size >= 256
        && size <= 2048)
      failed = 1;
    dmix_fft_free (pair.ours);
    gst_fft_f32_free (pair.forward);
    gst_fft_f32_free (pair.inverse);
  }
  return failed;
}
