/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of dialoguemeter.h, through the loudness meter, which feeds it. The
 * programme: phrases of a synthetic voice over noise. */
#include "voices.h"

#include "meter/dialoguemeter.h"
#include "meter/kweight.h"
#include "meter/loudness.h"

#define RATE 48000
#define SECONDS 30
#define FRAMES ((size_t) SECONDS * RATE)
/* a phrase of 3 s every 5 s */
#define PHRASE 3
#define PERIOD 5

/* Voice and background; which: 1 voice, 2 background, 3 both. */
static float *
programme (int which, double noise)
{
  float *out = g_new0 (float, FRAMES);

  if (which & 2)
    fill_noise (out, FRAMES, noise, 1);
  if (which & 1)
    for (int s = 1; s + PHRASE < SECONDS; s += PERIOD)
      add_speech (out, (size_t) s * RATE, PHRASE, RATE, 1);
  return out;
}

static DmixLoudness *
new_meter (unsigned rate, unsigned channels)
{
  const DmixFormat format = { rate, channels };
  DmixLoudness *meter = dmix_loudness_new (&format, NULL, 0);

  g_assert_true (dmix_loudness_add_dialogue (meter, NULL));
  dmix_loudness_measure_dialogue (meter, 1);
  return meter;
}

static DmixDialogueReading
measure (const float *in, size_t frames, size_t split)
{
  DmixLoudness *meter = new_meter (RATE, 1);
  DmixDialogueReading reading;

  for (size_t at = 0; at < frames; at += split)
    dmix_loudness_process (meter, in + at, MIN (split, frames - at));
  dmix_loudness_finish (meter);
  dmix_loudness_read_dialogue (meter, &reading);
  dmix_loudness_free (meter);
  return reading;
}

/* K-weighted loudness of the phrases alone. */
static double
phrase_lufs (const float *in)
{
  DmixKWeight *kweight = dmix_kweight_new (RATE, 1);
  double sum = 0, frames = 0;

  for (size_t i = 0; i < FRAMES; i += 480) {
    const size_t second = i / RATE;
    const float *lane = in + i;
    double energy = 0;

    dmix_kweight_process (kweight, &lane, 1, 480, &energy);
    if (second >= 1 && (second - 1) % PERIOD < PHRASE
        && (second - 1) / PERIOD < 6) {
      sum += energy;
      frames += 480;
    }
  }
  dmix_kweight_free (kweight);
  return dmix_kweight_lufs (sum / frames);
}

/* Mean over the blocks of 400 ms that are half in a phrase or more. */
static double
gated_lufs (const float *in)
{
  DmixKWeight *kweight = dmix_kweight_new (RATE, 1);
  double energy[SECONDS * 100] = { 0 }, sum = 0;
  int blocks = 0;

  for (int s = 0; s < SECONDS * 100; s++) {
    const float *lane = in + s * 480;

    dmix_kweight_process (kweight, &lane, 1, 480, &energy[s]);
  }
  for (int end = 40; end <= SECONDS * 100; end += 10) {
    double power = 0;
    int spoken = 0;

    for (int s = end - 40; s < end; s++) {
      power += energy[s] / (40 * 480);
      spoken += s >= 100 && (s - 100) % 500 < 300 && (s - 100) / 500 < 6;
    }
    if (spoken >= 20) {
      sum += power;
      blocks++;
    }
  }
  dmix_kweight_free (kweight);
  return dmix_kweight_lufs (sum / blocks);
}

/* Six phrases of 3 s in 30 s, over noise of several levels: the gated loudness
 * within 0.15 LU (two blocks of 31 more or less at the edges), the share within 4
 * points, the speech alone within 0.5 LU of the voice as it is. */
static void
test_phrases (void)
{
  const double noise[] = { 0.0005, 0.005, 0.015, 0.03 };
  float *voice = programme (1, 0);
  const double speech_lufs = phrase_lufs (voice);

  for (guint n = 0; n < G_N_ELEMENTS (noise); n++) {
    float *mix = programme (3, noise[n]);
    const DmixDialogueReading r = measure (mix, FRAMES, 4800);

    g_assert_cmpfloat_with_epsilon (r.dialogue_lufs, gated_lufs (mix), 0.15);
    g_assert_cmpfloat_with_epsilon (100 * r.share, 60, 4);
    g_assert_true (r.speech_is_valid);
    g_assert_cmpfloat_with_epsilon (r.speech_lufs, speech_lufs, 0.5);
    g_assert_cmpfloat_with_epsilon (r.shortterm_lufs, r.dialogue_lufs, 0.5);
    g_assert_cmpfloat (r.range_lu, <, 1);
    g_free (mix);
  }
  g_free (voice);
}

