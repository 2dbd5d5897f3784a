/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of stemmeter.h and intelligibility.h. tests/quality compares with
 * another implementation, on recordings. */
#include "signals.h"

#include "meter/kweight.h"
#include "meter/stemmeter.h"

#define RATE 48000
#define SECONDS 6
#define FRAMES (SECONDS * RATE)

static DmixStemMeterReading
measure (const float *dialogue, const float *background, unsigned rate,
    size_t frames)
{
  const DmixFormat format = { rate, 1 };
  DmixStemMeter *meter = dmix_stemmeter_new (&format, NULL);
  DmixStemMeterReading reading;

  dmix_stemmeter_process (meter, background, dialogue, 1.0f, 0, frames);
  dmix_stemmeter_read (meter, &reading);
  dmix_stemmeter_free (meter);
  return reading;
}

/* The same noise in both stems: every cell has the gain between them as its
 * signal-to-noise ratio, so that both measures are known. */
static void
test_known_ratio (void)
{
  const unsigned rates[] = { 22050, 44100, 48000, 96000 };
  const double ratios[] = { -20, -10, 0, 2.9, 3.1, 10, 20 };

  for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
    const size_t frames = 3 * rates[r];
    float *dialogue = g_new (float, frames),
          *background = g_new (float, frames);

    fill_noise (dialogue, frames, 0.1, 1);
    for (guint i = 0; i < G_N_ELEMENTS (ratios); i++) {
      const float gain = (float) pow (10, -ratios[i] / 20);
      DmixStemMeterReading m;

      for (size_t k = 0; k < frames; k++)
        background[k] = gain * dialogue[k];
      m = measure (dialogue, background, rates[r], frames);
      g_assert_cmpfloat_with_epsilon (m.integrated_difference_lu, ratios[i],
          0.001);
      g_assert_cmpfloat (m.intelligibility.glimpse_proportion, ==,
          ratios[i] > 3 ? 1.0 : 0.0);
      g_assert_cmpfloat_with_epsilon (m.intelligibility.sii,
          CLAMP ((ratios[i] + 15) / 30, 0, 1), 1e-4);
      g_assert_cmpfloat_with_epsilon (m.intelligibility.shortterm_sii,
          m.intelligibility.sii, 1e-6);
      g_assert_cmpint (m.critical, ==, (ratios[i] + 15) / 30 < 0.45);
    }
    g_free (dialogue);
    g_free (background);
  }
}

/* A background in one band: this band is the limiting one, and the SII is lower
 * by its importance. */
static void
test_limiting_band (void)
{
  const int bands[] = { 8, 11, 14 };
  float *dialogue = g_new (float, FRAMES), *background = g_new (float, FRAMES);

  fill_noise (dialogue, FRAMES, 0.01, 1);
  for (guint i = 0; i < G_N_ELEMENTS (bands); i++) {
    const double hz = dmix_speechbands_hz[bands[i]];
    DmixStemMeterReading m;

    fill_sine (background, FRAMES, 1, hz, RATE, 0.05);
    m = measure (dialogue, background, RATE, FRAMES);
    g_assert_cmpfloat (m.intelligibility.limiting_band_hz, ==, hz);
    g_assert_cmpfloat_with_epsilon (m.intelligibility.sii,
        1 - dmix_intelligibility_importance[bands[i]], 0.05);
    g_assert_cmpfloat_with_epsilon (m.intelligibility.glimpse_proportion,
        17 / 18.0, 0.06);
  }
  g_free (dialogue);
  g_free (background);
}

/* Pauses count neither for the measures nor as activity. */
static void
test_pauses (void)
{
  float *dialogue = g_new (float, FRAMES), *background = g_new (float, FRAMES);
  DmixStemMeterReading m;

  fill_noise (dialogue, FRAMES, 0.1, 1);
  for (size_t i = 0; i < FRAMES; i++) {
    background[i] = dialogue[i] * (i < FRAMES / 2 ? 0.1f : 1.0f);
    if (i >= FRAMES / 2)
      dialogue[i] *= 1e-3f;
  }
  m = measure (dialogue, background, RATE, FRAMES);
  g_assert_cmpfloat_with_epsilon (m.intelligibility.glimpse_proportion, 1.0,
      0.01);
  g_assert_cmpfloat (m.intelligibility.shortterm_activity, <, 0.03);
  g_assert_cmpint (m.critical, ==, 0);
  g_free (dialogue);
  g_free (background);
}

