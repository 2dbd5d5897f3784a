/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What dialogue.h promises: the sum of the stems, nothing to do, gains, loudness,
 * peaks, blocks. */
#include "voices.h"

#include "base/units.h"
#include "dialogue/dialogue.h"
#include "meter/loudness.h"

enum
{
  RATE = 48000,
  SECONDS = 12,
  FRAMES = SECONDS * RATE,
  ROOM = RATE / 2, /* for the delay */
  ALL = FRAMES + ROOM
};

static const DmixFormat stereo = { RATE, 2 };
static const DmixDialogueEstimator both[] = { DMIX_DIALOGUE_STATISTICAL,
  DMIX_DIALOGUE_LEARNED };

static float mix[ALL * 2], out[ALL * 2], stem[ALL * 2];

static DmixDialogueParams
idle (void)
{
  return (DmixDialogueParams){
    .range_db = 20,
    .hold_ms = 300,
    .release_ms = 300,
    .ceiling_dbtp = -1,
    .intelligibility = 0.6,
  };
}

/* Plays mix[] to `to`; returns the latency. */
static unsigned
play (const DmixDialogueParams *params, double lookahead_ms,
    DmixDialogueEstimator estimator, size_t block, float *to,
    DmixDialogueReport *report)
{
  DmixDialogue *self =
      dmix_dialogue_new (&stereo, NULL, NULL, lookahead_ms, estimator);
  unsigned latency;

  memcpy (to, mix, sizeof mix);
  dmix_dialogue_set_params (self, params);
  for (size_t at = 0; at < ALL; at += block)
    dmix_dialogue_process (self, to + 2 * at,
        at + block > ALL ? ALL - at : block);
  if (report)
    dmix_dialogue_read_meter (self, report);
  latency = dmix_dialogue_latency_frames (self);
  dmix_dialogue_free (self);
  return latency;
}

/* With nothing to do, and with bypass, the output is the delayed input, to the
 * bit; the delay is at most 40 ms without look-ahead. */
static void
test_nothing (void)
{
  for (int e = 0; e < 2; e++)
    for (int bypass = 0; bypass < 2; bypass++) {
      DmixDialogueParams params = idle ();
      unsigned latency;

      params.keep_loudness = 1;
      params.bypass = bypass;
      params.boost_db = params.duck_db = bypass ? 9 : 0;
      latency = play (&params, bypass ? 50 : 0, both[e], 4096, out, NULL);
      g_assert_cmpmem (out + 2 * latency, 2 * FRAMES * sizeof *out, mix,
          2 * FRAMES * sizeof *out);
      if (!bypass)
        g_assert_cmpuint (latency, <=, RATE / 25);
    }
}

/* Dialogue + background is the delayed input to -120 dB, whatever the balance. */
static void
test_sum (void)
{
  for (int e = 0; e < 2; e++) {
    DmixDialogueParams params = idle ();
    unsigned latency;
    double error = 0, all = 0, voice = 0;

    params.boost_db = 6;
    params.target_lu = 20;
    params.keep_loudness = 1;
    params.output = DMIX_DIALOGUE_VOICE;
    latency = play (&params, 100, both[e], 4096, stem, NULL);
    params.output = DMIX_DIALOGUE_BACKGROUND;
    play (&params, 100, both[e], 4096, out, NULL);
    for (size_t i = 0; i < 2 * FRAMES; i++) {
      const double sum = (double) out[2 * latency + i] + stem[2 * latency + i];

      error += pow (sum - mix[i], 2);
      all += pow (mix[i], 2);
      voice += pow (stem[2 * latency + i], 2);
    }
    g_assert_cmpfloat (10 * log10 (error / all + 1e-30), <, -120);
    g_assert_cmpfloat (10 * log10 (voice / all), >, -10);
  }
}

/* The stems beside the mix are the outputs of their names, to the bit, in blocks of
 * any size; the mix is what it is without them. */
