/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What each property of dmixadr does. */
#include "adr_rig.h"

#include <math.h>
#include <string.h>

#define RATE ADR_RATE
#define MAP "post-map=true "

static gfloat
sample (const AdrOutput *output, guint i)
{
  return g_array_index (output->samples, gfloat, i);
}

static gdouble
second (const AdrOutput *output, guint point)
{
  return g_array_index (output->map, gdouble, point);
}

/* dB of some frames. */
static gdouble
level (const AdrOutput *output, guint first, guint frames)
{
  gdouble sum = 1e-12;

  for (guint i = first; i < first + frames; i++)
    sum += sample (output, i) * sample (output, i) / frames;
  return 10.0 * log10 (sum);
}

/* Puts silence before the take. */
static void
delay_take (AdrPair *p, guint frames)
{
  gfloat *later = g_new0 (gfloat, p->take_frames + frames);

  memcpy (later + frames, p->take, p->take_frames * sizeof *later);
  g_free (p->take);
  p->take = later;
  p->take_frames += frames;
}

/* max-shift: a take that is 3 s late is found within 3 s, and not within
 * 0.5 s, nor as far again. */
GST_START_TEST (test_max_shift)
{
  AdrPair p = adr_pair_new (1, 1.0);
  AdrOutput output;

  delay_take (&p, 3 * RATE);
  output = adr_pair_run (&p, ADR_OFF "max-shift=3000");
  fail_unless_equals_int (output.mismatched, 0);
  fail_unless (
      fabs (adr_number (&output, 0, "offset") / GST_SECOND - 3.0) < 0.005);
  /* the properties are those of the last line with words */
  fail_unless (fabs (output.offset - 3000.0) < 5.0);
  fail_unless (output.confidence > 0.57);
  adr_output_clear (&output);
  output = adr_pair_run (&p, ADR_OFF "max-shift=500");
  fail_unless (output.mismatched > 0 && output.warnings > 0);
  adr_output_clear (&output);
  adr_pair_clear (&p);
}

GST_END_TEST
/* A take beyond max-shift, and as much again, is not matched, however small
 * max-shift is: the warning names the property, and the line is placed within
 * it. 10 ms for rounding to mel frames. */
