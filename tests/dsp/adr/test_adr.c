/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of adr.h, and with it of align.h, warp.h and adrline.h: finds a
 * known timing, keeps the guide's length, passes an identical take unchanged,
 * rejects a wrong text, and gives the same output for any block sizes. */
#include "speechrig.h"

#include "adr/adr.h"
#include "base/sanitize.h"

#define RATE 48000

typedef struct
{
  float *out;
  size_t frames, lines, wrong;
  double *second; /* the map, each 5 ms */
  size_t points;
  double gain_db, confidence;
  double offset_s[16]; /* of each line */
  int64_t stop_frame;  /* of the last line */
} Result;

static const DmixAdrParams plain = {
  .line_gap_ms = 700,
  .max_stretch = 2,
  .strength = 1,
  .min_confidence = 0.57,
  .tolerance_ms = 3,
  .eq_limit_db = 12,
};

static void
feed (DmixAdr *adr, DmixAdrSide side, const float *in, size_t frames,
    size_t block, size_t *at)
{
  while (dmix_adr_wants (adr, side)) {
    const size_t now = MIN (block, frames - *at);

    if (now == 0) {
      g_assert_true (dmix_adr_end (adr, side));
      return;
    }
    g_assert_true (dmix_adr_push (adr, side, in + *at, now));
    *at += now;
  }
}

static Result
replace (const float *guide, size_t guide_frames, const float *take,
    size_t take_frames, const DmixAdrShape *shape, const DmixAdrParams *params,
    size_t block, const DmixAdrSync *sync, const DmixAdrProtect *protect)
{
  DmixAdr *adr =
      dmix_adr_new (shape, sync, sync != NULL, protect, protect != NULL);
  size_t guide_at = 0, take_at = 0, now;
  DmixAdrReport report;
  Result result = { g_new (float, guide_frames + 4096) };

  g_assert_nonnull (adr);
  result.second = g_new (double, guide_frames * 200 / shape->rate_hz + 100);
  dmix_adr_set_params (adr, params);
  dmix_adr_reset (adr);
  while (!dmix_adr_is_finished (adr)) {
    feed (adr, DMIX_ADR_GUIDE, guide, guide_frames, block, &guide_at);
    feed (adr, DMIX_ADR_TAKE, take, take_frames, block, &take_at);
    if (dmix_adr_next_line (adr, &report) != 1)
      continue;
    g_assert_cmpint (report.index, ==, (int) result.lines);
    g_assert_cmpint (report.start_frame, ==, result.stop_frame);
    result.stop_frame = report.stop_frame;
    result.offset_s[result.lines++ % 16] = report.offset_s;
    result.wrong += report.line.speech && !report.line.matched;
    if (report.line.speech) {
      result.gain_db = report.gain_db;
      result.confidence = report.line.confidence;
    }
    memcpy (result.second + result.points, report.take_s,
        report.map_points * sizeof (double));
    result.points += report.map_points;
    while ((now = dmix_adr_read (adr, result.out + result.frames, 1000)) > 0)
      result.frames += now;
  }
  dmix_adr_free (adr);
  return result;
}

static void
result_free (Result *result)
{
  g_free (result->out);
  g_free (result->second);
}

static const DmixAdrShape mono = {
  .rate_hz = RATE,
  .guide_channels = 1,
  .take_channels = 1,
  .max_line_ms = 60000,
  .max_shift_ms = 2000,
};

/* A take spoken at another tempo by another voice, with one pause 0.4 s
 * longer: syllables begin with the guide's, half of them within 10 ms (two
 * frames), nine tenths within 25 ms. */
