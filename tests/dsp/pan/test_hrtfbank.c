/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Tests of hrtf.h, sofa.h and hrtfbank.h with the measurements in Debian's
 * package libmysofa1 (MIT KEMAR); skipped if these are missing. */
#include "pan/hrtfbank.h"
#include "spectral/fft.h"
#include "pan/sofa.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

static DmixHrtf *kemar;

static double
degrees (DmixVector a, DmixVector b)
{
  return atan2 (dmix_vector_length (dmix_vector_cross (a, b)),
             dmix_vector_dot (a, b))
      * 180 / DMIX_PI;
}

/* Index of the measured direction that is nearest to a direction. */
static unsigned
measured (double az, double el)
{
  unsigned best = 0;

  for (unsigned i = 1; i < dmix_hrtf_directions (kemar); i++)
    if (degrees (dmix_hrtf_get_direction (kemar, i),
            dmix_vector_from_angles (az, el))
        < degrees (dmix_hrtf_get_direction (kemar, best),
            dmix_vector_from_angles (az, el)))
      best = i;
  return best;
}

typedef struct
{
  DmixHrtfBank *bank;
  DmixFft *fft;
  unsigned size, stride, taps, hint;
  float *spectra, *time[2];
} Ears;

static void
open_ears (Ears *self, const DmixHrtf *hrtf, unsigned rate)
{
  self->bank = dmix_hrtfbank_new (hrtf, rate, 256);
  g_assert_nonnull (self->bank);
  self->size = dmix_hrtfbank_size (self->bank);
  self->stride = dmix_hrtfbank_stride (self->bank);
  self->taps = dmix_hrtfbank_taps (self->bank);
  self->fft = dmix_fft_new (self->size);
  self->spectra = g_new0 (float, 4 * self->stride);
  for (int ear = 0; ear < 2; ear++)
    self->time[ear] = g_new0 (float, self->size);
  self->hint = 0;
}

static void
close_ears (Ears *self)
{
  dmix_hrtfbank_free (self->bank);
  dmix_fft_free (self->fft);
  g_free (self->spectra);
  g_free (self->time[0]);
  g_free (self->time[1]);
}

/* Sets `spectra` and `time` to the filters of a direction. */
static void
set_direction (Ears *self, DmixVector direction, double spread)
{
  const DmixHrtfBankParams params = { direction, spread, 0, { 1, 1 }, 0 };

  dmix_hrtfbank_get_filter (self->bank, &params, &self->hint, self->spectra);
  for (unsigned ear = 0; ear < 2; ear++)
    dmix_fft_inverse (self->fft, self->spectra + 2 * ear * self->stride,
        self->spectra + (2 * ear + 1) * self->stride, self->time[ear]);
}

static double
magnitude_db (const float *spectrum, unsigned stride, unsigned bin)
{
  return 20 * log10 (hypot (spectrum[bin], spectrum[stride + bin]) + 1e-9);
}

/* In a measured direction the filter is the measured response, within the
 * rounding of floats: -120 dB. */
static void
test_on_the_grid (void)
{
  Ears ears;

  open_ears (&ears, kemar, 44100);
  for (unsigned i = 0; i < dmix_hrtf_directions (kemar) - 1; i += 7) {
    set_direction (&ears, dmix_hrtf_get_direction (kemar, i), 0);
    for (unsigned ear = 0; ear < 2; ear++) {
      const float *response = dmix_hrtf_get_response (kemar, i, ear);
      double error = 0, energy = 0;

      for (unsigned n = 0; n < ears.size; n++) {
        const double wanted = n < 512 ? response[n] : 0;

        error += pow (ears.time[ear][n] - wanted, 2);
        energy += wanted * wanted;
      }
      g_assert_cmpfloat (10 * log10 (error / energy), <, -120);
    }
  }
  close_ears (&ears);
}

/* At another rate, the spectrum is that of the measured response up to 0.42 of
 * the lower rate: compared with a Fourier transform in double. */