GST_START_TEST (test_small_max_shift)
{
  static const struct
  {
    guint late_ms;
    gdouble max_shift;
    gboolean matches;
  } cases[] = {
    { 0, 0, TRUE },
    { 30, 20, TRUE },
    { 100, 20, FALSE },
    { 400, 20, FALSE },
    { 400, 250, TRUE },
    { 3000, 200, FALSE },
    { 3000, 2000, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    gchar *settings =
        g_strdup_printf (ADR_OFF "max-shift=%g", cases[i].max_shift);
    AdrPair p = adr_pair_new (1, 1.0);
    AdrOutput output;
    gdouble ms;

    delay_take (&p, cases[i].late_ms * (RATE / 1000));
    output = adr_pair_run (&p, settings);
    ms = adr_number (&output, 0, "offset") / GST_MSECOND;
    fail_unless_equals_int (output.mismatched == 0, cases[i].matches);
    fail_unless_equals_int (output.warnings == 0, cases[i].matches);
    if (cases[i].matches)
      fail_unless (fabs (ms - cases[i].late_ms) < 5.0);
    else
      fail_unless (strstr (output.warning, "raise ")
          && strstr (output.warning, "max-shift"));
    fail_unless (fabs (ms) <= 2 * cases[i].max_shift + 10.0);
    g_free (settings);
    adr_output_clear (&output);
    adr_pair_clear (&p);
  }
}

GST_END_TEST
/* max-stretch: no part of the map is steeper. strength: the whole map, its
 * half, a shift. */
GST_START_TEST (test_stretch)
{
  AdrPair p = adr_pair_new (2, 1.3);
  AdrOutput full = adr_pair_run (&p, ADR_OFF MAP), half, none, limited;

  fail_unless (adr_number (&full, 0, "stretch") > 1.2);
  limited = adr_pair_run (&p, ADR_OFF MAP "max-stretch=1.1 min-confidence=0");
  fail_unless (adr_number (&limited, 0, "stretch") <= 1.1 + 1e-6);
  half = adr_pair_run (&p, ADR_OFF MAP "strength=0.5");
  none = adr_pair_run (&p, ADR_OFF MAP "strength=0");
  fail_unless_equals_float (adr_number (&none, 0, "stretch"), 1.0);
  for (guint i = 1; i < full.map->len; i++) {
    fail_unless (
        fabs (second (&none, i) - second (&none, i - 1) - 0.005) < 1e-6);
    fail_unless (
        fabs (second (&half, i) - 0.5 * (second (&full, i) + second (&none, i)))
        < 1e-6);
  }
  adr_output_clear (&full);
  adr_output_clear (&half);
  adr_output_clear (&none);
  adr_output_clear (&limited);
  adr_pair_clear (&p);
}

GST_END_TEST
/* How often the output goes on elsewhere in the take: pieces of 4 ms are looked
 * for there, 10 ms apart. */
static guint
count_splices (const AdrOutput *output, const AdrPair *p)
{
  const guint piece = RATE / 250;
  gint64 last = 0;
  guint count = 0;

  for (guint i = 0; i + piece < p->guide_frames; i += RATE / 100) {
    const gfloat *here = &g_array_index (output->samples, gfloat, i);

    if (level (output, i, piece) < -60.0)
      continue;
    for (guint k = 0; k + piece < p->take_frames; k++)
      if (here[0] == p->take[k]
          && !memcmp (here, p->take + k, piece * sizeof *here)) {
        count += (gint64) k - i != last;
        last = (gint64) k - i;
        break;
      }
  }
  return count;
}

/* tolerance: the more, the fewer splices. Up to a pitch period (8.3 ms here)
 * it makes little odds in voices, for splices are as long. */
GST_START_TEST (test_tolerance)
{
  AdrPair p = adr_pair_new (3, 1.1);
  AdrOutput close = adr_pair_run (&p, ADR_OFF "tolerance=1");
  AdrOutput loose = adr_pair_run (&p, ADR_OFF "tolerance=20");

  fail_unless (count_splices (&loose, &p) > 0);
  /* also where the map allows none for long, a splice skips a pitch period at
   * least, so that their number is bounded */
  fail_unless (2 * count_splices (&close, &p) > 3 * count_splices (&loose, &p));
  adr_output_clear (&close);
  adr_output_clear (&loose);
  adr_pair_clear (&p);
}

GST_END_TEST
/* Lines follow each other from the guide's start to its end. */
static void
check_lines (const AdrOutput *output)
{
  gdouble at = 0.0;

  for (guint l = 0; l < output->lines->len; l++) {
    fail_unless_equals_float (adr_number (output, l, "index"), l);
    fail_unless_equals_float (adr_number (output, l, "start"), at);
    at = adr_number (output, l, "stop");
    fail_unless_equals_float (adr_number (output, l, "duration"),
        at - adr_number (output, l, "start"));
  }
  fail_unless_equals_uint64 (at,
      gst_util_uint64_scale (output->samples->len, GST_SECOND, RATE));
}

/* line-gap: pauses of 0.35 s end lines, or do not. max-line: no line is
 * longer. */
GST_START_TEST (test_lines)
{
  AdrPair p = adr_pair_new (4, 1.0);
  AdrOutput many = adr_pair_run (&p, ADR_OFF "line-gap=250"),
            one = adr_pair_run (&p, ADR_OFF);
  AdrOutput cut = adr_pair_run (&p, ADR_OFF "max-line=5");

  check_lines (&many);
  check_lines (&one);
  check_lines (&cut);
  fail_unless_equals_int (one.lines->len, 1);
  fail_unless (many.lines->len > 2);
  fail_unless (cut.lines->len >= 2);
  for (guint l = 0; l < cut.lines->len; l++)
    fail_unless (adr_number (&cut, l, "duration") <= 5.0 * GST_SECOND);
  adr_output_clear (&many);
  adr_output_clear (&one);
  adr_output_clear (&cut);
  adr_pair_clear (&p);
}

GST_END_TEST
/* protect: the take's own speed in there. sync-points: that moment goes there,
 * within a frame and the smoothing. */
GST_START_TEST (test_marks)
{
  AdrPair p = adr_pair_new (5, 1.2);
  AdrOutput output = adr_pair_run (&p, ADR_OFF MAP "protect=1-2,4-4.5");

  for (guint i = 1; i < output.map->len; i++)
    if ((i > 200 && i < 400) || (i > 800 && i < 900))
      fail_unless (
          fabs (second (&output, i) - second (&output, i - 1) - 0.005) < 1e-4);
  adr_output_clear (&output);
  adr_pair_clear (&p);
  p = adr_pair_new (5, 1.0);
  output = adr_pair_run (&p, ADR_OFF MAP "sync-points=1:1.05");
  fail_unless (fabs (second (&output, 200) - 1.05) < 0.02);
  adr_output_clear (&output);
  adr_pair_clear (&p);
}

GST_END_TEST
/* match-level: 0.3 LU of the 9 dB that the take lacks; not if it is not
 * wanted. */
GST_START_TEST (test_match_level)
{
  AdrPair p = adr_pair_new (6, 1.0);
  AdrOutput output;

  for (guint i = 0; i < p.take_frames; i++)
    p.take[i] *= 0.35481339f;
  output = adr_pair_run (&p, "match-eq=0");
  fail_unless (fabs (adr_number (&output, 0, "gain") - 9.0) < 0.3);
  for (guint i = RATE; i < p.guide_frames; i++)
    fail_unless (fabsf (sample (&output, i) - p.guide[i])
        <= 0.035f * fabsf (p.guide[i]) + 1e-6f); /* 0.3 dB */
  adr_output_clear (&output);
  output = adr_pair_run (&p, ADR_OFF);
  fail_unless_equals_float (adr_number (&output, 0, "gain"), 0.0);
  fail_unless (
      !memcmp (output.samples->data, p.take, p.guide_frames * sizeof (gfloat)));
  adr_output_clear (&output);
  adr_pair_clear (&p);
}

GST_END_TEST
/* Energy of the differences between neighbours to that of the sound, dB: how
 * bright it is. */
static gdouble
brightness (const gfloat *x, guint frames)
{
  gdouble sum = 0.0, high = 0.0;

  for (guint i = 1; i < frames; i++) {
    sum += x[i] * x[i];
    high += (x[i] - x[i - 1]) * (x[i] - x[i - 1]);
  }
  return 10.0 * log10 (high / sum);
}

/* match-eq: a take that is too bright gets the guide's colour, by parts;
 * eq-limit=0 leaves it alone. */
GST_START_TEST (test_match_eq)
{
  AdrPair p = adr_pair_new (7, 1.0);
  const gchar *settings[] = {
    "match-level=false match-eq=0",
    "match-level=false match-eq=0.5",
    "match-level=false match-eq=1",
    "match-level=false match-eq=1 eq-limit=0",
  };
  gdouble bright[4], guide;

  guide = brightness (p.guide, p.guide_frames);
  for (guint i = p.take_frames - 1; i > 0; i--)
    p.take[i] -= 0.7f * p.take[i - 1];
  for (guint s = 0; s < 4; s++) {
    AdrOutput output = adr_pair_run (&p, settings[s]);

    fail_unless_equals_int (output.mismatched, 0);
    bright[s] = brightness ((gfloat *) output.samples->data, p.guide_frames);
    adr_output_clear (&output);
  }
  fail_unless (bright[0] > guide + 4.0);
  fail_unless (fabs (bright[1] - 0.5 * (bright[0] + bright[2])) < 1.0);
  fail_unless (fabs (bright[2] - guide) < 0.5);
  fail_unless (fabs (bright[3] - bright[0]) < 0.05);
  adr_pair_clear (&p);
}

GST_END_TEST
/* room-tone and room-tone-gain: none, in the pauses, always; 0.35 s of noise
 * have their level to 1 dB. */
GST_START_TEST (test_room_tone)
{
  AdrPair p = adr_pair_new (8, 1.0);
  const guint quiet = RATE / 10, length = RATE / 5; /* the first pause */
  GRand *rand = g_rand_new_with_seed (8);
  AdrOutput off, gaps, full, soft;

  for (guint i = 0; i < p.guide_frames; i++)
    p.guide[i] += g_rand_double_range (rand, -0.003, 0.003);
  off = adr_pair_run (&p, ADR_OFF);
  gaps = adr_pair_run (&p, ADR_OFF "room-tone=gaps");
  full = adr_pair_run (&p, ADR_OFF "room-tone=full");
  soft = adr_pair_run (&p, ADR_OFF "room-tone=full room-tone-gain=-12");
  fail_unless (off.mismatched + gaps.mismatched + full.mismatched == 0);
  fail_unless (off.gaps > 0 && full.gaps == 0);
  fail_unless (level (&off, quiet, length) < -100.0);
  /* uniform noise: 0.003 / sqrt (3) */
  fail_unless (fabs (level (&gaps, quiet, length) + 55.2) < 1.5);
  fail_unless (fabs (level (&full, quiet, length) + 55.2) < 1.5);
  fail_unless (
      fabs (level (&soft, quiet, length) - level (&full, quiet, length) + 12.0)
      < 0.01);
  for (guint i = 0; i < p.guide_frames; i++) {
    const gdouble tone = sample (&full, i) - sample (&off, i);

    fail_unless (
        fabs (sample (&soft, i) - sample (&off, i) - 0.2511886 * tone) < 1e-5);
  }
  adr_output_clear (&off);
  adr_output_clear (&gaps);
  adr_output_clear (&full);
  adr_output_clear (&soft);
  g_rand_free (rand);
  adr_pair_clear (&p);
}

GST_END_TEST
/* min-confidence: nothing is sure enough for 1, everything for 0. */
GST_START_TEST (test_min_confidence)
{
  AdrPair p = adr_pair_new (9, 1.0), other = adr_pair_new (10, 1.0);
  AdrOutput output = adr_pair_run (&p, ADR_OFF "min-confidence=1");

  fail_unless (output.mismatched == 1 && output.warnings == 1);
  adr_output_clear (&output);
  g_free (p.take);
  p.take = g_steal_pointer (&other.take);
  p.take_frames = other.take_frames;
  output = adr_pair_run (&p, ADR_OFF);
  fail_unless (output.mismatched == 1 && output.warnings == 1);
  adr_output_clear (&output);
  output = adr_pair_run (&p, ADR_OFF "min-confidence=0");
  fail_unless (output.mismatched == 0 && output.warnings == 0);
  adr_output_clear (&output);
  adr_pair_clear (&p);
  adr_pair_clear (&other);
}

GST_END_TEST static Suite *
dmixadr_settings_suite (void)
{
  Suite *suite = suite_create ("dmixadr_settings");
  TCase *tc = tcase_create ("settings");

  suite_add_tcase (suite, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_test (tc, test_max_shift);
  tcase_add_test (tc, test_small_max_shift);
  tcase_add_test (tc, test_stretch);
  tcase_add_test (tc, test_tolerance);
  tcase_add_test (tc, test_lines);
  tcase_add_test (tc, test_marks);
  tcase_add_test (tc, test_match_level);
  tcase_add_test (tc, test_match_eq);
  tcase_add_test (tc, test_room_tone);
  tcase_add_test (tc, test_min_confidence);
  return suite;
}

GST_CHECK_MAIN (dmixadr_settings)
