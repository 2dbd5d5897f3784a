/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of ducklistener.h: the detectors get the sum of the channels, limited
 * to 24 dB above full scale (16), while they are on. */
#include "signals.h"

#include "ducker/ducklistener.h"
#include "speech/learnedactivity.h"
#include "speech/speechactivity.h"

enum
{
  RATE = 16000,
  STEP = 32,
  FRAMES = 2 * RATE,
  LANES = 3
};

/* Sound of three channels: bursts, which a speech detector hears as speech, and
 * noise. */
static float key[LANES * FRAMES], bed[LANES * FRAMES];

static void
make_sound (double volume)
{
  fill_noise (key, LANES * FRAMES, 0.001, 1);
  fill_noise (bed, LANES * FRAMES, 0.02 * volume, 2);
  for (int i = 0; i < FRAMES; i++)
    for (int c = 0; c < LANES; c++) {
      const double t = (double) i / RATE;

      if (fmod (t, 0.6) > 0.3)
        for (int h = 1; h < 20; h++)
          key[LANES * i + c] += (float) (volume * 0.05 / (c + 1)
              * sin (2 * G_PI * 150 * h * t + h * h));
    }
}

/* What the detectors should get. */
static void
mix (const float *in, unsigned lanes, float most, float *mono)
{
  for (int i = 0; i < FRAMES; i++) {
    mono[i] = in[LANES * i];
    for (unsigned c = 1; c < lanes; c++)
      mono[i] += in[LANES * i + c];
    mono[i] = CLAMP (mono[i], -most, most);
  }
}

static void
listen (DmixDuckListener *self, unsigned lanes, int at, int loud)
{
  const float *dialogue[LANES], *background[LANES];

  for (unsigned c = 0; c < lanes; c++) {
    dialogue[c] = key + (size_t) LANES * at + c;
    background[c] = bed + (size_t) LANES * at + c;
  }
  dmix_ducklistener_process (self, dialogue, background, lanes, LANES, STEP,
      loud);
}

/* Decisions and band levels are those of detectors that get the sum. */
static void
check (DmixDuckListener *self, unsigned lanes, int loud)
{
  static float mono[2][FRAMES];
  DmixSpeechActivity *speech = dmix_speechactivity_new (RATE);
  DmixSpeechBands *bands = dmix_speechbands_new (RATE);
  int spoke = 0, frames = 0;

  mix (key, lanes, loud ? 16.0f : 1e9f, mono[0]);
  mix (bed, lanes, loud ? 16.0f : 1e9f, mono[1]);
  for (int at = 0; at < FRAMES; at += STEP) {
    const DmixSpeechBandsFrame *frame, *complete;
    DmixSpeechBandsFrame want;
    int is_new = 0;

    listen (self, lanes, at, loud);
    dmix_speechactivity_process (speech, mono[0] + at, mono[1] + at, STEP);
    g_assert_cmpint (dmix_ducklistener_read_opinion (self), ==,
        dmix_speechactivity_is_speech (speech) ? DMIX_ACTIVITY_SPEECH
                                               : DMIX_ACTIVITY_NO_SPEECH);
    spoke += dmix_speechactivity_is_speech (speech);
    for (size_t done = 0; done < STEP;) {
      done += dmix_speechbands_process (bands, mono[0] + at + done,
          mono[1] + at + done, STEP - done, &complete);
      if (complete) {
        want = *complete;
        is_new = 1;
      }
    }
    frame = dmix_ducklistener_read_bands (self);
    g_assert_cmpint (frame != NULL, ==, is_new);
    if (is_new)
      g_assert_cmpmem (frame, sizeof *frame, &want, sizeof want);
    frames += is_new;
    g_assert_null (dmix_ducklistener_read_bands (self));
  }
  g_assert_cmpint (frames, >, 90);
  g_assert_cmpint (spoke, >, 50);
  g_assert_cmpint (spoke, <, FRAMES / STEP - 50);
  dmix_speechactivity_free (speech);
  dmix_speechbands_free (bands);
}