static void
test_rates (void)
{
  static const unsigned rates[] = { 8000, 16000, 32000, 48000, 96000, 192000 };
  const unsigned i = measured (50, 0);
  const float *response = dmix_hrtf_get_response (kemar, i, 0);

  for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
    double error = 0, energy = 0;
    Ears ears;

    open_ears (&ears, kemar, rates[r]);
    set_direction (&ears, dmix_hrtf_get_direction (kemar, i), 0);
    for (unsigned k = 1; k < ears.size / 2; k++) {
      const double f = (double) rates[r] * k / ears.size;
      double re = 0, im = 0;

      if (f > 0.42 * MIN (rates[r], 44100))
        break;
      for (unsigned n = 0; n < 512; n++) {
        re += response[n] * cos (2 * G_PI * f * n / 44100);
        im -= response[n] * sin (2 * G_PI * f * n / 44100);
      }
      error += pow (ears.spectra[k] - re, 2)
          + pow (ears.spectra[ears.stride + k] - im, 2);
      energy += re * re + im * im;
    }
    g_test_message ("%u Hz: error %.1f dB", rates[r],
        10 * log10 (error / energy));
    /* at low rates the kernel rings before time 0, which is cut off */
    g_assert_cmpfloat (10 * log10 (error / energy), <,
        rates[r] < 32000       ? -30
            : rates[r] < 44100 ? -80
                               : -90);
    close_ears (&ears);
  }
}

/* KEMAR without every second azimuth of the horizontal plane, which leaves 10
 * degrees between neighbours, and without the rings next to that plane. */
static DmixHrtf *
thinned (void)
{
  const unsigned count = dmix_hrtf_directions (kemar);
  DmixVector *direction = g_new (DmixVector, count);
  float *response = g_new (float, count * 2 * 512);
  DmixHrtfData data = { 0, 512, 44100, direction, response, NULL };
  DmixHrtf *hrtf;

  for (unsigned i = 0; i < count - 1; i++) {
    const DmixVector d = dmix_hrtf_get_direction (kemar, i);
    const double az = atan2 (-d.x, d.y) * 180 / G_PI;

    if (fabs (d.z) < 0.2
        && (fabs (d.z) > 1e-3 || fabs (remainder (az, 10)) > 1))
      continue;
    direction[data.measurements] = d;
    memcpy (response + data.measurements * 1024,
        dmix_hrtf_get_response (kemar, i, 0), 1024 * sizeof (float));
    data.measurements++;
  }
  hrtf = dmix_hrtf_new (&data);
  g_free (direction);
  g_free (response);
  return hrtf;
}

static int
by_value (const void *a, const void *b)
{
  return (*(const double *) a > *(const double *) b)
      - (*(const double *) a < *(const double *) b);
}

/* RMS from 0.2 to 16 kHz of the difference of two magnitude spectra, dB. */
static double
spectral_error (const float *a, unsigned a_stride, const float *b,
    unsigned b_stride, unsigned size)
{
  double sum = 0;
  unsigned bins = 0;

  for (unsigned k = 0; k < size / 2; k++) {
    const double f = 44100.0 * k / size;

    if (f < 200 || f > 16000)
      continue;
    sum +=
        pow (magnitude_db (a, a_stride, k) - magnitude_db (b, b_stride, k), 2);
    bins++;
  }
  return sqrt (sum / bins);
}

/* Filters half-way between measurements 10 degrees apart, compared with
 * measurements there: the median error is below 1.3 dB, and less than a third
 * of that of a plain mix of the two responses. The median error of arrival
 * times is below 10 us. */
