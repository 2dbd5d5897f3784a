/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of voice.h, on synthetic sounds; tests/quality uses recordings. */
#include "voices.h"

#include "speech/learnedactivity.h"
#include "speech/voice.h"
#include "speech/voicefeatures.h"
#include "speech/voicemodel.h"

#define RATE 48000
#define SECONDS 9
#define STEPS (SECONDS * 100)

static const DmixVoicePlace surround[6] = { DMIX_VOICE_LEFT, DMIX_VOICE_RIGHT,
  DMIX_VOICE_CENTRE, DMIX_VOICE_BESIDE, DMIX_VOICE_BESIDE, DMIX_VOICE_BESIDE };

typedef struct
{
  double latest[STEPS], settled[STEPS], network[STEPS];
} Course;

/* in: interleaved; split: most frames that are added at once. */
static void
run (DmixVoice *voice, const float *in, unsigned channels, unsigned rate,
    size_t split, Course *course)
{
  const size_t hop = rate / 100;

  for (size_t s = 0; s < STEPS; s++) {
    for (size_t done = 0; done < hop; done += MIN (split, hop - done))
      dmix_voice_add (voice, in + (s * hop + done) * channels,
          MIN (split, hop - done));
    dmix_voice_step (voice);
    course->latest[s] = dmix_voice_get_latest (voice);
    course->settled[s] = dmix_voice_get_settled (voice);
    course->network[s] = dmix_voice_get_network (voice);
  }
}

static void
course_by (DmixVoiceDetector detector, const float *in, unsigned channels,
    unsigned rate, const DmixVoicePlace *place, Course *course)
{
  const DmixFormat format = { rate, channels };
  DmixVoice *voice = dmix_voice_new (&format, place);

  dmix_voice_set_detector (voice, detector);
  run (voice, in, channels, rate, 4800, course);
  dmix_voice_free (voice);
}

static void
course_of (const float *in, unsigned channels, unsigned rate,
    const DmixVoicePlace *place, Course *course)
{
  course_by (DMIX_VOICE_STATISTICAL, in, channels, rate, place, course);
}

/* Speech from 2 to 5 and from 7 to 9 s over a hiss. */
static float *
programme (unsigned rate)
{
  float *out = g_new (float, SECONDS *rate);

  fill_noise (out, SECONDS * rate, 0.003 * sqrt (rate / 48000.0), 1);
  add_speech (out, 2 * rate, 3, rate, 1);
  add_speech (out, 7 * rate, 2, rate, 1);
  return out;
}

static double
mean (const double *value, double from_s, double to_s)
{
  const int first = (int) (from_s * 100), end = (int) (to_s * 100);
  double sum = 0;

  for (int i = first; i < end; i++)
    sum += value[i];
  return sum / (end - first);
}

/* The latest answer is cautious: its odds lie lower by a constant, for which a
 * probability of .5 still is the best border. */
static void
assert_found (const Course *course)
{
  const double late = DMIX_VOICE_DELAY / 100.0;

  g_assert_cmpfloat (mean (course->latest, 0, 2), <, 0.2);
  g_assert_cmpfloat (mean (course->latest, 2.15, 5), >, 0.7);
  g_assert_cmpfloat (mean (course->latest, 5.4, 7), <, 0.2);
  g_assert_cmpfloat (mean (course->latest, 7.15, 9), >, 0.7);
  g_assert_cmpfloat (mean (course->settled, 0, 2 + late - 0.1), <, 0.2);
  g_assert_cmpfloat (mean (course->settled, 2.1 + late, 4.9 + late), >, 0.8);
  g_assert_cmpfloat (mean (course->settled, 5.2 + late, 6.9 + late), <, 0.2);
}

/* At any rate that has the bands of speech, both answers are right, and the
 * settled one is late by the delay that it promises. */
static void
test_speech (void)
{
  const unsigned rates[] = { 16000, 44100, 48000, 96000, 192000 };
  Course course;

  for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
    float *in = programme (rates[r]);

    course_of (in, 1, rates[r], NULL, &course);
    assert_found (&course);
    course_by (DMIX_VOICE_LEARNED, in, 1, rates[r], NULL, &course);
    assert_found (&course);
    g_free (in);
  }
}