static void
test_sum (void)
{
  for (int loud = 0; loud < 2; loud++)
    for (unsigned lanes = 1; lanes <= LANES; lanes++) {
      DmixDuckListener *self = dmix_ducklistener_new (RATE, STEP);

      make_sound (loud ? 100.0 : 1.0);
      dmix_ducklistener_set_detectors (self, DMIX_DUCK_TRIGGER_SPEECH, 0, 1);
      check (self, lanes, loud);
      /* a reset listener, and one whose detectors were off, equal a new one */
      dmix_ducklistener_reset (self);
      check (self, lanes, loud);
      dmix_ducklistener_set_detectors (self, DMIX_DUCK_TRIGGER_LEVEL, 0, 0);
      listen (self, lanes, 0, loud);
      g_assert_cmpint (dmix_ducklistener_read_opinion (self), ==,
          DMIX_ACTIVITY_UNASKED);
      g_assert_null (dmix_ducklistener_read_bands (self));
      dmix_ducklistener_set_detectors (self, DMIX_DUCK_TRIGGER_SPEECH, 0, 1);
      check (self, lanes, loud);
      dmix_ducklistener_free (self);
    }
}

/* Each detector alone. */
static void
test_detectors (void)
{
  for (int speech = 0; speech < 2; speech++) {
    DmixDuckListener *self = dmix_ducklistener_new (RATE, STEP);
    int frames = 0;

    make_sound (1.0);
    dmix_ducklistener_set_detectors (self,
        speech ? DMIX_DUCK_TRIGGER_SPEECH : DMIX_DUCK_TRIGGER_LEVEL, 0,
        !speech);
    for (int at = 0; at < RATE; at += STEP) {
      listen (self, 2, at, 0);
      frames += dmix_ducklistener_read_bands (self) != NULL;
      g_assert_cmpint (dmix_ducklistener_read_opinion (self)
              == DMIX_ACTIVITY_UNASKED,
          ==, !speech);
    }
    g_assert_cmpint (frames > 0, ==, !speech);
    dmix_ducklistener_free (self);
  }
}

/* Below 1600 Hz both stay off; from there on they work. */
static void
test_low_rate (void)
{
  for (unsigned rate = 1599; rate <= 1600; rate++) {
    DmixDuckListener *self = dmix_ducklistener_new (rate, STEP);
    int frames = 0;

    make_sound (1.0);
    dmix_ducklistener_set_detectors (self, DMIX_DUCK_TRIGGER_SPEECH, 0, 1);
    for (int at = 0; at < RATE; at += STEP) {
      listen (self, 2, at, 0);
      frames += dmix_ducklistener_read_bands (self) != NULL;
    }
    g_assert_cmpint (frames > 0, ==, rate == 1600);
    g_assert_cmpint (dmix_ducklistener_read_opinion (self)
            == DMIX_ACTIVITY_UNASKED,
        ==, rate == 1599);
    dmix_ducklistener_free (self);
  }
}

/* A listener that takes over the state of another, decides like it. */
static void
check_take_over (int learned)
{
  DmixDuckListener *a = dmix_ducklistener_new (RATE, STEP);
  DmixDuckListener *b = dmix_ducklistener_new (RATE, STEP);
  int differs = 0;

  make_sound (1.0);
  dmix_ducklistener_set_detectors (a, DMIX_DUCK_TRIGGER_SPEECH, learned, 0);
  dmix_ducklistener_set_detectors (b, DMIX_DUCK_TRIGGER_SPEECH, learned, 0);
  for (int at = 0; at < RATE; at += STEP)
    listen (a, 2, at, 0);
  differs = learned
      || dmix_ducklistener_read_opinion (a)
          != dmix_ducklistener_read_opinion (b);
  dmix_ducklistener_take_over (b, a);
  for (int at = RATE; at < FRAMES; at += STEP) {
    g_assert_cmpint (dmix_ducklistener_read_opinion (a), ==,
        dmix_ducklistener_read_opinion (b));
    listen (a, 2, at, 0);
    listen (b, 2, at, 0);
  }
  g_assert_cmpint (differs, ==, 1);
  dmix_ducklistener_free (a);
  dmix_ducklistener_free (b);
  dmix_ducklistener_free (NULL);
}

static void
test_take_over (void)
{
  check_take_over (0);
  check_take_over (1);
}