static void
test_stems (void)
{
  static float stems[ALL * 4];
  DmixDialogueParams params = idle ();
  DmixDialogue *self = dmix_dialogue_new (&stereo, NULL, NULL, 10, both[0]);

  params.boost_db = 6;
  params.duck_db = 6;
  memcpy (out, mix, sizeof mix);
  dmix_dialogue_set_params (self, &params);
  for (size_t at = 0, n; at < ALL; at += n) {
    n = DMIX_MIN (ALL - at, (size_t) 777);
    dmix_dialogue_process_stems (self, out + 2 * at, stems + 4 * at, n);
  }
  dmix_dialogue_free (self);
  play (&params, 10, both[0], 4096, stem, NULL);
  g_assert_cmpmem (out, sizeof out, stem, sizeof stem);
  for (int background = 0; background < 2; background++) {
    params.output = background ? DMIX_DIALOGUE_BACKGROUND : DMIX_DIALOGUE_VOICE;
    play (&params, 10, both[0], 4096, stem, NULL);
    for (size_t i = 0; i < ALL; i++)
      for (int c = 0; c < 2; c++)
        g_assert_cmpfloat (stems[4 * i + 2 * background + c], ==,
            stem[2 * i + c]);
  }
}

/* boost adds (gain - 1) times the dialogue to the input. */
static void
test_boost (void)
{
  DmixDialogueParams params = idle ();
  unsigned latency;
  double worst = 0;

  params.output = DMIX_DIALOGUE_VOICE;
  params.ceiling_dbtp = 20;
  latency = play (&params, 0, both[0], 4096, stem, NULL);
  params.output = DMIX_DIALOGUE_MIX;
  params.boost_db = 6;
  play (&params, 0, both[0], 4096, out, NULL);
  for (size_t i = 0; i < 2 * FRAMES; i++) {
    const double wanted =
        mix[i] + (dmix_gain_from_db (6) - 1) * stem[2 * latency + i];

    worst = fmax (worst, fabs (out[2 * latency + i] - wanted));
  }
  g_assert_cmpfloat (worst, <, 1e-6);
}

/* duck lowers the background during speech by that many dB, and not in the
 * first second, where nobody speaks. */
static void
test_duck (void)
{
  DmixDialogueParams params = idle ();
  DmixDialogueReport report;
  unsigned latency;

  params.duck_db = 12;
  latency = play (&params, 100, both[0], 4096, out, &report);
  g_assert_cmpmem (out + 2 * latency, RATE * sizeof *out, mix,
      RATE * sizeof *out);
  g_assert_cmpfloat_with_epsilon (report.duck_db, -12, 0.1);
  g_assert_true (report.has_difference);
}

static void
loudness (const float *x, double *lufs, double *dbtp)
{
  DmixLoudness *meter = dmix_loudness_new (&stereo, NULL, 1);
  DmixLoudnessReading reading;

  dmix_loudness_process (meter, x, FRAMES);
  dmix_loudness_read (meter, &reading);
  *lufs = reading.integrated_lufs;
  *dbtp = dmix_loudness_get_max_true_peak (meter);
  dmix_loudness_free (meter);
}

/* The whole keeps its loudness within 0.5 LU, and peaks stay below the
 * ceiling. */
static void
test_loudness (void)
{
  DmixDialogueParams params = idle ();
  double before, after, kept, peak;
  unsigned latency;

  loudness (mix, &before, &peak);
  params.boost_db = 6;
  params.duck_db = 6;
  params.ceiling_dbtp = 20;
  latency = play (&params, 50, both[1], 4096, out, NULL);
  loudness (out + 2 * latency, &after, &peak);
  params.keep_loudness = 1;
  play (&params, 50, both[1], 4096, out, NULL);
  loudness (out + 2 * latency, &kept, &peak);
  g_test_message ("%.2f, %.2f, %.2f LUFS", before, after, kept);
  g_assert_cmpfloat (fabs (after - before), >, 1);
  g_assert_cmpfloat (fabs (kept - before), <, 0.5);
  params.keep_loudness = 0;
  params.boost_db = 20;
  params.ceiling_dbtp = -3;
  play (&params, 50, both[1], 4096, out, NULL);
  loudness (out + 2 * latency, &after, &peak);
  g_assert_cmpfloat (peak, <, -2.95);
  g_assert_cmpfloat (peak, >, -4);
}