static void
test_interpolation (void)
{
  DmixHrtf *thin = thinned ();
  double ours[200], plain[200], late[200];
  unsigned count = 0;
  Ears truth, between;

  open_ears (&truth, kemar, 44100);
  open_ears (&between, thin, 44100);
  for (int az = -175; az < 180; az += 10) {
    const DmixVector here = dmix_vector_from_angles (az, 0);
    float mixed[2][4 * 1024];

    set_direction (&truth,
        dmix_hrtf_get_direction (kemar, measured (az - 5, 0)), 0);
    memcpy (mixed[0], truth.spectra, 4 * truth.stride * sizeof (float));
    set_direction (&truth,
        dmix_hrtf_get_direction (kemar, measured (az + 5, 0)), 0);
    for (unsigned k = 0; k < 4 * truth.stride; k++)
      mixed[0][k] = (mixed[0][k] + truth.spectra[k]) / 2;
    set_direction (&truth, here, 0);
    set_direction (&between, here, 0);
    for (unsigned ear = 0; ear < 2; ear++) {
      const unsigned place = 2 * ear * truth.stride;
      unsigned index[3], hint = 0;
      double weight[3], arrival = 0;

      ours[count] = spectral_error (between.spectra + place, between.stride,
          truth.spectra + place, truth.stride, truth.size);
      plain[count] = spectral_error (mixed[0] + place, truth.stride,
          truth.spectra + place, truth.stride, truth.size);
      dmix_hrtf_find (thin, here, &hint, index, weight);
      for (unsigned j = 0; j < 3; j++)
        arrival += weight[j] * dmix_hrtf_get_arrival (thin, index[j], ear);
      late[count] =
          fabs (arrival - dmix_hrtf_get_arrival (kemar, measured (az, 0), ear))
          / 44100 * 1e6;
      count++;
    }
  }
  qsort (ours, count, sizeof *ours, by_value);
  qsort (plain, count, sizeof *plain, by_value);
  qsort (late, count, sizeof *late, by_value);
  g_test_message ("error: median %.2f dB, 95 %% %.2f; plain mix %.2f, %.2f; "
                  "arrival time %.1f us, %.1f",
      ours[count / 2], ours[count * 95 / 100], plain[count / 2],
      plain[count * 95 / 100], late[count / 2], late[count * 95 / 100]);
  g_assert_cmpfloat (ours[count / 2], <, 1.3);
  g_assert_cmpfloat (plain[count / 2], >, 3 * ours[count / 2]);
  g_assert_cmpfloat (late[count / 2], <, 10);
  close_ears (&truth);
  close_ears (&between);
  dmix_hrtf_free (thin);
}

/* Interaural time differences in the horizontal plane are within 75 us of those
 * of a rigid sphere of 8.75 cm radius (R. Woodworth, 1938). */
static void
test_time_difference (void)
{
  for (int az = 5; az < 90; az += 5) {
    const unsigned i = measured (az, 0);
    const double itd = (dmix_hrtf_get_arrival (kemar, i, 1)
                           - dmix_hrtf_get_arrival (kemar, i, 0))
        / 44100 * 1e6;
    const double sphere =
        0.0875 / 343 * 1e6 * (DMIX_RADIANS (az) + sin (DMIX_RADIANS (az)));

    g_assert_cmpfloat_with_epsilon (itd, sphere, 75);
  }
}

/* On a circle past both poles, and through the part without measurements, all
 * values are finite and filters change by less than 5 % in 0.05 degrees. */
static void
test_no_steps (void)
{
  double largest = 0;
  float *last;
  Ears ears;

  open_ears (&ears, kemar, 44100);
  last = g_new0 (float, 4 * ears.stride);
  for (int i = 0; i <= 7200; i++) {
    double step = 0, energy = 0;

    set_direction (&ears,
        dmix_vector_rotate (dmix_vector_from_angles (i * 0.05, 0), 30, 89), 0);
    for (unsigned k = 0; k < 4 * ears.stride; k++) {
      g_assert_true (isfinite (ears.spectra[k]));
      step += pow (ears.spectra[k] - last[k], 2);
      energy += ears.spectra[k] * ears.spectra[k];
    }
    if (i > 0)
      largest = MAX (largest, sqrt (step / energy));
    memcpy (last, ears.spectra, 4 * ears.stride * sizeof *last);
  }
  g_test_message ("largest step in 0.05 degrees: %.4f", largest);
  g_assert_cmpfloat (largest, <, 0.05);
  g_free (last);
  close_ears (&ears);
}