/* Noise above the voice: the speech alone would be a guess. So it is without
 * pauses, and without any speech. */
static void
test_not_valid (void)
{
  float *mix = programme (3, 0.08), *other = g_new0 (float, FRAMES);
  DmixDialogueReading r = measure (mix, FRAMES, 4800);

  g_assert_false (r.speech_is_valid);
  r = measure (other, FRAMES, 4800);
  g_assert_false (r.speech_is_valid);
  g_assert_cmpfloat (r.dialogue_lufs, ==, DMIX_KWEIGHT_SILENCE_LUFS);
  g_assert_cmpfloat (r.share, <, 0.05);
  fill_noise (other, FRAMES, 0.003, 2);
  add_speech (other, 0, SECONDS, RATE, 1);
  r = measure (other, FRAMES, 4800);
  g_assert_cmpfloat (r.share, >, 0.95);
  g_assert_false (r.speech_is_valid);
  g_free (mix);
  g_free (other);
}

/* Phrases that differ by 12 LU, in equal parts: their range. Tolerance of the
 * cases of EBU Tech 3342. */
static void
test_range (void)
{
  float *mix = programme (2, 0.0005);
  DmixDialogueReading r;

  add_speech (mix, RATE, 12, RATE, 1);
  add_speech (mix, 16 * RATE, 12, RATE, 0.25119);
  r = measure (mix, FRAMES, 4800);
  g_assert_cmpfloat_with_epsilon (r.range_lu, 12, 1);
  g_free (mix);
}

/* The background of each phrase is that of the pauses around it: a programme
 * whose noise rises by 20 dB half-way reads the voice all the same. */
static void
test_moving_background (void)
{
  float *voice = programme (1, 0), *mix = programme (3, 0.003);
  float *loud = programme (3, 0.03);
  DmixDialogueReading r;

  memcpy (mix + FRAMES / 2, loud + FRAMES / 2, FRAMES / 2 * sizeof *mix);
  r = measure (mix, FRAMES, 4800);
  g_assert_true (r.speech_is_valid);
  g_assert_cmpfloat_with_epsilon (r.speech_lufs, phrase_lufs (voice), 0.5);
  g_free (voice);
  g_free (mix);
  g_free (loud);
}

static void
test_split (void)
{
  float *mix = programme (3, 0.01);
  const DmixDialogueReading one = measure (mix, FRAMES, FRAMES);
  const DmixDialogueReading two = measure (mix, FRAMES, 1013);

  g_assert_cmpfloat (one.dialogue_lufs, ==, two.dialogue_lufs);
  g_assert_cmpfloat (one.speech_lufs, ==, two.speech_lufs);
  g_assert_cmpfloat (one.share, ==, two.share);
  g_assert_cmpfloat (one.range_lu, ==, two.range_lu);
  g_free (mix);
}

/* The end of a programme that breaks off in a phrase is measured, too. */
static void
test_finish (void)
{
  float *mix = programme (3, 0.003);
  DmixLoudness *meter = new_meter (RATE, 1);
  DmixDialogueReading before, after;
  const size_t frames = 1.6 * RATE;

  dmix_loudness_process (meter, mix, frames);
  dmix_loudness_read_dialogue (meter, &before);
  dmix_loudness_finish (meter);
  dmix_loudness_read_dialogue (meter, &after);
  g_assert_cmpfloat_with_epsilon (after.share, 0.6 / 1.6, 0.06);
  g_assert_cmpfloat (before.share, <, after.share - 0.1);
  dmix_loudness_finish (meter); /* nothing new */
  dmix_loudness_read_dialogue (meter, &before);
  g_assert_cmpfloat (before.share, ==, after.share);
  dmix_loudness_free (meter);
  g_free (mix);
}

/* A change of format in the middle, an interruption, and dialogue switched off
 * for a while: the programme goes on. */
