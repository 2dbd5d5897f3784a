/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* A reel of more than 10 minutes whose take comes from a recorder with a clock of
 * its own, +-200 ppm away: no line is lost, the timing of the lines is as good as
 * without drift, and lines that are only shifted follow the clock, too. */
#include "speechrig.h"

#include "adr/adr.h"

#define RATE 8000
#define LINES 32
#define GAP_S 13.0
#define LENGTH_S (LINES * 24)

typedef struct
{
  float *sound;
  size_t frames;
  guint lines;
  double first_s[LINES];
  double start_s[LINES][RIG_SYLLABLES + 1];
} Reel;

/* Texts with pauses between. The clock is slow by ppm, so that all is later
 * and longer; each line up to jitter_s earlier or later. From line `other` on the
 * texts are others. */
static Reel *
record (guint lines, double ppm, double voice_hz, double jitter_s, guint other)
{
  const double slow = 1.0 + 1e-6 * ppm;
  Reel *reel = g_new0 (Reel, 1);
  GRand *rand = g_rand_new_with_seed (5);
  double at = 1.0, tempo[RIG_SYLLABLES];

  reel->sound = g_new0 (float, LENGTH_S *RATE);
  for (int s = 0; s < RIG_SYLLABLES; s++)
    tempo[s] = slow;
  reel->lines = lines;
  for (guint k = 0; k < lines; k++) {
    const RigText own = rig_text (300 + k);
    const RigText text = rig_text (k < other ? 300 + k : 900 + k);
    const double late = jitter_s * g_rand_double_range (rand, -1.0, 1.0);
    const size_t first = (size_t) ((at + late) * slow * RATE);
    size_t frames;
    float *said =
        rig_speak (&text, tempo, voice_hz, RATE, reel->start_s[k], &frames);

    reel->first_s[k] = (double) first / RATE;
    g_assert_cmpuint (first + frames, <, LENGTH_S * RATE);
    memcpy (reel->sound + first, said, frames * sizeof (float));
    reel->frames = first + frames;
    g_free (said);
    at += GAP_S;
    for (int s = 0; s < RIG_SYLLABLES; s++)
      at += own.length_s[s];
  }
  g_rand_free (rand);
  reel->frames += RATE;
  return reel;
}

static void
reel_free (Reel *reel)
{
  g_free (reel->sound);
  g_free (reel);
}

typedef struct
{
  double *second; /* the map, each 5 ms */
  size_t points;
  guint spoken, wrong;
  double drift_ppm;
  guint placed; /* lines that do not match, with a confidence below 0.1 */
  double placed_s[2 * LINES], placed_at_s[2 * LINES];
} Result;

static void
feed (DmixAdr *adr, DmixAdrSide side, const Reel *reel, size_t *at)
{
  while (dmix_adr_wants (adr, side)) {
    const size_t now = MIN (RATE / 2, reel->frames - *at);

    if (now == 0) {
      g_assert_true (dmix_adr_end (adr, side));
      return;
    }
    g_assert_true (dmix_adr_push (adr, side, reel->sound + *at, now));
    *at += now;
  }
}

