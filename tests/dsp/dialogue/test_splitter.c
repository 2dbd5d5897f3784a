/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What splitter.h promises, on made voices and noise. What it does to recordings
 * is measured in tests/quality. */
#include "voices.h"

#include "base/units.h"
#include "dialogue/learnedsplit.h"
#include "dialogue/splitter.h"
#include "dialogue/statisticalsplit.h"

enum
{
  RATE = 48000,
  SECONDS = 8,
  FRAMES = SECONDS * RATE,
  MOST = 6
};

static const DmixFormat formats[] = { { RATE, 1 }, { RATE, 2 }, { RATE, 6 } };
static const DmixVoicePlace surround[6] = { DMIX_VOICE_LEFT, DMIX_VOICE_RIGHT,
  DMIX_VOICE_CENTRE };
static const DmixSplitEstimator *const both[] = { &dmix_statisticalsplit,
  &dmix_learnedsplit };

static float voice[FRAMES], mix[FRAMES * MOST], out[FRAMES * MOST];

/* The mix of `channels` channels: voice[] times gain[c], and independent noise. */
static void
make_mix (unsigned channels, const double *gain, double noise)
{
  fill_noise (mix, FRAMES * channels, noise, 5);
  for (size_t i = 0; i < FRAMES; i++)
    for (unsigned c = 0; c < channels; c++)
      mix[i * channels + c] += (float) (gain[c] * voice[i]);
}

static unsigned
split (const DmixFormat *format, const DmixVoicePlace *place,
    const DmixSplitEstimator *estimator, size_t block)
{
  DmixSplitter *splitter = dmix_splitter_new (format, place, estimator);
  const unsigned latency = dmix_splitter_latency_frames (splitter);

  for (size_t at = 0; at < FRAMES; at += block)
    dmix_splitter_process (splitter, mix + at * format->channels,
        out + at * format->channels, at + block > FRAMES ? FRAMES - at : block);
  dmix_splitter_free (splitter);
  return latency;
}

/* Energy of channel c from second `from` on. */
static double
energy (const float *x, unsigned channels, unsigned c, double from)
{
  double sum = 1e-20;

  for (size_t i = (size_t) (from * RATE); i < FRAMES; i++)
    sum += x[i * channels + c] * x[i * channels + c];
  return sum;
}

/* The delay is 32 ms in whole hops, and a clean voice passes: the dialogue is
 * the delayed voice within -20 dB as soon as it is known. */
static void
test_delay (void)
{
  for (int e = 0; e < 2; e++) {
    unsigned latency;
    double error = 0, all = 0;

    make_mix (1, (double[]){ 1 }, 1e-5);
    latency = split (&formats[0], NULL, both[e], 1000);
    g_assert_cmpuint (latency, ==, 1536);
    for (size_t i = 4 * RATE; i < FRAMES; i++) {
      error += pow (out[i] - mix[i - latency], 2);
      all += pow (mix[i - latency], 2);
    }
    g_test_message ("estimator %d: %.1f dB", e, 10 * log10 (error / all));
    g_assert_cmpfloat (error / all, <, 0.01);
  }
}

/* Any split into blocks gives the same bits. */
static void
test_blocks (void)
{
  static float other[FRAMES * 2];

  make_mix (2, (double[]){ 1, 1 }, 0.03);
  for (int e = 0; e < 2; e++) {
    split (&formats[1], NULL, both[e], 480);
    memcpy (other, out, sizeof other);
    split (&formats[1], NULL, both[e], 7001);
    g_assert_cmpmem (other, sizeof other, out, sizeof other);
  }
}

/* Noise without a voice is background: the dialogue is 25 dB below the mix (20
 * dB in one channel, by statistics). */
static void
test_noise (void)
{
  for (int e = 0; e < 2; e++)
    for (int f = 0; f < 2; f++) {
      double leak;

      make_mix (f + 1, (double[]){ 0, 0 }, 0.05);
      split (&formats[f], NULL, both[e], 4800);
      leak = 10 * log10 (energy (out, f + 1, 0, 1) / energy (mix, f + 1, 0, 1));
      g_test_message ("estimator %d, %d channels: %.1f dB", e, f + 1, leak);
      g_assert_cmpfloat (leak, <, e == 0 && f == 0 ? -20 : -25);
    }
}

/* A voice 20 degrees to the left keeps its place: gains 1.63 and 0.37. Without
 * noise the level difference of the dialogue is that of the voice. */
static void
test_place (void)
{
  const double gain[2] = { 1.63, 0.37 };

  make_mix (2, gain, 0.001);
  for (int e = 0; e < 2; e++) {
    double off;

    split (&formats[1], NULL, both[e], 4800);
    off = 10 * log10 (energy (out, 2, 0, 3) / energy (out, 2, 1, 3))
        - db (gain[0] / gain[1]);
    g_test_message ("estimator %d: %.2f dB", e, off);
    g_assert_cmpfloat (fabs (off), <, e == 0 ? 0.1 : 0.5);
  }
}