static void
test_timing (void)
{
  for (guint32 seed = 1; seed <= 3; seed++) {
    const RigText text = rig_text (seed);
    double tempo[RIG_SYLLABLES], a[RIG_SYLLABLES + 1], b[RIG_SYLLABLES + 1];
    GRand *rand = g_rand_new_with_seed (seed + 100);
    size_t na, nb, near = 0, very_near = 0, count = 0;
    float *guide, *take;
    Result result;

    for (int s = 0; s < RIG_SYLLABLES; s++)
      tempo[s] = g_rand_double_range (rand, 0.8, 1.25);
    for (int s = 12; s + 1 < RIG_SYLLABLES; s++)
      if (text.pause[s]) {
        tempo[s] = 2.1; /* 0.35 to 0.74 s */
        break;
      }
    g_rand_free (rand);
    guide = rig_speak (&text, NULL, 110.0, RATE, a, &na);
    take = rig_speak (&text, tempo, 140.0, RATE, b, &nb);
    result = replace (guide, na, take, nb, &mono, &plain, 4800, NULL, NULL);
    g_assert_cmpuint (result.frames, ==, na);
    g_assert_cmpuint (result.wrong, ==, 0);
    for (int s = 1; s + 1 < RIG_SYLLABLES; s++) {
      const size_t point = (size_t) ((a[s] + 0.5 * text.length_s[s]) * 200);
      const double want = b[s] + 0.5 * (b[s + 1] - b[s]);
      const double error = fabs (result.second[point] - want);

      if (text.pause[s])
        continue;
      count++;
      near += error < 0.025;
      very_near += error < 0.010;
    }
    g_assert_cmpuint (2 * very_near, >=, count);
    g_assert_cmpuint (10 * near, >=, 9 * count);
    result_free (&result);
    g_free (guide);
    g_free (take);
  }
}

/* The guide as the take: every bit is kept, for all block sizes. */
static void
test_same (void)
{
  const RigText text = rig_text (7);
  const size_t blocks[] = { 333, 4800, 1000000 };
  double a[RIG_SYLLABLES + 1];
  size_t frames;
  float *guide = rig_speak (&text, NULL, 120.0, RATE, a, &frames);

  dmix_sanitize_clean (guide, frames); /* -0 becomes 0 */
  for (guint b = 0; b < G_N_ELEMENTS (blocks); b++) {
    Result result = replace (guide, frames, guide, frames, &mono, &plain,
        blocks[b], NULL, NULL);

    g_assert_cmpuint (result.frames, ==, frames);
    g_assert_cmpmem (result.out, frames * sizeof (float), guide,
        frames * sizeof (float));
    result_free (&result);
  }
  g_free (guide);
}

static void
test_blocks (void)
{
  const RigText text = rig_text (8);
  const size_t blocks[] = { 441, 5000, 1000000 };
  double a[RIG_SYLLABLES + 1], b[RIG_SYLLABLES + 1], tempo[RIG_SYLLABLES];
  DmixAdrParams params = plain;
  size_t na, nb;
  float *guide = rig_speak (&text, NULL, 120.0, RATE, a, &na), *take;
  Result first;

  for (int s = 0; s < RIG_SYLLABLES; s++)
    tempo[s] = 1.1;
  take = rig_speak (&text, tempo, 150.0, RATE, b, &nb);
  params.match_level = 1;
  params.match_eq = 0.7;
  params.tone = DMIX_ADR_TONE_GAPS;
  first = replace (guide, na, take, nb, &mono, &params, 4800, NULL, NULL);
  g_assert_cmpuint (first.frames, ==, na);
  for (guint k = 0; k < G_N_ELEMENTS (blocks); k++) {
    Result result =
        replace (guide, na, take, nb, &mono, &params, blocks[k], NULL, NULL);

    g_assert_cmpmem (result.out, result.frames * sizeof (float), first.out,
        na * sizeof (float));
    result_free (&result);
  }
  result_free (&first);
  g_free (guide);
  g_free (take);
}

/* Two texts of the same voice, and a silent take: neither is stretched. */
static void
test_wrong_take (void)
{
  const RigText text = rig_text (11), other = rig_text (12);
  double a[RIG_SYLLABLES + 1], b[RIG_SYLLABLES + 1];
  size_t na, nb;
  float *guide = rig_speak (&text, NULL, 120.0, RATE, a, &na);
  float *take = rig_speak (&other, NULL, 120.0, RATE, b, &nb);

  for (int silent = 0; silent < 2; silent++) {
    Result result;

    if (silent)
      memset (take, 0, nb * sizeof (float));
    result = replace (guide, na, take, nb, &mono, &plain, 4800, NULL, NULL);
    g_test_message ("confidence %.3f", result.confidence);
    g_assert_cmpuint (result.wrong, ==, 1);
    g_assert_cmpuint (result.frames, ==, na);
    for (size_t i = 1; i < result.points; i++)
      g_assert_cmpfloat_with_epsilon (result.second[i] - result.second[i - 1],
          0.005, 1e-9);
    result_free (&result);
  }
  g_free (guide);
  g_free (take);
}