/* Silence, hiss, hum and a held chord are no speech. */
static void
test_other_sounds (void)
{
  float *in = g_new0 (float, SECONDS *RATE);
  Course course;

  for (int kind = 0; kind < 4; kind++) {
    if (kind == 1)
      fill_noise (in, SECONDS * RATE, 0.1, 1);
    if (kind == 2)
      fill_sine (in, SECONDS * RATE, 1, 50, RATE, 0.3);
    if (kind == 3)
      for (size_t i = 0; i < SECONDS * RATE; i++)
        in[i] = (float) (0.1
            * (sin (0.0288 * i) + sin (0.0363 * i) + sin (0.0432 * i)));
    for (int d = DMIX_VOICE_STATISTICAL; d <= DMIX_VOICE_LEARNED; d++) {
      course_by ((DmixVoiceDetector) d, in, 1, RATE, NULL, &course);
      g_assert_cmpfloat (mean (course.latest, 0.5, SECONDS), <, 0.2);
      g_assert_cmpfloat (mean (course.settled, 0.5, SECONDS), <, 0.2);
    }
  }
  g_free (in);
}

/* Dialogue in the centre of a film, with other noise in all loudspeakers. The
 * surround and LFE channels play no part. */
static void
test_surround (void)
{
  float *mono = programme (RATE), *in = g_new0 (float, 6 * SECONDS * RATE);
  float *noise = g_new (float, 6 * SECONDS * RATE);
  Course course, quiet;

  fill_noise (noise, 6 * SECONDS * RATE, 0.003, 2);
  for (size_t i = 0; i < SECONDS * RATE; i++) {
    for (unsigned c = 0; c < 6; c++)
      in[6 * i + c] = noise[6 * i + c];
    in[6 * i + 2] = mono[i];
  }
  course_of (in, 6, RATE, surround, &course);
  assert_found (&course);
  for (size_t i = 0; i < SECONDS * RATE; i++)
    in[6 * i + 3] = in[6 * i + 4] = in[6 * i + 5] = 0;
  course_of (in, 6, RATE, surround, &quiet);
  g_assert_cmpmem (&course, sizeof course, &quiet, sizeof quiet);
  g_free (mono);
  g_free (noise);
  g_free (in);
}

/* With a silent centre, left and right are a stereo programme: the same bits. */
static void
test_silent_centre (void)
{
  float *mono = programme (RATE), *in = g_new0 (float, 6 * SECONDS * RATE);
  float *stereo = g_new (float, 2 * SECONDS * RATE);
  Course six, two;

  for (size_t i = 0; i < SECONDS * RATE; i++) {
    stereo[2 * i] = in[6 * i] = mono[i];
    stereo[2 * i + 1] = in[6 * i + 1] = 0.5f * mono[i];
  }
  course_of (in, 6, RATE, surround, &six);
  course_of (stereo, 2, RATE, NULL, &two);
  assert_found (&two);
  g_assert_cmpmem (&six, sizeof six, &two, sizeof two);
  g_free (mono);
  g_free (stereo);
  g_free (in);
}

/* A centre that pauses for less than 10 s stays the mid: a voice in left and
 * right alone is not heard then. */
static void
test_pausing_centre (void)
{
  float *mono = programme (RATE), *in = g_new0 (float, 6 * SECONDS * RATE);
  Course course;

  for (size_t i = 0; i < SECONDS * RATE; i++)
    if (i < 5 * RATE)
      in[6 * i + 2] = mono[i];
    else
      in[6 * i] = in[6 * i + 1] = mono[i];
  course_of (in, 6, RATE, surround, &course);
  g_assert_cmpfloat (mean (course.latest, 2.15, 5), >, 0.7);
  g_assert_cmpfloat (mean (course.latest, 5.5, 9), <, 0.2);
  g_free (mono);
  g_free (in);
}

static double
with_slack (double p, double slack)
{
  return 1 / (1 + exp (-log (p / (1 - p)) - slack));
}

/* The answers are those of the model for the features of mid and side; learned,
 * with the odds that the network gives to the same mid and side and 1 more, as far as
 * the statistical odds allow: 3 more than those of the latest step, and 2.5. */