/* Spread keeps the energy within 3 dB; a small one changes little. */
static void
test_spread (void)
{
  const DmixVector side = dmix_vector_from_angles (60, 0);
  double energy[4] = { 0 }, step = 0;
  float *one;
  Ears ears;

  open_ears (&ears, kemar, 48000);
  one = g_new0 (float, 4 * ears.stride);
  for (int i = 0; i < 4; i++) {
    set_direction (&ears, side, (double[]){ 0, 0.01, 60, 360 }[i]);
    for (unsigned k = 0; k < 4 * ears.stride; k++) {
      energy[i] += ears.spectra[k] * ears.spectra[k];
      step += i == 1 ? pow (ears.spectra[k] - one[k], 2) : 0;
      one[k] = ears.spectra[k];
    }
  }
  g_assert_cmpfloat (step / energy[0], <, 1e-4);
  for (int i = 1; i < 4; i++)
    g_assert_cmpfloat (fabs (10 * log10 (energy[i] / energy[0])), <, 3);
  g_free (one);
  close_ears (&ears);
}

/* A source that is one impulse, whose spectrum is 1, turns to the filter of a
 * direction: the sums grow by the old and the new filter, and this one stays.
 * There is no such turn to many directions or without an HRTF. */
static void
test_turn (void)
{
  const DmixHrtfBankParams old = { { 0, 1, 0 }, 0, 0, { 1, 1 }, 0 };
  const DmixHrtfBankParams turns[] = {
    { { 1, 0, 0 }, 0, 0, { 0.5, 2 }, 0 },
    { { 0, 0.6, 0.8 }, 0, 0, { 1, 1 }, 0 },
  };
  const DmixHrtfBankParams others[] = {
    { { 1, 0, 0 }, 90, 0, { 1, 1 }, 0 },
    { { 1, 0, 0 }, 0, 0.5, { 1, 1 }, 0 },
    { { 0, 1, 0 }, 0, 0, { 0.5, -1 }, 1 },
  };
  DmixBinauralTurn left, right, *turn[2] = { &left, &right };
  unsigned count, half;
  float *x, *sums;
  Ears ears;

  open_ears (&ears, kemar, 48000);
  half = 2 * ears.stride;
  count = 2 * half;
  x = g_new0 (float, half);
  sums = g_new (float, 4 * count);
  for (unsigned k = 0; k < ears.stride; k++)
    x[k] = 1;
  for (guint i = 0; i < G_N_ELEMENTS (turns); i++) {
    float *filter = sums, *was = sums + count;
    float *before = sums + 2 * count, *after = sums + 3 * count;

    memset (sums, 0, 4 * count * sizeof *sums);
    dmix_hrtfbank_get_filter (ears.bank, &old, &ears.hint, filter);
    memcpy (was, filter, count * sizeof *was);
    g_assert_true (
        dmix_hrtfbank_find_turn (ears.bank, &turns[i], &ears.hint, turn));
    for (unsigned ear = 0; ear < 2; ear++) {
      turn[ear]->x = x;
      turn[ear]->filter = filter + ear * half;
      dmix_binauralloops_get ()->turn (turn[ear], 1, before + ear * half,
          after + ear * half, ears.stride);
    }
    dmix_hrtfbank_get_filter (ears.bank, &turns[i], &ears.hint, ears.spectra);
    for (unsigned k = 0; k < count; k++) {
      g_assert_cmpfloat (before[k], ==, was[k]);
      g_assert_cmpfloat (after[k], ==, ears.spectra[k]);
      g_assert_cmpfloat (filter[k], ==, ears.spectra[k]);
    }
  }
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    g_assert_false (
        dmix_hrtfbank_find_turn (ears.bank, &others[i], &ears.hint, turn));
  g_free (x);
  g_free (sums);
  close_ears (&ears);
}

