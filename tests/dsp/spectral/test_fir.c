/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of fir.h: magnitude, minimum phase, delay, any block sizes. */
#include "signals.h"

#include "spectral/fir.h"

#define RATE 48000

/* A tilt of 6 dB an octave between 100 Hz and 8 kHz, flat beyond. */
static double
tilt_db (double hz)
{
  return -6.0 * log2 (fmin (fmax (hz, 100.0), 8000.0) / 1000.0);
}

static DmixFir *
tilted (void)
{
  DmixFir *fir = dmix_fir_new (&(DmixFormat){ RATE, 1 });
  const unsigned bins = dmix_fir_bins (fir);
  float *magnitude = g_new (float, bins);

  for (unsigned b = 0; b < bins; b++)
    magnitude[b] =
        (float) pow (10.0, tilt_db (b * RATE / 2.0 / (bins - 1)) / 20.0);
  dmix_fir_set_response (fir, magnitude);
  g_free (magnitude);
  return fir;
}

/* Within 0.5 dB from 100 Hz on: the response is 43 ms long, which resolves
 * 23 Hz. */
static void
test_magnitude (void)
{
  const double hz[] = { 100, 200, 500, 1000, 3000, 8000, 15000 };
  const size_t frames = RATE;
  float *io = g_new (float, frames);

  for (guint k = 0; k < G_N_ELEMENTS (hz); k++) {
    DmixFir *fir = tilted ();
    double sum = 0.0;

    fill_sine (io, frames, 1, hz[k], RATE, 0.1);
    dmix_fir_process (fir, io, frames);
    for (size_t i = frames / 2; i < frames; i++)
      sum += io[i] * io[i];
    g_assert_cmpfloat (fabs (10 * log10 (sum / (frames / 2) / 0.005)
                           - tilt_db (hz[k])),
        <, 0.5);
    dmix_fir_free (fir);
  }
  g_free (io);
}

/* Minimum phase: an impulse has no output before the delay, and most of its
 * energy in the first millisecond (20 ms later with linear phase). */
static void
test_no_pre_ringing (void)
{
  DmixFir *fir = tilted ();
  const unsigned delay = dmix_fir_latency_frames (fir);
  const size_t frames = delay + dmix_fir_tail_frames (fir);
  float *io = g_new0 (float, frames);
  double before = 0.0, first = 0.0, all = 0.0;

  io[0] = 1.0f;
  dmix_fir_process (fir, io, frames);
  for (size_t i = 0; i < frames; i++) {
    all += io[i] * io[i];
    if (i < delay)
      before += io[i] * io[i];
    else if (i < delay + RATE / 1000)
      first += io[i] * io[i];
  }
  g_assert_cmpfloat (before, <, 1e-9 * all);
  g_assert_cmpfloat (first, >, 0.5 * all);
  g_free (io);
  dmix_fir_free (fir);
}

static void
test_blocks (void)
{
  const size_t frames = RATE, blocks[] = { 1, 100, 4096, 9999 };
  float *whole = g_new (float, frames), *io = g_new (float, frames);

  for (guint b = 0; b < G_N_ELEMENTS (blocks); b++) {
    DmixFir *fir = tilted (), *other = tilted ();

    fill_noise (whole, frames, 0.1, 2);
    fill_noise (io, frames, 0.1, 2);
    dmix_fir_process (fir, whole, frames);
    for (size_t at = 0; at < frames; at += blocks[b])
      dmix_fir_process (other, io + at, MIN (blocks[b], frames - at));
    g_assert_cmpmem (io, frames * sizeof (float), whole,
        frames * sizeof (float));
    dmix_fir_free (fir);
    dmix_fir_free (other);
  }
  g_free (whole);
  g_free (io);
}

/* A flat filter only delays, apart from rounding. */
static void
test_flat (void)
{
  DmixFir *fir = dmix_fir_new (&(DmixFormat){ RATE, 2 });
  const unsigned delay = dmix_fir_latency_frames (fir);
  const size_t frames = 4 * delay;
  float *in = g_new (float, 2 * frames), *io = g_new (float, 2 * frames);

  fill_noise (in, 2 * frames, 0.1, 6);
  memcpy (io, in, 2 * frames * sizeof (float));
  dmix_fir_process (fir, io, frames);
  for (size_t i = 0; i < 2 * (frames - delay); i++)
    g_assert_cmpfloat (fabs (io[2 * delay + i] - in[i]), <, 1e-6);
  g_free (in);
  g_free (io);
  dmix_fir_free (fir);
}

/* The response (1 - a) a^n is minimum phase, with the magnitude
 * (1 - a) / |1 - a exp (-iw)|. It is longer than the filter, so the last
 * quarter of the filter fades out by half a cosine. */
static void
test_long_response (void)
{
  DmixFir *fir = dmix_fir_new (&(DmixFormat){ RATE, 1 });
  const unsigned bins = dmix_fir_bins (fir),
                 taps = dmix_fir_latency_frames (fir);
  const unsigned fade = taps / 4, frames = 3 * taps;
  const double a = exp (-3.0 / taps);
  float *magnitude = g_new (float, bins), *io = g_new0 (float, frames);

  for (unsigned b = 0; b < bins; b++) {
    const double w = G_PI * b / (bins - 1);

    magnitude[b] = (float) ((1 - a) / sqrt (1 - 2 * a * cos (w) + a * a));
  }
  dmix_fir_set_response (fir, magnitude);
  io[0] = 1.0f;
  dmix_fir_process (fir, io, frames);
  for (unsigned n = 0; n < 2 * taps; n++) {
    const double part = (n + fade + 0.5 - taps) / fade;
    const double end = part < 0 ? 1
        : part > 1              ? 0
                                : 0.5 + 0.5 * cos (G_PI * part);

    g_assert_cmpfloat (fabs (io[taps + n] / (1 - a) - end * pow (a, n)), <,
        5e-4);
  }
  g_free (magnitude);
  g_free (io);
  dmix_fir_free (fir);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fir/magnitude", test_magnitude);
  g_test_add_func ("/fir/no-pre-ringing", test_no_pre_ringing);
  g_test_add_func ("/fir/long-response", test_long_response);
  g_test_add_func ("/fir/blocks", test_blocks);
  g_test_add_func ("/fir/flat", test_flat);
  return g_test_run ();
}
