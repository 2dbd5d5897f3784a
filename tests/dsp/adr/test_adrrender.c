/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of adrrender.h. */
#include "signals.h"

#include "adr/adrrender.h"
#include "adr/roomtone.h"
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

/* From one line to the next, take and guide cross-fade linearly in 10 ms, and
 * the gain glides exponentially with a time constant of 20 ms. Sums of 80 float
 * steps are exact to 80 half units of 2^-24, about 5e-6; the gain snaps to its
 * goal 1e-5 from it. */
static void
test_glides (void)
{
  static Rig rig;
  const double gain_db = 20 * log10 (0.5);

  rig_init (&rig);
  for (int keep = 0; keep < 3; keep++) { /* gain, cross-fade, and back */
    size_t frames;

    dmix_adrrender_reset (rig.render, &plain);
    dmix_adrrender_set_params (rig.render, &plain, NULL, NULL, 0);
    rig.line =
        (DmixAdrRenderLine){ .use_take = keep != 2, .use_guide = keep == 2 };
    start (&rig, 0, 0.0);
    frames = read_all (&rig, rig.out, 333);
    rig.line.gain_db = keep ? 0.0 : gain_db;
    rig.line.use_take = keep != 1;
    rig.line.use_guide = keep == 1;
    start (&rig, 1, 0.0);
    read_all (&rig, rig.out + frames, 333);
    for (size_t i = 0; i < 1000; i++) {
      const double part = fmin (1.0, (double) (i + 1) / (0.010 * RATE));
      const double gain = 0.5 + 0.5 * exp (-(double) (i + 1) / (0.020 * RATE));
      const double take = rig.take_sound[frames + i];
      const double guide = rig.guide_sound[frames + i];
      const double want = keep == 0 ? gain * take
          : keep == 1               ? (1.0 - part) * take + part * guide
                                    : part * take + (1.0 - part) * guide;

      g_assert_cmpfloat_with_epsilon (rig.out[frames + i], want, 4e-6);
    }
  }
  rig_free (&rig);
}

/* Room tone fades linearly in 50 ms, and begins and ends at the row whose guide
 * level passes 3 dB. After the rows of a line it is on. */
static void
test_tone_fades (void)
{
  static Rig rig;
  const DmixFormat format = { RATE, 1 };
  const int per_row = RATE / 200;
  DmixRoomTone *tone = dmix_roomtone_new (&format, 20011);
  DmixAdrParams params = plain;
  static float noise[FRAMES];
  double room[129], part = 0.0;

  rig_init (&rig);
  for (int b = 0; b < 129; b++)
    room[b] = 1e-4 / 128;
  dmix_roomtone_set_spectrum (tone, room, 129);
  dmix_roomtone_process (tone, noise, FRAMES);
  params.tone = DMIX_ADR_TONE_GAPS;
  params.tone_gain_db = 20 * log10 (2.0);
  rig.line = (DmixAdrRenderLine){ 0 };
  dmix_adrrender_reset (rig.render, &params);
  dmix_adrrender_set_params (rig.render, &params, NULL, room, 129);
  start (&rig, 0, 0.0);
  rig.line.rows = 300;
  dmix_adrrender_set_line (rig.render, &rig.line);
  for (int i = 0; i < ROWS; i++)
    rig.level[i] = i >= 100 && i < 200 ? 2.99f : 3.01f;
  g_assert_cmpuint (read_all (&rig, rig.out, 500), ==, FRAMES);
  for (int i = 0; i < FRAMES; i++) {
    const int on =
        (i >= 100 * per_row && i < 200 * per_row) || i >= 300 * per_row;

    part = CLAMP (part + (on ? 1 : -1) / (0.050 * RATE), 0.0, 1.0);
    g_assert_cmpfloat_with_epsilon (rig.out[i], 2.0 * part * noise[i], 1e-5);
  }
  dmix_roomtone_free (tone);
  rig_free (&rig);
}

/* A guide with other channels than the take: mono goes to all, several are
 * averaged into mono, and a channel that the guide lacks is silent. */
static void
test_channels (void)
{
  enum
  {
    N = 400
  };
  static float sound[3 * N], take_sound[3 * N], out[3 * N];

  fill_noise (sound, 3 * N, 0.1, 5);
  for (unsigned from = 1; from <= 3; from++)
    for (unsigned to = 1; to <= 3; to++) {
      DmixAdrShape channels = shape;
      const DmixFormat guide_format = { RATE, from },
                       take_format = { RATE, to };
      const double map[] = { 0, 40, 80, 120, 160, 200, 240, 280, 320, 360,
        400 };
      const DmixAdrRenderLine line = {
        .rows = 10,
        .stop_frame = N,
        .take_frame = map,
        .use_guide = 1,
        .last = 1,
      };
      DmixAdrQueue guide, take;
      DmixAdrRender *render;

      channels.guide_channels = from;
      channels.take_channels = to;
      g_assert_true (dmix_adrqueue_init (&guide, &guide_format));
      g_assert_true (dmix_adrqueue_init (&take, &take_format));
      g_assert_true (dmix_adrqueue_push (&guide, sound, N));
      g_assert_true (dmix_adrqueue_push (&take, take_sound, N));
      render = dmix_adrrender_new (&channels);
      dmix_adrrender_reset (render, &plain);
      dmix_adrrender_set_params (render, &plain, NULL, NULL, 0);
      dmix_adrrender_set_line (render, &line);
      g_assert_cmpuint (dmix_adrrender_read (render, &guide, &take, out, N), ==,
          N);
      for (unsigned i = 0; i < N; i++)
        for (unsigned c = 0; c < to; c++) {
          float want = 0.0f;

          if (from == 1 || c < from)
            want = sound[i * from + (from == 1 ? 0 : c)];
          for (unsigned k = 1; to == 1 && k < from; k++)
            want += sound[i * from + k];
          if (to == 1)
            want /= (float) from;
          g_assert_cmpfloat (out[i * to + c], ==, want);
        }
      dmix_adrrender_free (render);
      dmix_adrqueue_free (&guide);
      dmix_adrqueue_free (&take);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/adrrender/untouched", test_untouched);
  g_test_add_func ("/adrrender/gain", test_gain);
  g_test_add_func ("/adrrender/filter", test_filter);
  g_test_add_func ("/adrrender/tone", test_tone);
  g_test_add_func ("/adrrender/glides", test_glides);
  g_test_add_func ("/adrrender/tone-fades", test_tone_fades);
  g_test_add_func ("/adrrender/channels", test_channels);
  return g_test_run ();
}