static void
test_continue (void)
{
  float *mix = programme (3, 0.003);
  float *pair = g_new (float, FRAMES);
  const size_t half = FRAMES / 2;
  const DmixDialogueReading whole = measure (mix, FRAMES, 4800);
  DmixLoudness *one = new_meter (RATE, 1), *two = new_meter (RATE, 2);
  DmixDialogueReading r, off;

  for (size_t i = 0; i < FRAMES; i++) /* half the sound, in both channels */
    pair[i] = (float) sqrt (0.5) * mix[half + i / 2];
  dmix_loudness_process (one, mix, half);
  dmix_loudness_take_over (two, one);
  dmix_loudness_free (one);
  dmix_loudness_process (two, pair, half);
  dmix_loudness_interrupt (two);
  dmix_loudness_read_dialogue (two, &r);
  g_assert_cmpfloat_with_epsilon (r.dialogue_lufs, whole.dialogue_lufs, 0.2);
  g_assert_cmpfloat_with_epsilon (r.share, whole.share, 0.05);
  g_assert_cmpfloat_with_epsilon (r.speech_lufs, whole.speech_lufs, 0.3);
  dmix_loudness_measure_dialogue (two, 0);
  dmix_loudness_process (two, pair, half);
  dmix_loudness_read_dialogue (two, &off);
  g_assert_cmpfloat (off.share, ==, r.share);
  dmix_loudness_reset (two);
  dmix_loudness_read_dialogue (two, &r);
  g_assert_cmpfloat (r.share, ==, 0);
  g_assert_cmpfloat (r.dialogue_lufs, ==, DMIX_KWEIGHT_SILENCE_LUFS);
  dmix_loudness_free (two);
  g_free (pair);
  g_free (mix);
}

/* The flag follows the voice within 100 ms and stays for the hold. */
static void
test_flag (void)
{
  float *mix = programme (3, 0.003);
  DmixLoudness *meter = new_meter (RATE, 1);
  int changes = 0, last = 0;

  for (size_t s = 0; s < 900; s++) {
    double probability;
    int speaks;

    g_assert_cmpuint (dmix_loudness_get_frames_left (meter), ==, 480);
    dmix_loudness_process (meter, mix + s * 480, 100);
    g_assert_cmpuint (dmix_loudness_get_frames_left (meter), ==, 380);
    dmix_loudness_process (meter, mix + s * 480 + 100, 380);
    speaks = dmix_loudness_get_speech (meter, &probability);
    if (speaks != last) {
      const double when = (s + 1) / 100.0;
      const double want[] = { 1, 4.2, 6, 9.2 };

      g_assert_cmpint (changes, <, 4);
      g_assert_cmpfloat_with_epsilon (when, want[changes], 0.15);
      changes++;
      last = speaks;
    }
  }
  g_assert_cmpint (changes, >=, 3);
  dmix_loudness_free (meter);
  g_free (mix);
}

/* NaN does not stay, and rates without bands of speech have no speech. */
static void
test_limits (void)
{
  float *mix = programme (3, 0.003);
  DmixLoudness *low = new_meter (99, 1);
  DmixDialogueReading r;
  double probability;

  for (size_t i = 20000; i < 20100; i++)
    mix[i] = NAN;
  r = measure (mix, FRAMES, 4800);
  g_assert_cmpfloat_with_epsilon (100 * r.share, 60, 4);
  dmix_loudness_process (low, mix + RATE, 2000);
  g_assert_false (dmix_loudness_get_speech (low, &probability));
  g_assert_cmpuint (dmix_loudness_get_frames_left (low), >=, 1);
  dmix_loudness_finish (low);
  dmix_loudness_read_dialogue (low, &r);
  g_assert_cmpfloat (r.share, ==, 0);
  dmix_loudness_free (low);
  g_free (mix);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dialoguemeter/phrases", test_phrases);
  g_test_add_func ("/dialoguemeter/not-valid", test_not_valid);
  g_test_add_func ("/dialoguemeter/range", test_range);
  g_test_add_func ("/dialoguemeter/moving-background", test_moving_background);
  g_test_add_func ("/dialoguemeter/split", test_split);
  g_test_add_func ("/dialoguemeter/finish", test_finish);
  g_test_add_func ("/dialoguemeter/continue", test_continue);
  g_test_add_func ("/dialoguemeter/flag", test_flag);
  g_test_add_func ("/dialoguemeter/limits", test_limits);
  return g_test_run ();
}
