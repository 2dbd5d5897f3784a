/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of roomtone.h: the spectrum of the room, and no loop. */
#include "signals.h"

#include "spectral/fir.h"
#include "adr/roomtone.h"
#include "spectral/meanspectrum.h"

#define RATE 48000
#define FRAMES (20 * RATE)

static DmixMeanSpectrum *
measure (const float *in, size_t frames)
{
  DmixMeanSpectrum *spectrum = dmix_meanspectrum_new (&(DmixFormat){ RATE, 1 });
  const unsigned window = dmix_meanspectrum_window_frames (spectrum);

  for (size_t at = 0; at + window <= frames; at += window / 2)
    dmix_meanspectrum_add (spectrum, in + at);
  return spectrum;
}

/* Room tone made from 3 s of tilted white noise has its spectrum, within 1.5 dB
 * in each third octave. */
static void
test_spectrum (void)
{
  DmixFir *fir = dmix_fir_new (&(DmixFormat){ RATE, 1 });
  DmixRoomTone *tone = dmix_roomtone_new (&(DmixFormat){ RATE, 1 }, 77);
  const unsigned bins = dmix_fir_bins (fir);
  float *magnitude = g_new (float, bins), *room = g_new (float, FRAMES);
  double want[DMIX_MEANSPECTRUM_THIRDS], got[DMIX_MEANSPECTRUM_THIRDS];
  DmixMeanSpectrum *spectrum;

  for (unsigned b = 0; b < bins; b++)
    magnitude[b] = 1.0f / (1.0f + b / 30.0f);
  dmix_fir_set_response (fir, magnitude);
  fill_noise (room, FRAMES, 0.01, 5);
  dmix_fir_process (fir, room, FRAMES);
  spectrum = measure (room + RATE, 3 * RATE);
  dmix_roomtone_set_spectrum (tone, dmix_meanspectrum_get_power (spectrum),
      dmix_meanspectrum_bins (spectrum));
  dmix_meanspectrum_free (spectrum);
  spectrum = measure (room + RATE, FRAMES - RATE);
  dmix_meanspectrum_get_thirds (spectrum, want);
  dmix_meanspectrum_free (spectrum);
  dmix_roomtone_process (tone, room, FRAMES);
  spectrum = measure (room + RATE, FRAMES - RATE);
  dmix_meanspectrum_get_thirds (spectrum, got);
  for (guint t = 1; t < DMIX_MEANSPECTRUM_THIRDS; t++)
    g_assert_cmpfloat (fabs (10 * log10 (got[t] / want[t])), <, 1.5);
  dmix_meanspectrum_free (spectrum);
  dmix_roomtone_free (tone);
  dmix_fir_free (fir);
  g_free (magnitude);
  g_free (room);
}

/* No autocorrelation above 0.3 from 50 ms to 5 s (white tone: sampling theory
 * gives 5 / sqrt (n) = 0.02 for n = 48000). Channels are as
 * uncorrelated. */
static void
test_no_loop (void)
{
  DmixRoomTone *tone = dmix_roomtone_new (&(DmixFormat){ RATE, 2 }, 1);
  double white[129];
  float *out = g_new (float, 2 * 6 * RATE);
  double own = 0.0, other = 0.0;

  for (int b = 0; b < 129; b++)
    white[b] = 1e-4;
  dmix_roomtone_set_spectrum (tone, white, 129);
  dmix_roomtone_process (tone, out, 6 * RATE);
  for (size_t i = RATE / 2; i < RATE * 3 / 2; i++) {
    own += out[2 * i] * out[2 * i];
    other += out[2 * i] * out[2 * i + 1];
  }
  g_assert_cmpfloat (own, >, 0.0);
  g_assert_cmpfloat (fabs (other / own), <, 0.05);
  for (size_t lag = RATE / 20; lag < 4 * RATE; lag += 97) {
    double sum = 0.0;

    for (size_t i = RATE / 2; i < RATE * 3 / 2; i += 4)
      sum += 4.0 * out[2 * i] * out[2 * (i + lag)];
    g_assert_cmpfloat (fabs (sum / own), <, 0.3);
  }
  g_free (out);
  dmix_roomtone_free (tone);
}

static void
test_silent_at_first (void)
{
  DmixRoomTone *tone = dmix_roomtone_new (&(DmixFormat){ RATE, 1 }, 1);
  float out[100];

  dmix_roomtone_process (tone, out, 100);
  for (int i = 0; i < 100; i++)
    g_assert_cmpfloat (out[i], ==, 0.0f);
  dmix_roomtone_free (tone);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/roomtone/spectrum", test_spectrum);
  g_test_add_func ("/roomtone/no-loop", test_no_loop);
  g_test_add_func ("/roomtone/silent-at-first", test_silent_at_first);
  return g_test_run ();
}