/* Masked speech is critical from a fifth of the last 3 s on. */
static void
test_critical_activity (void)
{
  const size_t frames = 3 * RATE;
  float *dialogue = g_new (float, frames), *background = g_new (float, frames);

  fill_noise (background, frames, 1.0, 1);
  for (int part = 18; part <= 22; part += 4) {
    const size_t start = frames - (size_t) part * frames / 100;
    DmixStemMeterReading m;

    for (size_t i = 0; i < frames; i++)
      dialogue[i] = i < start ? 0.0f : 0.1f * background[i];
    m = measure (dialogue, background, RATE, frames);
    g_assert_cmpfloat_with_epsilon (m.intelligibility.shortterm_activity,
        part / 100.0, 0.015);
    g_assert_cmpint (m.critical, ==, part > 20);
  }
  g_free (dialogue);
  g_free (background);
}

/* The loudness of the dialogue does not depend on the background, and readings
 * are the same whether the mix or the background is given. */
static void
test_dialogue_loudness (void)
{
  const DmixFormat format = { RATE, 2 };
  float *dialogue = g_new (float, 2 * FRAMES), *mix = g_new (float, 2 * FRAMES);
  float *background = g_new (float, 2 * FRAMES);
  const double want = -23 - 6.0206; /* gain 0.5 */

  fill_sine (dialogue, FRAMES, 2, 1000, RATE, pow (10, -23 / 20.0));
  for (double difference = 20; difference >= -10; difference -= 10) {
    DmixStemMeter *a = dmix_stemmeter_new (&format, NULL);
    DmixStemMeter *b = dmix_stemmeter_new (&format, NULL);
    DmixStemMeterReading from_mix, from_stem;

    fill_noise (background, 2 * FRAMES, 0.1 * pow (10, -difference / 20), 7);
    for (size_t i = 0; i < 2 * FRAMES; i++)
      mix[i] = background[i] + 0.5f * dialogue[i];
    dmix_stemmeter_process (a, mix, dialogue, 0.5f, 1, FRAMES);
    for (size_t done = 0, n; done < FRAMES; done += n) {
      n = g_test_rand_int_range (1, 900);
      n = MIN (n, FRAMES - done);
      dmix_stemmeter_process (b, background + 2 * done, dialogue + 2 * done,
          0.5f, 0, n);
    }
    dmix_stemmeter_read (a, &from_mix);
    dmix_stemmeter_read (b, &from_stem);
    g_assert_cmpfloat_with_epsilon (from_mix.dialogue.integrated_lufs, want,
        0.1);
    g_assert_cmpfloat (from_mix.dialogue.integrated_lufs, ==,
        from_stem.dialogue.integrated_lufs);
    g_assert_cmpfloat_with_epsilon (from_mix.background.integrated_lufs,
        from_stem.background.integrated_lufs, 1e-4);
    g_assert_cmpfloat_with_epsilon (from_mix.mix.integrated_lufs,
        from_stem.mix.integrated_lufs, 1e-4);
    g_assert_cmpfloat_with_epsilon (from_mix.intelligibility.glimpse_proportion,
        from_stem.intelligibility.glimpse_proportion, 0.001);
    g_assert_cmpfloat_with_epsilon (dmix_stemmeter_get_true_peak (a, 1),
        dmix_stemmeter_get_true_peak (b, 1), 0.01);
    dmix_stemmeter_free (a);
    dmix_stemmeter_free (b);
  }
  g_free (dialogue);
  g_free (mix);
  g_free (background);
}

static void
assert_same_windows (const DmixLoudnessReading *a, const DmixLoudnessReading *b)
{
  g_assert_cmpfloat (a->momentary_lufs, ==, b->momentary_lufs);
  g_assert_cmpfloat (a->shortterm_lufs, ==, b->shortterm_lufs);
  g_assert_cmpfloat (a->integrated_lufs, ==, b->integrated_lufs);
}

/* After a sound shorter than any block or window, and an interruption, the next
 * sound is measured like the first. */