/* Any split into blocks gives the same bits. */
static void
test_blocks (void)
{
  DmixDialogueParams params = idle ();

  params.boost_db = 3;
  params.target_lu = 15;
  params.spectral_db = 6;
  params.keep_loudness = 1;
  play (&params, 30, both[1], 480, stem, NULL);
  play (&params, 30, both[1], 7919, out, NULL);
  g_assert_cmpmem (stem, sizeof stem, out, sizeof out);
}

/* NaN and infinities do not stay. */
static void
test_not_finite (void)
{
  DmixDialogueParams params = idle ();
  DmixDialogue *self = dmix_dialogue_new (&stereo, NULL, NULL, 20, both[1]);

  params.boost_db = 3;
  params.duck_db = 3;
  params.keep_loudness = 1;
  dmix_dialogue_set_params (self, &params);
  memcpy (out, mix, sizeof mix);
  for (int i = 0; i < 5000; i++)
    out[3 * i] = i % 2 ? NAN : INFINITY;
  dmix_dialogue_process (self, out, ALL);
  for (size_t i = 0; i < 2 * ALL; i++)
    g_assert_true (isfinite (out[i]));
  dmix_dialogue_free (self);
}

static void
test_arguments (void)
{
  const DmixFormat slow = { 3000, 1 }, low = { 8000, 1 };
  DmixDialogue *self;

  g_assert_null (dmix_dialogue_new (NULL, NULL, NULL, 0, both[0]));
  g_assert_null (dmix_dialogue_new (&slow, NULL, NULL, 0, both[0]));
  g_assert_null (dmix_dialogue_new (&stereo, NULL, NULL, 501, both[0]));
  g_assert_false (dmix_dialogue_is_learned (DMIX_DIALOGUE_LEARNED, &low));
  g_assert_true (dmix_dialogue_is_learned (DMIX_DIALOGUE_LEARNED, &stereo));
  g_assert_false (
      dmix_dialogue_is_learned (DMIX_DIALOGUE_STATISTICAL, &stereo));
  self = dmix_dialogue_new (&low, NULL, NULL, 0, both[1]);
  g_assert_nonnull (self);
  dmix_dialogue_free (self);
  dmix_dialogue_free (NULL);
}

int
main (int argc, char **argv)
{
  float *voice = g_new0 (float, ALL);

  g_test_init (&argc, &argv, NULL);
  for (double at = 1.5; at < SECONDS - 2; at += 2.5)
    add_speech (voice, (size_t) (at * RATE), 2, RATE, 1);
  fill_noise (mix, 2 * FRAMES, 0.01, 3);
  for (size_t i = 0; i < FRAMES; i++)
    for (int c = 0; c < 2; c++)
      mix[2 * i + c] += voice[i];
  g_free (voice);
  g_test_add_func ("/dialogue/nothing", test_nothing);
  g_test_add_func ("/dialogue/sum", test_sum);
  g_test_add_func ("/dialogue/stems", test_stems);
  g_test_add_func ("/dialogue/boost", test_boost);
  g_test_add_func ("/dialogue/duck", test_duck);
  g_test_add_func ("/dialogue/loudness", test_loudness);
  g_test_add_func ("/dialogue/blocks", test_blocks);
  g_test_add_func ("/dialogue/not-finite", test_not_finite);
  g_test_add_func ("/dialogue/arguments", test_arguments);
  return g_test_run ();
}