static void
test_parts (void)
{
  float *mono = programme (RATE), *in = g_new (float, 2 * SECONDS * RATE);
  DmixVoiceFeatures *features = dmix_voicefeatures_new (RATE);
  DmixLearnedActivity *network = dmix_learnedactivity_new (RATE);
  DmixVoiceModel *model[] = { dmix_voicemodel_new (&dmix_voice_statistical),
    dmix_voicemodel_new (&dmix_voice_learned) };
  Course plain, learned;
  guint limited = 0;

  fill_noise (in, 2 * SECONDS * RATE, 0.05, 5);
  for (size_t i = 0; i < 2 * SECONDS * RATE; i++)
    in[i] += mono[i / 2];
  course_of (in, 2, RATE, NULL, &plain);
  course_by (DMIX_VOICE_LEARNED, in, 2, RATE, NULL, &learned);
  for (size_t s = 0; s < STEPS; s++) {
    float mid[480], side[480], feature[DMIX_VOICEFEATURES];
    double latest[2], settled[2], p;

    for (size_t i = 0; i < 480; i++) {
      const float *frame = in + 2 * (s * 480 + i);

      mid[i] = 0.5f * (frame[0] + frame[1]);
      side[i] = 0.5f * (frame[0] - frame[1]);
    }
    dmix_voicefeatures_step (features, mid, side, 480, feature);
    dmix_learnedactivity_process (network, mid, side, 480);
    p = dmix_learnedactivity_get_probability (network);
    dmix_voicemodel_step (model[0], feature, 0, &latest[0], &settled[0]);
    dmix_voicemodel_step (model[1], feature, log (p / (1 - p)) + 1, &latest[1],
        &settled[1]);
    g_assert_cmpfloat (plain.latest[s], ==, latest[0]);
    g_assert_cmpfloat (plain.settled[s], ==, settled[0]);
    g_assert_cmpfloat (plain.network[s], ==, -1);
    g_assert_cmpfloat (learned.network[s], ==, p);
    limited += with_slack (settled[0], 2.5) < settled[1];
    g_assert_cmpfloat_with_epsilon (learned.latest[s],
        MIN (latest[1], with_slack (latest[0], 3)), 1e-12);
    g_assert_cmpfloat_with_epsilon (learned.settled[s],
        MIN (settled[1], with_slack (settled[0], 2.5)), 1e-12);
  }
  g_assert_cmpuint (limited, >, 0);
  g_assert_cmpuint (limited, <, STEPS);
  dmix_voicefeatures_free (features);
  dmix_learnedactivity_free (network);
  dmix_voicemodel_free (model[0]);
  dmix_voicemodel_free (model[1]);
  g_free (mono);
  g_free (in);
}

/* A detector that is switched on begins with the network as new; below its
 * lowest rate there is no network, and both give the same bits. */
static void
test_switch (void)
{
  const DmixFormat format = { RATE, 1 };
  DmixVoice *voice = dmix_voice_new (&format, NULL);
  float *in = programme (RATE), *slow = programme (8000);
  Course one, two, three;

  dmix_voice_set_detector (voice, DMIX_VOICE_LEARNED);
  run (voice, in, 1, RATE, 480, &one);
  dmix_voice_set_detector (voice, DMIX_VOICE_STATISTICAL);
  run (voice, in, 1, RATE, 480, &two);
  dmix_voice_reset (voice);
  run (voice, in, 1, RATE, 480, &two);
  course_of (in, 1, RATE, NULL, &three);
  g_assert_cmpmem (&two, sizeof two, &three, sizeof three);
  dmix_voice_reset (voice);
  dmix_voice_set_detector (voice, DMIX_VOICE_LEARNED);
  run (voice, in, 1, RATE, 480, &two);
  g_assert_cmpmem (&two, sizeof two, &one, sizeof one);
  run (voice, in, 1, RATE, 480, &three);
  dmix_voice_reset (voice);
  run (voice, in, 1, RATE, 480, &two);
  dmix_voice_set_detector (voice, DMIX_VOICE_LEARNED); /* it is: nothing ends */
  run (voice, in, 1, RATE, 480, &two);
  g_assert_cmpmem (&two, sizeof two, &three, sizeof three);
  course_of (slow, 1, 8000, NULL, &one);
  course_by (DMIX_VOICE_LEARNED, slow, 1, 8000, NULL, &two);
  g_assert_cmpmem (&two, sizeof two, &one, sizeof one);
  dmix_voice_free (voice);
  g_free (in);
  g_free (slow);
}

/* The network alone says what it says beside the statistics, and what it did without
 * begins as new. */
