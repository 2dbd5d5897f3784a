/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of mapscore.h. */
#include "melrig.h"

#include "adr/mapscore.h"

/* Guide and take are the same speech; `map` is the identity. */
typedef struct
{
  MelSpeech speech;
  DmixSpeechFeatures *features;
  DmixSpeech guide, take;
  double *map, *work;
  float *take_rows;
  size_t rows;
} Line;

static Line
line_new (guint32 seed)
{
  Line line = { .speech = mel_speak (seed, NULL, NULL) };
  const DmixSpeechInput input = { line.speech.power, NULL, line.speech.rows };

  line.rows = line.speech.rows;
  line.features = dmix_speechfeatures_new (line.rows, line.rows);
  dmix_speechfeatures_process (line.features, &input, &input, &line.guide,
      &line.take);
  line.map = g_new (double, line.rows);
  line.take_rows = g_new (float, line.rows *DMIX_MEL_BANDS);
  line.work = g_new (double, line.rows / DMIX_MAPSCORE_STEP + 1);
  for (size_t i = 0; i < line.rows; i++)
    line.map[i] = (double) i;
  return line;
}

static void
line_free (Line *line)
{
  dmix_speechfeatures_free (line->features);
  g_free (line->speech.power);
  g_free (line->map);
  g_free (line->work);
  g_free (line->take_rows);
}

static DmixMapInfo
process (Line *line, int bridge)
{
  return dmix_mapscore_process (&line->guide, &line->take, 0, line->rows,
      bridge, line->take_rows, line->work, line->map);
}

/* The right map has a fit of 1, which no other place has, and stays as it is. */
static void
test_right (void)
{
  Line line = line_new (1);
  DmixMapInfo info = process (&line, 1);

  for (size_t m = 0; m < line.rows; m += DMIX_MAPSCORE_STEP) {
    const DmixMapScore score = dmix_mapscore_measure (&line.guide, &line.take,
        line.map, 0, line.rows, m);

    if (score.speech < 0.1)
      continue;
    g_assert_cmpfloat_with_epsilon (score.fit, 1.0, 1e-6);
    g_assert_cmpfloat (score.rival, <, 0.9);
  }
  g_assert_cmpfloat (info.certainty, >, 0.97);
  g_assert_cmpuint (info.bridged, ==, 0);
  for (size_t i = 0; i < line.rows; i++)
    g_assert_cmpfloat (line.map[i], ==, (double) i);
  line_free (&line);
}

/* A stretch 0.15 s off is found, to half a window of 0.6 s and a step, and the
 * bridge puts it back; without `bridge` the map stays. */
static void
test_wrong_stretch (void)
{
  const size_t from = 500, to = 640;

  for (int bridge = 0; bridge <= 1; bridge++) {
    Line line = line_new (2);
    DmixMapInfo info;
    double off = 0;

    for (size_t i = from; i < to; i++)
      line.map[i] += 30;
    info = process (&line, bridge);
    g_assert_cmpfloat (info.certainty, <, 0.5);
    g_assert_cmpuint (info.first, >=, from - 80);
    g_assert_cmpuint (info.end, <=, to + 80);
    g_assert_cmpuint (info.end, >, info.first);
    for (size_t i = 0; i < line.rows; i++)
      off = MAX (off, fabs (line.map[i] - (double) i));
    if (bridge) {
      g_assert_cmpfloat (off, <, 1e-6);
      g_assert_cmpuint (info.bridged, >=, to - from);
      g_assert_cmpuint (info.bridged, <, to - from + 120);
    } else {
      g_assert_cmpfloat (off, ==, 30.0);
      g_assert_cmpuint (info.bridged, ==, 0);
    }
    line_free (&line);
  }
}

/* The least certainty of a line is that of its windows, each measured alone, also
 * in the middle of a longer recording and where the map leaps. */
static void
test_windows (void)
{
  Line line = line_new (4);
  const size_t first = 117, end = line.rows - 43;
  double least = 1.0;

  for (size_t i = 600; i < line.rows; i++)
    line.map[i] += i < 660 ? 24.0 : i < 900 ? 300.0 : -3000.0;
  for (size_t m = first + DMIX_MAPSCORE_STEP / 2; m < end;
       m += DMIX_MAPSCORE_STEP) {
    const DmixMapScore score = dmix_mapscore_measure (&line.guide, &line.take,
        line.map, first, end, m);
    const double certainty = dmix_mapscore_get_certainty (&score);

    if (certainty >= 0.0
        && m - DMIX_MAPSCORE_STEP / 2 + DMIX_MAPSCORE_STEP <= end)
      least = MIN (least, certainty);
  }
  g_assert_cmpfloat (least, <, 0.5);
  g_assert_cmpfloat_with_epsilon (dmix_mapscore_process (&line.guide,
                                      &line.take, first, end, 0, line.take_rows,
                                      line.work, line.map)
                                      .certainty,
      least, 1e-9);
  line_free (&line);
}

/* Certainty rises with the fit and with its lead over the best rival; at the
 * fitted weights a fit of 0.5 without any lead is right in 94 of 100. */
static void
test_certainty (void)
{
  const DmixMapScore none = { 1.0, 0.0, 0.05 }, some = { 0.5, 0.5, 1.0 };
  double last = -1.0;

  g_assert_cmpfloat (dmix_mapscore_get_certainty (&none), <, 0.0);
  g_assert_cmpfloat_with_epsilon (dmix_mapscore_get_certainty (&some),
      1 / (1 + exp (-(3.4 * 0.5 + 1.06))), 1e-9);
  for (double fit = -1.0; fit <= 1.0; fit += 0.1) {
    const DmixMapScore score = { fit, 0.0, 1.0 }, led = { fit, 0.5, 1.0 };
    const double certainty = dmix_mapscore_get_certainty (&score);

    g_assert_cmpfloat (certainty, >, last);
    g_assert_cmpfloat (certainty, >, dmix_mapscore_get_certainty (&led));
    last = certainty;
  }
}

/* A line without speech has nothing to place; one that is shorter than a window
 * step has no window. */
static void
test_nothing (void)
{
  Line line = line_new (3);
  DmixMapInfo info;

  info = dmix_mapscore_process (&line.guide, &line.take, 7, 7 + 5, 1,
      line.take_rows, line.work, line.map);
  g_assert_cmpfloat (info.certainty, ==, 1.0);
  g_assert_cmpuint (info.first, ==, 7);
  g_assert_cmpuint (info.end, ==, 7);
  line.guide.frames = line.take.frames = line.rows;
  memset ((float *) line.guide.level_db, 0, line.rows * sizeof (float));
  memset ((float *) line.take.level_db, 0, line.rows * sizeof (float));
  info = process (&line, 1);
  g_assert_cmpfloat (info.certainty, ==, 1.0);
  g_assert_cmpuint (info.bridged, ==, 0);
  line_free (&line);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mapscore/right", test_right);
  g_test_add_func ("/mapscore/wrong-stretch", test_wrong_stretch);
  g_test_add_func ("/mapscore/windows", test_windows);
  g_test_add_func ("/mapscore/certainty", test_certainty);
  g_test_add_func ("/mapscore/nothing", test_nothing);
  return g_test_run ();
}
