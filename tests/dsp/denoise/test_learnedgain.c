/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What learnedgain.h promises, on a made voice in noise. What it does to recordings
 * is measured in tests/quality. */
#include "speechrig.h"

#include "denoise/learnedgain.h"
#include "denoise/speechgain.h"
#include "net/net.h"
#include "net/netrows.h"
#include "spectral/powerframe.h"

enum
{
  BINS = 769,
  FRAMES = 200
};

static const DmixGainShape shape = { BINS, 31.25, 0.016, 768.0 };
static const DmixGainEstimator *const learned = &dmix_learnedgain;

static float power[FRAMES][BINS], noise[BINS], gain[BINS], other[BINS];

/* Noise, and after 1.2 s a voice in it. */
static void
fill_power (void)
{
  enum
  {
    HOP = 768,
    WINDOW = 2 * HOP,
    SOUND = HOP * (FRAMES + 1),
    BEGIN = 75 * HOP
  };
  const RigText text = rig_text (3);
  DmixPowerFrame *frame = dmix_powerframe_new (WINDOW, WINDOW,
      dmix_powerframe_plain_weight (WINDOW, WINDOW));
  float *sound = g_new (float, SOUND), *voice;
  double start_s[RIG_SYLLABLES + 1];
  size_t spoken, first;

  voice = rig_speak (&text, NULL, 120, 48000, start_s, &spoken);
  first = (size_t) (start_s[1] * 48000);
  fill_noise (sound, SOUND, 0.003, 1);
  for (size_t i = 0; i + BEGIN < SOUND && i + first < spoken; i++)
    sound[BEGIN + i] += 0.1f * voice[first + i];
  for (int t = 0; t < FRAMES; t++)
    memcpy (power[t], dmix_powerframe_process (frame, sound + t * HOP, 1),
        sizeof power[t]);
  for (int b = 0; b < BINS; b++)
    noise[b] = (float) (0.003 * 0.003 * shape.window_energy);
  g_free (sound);
  g_free (voice);
  dmix_powerframe_free (frame);
}

static float
step (void *state, int t, float *out)
{
  return learned->step (state, power[t], noise, out);
}

/* Two channels that are the same are one channel: nothing is in the side. */
static void
test_channels (void)
{
  void *one = learned->make (&shape), *two = learned->make (&shape);
  void *wide = learned->make (&shape);
  float silent[BINS] = { 0 };
  double wider = 0;

  for (int t = 0; t < FRAMES; t++) {
    DmixGainHint hint = { NULL, NULL, 0 };
    float speech = step (one, t, gain);

    hint.mid = power[t];
    hint.side = silent;
    learned->hint (two, &hint);
    g_assert_cmpfloat (step (two, t, other), ==, speech);
    g_assert_cmpmem (gain, sizeof gain, other, sizeof other);
    hint.side = power[t];
    learned->hint (wide, &hint);
    step (wide, t, other);
    for (int b = 0; b < BINS; b++)
      wider = fmax (wider, fabsf (gain[b] - other[b]));
  }
  g_assert_cmpfloat (wider, >, 0.01);
  learned->free (one);
  learned->free (two);
  learned->free (wide);
}

/* Sound in mid and side: between both gains of the network by their energy, and
 * then between that and the statistical gain, in dB. The network's part grows
 * from 0 to 0.7 (1 at 0 Hz, 0.7 from 800 Hz up) within 3 s, six times as fast once nobody
 * has spoken for 0.4 s, and with it what speech and pauses change; pauses only
 * where both lower the bin, all of it from 6 dB on. Behind a pause of 0.15 s the part
 * is a quarter for 0.1 s and grows back within as much. */