static void
test_interrupt (void)
{
  const DmixFormat format = { RATE, 1 };
  DmixStemMeter *a = dmix_stemmeter_new (&format, NULL);
  DmixStemMeter *b = dmix_stemmeter_new (&format, NULL);
  float *dialogue = g_new (float, FRAMES), *background = g_new (float, FRAMES);
  DmixStemMeterReading before, of_a, of_b;

  fill_noise (dialogue, FRAMES, 0.1, 1);
  fill_noise (background, FRAMES, 0.05, 2);
  dmix_stemmeter_process (a, background, dialogue, 1.0f, 0, 1000);
  dmix_stemmeter_interrupt (a);
  dmix_stemmeter_process (a, background, dialogue, 1.0f, 0, RATE);
  dmix_stemmeter_process (b, background, dialogue, 1.0f, 0, RATE);
  dmix_stemmeter_read (a, &before);
  dmix_stemmeter_read (b, &of_b);
  assert_same_windows (&before.mix, &of_b.mix);
  assert_same_windows (&before.dialogue, &of_b.dialogue);
  assert_same_windows (&before.background, &of_b.background);
  g_assert_cmpfloat (before.dialogue.momentary_lufs, >, -40);
  g_assert_cmpfloat (before.intelligibility.sii, ==, of_b.intelligibility.sii);
  g_assert_cmpfloat (before.intelligibility.glimpse_proportion, ==,
      of_b.intelligibility.glimpse_proportion);
  /* windows are emptied; measurements since the start stay */
  dmix_stemmeter_interrupt (a);
  dmix_stemmeter_read (a, &of_a);
  g_assert_cmpfloat (of_a.mix.momentary_lufs, ==, DMIX_KWEIGHT_SILENCE_LUFS);
  g_assert_cmpfloat (of_a.dialogue.shortterm_lufs, ==,
      DMIX_KWEIGHT_SILENCE_LUFS);
  g_assert_cmpfloat (of_a.dialogue.integrated_lufs, ==,
      before.dialogue.integrated_lufs);
  g_assert_cmpfloat (of_a.intelligibility.sii, ==, before.intelligibility.sii);
  dmix_stemmeter_free (a);
  dmix_stemmeter_free (b);
  g_free (dialogue);
  g_free (background);
}

static void
test_life (void)
{
  const DmixFormat low = { 1000, 3 }, format = { RATE, 1 }, bad = { 0, 1 };
  DmixStemMeter *meter = dmix_stemmeter_new (&low, NULL), *next;
  float *sound = g_new (float, FRAMES);
  DmixStemMeterReading r;

  g_assert_null (dmix_stemmeter_new (&bad, NULL));
  g_assert_null (dmix_speechbands_new (1599));
  dmix_stemmeter_free (NULL);
  dmix_speechbands_free (NULL);
  dmix_intelligibility_free (NULL);
  fill_noise (sound, FRAMES, 0.1, 2);
  dmix_stemmeter_process (meter, sound, sound, 1, 0, 1000);
  dmix_stemmeter_read (meter, &r); /* the rate is too low for speech */
  g_assert_cmpfloat (r.intelligibility.sii, ==, 0.0);
  dmix_stemmeter_free (meter);
  meter = dmix_stemmeter_new (&format, NULL);
  dmix_stemmeter_read (meter, &r);
  g_assert_cmpfloat (r.intelligibility.sii, ==, 0.0);
  g_assert_cmpint (r.has_difference, ==, 0);
  memset (sound, 0, RATE * sizeof *sound);
  dmix_stemmeter_process (meter, sound, sound, 1, 0, RATE);
  dmix_stemmeter_read (meter, &r); /* silence is not speech */
  g_assert_cmpfloat (r.intelligibility.shortterm_activity, ==, 0.0);
  dmix_stemmeter_process (meter, sound + RATE, sound + RATE, 1, 0, 3 * RATE);
  next = dmix_stemmeter_new (&format, NULL);
  dmix_stemmeter_take_over (next, meter);
  dmix_stemmeter_read (next, &r);
  g_assert_cmpfloat_with_epsilon (r.intelligibility.sii, 0.5, 0.01);
  g_assert_cmpfloat (r.dialogue.integrated_lufs, >, -30);
  dmix_stemmeter_reset (next);
  dmix_stemmeter_read (next, &r);
  g_assert_cmpfloat (r.intelligibility.sii, ==, 0.0);
  g_assert_cmpfloat (r.dialogue.integrated_lufs, ==, DMIX_KWEIGHT_SILENCE_LUFS);
  dmix_stemmeter_free (meter);
  dmix_stemmeter_free (next);
  g_free (sound);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stemmeter/known-ratio", test_known_ratio);
  g_test_add_func ("/stemmeter/limiting-band", test_limiting_band);
  g_test_add_func ("/stemmeter/pauses", test_pauses);
  g_test_add_func ("/stemmeter/critical-activity", test_critical_activity);
  g_test_add_func ("/stemmeter/dialogue-loudness", test_dialogue_loudness);
  g_test_add_func ("/stemmeter/interrupt", test_interrupt);
  g_test_add_func ("/stemmeter/life", test_life);
  return g_test_run ();
}
