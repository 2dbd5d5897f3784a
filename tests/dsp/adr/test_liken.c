/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of liken.h, and what it gives adrline.h: a made voice of which
 * everything is known, in closed form: its sounds, its formants' factor, its room
 * and a slow warp. */
#include "signals.h"

#include "adr/adrline.h"
#include "adr/liken.h"

#define ROWS 1600 /* 8 s */
#define SOUNDS 60
#define BACKGROUND 1e-9f
#define PAUSE(s) ((s) % 12 == 0 || (s) > SOUNDS - 3)
#define TAIL 0.5
#define DECAY_S 0.45
#define KEPT pow (10.0, -6.0 / (DECAY_S * DMIX_MEL_ROWS_PER_S))

typedef struct
{
  double middle, width, loud, formant[2];
} Sound;

typedef struct
{
  Sound sound[SOUNDS];
  double scale, bend; /* of the take: its formants, its warp in rows */
} Text;

static Text
write_text (guint32 seed)
{
  GRand *rand = g_rand_new_with_seed (seed);
  Text text = { .scale = 1.0 };

  for (int s = 0; s < SOUNDS; s++)
    text.sound[s] = (Sound){
      .middle = 25.0 * (s + 1.0) + g_rand_double_range (rand, -5, 5),
      .width = g_rand_double_range (rand, 10, 20),
      .loud =
          PAUSE (s) ? 0.0 : pow (10, g_rand_double_range (rand, -4.4, -3.6)),
      .formant = { g_rand_double_range (rand, 300, 1000),
          g_rand_double_range (rand, 1000, 4000) },
    };
  g_rand_free (rand);
  return text;
}

/* The guide's row that is said at the take's row: a warp of +-bend rows within
 * 3 s, speeds of 1 +- 0.01 bend. */
static double
said_at (const Text *text, double row)
{
  return row - text->bend * sin (2.0 * G_PI * row / 600.0);
}

static float *
speak (const Text *text)
{
  float *power = g_new (float, ROWS *DMIX_MEL_BANDS);

  for (int t = 0; t < ROWS; t++)
    for (int b = 0; b < DMIX_MEL_BANDS; b++) {
      const double hz = dmix_melpower_hz (b + 1) / text->scale;
      double sum = BACKGROUND;

      for (int s = 0; s < SOUNDS; s++) {
        const Sound *sound = &text->sound[s];
        const double away = (said_at (text, t) - sound->middle) / sound->width;

        for (int f = 0; f < 2 && fabs (away) < 1.0; f++)
          sum += sound->loud * pow (0.5 + 0.5 * cos (G_PI * away), 2)
              * pow (10, -6 * fabs (log (hz / sound->formant[f])));
      }
      power[t * DMIX_MEL_BANDS + b] = (float) sum;
    }
  return power;
}

static void
add_room (float *power)
{
  for (int b = 0; b < DMIX_MEL_BANDS; b++) {
    double sum = 0.0;

    for (int t = 0; t < ROWS; t++) {
      float *here = &power[t * DMIX_MEL_BANDS + b];
      const double dry = *here;

      *here += (float) (TAIL * sum);
      sum = KEPT * sum + (1.0 - KEPT) * dry;
    }
  }
}

static DmixLikeness
find (const float *guide, const float *take)
{
  DmixSpeechFeatures *features = dmix_speechfeatures_new (ROWS, ROWS);
  const DmixSpeechInput own = { guide, NULL, ROWS, 0 };
  DmixSpeechInput other = { take, NULL, ROWS, 0 };
  float *work = g_new (float, ROWS *DMIX_LIKEN_WORK);
  double map[ROWS];
  DmixLikeness found = { 0 };
  DmixSpeech a, b;

  for (int i = 0; i < ROWS; i++)
    map[i] = i;
  dmix_speechfeatures_process (features, &own, &other, &a, &b);
  found.scale = dmix_liken_find_scale (&a, &b, map);
  other.same_room = 1;
  dmix_speechfeatures_process (features, &own, &other, &a, &b);
  g_assert_false (a.tail);
  dmix_liken_find_room (&a, &b, map, work, &found);
  dmix_speechfeatures_free (features);
  g_free (work);
  return found;
}

/* The scale, up to 14 % of its way from 1: bringing the mean spectra of both sides
 * together, as the features do, takes a little of it away. None where there is
 * none. */
static void
test_scale (void)
{
  static const double scales[] = { 0.82, 0.9, 1.0, 1.1, 1.22 };

  for (guint32 seed = 1; seed < 4; seed++)
    for (int k = 0; k < 5; k++) {
      Text text = write_text (seed);
      float *guide = speak (&text), *take;
      DmixLikeness found;

      text.scale = scales[k];
      take = speak (&text);
      found = find (guide, take);
      if (scales[k] == 1.0)
        g_assert_cmpfloat (found.scale, ==, 1.0);
      else
        g_assert_cmpfloat_with_epsilon (log (found.scale) / log (scales[k]),
            1.0, 0.14);
      g_assert_cmpfloat (found.tail, ==, 0.0);
      g_free (guide);
      g_free (take);
    }
}