static void
test_mean_of_gains (void)
{
  const DmixNetSpectrum spectrum = { BINS, 31.25, 768.0 };
  DmixNetRows *rows = dmix_netrows_new (&spectrum);
  DmixNet *net = dmix_net_new (NULL);
  void *state = learned->make (&shape);
  void *statistical = dmix_speechgain.make (&shape);
  double known = 0, pause = 0, phrase = 1;
  int begun = 0;

  for (int t = 0; t < FRAMES; t++) {
    const float *side = power[(t + 30) % FRAMES];
    const DmixGainHint hint = { power[t], side, 0 };
    float mid[DMIX_NET_ROWS], rest[DMIX_NET_ROWS];
    DmixNetFrame frame;

    learned->hint (state, &hint);
    step (state, t, gain);
    dmix_netrows_energy (rows, power[t], mid);
    dmix_netrows_energy (rows, side, rest);
    dmix_net_step (net, mid, rest, &frame);
    dmix_speechgain.step (statistical, power[t], noise, other);
    phrase = frame.speech > 0.3f && pause >= 0.15 ? 0 : phrase + shape.hop_s;
    begun += phrase == 0 && known > 0.1;
    for (int b = 1; b < 65; b++) { /* each its own row */
      const int r = b - 1;
      const double first = fmin (fmax (2 - phrase / 0.1, 0), 1);
      const double part =
          known * (1 - 0.75 * first) * (1 - 0.3 * fmin (1, b * 31.25 / 800));
      const double u = (frame.mid[r] * mid[r] + frame.side[r] * rest[r])
          / (mid[r] + rest[r]);

      const double highest =
          fmax (u > 0 ? log10 (u) / 0.3 : -9, log10 (other[b]));
      const double noise = fmin (1, -20 * highest / 6);
      const double more =
          1 + known * (noise * (1 - frame.speech) - 0.15 * frame.speech);

      g_assert_cmpfloat_with_epsilon (gain[b],
          pow (pow (u, part / 0.3) * pow (other[b], 1 - part), more), 1e-4);
    }
    pause = frame.speech > 0.3f ? 0 : pause + shape.hop_s;
    known = fmin (1, known + shape.hop_s / (pause < 0.4 ? 3.0 : 0.5));
  }
  g_assert_cmpfloat (known, ==, 1);
  g_assert_cmpint (begun, >, 0); /* else nothing was asked of first sounds */
  dmix_netrows_free (rows);
  dmix_net_free (net);
  learned->free (state);
  dmix_speechgain.free (statistical);
}

/* A captured profile alone: the statistical gains, to rounding. */
static void
test_given_noise (void)
{
  const DmixGainHint given = { NULL, NULL, 1 };
  void *state = learned->make (&shape);
  void *statistical = dmix_speechgain.make (&shape);

  for (int t = 0; t < FRAMES; t++) {
    learned->hint (state, &given);
    step (state, t, gain);
    dmix_speechgain.step (statistical, power[t], noise, other);
    g_assert_cmpmem (gain, sizeof gain, other, sizeof other);
  }
  learned->free (state);
  dmix_speechgain.free (statistical);
}

/* Gains are 0 to 1 and less where the noise is said to be louder. */
static void
test_sensitivity (void)
{
  void *a = learned->make (&shape), *b = learned->make (&shape);
  double usual = 0, louder = 0;

  for (int t = 0; t < FRAMES; t++) {
    float loud[BINS];

    for (int i = 0; i < BINS; i++)
      loud[i] = 4.0f * noise[i];
    step (a, t, gain);
    learned->step (b, power[t], loud, other);
    for (int i = 0; i < BINS; i++) {
      g_assert_true (gain[i] >= 0.0f && gain[i] <= 1.001f);
      usual += gain[i];
      louder += other[i];
    }
  }
  g_assert_cmpfloat (louder, <, 0.9 * usual);
  learned->free (a);
  learned->free (b);
}

/* As new after reset(); where the other one is after take_over(). At 16 kHz: the
 * noise above half the rate is part of the state. */
static void
test_reset_and_take_over (void)
{
  const DmixGainShape low = { 257, 31.25, 0.016, 256.0 };
  void *a = learned->make (&low), *b = learned->make (&low);

  for (int t = 0; t < 100; t++)
    step (a, t, gain);
  learned->take_over (b, a);
  for (int t = 100; t < 150; t++) {
    step (a, t, gain);
    step (b, t, other);
    g_assert_cmpmem (gain, 257 * sizeof *gain, other, 257 * sizeof *other);
  }
  learned->reset (a);
  learned->free (b);
  b = learned->make (&low);
  for (int t = 0; t < 50; t++) {
    step (a, t, gain);
    step (b, t, other);
    g_assert_cmpmem (gain, 257 * sizeof *gain, other, 257 * sizeof *other);
  }
  learned->free (a);
  learned->free (b);
  learned->free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fill_power ();
#define ADD(name, test) g_test_add_func ("/learnedgain/" name, test)
  ADD ("channels", test_channels);
  ADD ("mean-of-gains", test_mean_of_gains);
  ADD ("given-noise", test_given_noise);
  ADD ("sensitivity", test_sensitivity);
  ADD ("reset-and-take-over", test_reset_and_take_over);
#undef ADD
  return g_test_run ();
}