static void
test_network (void)
{
  static const double none[STEPS];
  const DmixFormat format = { RATE, 1 };
  DmixVoice *voice = dmix_voice_new (&format, NULL);
  float *in = programme (RATE), *slow = programme (8000);
  Course joined, alone, again;

  course_by (DMIX_VOICE_LEARNED, in, 1, RATE, NULL, &joined);
  dmix_voice_set_detector (voice, DMIX_VOICE_LEARNED);
  run (voice, in, 1, RATE, 480, &again);
  dmix_voice_reset (voice);
  dmix_voice_set_detector (voice, DMIX_VOICE_NETWORK);
  run (voice, in, 1, RATE, 480, &alone);
  g_assert_cmpmem (alone.network, sizeof none, joined.network, sizeof none);
  g_assert_cmpmem (alone.latest, sizeof none, none, sizeof none);
  g_assert_cmpmem (alone.settled, sizeof none, none, sizeof none);

  dmix_voice_set_detector (voice, DMIX_VOICE_STATISTICAL);
  run (voice, in, 1, RATE, 480, &again);
  course_of (in, 1, RATE, NULL, &joined);
  g_assert_cmpmem (&again, sizeof again, &joined, sizeof joined);

  course_of (slow, 1, 8000, NULL, &joined);
  course_by (DMIX_VOICE_NETWORK, slow, 1, 8000, NULL, &again);
  g_assert_cmpmem (&again, sizeof again, &joined, sizeof joined);
  dmix_voice_free (voice);
  g_free (in);
  g_free (slow);
}

/* Any split of a step, and a reset, give the same bits. */
static void
test_split (void)
{
  const DmixFormat format = { RATE, 2 };
  DmixVoice *voice = dmix_voice_new (&format, NULL);
  float *in = g_new (float, 2 * SECONDS * RATE);
  Course whole, parts;

  dmix_voice_set_detector (voice, DMIX_VOICE_LEARNED);
  fill_noise (in, 2 * SECONDS * RATE, 0.01, 1);
  run (voice, in, 2, RATE, 480, &whole);
  dmix_voice_reset (voice);
  run (voice, in, 2, RATE, 7, &parts);
  g_assert_cmpmem (&whole, sizeof whole, &parts, sizeof parts);
  dmix_voice_free (voice);
  g_free (in);
}

/* A step without sound is a step of silence. More than fits is dropped. */
static void
test_short_steps (void)
{
  const DmixFormat format = { RATE, 1 };
  DmixVoice *one = dmix_voice_new (&format, NULL);
  DmixVoice *two = dmix_voice_new (&format, NULL);
  float *in = programme (RATE), silence[480] = { 0 };

  for (size_t s = 0; s < 300; s++) {
    dmix_voice_add (one, in + s * 480, 480);
    dmix_voice_add (two, in + s * 480, 480);
    dmix_voice_step (one);
    dmix_voice_step (two);
  }
  for (size_t s = 0; s < 20; s++) {
    dmix_voice_step (one);
    dmix_voice_add (two, silence, 480);
    dmix_voice_step (two);
    g_assert_cmpfloat (dmix_voice_get_settled (one), ==,
        dmix_voice_get_settled (two));
  }
  dmix_voice_add (one, in, RATE);
  dmix_voice_step (one);
  g_assert_true (isfinite (dmix_voice_get_latest (one)));
  dmix_voice_free (one);
  dmix_voice_free (two);
  g_free (in);
}

static void
test_limits (void)
{
  const DmixFormat low = { DMIX_VOICE_MIN_RATE_HZ - 1, 1 }, bad = { RATE, 0 };
  const DmixFormat many = { RATE, 4 };
  DmixVoice *voice = dmix_voice_new (&low, NULL);
  float *in = programme (RATE), *four = g_new (float, 4 * SECONDS * RATE);
  Course course;

  g_assert_null (dmix_voice_new (&bad, NULL));
  for (int s = 0; s < 50; s++) {
    dmix_voice_add (voice, in + 16 * s, 15);
    dmix_voice_step (voice);
    g_assert_cmpfloat (dmix_voice_get_latest (voice), ==, 0);
    g_assert_cmpfloat (dmix_voice_get_settled (voice), ==, 0);
  }
  dmix_voice_free (voice);
  for (size_t i = 0; i < 4 * SECONDS * RATE; i++)
    four[i] = in[i / 4];
  course_of (four, many.channels, RATE, NULL, &course); /* no positions */
  assert_found (&course);
  g_free (in);
  g_free (four);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/voice/speech", test_speech);
  g_test_add_func ("/voice/other-sounds", test_other_sounds);
  g_test_add_func ("/voice/surround", test_surround);
  g_test_add_func ("/voice/silent-centre", test_silent_centre);
  g_test_add_func ("/voice/pausing-centre", test_pausing_centre);
  g_test_add_func ("/voice/parts", test_parts);
  g_test_add_func ("/voice/switch", test_switch);
  g_test_add_func ("/voice/network", test_network);
  g_test_add_func ("/voice/split", test_split);
  g_test_add_func ("/voice/short-steps", test_short_steps);
  g_test_add_func ("/voice/limits", test_limits);
  return g_test_run ();
}
