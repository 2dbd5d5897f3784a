/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of intelligibility.h, on frames of known bands. */
#include "signals.h"

#include "speech/intelligibility.h"

enum
{
  BANDS = DMIX_SPEECHBANDS,
  SHORT = 150 /* frames in 3 s */
};

/* Frames of a dialogue of `level_db` in each band, `snr_db` above the
 * background. */
static void
add (DmixIntelligibility *self, double level_db, const double *snr_db,
    int frames)
{
  DmixSpeechBandsFrame frame;

  for (int b = 0; b < BANDS; b++) {
    frame.dialogue[b] = pow (10, level_db / 10);
    frame.background[b] = pow (10, (level_db - snr_db[b]) / 10);
  }
  for (int i = 0; i < frames; i++)
    dmix_intelligibility_add (self, &frame);
}

static void
add_flat (DmixIntelligibility *self, double level_db, double snr_db, int frames)
{
  double snr[BANDS];

  for (int b = 0; b < BANDS; b++)
    snr[b] = snr_db;
  add (self, level_db, snr, frames);
}

static DmixIntelligibilityReading
read (const DmixIntelligibility *self)
{
  DmixIntelligibilityReading r;

  dmix_intelligibility_read (self, &r);
  return r;
}

/* SII of one signal-to-noise ratio in all bands: the part of -15 to 15 dB, as
 * the importances of ANSI S3.5-1997, table 3, sum up to 1. Glimpses: above 3
 * dB. */
static void
test_ratio (void)
{
  for (double snr = -20; snr <= 20; snr += 0.7) {
    DmixIntelligibility *self = dmix_intelligibility_new ();
    const double want = CLAMP ((snr + 15) / 30, 0, 1);

    add_flat (self, -30, snr, 10);
    g_assert_cmpfloat_with_epsilon (read (self).sii, want, 1e-6);
    g_assert_cmpfloat_with_epsilon (read (self).shortterm_sii, want, 1e-6);
    g_assert_cmpfloat (read (self).glimpse_proportion, ==, snr > 3 ? 1 : 0);
    g_assert_cmpfloat (read (self).shortterm_glimpse_proportion, ==,
        snr > 3 ? 1 : 0);
    g_assert_cmpfloat_with_epsilon (read (self).shortterm_activity,
        10.0 / SHORT, 1e-9);
    dmix_intelligibility_free (self);
  }
}

/* Importance of each third octave from 160 Hz to 8 kHz. */
static void
test_importance (void)
{
  static const double importance[BANDS] = { 83, 95, 150, 289, 440, 578, 653,
    711, 818, 844, 882, 898, 868, 844, 771, 527, 364, 185 };

  for (int b = 0; b < BANDS; b++) {
    DmixIntelligibility *self = dmix_intelligibility_new ();
    double snr[BANDS];

    for (int k = 0; k < BANDS; k++)
      snr[k] = k == b ? 15 : -15;
    add (self, -30, snr, 3);
    g_assert_cmpfloat_with_epsilon (read (self).sii, importance[b] * 1e-4,
        1e-7);
    g_assert_cmpfloat_with_epsilon (read (self).glimpse_proportion, 1.0 / BANDS,
        1e-9);
    /* the most important one of the others limits it: 2 kHz, or 1.6 kHz */
    g_assert_cmpfloat_with_epsilon (read (self).limiting_band_hz,
        b == 11 ? 1600 : 2000, 30);
    for (int k = 0; k < BANDS; k++)
      snr[k] = k == b ? -15 : 15;
    dmix_intelligibility_reset (self);
    add (self, -30, snr, 3);
    g_assert_cmpfloat_with_epsilon (read (self).limiting_band_hz,
        dmix_speechbands_hz[b], 1e-9);
    dmix_intelligibility_free (self);
  }
}

/* Frames less than 32 dB below the 95th percentile count: those 31 dB below do,
 * those 33 dB below do not. Of the loudest frames 4 % do not move the
 * percentile, 6 % do. */