/* A take 9 dB down comes up by 9 dB, within 0.3. */
static void
test_level (void)
{
  const RigText text = rig_text (21);
  double a[RIG_SYLLABLES + 1];
  DmixAdrParams params = plain;
  size_t frames;
  float *guide = rig_speak (&text, NULL, 120.0, RATE, a, &frames);
  float *take = g_new (float, frames);
  Result result;

  for (size_t i = 0; i < frames; i++)
    take[i] = guide[i] * 0.35481339f;
  params.match_level = 1;
  result =
      replace (guide, frames, take, frames, &mono, &params, 4800, NULL, NULL);
  g_assert_cmpfloat (fabs (result.gain_db - 9.0), <, 0.3);
  result_free (&result);
  g_free (guide);
  g_free (take);
}

/* The map meets a sync point, within a frame and the smoothing, even without
 * speech around it. */
static void
test_sync_point (void)
{
  const RigText text = rig_text (31);
  double a[RIG_SYLLABLES + 1];
  const DmixAdrSync sync = { 1.0, 1.05 };
  size_t frames;
  float *guide = rig_speak (&text, NULL, 120.0, RATE, a, &frames);
  Result result =
      replace (guide, frames, guide, frames, &mono, &plain, 4800, &sync, NULL);

  g_assert_cmpfloat (fabs (result.second[200] - 1.05), <, 0.02);
  result_free (&result);
  g_free (guide);
}

/* In a protected range the take keeps its speed. */
static void
test_protect (void)
{
  const RigText text = rig_text (32);
  const DmixAdrProtect protect = { 0.6, 1.2 };
  double a[RIG_SYLLABLES + 1], b[RIG_SYLLABLES + 1], tempo[RIG_SYLLABLES];
  size_t na, nb;
  float *guide = rig_speak (&text, NULL, 120.0, RATE, a, &na), *take;
  Result result;

  for (int s = 0; s < RIG_SYLLABLES; s++)
    tempo[s] = 1.2;
  take = rig_speak (&text, tempo, 120.0, RATE, b, &nb);
  result = replace (guide, na, take, nb, &mono, &plain, 4800, NULL, &protect);
  for (size_t i = 121; i < 240; i++)
    g_assert_cmpfloat (fabs (result.second[i] - result.second[i - 1] - 0.005),
        <, 1e-4);
  result_free (&result);
  g_free (guide);
  g_free (take);
}

/* Takes that start before or after the guide are aligned in true time. */
static void
test_lag (void)
{
  const RigText text = rig_text (41);
  double a[RIG_SYLLABLES + 1];
  size_t frames;
  float *guide = rig_speak (&text, NULL, 120.0, RATE, a, &frames);

  dmix_sanitize_clean (guide, frames);
  for (int sign = -1; sign <= 1; sign += 2) {
    DmixAdrShape shape = mono;
    float *take = g_new0 (float, frames + RATE);
    Result result;

    /* an early take begins with 0.3 s of silence; a late one lacks the guide's
     * first 0.3 s */
    shape.lag_ms = sign * 300.0;
    if (sign < 0)
      memcpy (take + 14400, guide, frames * sizeof (float));
    else
      memcpy (take, guide + 14400, (frames - 14400) * sizeof (float));
    result = replace (guide, frames, take,
        sign < 0 ? frames + 14400 : frames - 14400, &shape, &plain, 4800, NULL,
        NULL);
    g_assert_cmpuint (result.wrong, ==, 0);
    /* a copy: bit by bit, once the part that one side lacks is over */
    g_assert_cmpmem (result.out + 19200, (frames - 19200) * sizeof (float),
        guide + 19200, (frames - 19200) * sizeof (float));
    for (size_t i = 80; i < result.points; i++)
      g_assert_cmpfloat_with_epsilon (result.second[i], i * 0.005, 1e-9);
    g_assert_cmpfloat_with_epsilon (result.offset_s[0], 0.0, 1e-3);
    result_free (&result);
    g_free (take);
  }
  g_free (guide);
}