static Result
align (const Reel *guide, const Reel *take, double known_ppm)
{
  const DmixAdrShape shape = {
    .rate_hz = RATE,
    .guide_channels = 1,
    .take_channels = 1,
    .max_line_ms = 60000,
    .max_shift_ms = 500,
    .drift_ppm = known_ppm,
  };
  const DmixAdrParams params = {
    .line_gap_ms = 700,
    .max_stretch = 2,
    .strength = 1,
    .min_confidence = 0.57,
    .tolerance_ms = 3,
    .analyse_only = 1,
  };
  DmixAdr *adr = dmix_adr_new (&shape, NULL, 0, NULL, 0);
  Result result = { g_new (double, LENGTH_S * 200) };
  size_t guide_at = 0, take_at = 0;
  static float out[4096];
  DmixAdrReport report;

  g_assert_nonnull (adr);
  dmix_adr_set_params (adr, &params);
  dmix_adr_reset (adr);
  while (!dmix_adr_is_finished (adr)) {
    feed (adr, DMIX_ADR_GUIDE, guide, &guide_at);
    feed (adr, DMIX_ADR_TAKE, take, &take_at);
    if (dmix_adr_next_line (adr, &report) != 1)
      continue;
    result.spoken += report.line.speech;
    result.wrong += report.line.speech && !report.line.matched;
    result.drift_ppm = report.drift_ppm;
    if (report.line.speech && report.line.confidence < 0.1) {
      result.placed_s[result.placed] = (double) report.start_frame / RATE;
      result.placed_at_s[result.placed++] = report.take_s[0];
    }
    memcpy (result.second + result.points, report.take_s,
        report.map_points * sizeof (double));
    result.points += report.map_points;
    while (dmix_adr_read (adr, out, 4096) > 0)
      ;
  }
  dmix_adr_free (adr);
  return result;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

/* 95th percentile of the timing error at the syllables' middles, s. */
static double
error_of (const Reel *guide, const Reel *take, const Result *result)
{
  static double error[LINES * RIG_SYLLABLES];
  guint count = 0;

  for (guint k = 0; k < guide->lines; k++) {
    const RigText text = rig_text (300 + k);

    for (int s = 1; s + 1 < RIG_SYLLABLES; s++) {
      const double middle = 0.5 * text.length_s[s];
      const double said = guide->first_s[k] + guide->start_s[k][s] + middle;
      const double want = take->first_s[k]
          + 0.5 * (take->start_s[k][s] + take->start_s[k][s + 1]);

      if (text.pause[s])
        continue;
      g_assert_cmpuint ((size_t) (said * 200), <, result->points);
      error[count++] = fabs (result->second[(size_t) (said * 200)] - want
          - (floor (said * 200) / 200 - said));
    }
  }
  qsort (error, count, sizeof *error, compare);
  return error[count * 95 / 100];
}

/* Lines that begin up to 50 ms off, in another voice. The drift is found within 4
 * times the standard error that this leaves of it, 30 ppm. */
static void
test_reel (void)
{
  const double ppms[] = { 0, 200, -200 };
  Reel *guide = record (LINES, 0, 110.0, 0.0, LINES);
  double plain = 0.0;

  g_assert_cmpuint (guide->frames, >, 600 * RATE);
  for (guint k = 0; k < G_N_ELEMENTS (ppms); k++) {
    Reel *take = record (LINES, ppms[k], 140.0, 0.05, LINES);
    Result result = align (guide, take, 0.0);
    const double p95 = error_of (guide, take, &result);

    g_test_message ("%g ppm: 95 %% below %.2f ms, drift %.0f ppm", ppms[k],
        1000 * p95, result.drift_ppm);
    g_assert_cmpuint (result.spoken, >=, LINES);
    g_assert_cmpuint (result.wrong, ==, 0);
    g_assert_cmpfloat_with_epsilon (result.drift_ppm, ppms[k], 120.0);
    if (k == 0)
      plain = p95;
    g_assert_cmpfloat (p95, <, plain + 0.001);
    g_free (result.second);
    reel_free (take);
  }
  g_assert_cmpfloat (plain, <, 0.010);
  reel_free (guide);
}

/* The take says other texts after some lines: those that surely do not match are
 * where the clock puts them, up to 60 ms away, within 10 ms; the same with a drift
 * that is known from the start and none that can be found. */
static void
test_shifted_lines (void)
{
  const guint lines = LINES / 2;
  Reel *guide = record (lines, 0, 110.0, 0.0, lines);

  for (int known = 0; known < 2; known++) {
    const guint other = known ? 1 : 9;
    Reel *take = record (lines, 200, 110.0, 0.0, other);
    Result result = align (guide, take, known ? 200.0 : 0.0);

    g_assert_cmpuint (result.wrong, >=, lines - other - 1);
    g_assert_cmpuint (result.placed, >=, (lines - other) / 2);
    for (guint k = 0; k < result.placed; k++)
      g_assert_cmpfloat_with_epsilon (result.placed_at_s[k],
          result.placed_s[k] * (1 + 200e-6), 0.010);
    if (known)
      g_assert_cmpfloat (result.drift_ppm, ==, 0.0);
    g_free (result.second);
    reel_free (take);
  }
  reel_free (guide);
}

static void
test_arguments (void)
{
  DmixAdrShape shape = {
    .rate_hz = RATE,
    .guide_channels = 1,
    .take_channels = 1,
    .max_line_ms = 60000,
    .drift_ppm = NAN,
  };

  g_assert_null (dmix_adr_new (&shape, NULL, 0, NULL, 0));
  shape.drift_ppm = -1001;
  g_assert_null (dmix_adr_new (&shape, NULL, 0, NULL, 0));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/adrclock/reel", test_reel);
  g_test_add_func ("/adrclock/shifted-lines", test_shifted_lines);
  g_test_add_func ("/adrclock/arguments", test_arguments);
  return g_test_run ();
}
