/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of adrrender.h. */
#include "signals.h"

#include "adr/adrrender.h"
#include "spectral/meanspectrum.h"

#define RATE 8000
#define ROWS 400 /* per line: 2 s */
#define FRAMES (ROWS * RATE / 200)

static const DmixAdrShape shape = {
  .rate_hz = RATE,
  .guide_channels = 1,
  .take_channels = 1,
  .max_line_ms = 60000,
  .max_shift_ms = 1000,
};

typedef struct
{
  DmixAdrQueue guide, take;
  float guide_sound[2 * FRAMES], take_sound[2 * FRAMES];
  double map[ROWS + 1];
  float level[ROWS];
  DmixAdrRender *render;
  DmixAdrRenderLine line;
  float out[2 * FRAMES];
} Rig;

static void
rig_init (Rig *rig)
{
  const DmixFormat format = { RATE, 1 };

  fill_noise (rig->guide_sound, 2 * FRAMES, 0.05, 1);
  fill_noise (rig->take_sound, 2 * FRAMES, 0.1, 2);
  g_assert_true (dmix_adrqueue_init (&rig->guide, &format));
  g_assert_true (dmix_adrqueue_init (&rig->take, &format));
  g_assert_true (
      dmix_adrqueue_push (&rig->guide, rig->guide_sound, 2 * FRAMES));
  g_assert_true (dmix_adrqueue_push (&rig->take, rig->take_sound, 2 * FRAMES));
  rig->render = dmix_adrrender_new (&shape);
}

static void
rig_free (Rig *rig)
{
  dmix_adrrender_free (rig->render);
  dmix_adrqueue_free (&rig->guide);
  dmix_adrqueue_free (&rig->take);
}

/* Line 0 or 1, the take `early` frames ahead of the guide. */
static void
start (Rig *rig, int number, double early)
{
  for (int i = 0; i <= ROWS; i++)
    rig->map[i] = (number * ROWS + i) * (RATE / 200.0) + early;
  for (int i = 0; i < ROWS; i++)
    rig->level[i] = 10.0f;
  rig->line.row = number * ROWS;
  rig->line.rows = ROWS;
  rig->line.start_frame = (int64_t) number * FRAMES;
  rig->line.stop_frame = (int64_t) (number + 1) * FRAMES;
  rig->line.take_frame = rig->map;
  rig->line.guide_level = rig->level;
  rig->line.last = number == 1;
  dmix_adrrender_set_line (rig->render, &rig->line);
}

static size_t
read_all (Rig *rig, float *out, size_t block)
{
  size_t frames = 0, now;

  while ((now = dmix_adrrender_read (rig->render, &rig->guide, &rig->take,
              out + frames, block))
      > 0)
    frames += now;
  return frames;
}

/* Renders both lines. */
static size_t
play (Rig *rig, const DmixAdrParams *params, size_t block)
{
  size_t frames;

  dmix_adrrender_reset (rig->render, params);
  dmix_adrrender_set_params (rig->render, params, NULL, NULL, 0);
  start (rig, 0, 0.0);
  frames = read_all (rig, rig->out, block);
  start (rig, 1, 0.0);
  return frames + read_all (rig, rig->out + frames, block);
}

static const DmixAdrParams plain = { .tolerance_ms = 3 };

/* Without processing the take comes through bit by bit, and so does the guide
 * where it replaces the take. */
static void
test_untouched (void)
{
  static Rig rig;
  const size_t blocks[] = { 1, 100, 4096, 100000 };

  rig_init (&rig);
  for (guint b = 0; b < G_N_ELEMENTS (blocks); b++)
    for (int guide = 0; guide < 2; guide++) {
      rig.line = (DmixAdrRenderLine){ .use_take = !guide, .use_guide = guide };
      g_assert_cmpuint (play (&rig, &plain, blocks[b]), ==, 2 * FRAMES);
      g_assert_cmpmem (rig.out, sizeof rig.out,
          guide ? rig.guide_sound : rig.take_sound, sizeof rig.out);
    }
  rig.line = (DmixAdrRenderLine){ 0 };
  g_assert_cmpuint (play (&rig, &plain, 1000), ==, 2 * FRAMES);
  for (size_t i = 0; i < 2 * FRAMES; i++)
    g_assert_cmpfloat (rig.out[i], ==, 0.0f);
  rig_free (&rig);
}

/* The first line has its gain from its start; the gain then glides to the next
 * line's within 0.1 s (five times 20 ms), without a jump. */