/* Inputs with little speech or sound: no hang, and the guide's length. */
static void
test_short (void)
{
  const size_t lengths[] = { 0, 1, 100, 1000, 20000 };
  float *noise = g_new (float, 20000);

  fill_noise (noise, 20000, 0.1, 3);
  for (guint g = 0; g < G_N_ELEMENTS (lengths); g++)
    for (guint t = 0; t < G_N_ELEMENTS (lengths); t++) {
      Result result = replace (noise, lengths[g], noise, lengths[t], &mono,
          &plain, 4800, NULL, NULL);

      g_assert_cmpuint (result.frames, ==, lengths[g]);
      result_free (&result);
    }
  g_free (noise);
}

/* Only analysed, the take keeps its speed, level and true time, whatever its
 * tempo. */
static void
test_analyse_only (void)
{
  const RigText text = rig_text (42);
  double a[RIG_SYLLABLES + 1], b[RIG_SYLLABLES + 1], tempo[RIG_SYLLABLES];
  size_t na, nb;
  float *guide = rig_speak (&text, NULL, 120.0, RATE, a, &na), *take;

  for (int s = 0; s < RIG_SYLLABLES; s++)
    tempo[s] = 1.1;
  take = rig_speak (&text, tempo, 120.0, RATE, b, &nb);
  dmix_sanitize_clean (take, nb);
  for (int lag = -4800; lag <= 4800; lag += 4800) {
    DmixAdrShape shape = mono;
    DmixAdrParams params = plain;
    Result result;

    shape.lag_ms = lag * 1000.0 / RATE;
    params.analyse_only = 1;
    result = replace (guide, na, take, nb, &shape, &params, 4800, NULL, NULL);
    g_assert_cmpuint (result.frames, ==, na);
    for (int64_t i = 0; i < (int64_t) na; i++)
      g_assert_cmpfloat (result.out[i], ==,
          i - lag >= 0 && i - lag < (int64_t) nb ? take[i - lag] : 0.0f);
    result_free (&result);
  }
  g_free (guide);
  g_free (take);
}

#define SCENE_RATE 16000

/* Six lines, and their take, with pauses between. */
typedef struct
{
  float *sound;
  size_t frames;
  double first_s[6]; /* where each text begins */
  double start_s[6][RIG_SYLLABLES + 1];
} Play;

/* Appends text t at a tempo. */
static void
say (Play *play, guint t, guint32 seed, double tempo)
{
  const RigText text = rig_text (seed);
  double tempos[RIG_SYLLABLES];
  size_t frames;
  float *part;

  for (int s = 0; s < RIG_SYLLABLES; s++)
    tempos[s] = tempo;
  part =
      rig_speak (&text, tempos, 130.0, SCENE_RATE, play->start_s[t], &frames);
  play->first_s[t] = (double) play->frames / SCENE_RATE;
  memcpy (play->sound + play->frames, part, frames * sizeof (float));
  play->frames += frames;
  g_free (part);
}

static Play
perform (guint32 seed, const double *tempos, double gap_s, int other)
{
  const size_t gap = (size_t) (gap_s * SCENE_RATE);
  Play play = { 0 };

  play.sound = g_new0 (float, (size_t) 6 * 15 * SCENE_RATE);
  for (guint t = 0; t < 6; t++) {
    say (&play, t, seed + t + ((int) t == other ? 50 : 0), tempos[t]);
    play.frames += gap;
  }
  return play;
}

/* Mean of take time less guide time over the syllables of a text. */
static double
true_offset_s (const Play *guide, const Play *take, guint t)
{
  double sum = 0.0;
  int count = 0;

  for (int s = 1; s + 1 < RIG_SYLLABLES; s++, count++)
    sum += take->first_s[t] + take->start_s[t][s] - guide->first_s[t]
        - guide->start_s[t][s];
  return sum / count;
}

/* Three scenes of two lines. The take is slower: it falls behind by 0.4 s or so
 * in each line, and by more in all than it may be searched. Each scene is searched
 * where the one before has ended, also if the stretching is half as strong, or if
 * the last line of one has another text. Of a line, the offset is right within 50
 * ms: the mean over its frames weighs long syllables more. */