/* Equal channels stay equal, bit for bit. */
static void
test_equal (void)
{
  make_mix (1, (double[]){ 1 }, 0.02);
  for (size_t i = FRAMES; i-- > 0;)
    mix[2 * i] = mix[2 * i + 1] = mix[i];
  for (int e = 0; e < 2; e++) {
    split (&formats[1], NULL, both[e], 4800);
    for (size_t i = 0; i < FRAMES; i++)
      g_assert_cmpfloat (out[2 * i], ==, out[2 * i + 1]);
  }
}

/* 5.1: the dialogue is in the centre; LFE and surrounds are background, and so
 * are left and right beside a centre that speaks. */
static void
test_surround (void)
{
  make_mix (6, (double[]){ 0, 0, 1, 0, 0, 0 }, 0.01);
  for (int e = 0; e < 2; e++) {
    split (&formats[2], surround, both[e], 4800);
    for (unsigned c = 3; c < 6; c++)
      g_assert_cmpfloat (energy (out, 6, c, 0), <, 1e-19);
    g_assert_cmpfloat (10
            * log10 (energy (out, 6, 2, 3) / energy (mix, 6, 2, 3)),
        >, -1.5);
    g_assert_cmpfloat (10
            * log10 (energy (out, 6, 0, 3) / energy (mix, 6, 0, 3)),
        <, -25);
  }
}

/* 5.1 with an empty centre: the voice between left and right is the dialogue. */
static void
test_phantom (void)
{
  make_mix (6, (double[]){ 0.7, 0.7, 0, 0, 0, 0 }, 1e-4);
  for (int e = 0; e < 2; e++) {
    split (&formats[2], surround, both[e], 4800);
    for (unsigned c = 0; c < 2; c++)
      g_assert_cmpfloat (10
              * log10 (energy (out, 6, c, 3) / energy (mix, 6, c, 3)),
          >, -1.5);
  }
}

/* An estimator whose answers are known: phrases up to TURN_S, then other sound, of
 * which it would keep a tenth and which is a voice with the probability turn_voice. */
#define TURN_S 5.0
static float turn_voice;

static void *
turn_make (const DmixSplitShape *shape)
{
  (void) shape;
  return calloc (1, sizeof (unsigned));
}

static void
turn_reset (void *state)
{
  *(unsigned *) state = 0;
}

static DmixSplitAnswer
turn_step (void *state, const DmixSplitSpectra *in, float *mid_gain,
    float *side_gain)
{
  unsigned *frames = state;
  const int turned = (*frames)++ * 0.016 > TURN_S;

  (void) in, (void) side_gain;
  for (unsigned b = 0; b < 769; b++)
    mid_gain[b] = turned ? 0.1f : 1.0f;
  return (DmixSplitAnswer){ 1.0f, turned ? turn_voice : 1.0f };
}

static const DmixSplitEstimator turn = {
  turn_make,
  free,
  turn_reset,
  turn_step,
  { 0.25f, 0.5f, 0.65f },
  { 0.25f, 0.5f, 0.65f },
};

/* Loud sound takes its turn with a clean voice. If it is none, the gates close (.02)
 * on the tenth that is left, 54 dB; if that is open, the estimator's tenth counts, 20 dB;
 * and a voice stays whole: the bound leaves 4 dB more than the noise to be removed. */
static void
test_turns (void)
{
  static const struct
  {
    float voice;
    double least_db, most_db;
  } cases[] = { { 0.0f, -55, -53 }, { 0.4f, -20.5, -19.5 }, { 0.9f, -1, 0.1 } };

  fill_noise (mix, FRAMES, 1.0, 7);
  for (size_t i = 0; i < FRAMES; i++) {
    const double t = (double) i / RATE;

    mix[i] *= t > TURN_S ? 0.2f : fmod (t, 1.25) < 0.8 ? 0.1f : 1e-4f;
  }
  for (size_t k = 0; k < G_N_ELEMENTS (cases); k++) {
    double left;

    turn_voice = cases[k].voice;
    split (&formats[0], NULL, &turn, 4800);
    left = 10
        * log10 (
            energy (out, 1, 0, TURN_S + 1) / energy (mix, 1, 0, TURN_S + 1));
    g_test_message ("voice %g: %.2f dB", turn_voice, left);
    g_assert_cmpfloat (left, >, cases[k].least_db);
    g_assert_cmpfloat (left, <, cases[k].most_db);
  }
}

static void
test_arguments (void)
{
  g_assert_null (dmix_splitter_new (NULL, NULL, both[0]));
  g_assert_null (dmix_splitter_new (&formats[0], NULL, NULL));
  dmix_splitter_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (double at = 0.3; at < SECONDS - 1.5; at += 2)
    add_speech (voice, (size_t) (at * RATE), 1.5, RATE, 1);
  g_test_add_func ("/splitter/delay", test_delay);
  g_test_add_func ("/splitter/blocks", test_blocks);
  g_test_add_func ("/splitter/noise", test_noise);
  g_test_add_func ("/splitter/place", test_place);
  g_test_add_func ("/splitter/equal", test_equal);
  g_test_add_func ("/splitter/surround", test_surround);
  g_test_add_func ("/splitter/phantom", test_phantom);
  g_test_add_func ("/splitter/turns", test_turns);
  g_test_add_func ("/splitter/arguments", test_arguments);
  return g_test_run ();
}