/* The learned detector alone decides where it is wanted; below 16 kHz the
 * statistical one does. */
static void
test_learned (void)
{
  for (unsigned rate = 15999; rate <= 16000; rate++) {
    DmixDuckListener *self = dmix_ducklistener_new (rate, STEP);
    DmixLearnedActivity *learned = dmix_learnedactivity_new (RATE);
    DmixSpeechActivity *speech = dmix_speechactivity_new (rate);
    int differ = 0;

    make_sound (1.0);
    dmix_ducklistener_set_detectors (self, DMIX_DUCK_TRIGGER_SPEECH, 0, 0);
    for (int at = 0; at < 5 * STEP; at += STEP)
      listen (self, 1, at, 0);
    dmix_ducklistener_set_detectors (self, DMIX_DUCK_TRIGGER_SPEECH, 1,
        0); /* begins anew */
    dmix_ducklistener_set_detectors (self, DMIX_DUCK_TRIGGER_SPEECH, 1,
        0); /* goes on */
    if (rate < 16000)
      dmix_ducklistener_reset (self);
    for (int at = 0; at < FRAMES; at += STEP) {
      static float mono[2][FRAMES];
      int by_network, by_statistics;

      if (at == 0) {
        mix (key, 1, 1e9f, mono[0]);
        mix (bed, 1, 1e9f, mono[1]);
      }
      listen (self, 1, at, 0);
      dmix_learnedactivity_process (learned, mono[0] + at, NULL, STEP);
      dmix_speechactivity_process (speech, mono[0] + at, mono[1] + at, STEP);
      by_network = dmix_learnedactivity_is_speech (learned);
      by_statistics = dmix_speechactivity_is_speech (speech);
      differ += by_network != by_statistics;
      g_assert_cmpint (dmix_ducklistener_read_opinion (self), ==,
          (rate < 16000 ? by_statistics : by_network)
              ? DMIX_ACTIVITY_SPEECH
              : DMIX_ACTIVITY_NO_SPEECH);
    }
    g_assert_cmpint (differ, >, 10);
    dmix_ducklistener_free (self);
    dmix_learnedactivity_free (learned);
    dmix_speechactivity_free (speech);
  }
}

/* By flag, a step is speech if one of its frames is; no detector is needed. */
static void
test_flag (void)
{
  DmixDuckListener *self = dmix_ducklistener_new (1000, STEP);

  make_sound (1.0);
  dmix_ducklistener_set_detectors (self, DMIX_DUCK_TRIGGER_FLAG, 0, 0);
  for (int at = 0; at < 8 * STEP; at += STEP) {
    const int speech = at / STEP % 4 == 1 || at / STEP % 4 == 2;

    dmix_ducklistener_set_speech (self, speech);
    listen (self, 1, at, 0);
    dmix_ducklistener_set_speech (self, 0); /* of no frame */
    g_assert_cmpint (dmix_ducklistener_read_opinion (self), ==,
        speech ? DMIX_ACTIVITY_SPEECH : DMIX_ACTIVITY_NO_SPEECH);
  }
  dmix_ducklistener_set_speech (self, 1);
  dmix_ducklistener_reset (self);
  listen (self, 1, 0, 0);
  g_assert_cmpint (dmix_ducklistener_read_opinion (self), ==,
      DMIX_ACTIVITY_NO_SPEECH);
  dmix_ducklistener_set_speech (self, 1);
  dmix_ducklistener_set_detectors (self, DMIX_DUCK_TRIGGER_LEVEL, 0, 0);
  listen (self, 1, 0, 0);
  g_assert_cmpint (dmix_ducklistener_read_opinion (self), ==,
      DMIX_ACTIVITY_UNASKED);
  dmix_ducklistener_free (self);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ducklistener/sum", test_sum);
  g_test_add_func ("/ducklistener/detectors", test_detectors);
  g_test_add_func ("/ducklistener/learned", test_learned);
  g_test_add_func ("/ducklistener/flag", test_flag);
  g_test_add_func ("/ducklistener/low-rate", test_low_rate);
  g_test_add_func ("/ducklistener/take-over", test_take_over);
  return g_test_run ();
}