static void
test_scenes (void)
{
  const double own[] = { 1, 1, 1, 1, 1, 1 };
  const double slow[] = { 1.04, 1.07, 1.05, 1.05, 1.07, 1.04 };

  for (int half = 0; half < 2; half++) {
    const int other = half ? -1 : 3;
    const Play guide = perform (61, own, 0.6, -1);
    const Play take = perform (61, slow, 0.65, other);
    DmixAdrShape shape = mono;
    DmixAdrParams params = plain;
    Result result;

    shape.max_shift_ms = 700;
    shape.rate_hz = SCENE_RATE;
    params.strength = half ? 0.5 : 1.0;
    result = replace (guide.sound, guide.frames, take.sound, take.frames,
        &shape, &params, 4800, NULL, NULL);
    g_assert_cmpuint (result.frames, ==, guide.frames);
    g_assert_cmpint (result.stop_frame, ==, (int64_t) guide.frames);
    g_assert_cmpuint (result.wrong, ==, other >= 0);
    for (guint t = 0; t < 6; t++)
      if ((int) t != other)
        g_assert_cmpfloat_with_epsilon (result.offset_s[t],
            true_offset_s (&guide, &take, t), 0.05);
    result_free (&result);
    g_free (guide.sound);
    g_free (take.sound);
  }
}

/* Texts one after the other, with 1 s before each. */
static Play
record (const guint32 *seeds, const double *tempos, guint count)
{
  Play play = { 0 };

  play.sound = g_new0 (float, (size_t) count * 16 * SCENE_RATE);
  for (guint t = 0; t < count; t++) {
    play.frames += SCENE_RATE;
    say (&play, t, seeds[t], tempos[t]);
  }
  return play;
}

/* A take with other texts before and between the two lines of the guide. With a search of 30 s both lines are
 * found, nine tenths of the syllables within 25 ms; without one none of them match. */
static void
test_search (void)
{
  const guint32 words[] = { 71, 72 }, file[] = { 90, 71, 91, 72, 92 };
  const double own[] = { 1, 1 }, tempos[] = { 1, 1.05, 1, 0.95, 1 };
  const Play guide = record (words, own, 2), take = record (file, tempos, 5);
  const guint at[] = { 1, 3 };

  for (int search = 0; search < 2; search++) {
    DmixAdrShape shape = mono;
    Result result;

    shape.rate_hz = SCENE_RATE;
    shape.search_ms = search ? 30000 : 0;
    result = replace (guide.sound, guide.frames, take.sound, take.frames,
        &shape, &plain, 4800, NULL, NULL);
    g_assert_cmpuint (result.frames, ==, guide.frames);
    g_assert_cmpuint (result.wrong, ==, search ? 0 : 2);
    for (guint t = 0; search && t < 2; t++) {
      guint near = 0;

      for (int s = 0; s < RIG_SYLLABLES; s++) {
        const double said = guide.first_s[t] + guide.start_s[t][s] + 0.05;
        const double found = result.second[(size_t) (said * 200)];
        const double want =
            take.first_s[at[t]] + take.start_s[at[t]][s] + 0.05 * tempos[at[t]];

        near += fabs (found - want) < 0.025;
      }
      g_assert_cmpuint (near, >=, RIG_SYLLABLES * 9 / 10);
    }
    result_free (&result);
  }
  g_free (guide.sound);
  g_free (take.sound);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/adr/search", test_search);
  g_test_add_func ("/adr/timing", test_timing);
  g_test_add_func ("/adr/same", test_same);
  g_test_add_func ("/adr/blocks", test_blocks);
  g_test_add_func ("/adr/wrong-take", test_wrong_take);
  g_test_add_func ("/adr/level", test_level);
  g_test_add_func ("/adr/sync-point", test_sync_point);
  g_test_add_func ("/adr/protect", test_protect);
  g_test_add_func ("/adr/lag", test_lag);
  g_test_add_func ("/adr/short", test_short);
  g_test_add_func ("/adr/analyse-only", test_analyse_only);
  g_test_add_func ("/adr/scenes", test_scenes);
  return g_test_run ();
}