static void
test_gain (void)
{
  static Rig rig;
  size_t frames;
  double last = 2.0;

  rig_init (&rig);
  dmix_adrrender_reset (rig.render, &plain);
  dmix_adrrender_set_params (rig.render, &plain, NULL, NULL, 0);
  rig.line = (DmixAdrRenderLine){ .use_take = 1, .gain_db = 20 * log10 (2.0) };
  start (&rig, 0, 0.0);
  frames = read_all (&rig, rig.out, 333);
  rig.line.gain_db = 20 * log10 (0.5);
  start (&rig, 1, 0.0);
  frames += read_all (&rig, rig.out + frames, 333);
  g_assert_cmpuint (frames, ==, 2 * FRAMES);
  for (size_t i = 0; i < 2 * FRAMES; i++) {
    const double gain =
        fabs (rig.take_sound[i]) > 1e-3 ? rig.out[i] / rig.take_sound[i] : last;

    if (i < FRAMES)
      g_assert_cmpfloat_with_epsilon (gain, 2.0, 1e-4);
    if (i > FRAMES + RATE / 10)
      g_assert_cmpfloat_with_epsilon (gain, 0.5, 0.02);
    /* a glide from 2 to 0.5 begins with a slope of 1.5 / (20 ms) */
    g_assert_cmpfloat (fabs (gain - last), <, 5 * 1.5 / (0.02 * RATE));
    last = gain;
  }
  rig_free (&rig);
}

/* The filter's delay is compensated, and its tail does not lengthen the output:
 * with a flat response the take comes through, to float accuracy. */
static void
test_filter (void)
{
  static Rig rig;
  DmixAdrParams params = plain;
  const unsigned blocks[] = { 77, 4096 };
  static float first[2 * FRAMES];

  rig_init (&rig);
  params.match_eq = 1.0;
  for (guint b = 0; b < G_N_ELEMENTS (blocks); b++) {
    const unsigned bins = dmix_adrrender_get_bins (rig.render);
    float *flat = g_new (float, bins);
    size_t frames;

    for (unsigned k = 0; k < bins; k++)
      flat[k] = 1.0f;
    rig.line = (DmixAdrRenderLine){ .use_take = 1 };
    dmix_adrrender_reset (rig.render, &params);
    dmix_adrrender_set_params (rig.render, &params, flat, NULL, 0);
    start (&rig, 0, 0.0);
    frames = read_all (&rig, rig.out, blocks[b]);
    dmix_adrrender_set_params (rig.render, &params, flat, NULL, 0);
    start (&rig, 1, 0.0);
    frames += read_all (&rig, rig.out + frames, blocks[b]);
    g_assert_cmpuint (frames, ==, 2 * FRAMES);
    for (size_t i = 0; i < 2 * FRAMES; i++)
      g_assert_cmpfloat_with_epsilon (rig.out[i], rig.take_sound[i], 1e-5);
    if (b > 0)
      g_assert_cmpmem (first, sizeof first, rig.out, sizeof first);
    memcpy (first, rig.out, sizeof first);
    g_free (flat);
  }
  rig_free (&rig);
}

/* Room tone has the power of the spectrum set, times its gain, in the guide's
 * pauses or always, and is added to the take. The power of 2 s of white noise
 * varies by 1 / sqrt (2 s * 4 kHz), 0.05 dB; the tolerance is six times
 * that. */
static void
test_tone (void)
{
  static Rig rig;
  DmixAdrParams params = plain;
  double room[129];

  rig_init (&rig);
  for (int b = 0; b < 129; b++)
    room[b] = 1e-4 / 128;
  for (int full = 0; full < 2; full++) {
    double sum[2] = { 0.0 };

    params.tone = full ? DMIX_ADR_TONE_FULL : DMIX_ADR_TONE_GAPS;
    params.tone_gain_db = -6.0;
    rig.line = (DmixAdrRenderLine){ 0 };
    dmix_adrrender_reset (rig.render, &params);
    dmix_adrrender_set_params (rig.render, &params, NULL, room, 129);
    start (&rig, 0, 0.0);
    for (int i = ROWS / 2; i < ROWS; i++)
      rig.level[i] = 0.0f;
    g_assert_cmpuint (read_all (&rig, rig.out, 500), ==, FRAMES);
    for (size_t i = FRAMES / 4; i < FRAMES; i++)
      if (i < FRAMES / 2)
        sum[0] += rig.out[i] * rig.out[i] / (FRAMES / 4);
      else if (i >= FRAMES * 3 / 4)
        sum[1] += rig.out[i] * rig.out[i] / (FRAMES / 4);
    g_assert_cmpfloat_with_epsilon (10 * log10 (sum[1]), -46.0, 0.3);
    if (full)
      g_assert_cmpfloat_with_epsilon (10 * log10 (sum[0]), -46.0, 0.3);
    else
      g_assert_cmpfloat (sum[0], ==, 0.0);
  }
  rig_free (&rig);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/adrrender/untouched", test_untouched);
  g_test_add_func ("/adrrender/gain", test_gain);
  g_test_add_func ("/adrrender/filter", test_filter);
  g_test_add_func ("/adrrender/tone", test_tone);
  return g_test_run ();
}