static void
test_bad_files (void)
{
  gchar *folder = g_dir_make_tmp ("dmix-XXXXXX", NULL);
  gchar *path = g_build_filename (folder, "broken.sofa", NULL);
  gchar *whole;
  gsize size;
  char reason[200];

  g_assert_null (
      dmix_sofa_load ("/nowhere/at/all.sofa", reason, sizeof reason));
  g_assert_nonnull (strstr (reason, "no such file"));
  g_assert_null (dmix_sofa_load (folder, reason, sizeof reason));
  g_file_set_contents (path, "not a SOFA file", -1, NULL);
  g_assert_null (dmix_sofa_load (path, reason, sizeof reason));
  g_assert_cmpint (strlen (reason), >, 10);
  if (g_file_get_contents (DMIX_SOFA_DEFAULT, &whole, &size, NULL)) {
    g_file_set_contents (path, whole, size / 2, NULL);
    g_assert_null (dmix_sofa_load (path, reason, sizeof reason));
    g_assert_cmpint (strlen (reason), >, 10);
    g_free (whole);
  }
  g_assert_null (dmix_sofa_load (path, NULL, 0));
  g_unlink (path);
  g_rmdir (folder);
  g_free (path);
  g_free (folder);
}

static void
test_bad_data (void)
{
  const DmixVector front = { 0, 1, 0 }, none = { 0, 0, 0 };
  float response[64] = { 1 }, bad[64] = { NAN };
  const float delay[2] = { -1, 0 };
  DmixHrtfData data = { 1, 32, 48000, &front, response, NULL };
  DmixHrtf *one = dmix_hrtf_new (&data);
  DmixHrtfBank *bank;

  g_assert_nonnull (one); /* a single direction is valid */
  bank = dmix_hrtfbank_new (one, 48000, 256);
  g_assert_nonnull (bank);
  dmix_hrtfbank_free (bank);
  g_assert_null (dmix_hrtfbank_new (one, 0, 256));
  g_assert_null (dmix_hrtfbank_new (NULL, 48000, 256));
  dmix_hrtf_free (one);
  g_assert_null (dmix_hrtf_new (NULL));
  data.direction = &none;
  g_assert_null (dmix_hrtf_new (&data));
  data.direction = &front;
  data.response = bad;
  g_assert_null (dmix_hrtf_new (&data));
  data.response = response;
  data.delay = delay;
  g_assert_null (dmix_hrtf_new (&data));
  data.delay = NULL;
  data.taps = 0;
  g_assert_null (dmix_hrtf_new (&data));
  data.taps = DMIX_HRTF_MAX_TAPS + 1;
  g_assert_null (dmix_hrtf_new (&data));
}

int
main (int argc, char **argv)
{
  char reason[200];
  int result;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hrtf/bad-data", test_bad_data);
  kemar = dmix_sofa_load (NULL, reason, sizeof reason);
  if (kemar) {
    g_test_add_func ("/hrtfbank/on-the-grid", test_on_the_grid);
    g_test_add_func ("/hrtfbank/rates", test_rates);
    g_test_add_func ("/hrtfbank/interpolation", test_interpolation);
    g_test_add_func ("/hrtfbank/time-difference", test_time_difference);
    g_test_add_func ("/hrtfbank/no-steps", test_no_steps);
    g_test_add_func ("/hrtfbank/spread", test_spread);
    g_test_add_func ("/hrtfbank/turn", test_turn);
    g_test_add_func ("/sofa/bad-files", test_bad_files);
  }
  result = g_test_run ();
  dmix_hrtf_free (kemar);
  if (!kemar && result == 0) {
    g_printerr ("no HRTF measurements, only bad-data was tested: %s\n", reason);
    return 77;
  }
  return result;
}