/* The room: the search's steps are factors of 1.4 and 1.5. */
static void
test_room (void)
{
  for (guint32 seed = 1; seed < 4; seed++) {
    Text text = write_text (seed);
    float *guide = speak (&text), *take = speak (&text);
    DmixLikeness found;

    add_room (guide);
    found = find (guide, take);
    g_assert_cmpfloat (found.tail, >, TAIL / 1.5);
    g_assert_cmpfloat (found.tail, <, TAIL * 1.5);
    g_assert_cmpfloat (found.decay_s, >, DECAY_S / 1.5);
    g_assert_cmpfloat (found.decay_s, <, DECAY_S * 1.5);
    g_assert_cmpfloat (found.scale, ==, 1.0);
    g_free (guide);
    g_free (take);
  }
}

/* The likened take is the guide, to the precision of floats (sums of some 100
 * values in add_room() and the code). What is voice stays so; the tail of the
 * voice is, too. */
static void
test_process (void)
{
  Text text = write_text (5);
  float *guide = speak (&text), *take = speak (&text);
  float *voice = g_new (float, ROWS *DMIX_MEL_BANDS);
  float *work = g_new (float, ROWS *DMIX_LIKEN_WORK);
  const DmixLikeness room = { 1.0, TAIL, DECAY_S }, none = { 1.0, 0.0, 0.5 };
  const DmixSpeechInput said = { take, voice, ROWS, 0 };
  DmixSpeechInput alike;

  for (int i = 0; i < ROWS * DMIX_MEL_BANDS; i++)
    voice[i] = 1.0f;
  alike = dmix_liken_process (&none, &said, work);
  g_assert_false (alike.same_room);
  g_assert_cmpmem (alike.power, ROWS * DMIX_MEL_BANDS * sizeof (float), take,
      ROWS * DMIX_MEL_BANDS * sizeof (float));
  add_room (guide);
  alike = dmix_liken_process (&room, &said, work);
  g_assert_true (alike.same_room);
  for (int i = 0; i < ROWS * DMIX_MEL_BANDS; i++) {
    g_assert_cmpfloat_with_epsilon (alike.power[i] / guide[i], 1.0, 1e-4);
    g_assert_cmpfloat_with_epsilon (alike.voice[i], 1.0, 1e-4);
  }
  g_free (guide);
  g_free (take);
  g_free (voice);
  g_free (work);
}

/* 95 % of the frames of sounds lie within this, in rows of the guide. */
static double
error_of (const Text *text, const float *guide, const float *take)
{
  const size_t end = ROWS - 1;
  const int speaks = 1;
  const DmixAdrLineInput input = {
    .guide = { guide, NULL, ROWS, 0 },
    .take = { take, NULL, ROWS, 0 },
    .line_end = &end,
    .line_speaks = &speaks,
    .lines = 1,
    .ends = 1,
  };
  const DmixAdrLineParams params = {
    .max_shift_ms = 1000,
    .max_stretch = 2,
    .strength = 1,
    .min_confidence = 0.5,
  };
  DmixAdrLine *line = dmix_adrline_new (ROWS, ROWS, params.max_shift_ms);
  double map[ROWS], error[ROWS];
  DmixAdrLineInfo info;
  int count = 0;

  dmix_adrline_process (line, &input, &params, map, &info);
  g_assert_true (info.matched);
  for (int s = 0; s < SOUNDS; s++)
    for (int i = -6; i <= 6 && text->sound[s].loud > 0.0; i++) {
      const int at = (int) text->sound[s].middle + i;

      error[count++] = fabs (said_at (text, map[at]) - at);
    }
  for (int i = 1; i < count; i++)
    for (int k = i; k > 0 && error[k] < error[k - 1]; k--) {
      const double swap = error[k];

      error[k] = error[k - 1];
      error[k - 1] = swap;
    }
  dmix_adrline_free (line);
  return error[count * 95 / 100];
}

/* A slow warp of 15 rows is found through another vocal tract and a room. Of the
 * 0.2 rows (1 ms) without them, most is the curve's stiffness; the room's noise is
 * none here, but soft sounds drown in the tails of loud ones. Without likening it is
 * 0.57 to 0.76 rows with the room, 0.21 to 0.25 with the other voice. */
static void
test_map (void)
{
  for (guint32 seed = 11; seed < 14; seed++) {
    Text text = write_text (seed);
    float *dry = speak (&text), *wet = speak (&text);

    add_room (wet);
    text.bend = 15.0;
    for (int other = 0; other < 2; other++) {
      float *take;

      text.scale = other ? 1.17 : 1.0;
      take = speak (&text);
      g_assert_cmpfloat (error_of (&text, dry, take), <, 0.2);
      g_assert_cmpfloat (error_of (&text, wet, take), <, 0.4);
      g_free (take);
    }
    g_free (dry);
    g_free (wet);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/liken/scale", test_scale);
  g_test_add_func ("/liken/room", test_room);
  g_test_add_func ("/liken/process", test_process);
  g_test_add_func ("/liken/map", test_map);
  return g_test_run ();
}