static void
test_gate (void)
{
  const struct
  {
    double soft_db;
    int louder; /* of 1000 frames, 20 dB above the others */
    int counts;
  } cases[] = {
    { -31, 0, 1 },
    { -33, 0, 0 },
    { -31, 40, 1 },
    { -31, 60, 0 },
    { -11, 60, 1 },
  };

  for (guint c = 0; c < G_N_ELEMENTS (cases); c++) {
    DmixIntelligibility *self = dmix_intelligibility_new ();
    const double usual = 500 - cases[c].louder;

    add_flat (self, -40 + cases[c].soft_db, -15, 500);
    add_flat (self, -40, 15, (int) usual);
    add_flat (self, -20, 15, cases[c].louder);
    /* soft frames have an SII of 0 */
    g_assert_cmpfloat_with_epsilon (read (self).sii, cases[c].counts ? 0.5 : 1,
        1e-6);
    dmix_intelligibility_free (self);
  }
}

/* Short-term values are of the last 150 frames, those of speech among them; the
 * others are of all. Silence is no speech. */
static void
test_shortterm (void)
{
  DmixIntelligibility *self = dmix_intelligibility_new ();

  g_assert_cmpfloat (read (self).sii, ==, 0);
  g_assert_cmpfloat (read (self).shortterm_activity, ==, 0);
  add_flat (self, -200, 0, 10);
  g_assert_cmpfloat (read (self).sii, ==, 0);
  g_assert_cmpfloat (read (self).shortterm_activity, ==, 0);
  dmix_intelligibility_reset (self);
  add_flat (self, -30, 15, 300);
  g_assert_cmpfloat (read (self).limiting_band_hz, ==, 0);
  add_flat (self, -30, 0, 60);
  g_assert_cmpfloat_with_epsilon (read (self).shortterm_sii,
      (90 + 60 * 0.5) / 150, 1e-6);
  g_assert_cmpfloat_with_epsilon (read (self).sii, (300 + 60 * 0.5) / 360,
      1e-6);
  g_assert_cmpfloat_with_epsilon (read (self).shortterm_glimpse_proportion,
      90.0 / 150, 1e-9);
  add_flat (self, -100, 0, 50);
  g_assert_cmpfloat_with_epsilon (read (self).shortterm_activity, 100.0 / 150,
      1e-9);
  g_assert_cmpfloat_with_epsilon (read (self).shortterm_sii,
      (40 + 60 * 0.5) / 100, 1e-6);
  dmix_intelligibility_free (self);
}

/* A level is clipped to -140 and 80 dB, of all bands together. */
static void
test_extremes (void)
{
  DmixIntelligibility *self = dmix_intelligibility_new ();
  DmixIntelligibility *other = dmix_intelligibility_new ();

  add_flat (self, 200, 15, 20);
  add_flat (self, -139, 0, 20);
  g_assert_cmpfloat_with_epsilon (read (self).sii, 1, 1e-6);
  dmix_intelligibility_take_over (other, self);
  g_assert_cmpfloat (read (other).sii, ==, read (self).sii);
  dmix_intelligibility_reset (self);
  /* 18 bands of -152 dB are -139.4 dB: not silent */
  add_flat (self, -139, 0, 20);
  g_assert_cmpfloat (read (self).shortterm_activity, >, 0);
  g_assert_cmpfloat_with_epsilon (dmix_intelligibility_db (0), -140, 1e-9);
  g_assert_cmpfloat_with_epsilon (dmix_intelligibility_db (2), 3.0103, 1e-4);
  dmix_intelligibility_free (self);
  dmix_intelligibility_free (other);
  dmix_intelligibility_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/intelligibility/ratio", test_ratio);
  g_test_add_func ("/intelligibility/importance", test_importance);
  g_test_add_func ("/intelligibility/gate", test_gate);
  g_test_add_func ("/intelligibility/shortterm", test_shortterm);
  g_test_add_func ("/intelligibility/extremes", test_extremes);
  return g_test_run ();
}
