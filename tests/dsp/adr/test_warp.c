/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of warp.h. */
#include "signals.h"

#include "adr/warp.h"

#define FRAMES 600

typedef struct
{
  float level[FRAMES];
  DmixAlignStep step[4 * FRAMES];
  size_t steps;
  double map[FRAMES];
  DmixWarp *warp;
} Case;

static void
case_init (Case *c)
{
  c->steps = 0;
  c->warp = dmix_warp_new (FRAMES);
  for (int i = 0; i < FRAMES; i++)
    c->level[i] = 12.0f;
}

static void
add (Case *c, int guide, int take, DmixAlignKind kind)
{
  c->step[c->steps++] = (DmixAlignStep){ guide, take, kind, 0.1f };
}

static void
run (Case *c, const DmixWarpParams *params)
{
  static float loud[2 * FRAMES];
  const DmixSpeech guide = { .frames = FRAMES, .level_db = c->level };
  const DmixSpeech take = { .frames = 2 * FRAMES, .level_db = loud };

  for (int i = 0; i < 2 * FRAMES; i++)
    loud[i] = 12.0f;
  dmix_warp_process (c->warp, &guide, &take, c->step, c->steps, params, c->map);
  for (int i = 1; i < FRAMES; i++)
    g_assert_cmpfloat (c->map[i], >=, c->map[i - 1]);
}

/* The straightest path of whole frames at a speed from 0.5 to 2. */
static void
follow (Case *c, double speed)
{
  int take = 0;

  add (c, 0, 0, DMIX_ALIGN_MATCH);
  for (int i = 1; i < FRAMES;) {
    if (speed >= 1.0) {
      take += i * speed > take + 1.5 ? 2 : 1;
      add (c, i++, take, DMIX_ALIGN_MATCH);
    } else {
      i += take + 1 > (i + 0.5) * speed ? 1 : 0;
      take++;
      if (i < FRAMES)
        add (c, i++, take, DMIX_ALIGN_MATCH);
    }
  }
}

/* A constant delay is kept. */
static void
test_delay (void)
{
  const DmixWarpParams params = { .max_stretch = 2.0 };
  Case c;
  DmixWarpInfo info;

  case_init (&c);
  for (int i = 0; i < FRAMES; i++)
    add (&c, i, i + 7, DMIX_ALIGN_MATCH);
  run (&c, &params);
  for (int i = 0; i < FRAMES; i++)
    g_assert_cmpfloat_with_epsilon (c.map[i], i + 7, 1e-6);
  info = dmix_warp_get_info (c.warp, 100, 200);
  g_assert_cmpfloat_with_epsilon (info.offset_frames, 7.0, 1e-6);
  g_assert_cmpfloat_with_epsilon (info.stretch, 1.0, 1e-6);
  dmix_warp_free (c.warp);
}

/* A steady speed, which the path gives in whole frames only: the map is within
 * one frame of it, its speed within 2 %. A speed limit is kept. */
static void
test_speed (void)
{
  const double speeds[] = { 0.6, 0.8, 1.25, 1.5 };

  for (guint k = 0; k < G_N_ELEMENTS (speeds); k++) {
    DmixWarpParams params = { .max_stretch = 2.0 };
    Case c;
    DmixWarpInfo info;

    case_init (&c);
    follow (&c, speeds[k]);
    run (&c, &params);
    for (int i = 0; i < FRAMES; i++)
      g_assert_cmpfloat (fabs (c.map[i] - i * speeds[k]), <, 1.5);
    for (int i = 50; i + 50 < FRAMES; i++)
      g_assert_cmpfloat (fabs ((c.map[i + 1] - c.map[i]) / speeds[k] - 1.0), <,
          0.02);
    info = dmix_warp_get_info (c.warp, 50, FRAMES - 50);
    g_assert_cmpfloat (fabs (info.stretch / MAX (speeds[k], 1.0 / speeds[k])
                           - 1.0),
        <, 0.02);
    params.max_stretch = 1.1;
    run (&c, &params);
    for (int i = 0; i + 1 < FRAMES; i++) {
      g_assert_cmpfloat (c.map[i + 1] - c.map[i], <=, 1.1 + 1e-9);
      g_assert_cmpfloat (c.map[i + 1] - c.map[i], >=, 1.0 / 1.1 - 1e-9);
    }
    dmix_warp_free (c.warp);
  }
}

/* Take frame of a guide frame whose speed changes once, as between two words. */
static double
turn (double guide)
{
  return guide < 300.0 ? 0.8 * guide : 240.0 + 1.25 * (guide - 300.0);
}

/* A side whose slopes are waves of periods from 0.2 s on at the guide's times, with
 * noise half as strong. */
static float *
make_waves (int frames, int turned, guint32 seed)
{
  GRand *rand = g_rand_new_with_seed (seed);
  float *feature = g_new0 (float, DMIX_SPEECH_DIMENSIONS *frames);

  for (int b = 0; b < DMIX_MEL_BANDS; b++)
    for (int t = 0; t < frames; t++) {
      const double at = !turned ? t
          : t < 240             ? t / 0.8
                                : 300.0 + (t - 240) / 1.25;

      feature[(DMIX_MEL_BANDS + b) * frames + t] =
          (float) (0.5 * sin (2.0 * G_PI * at / (40.0 + 3.0 * b) + b * b)
              + g_rand_double_range (rand, -0.25, 0.25));
    }
  g_rand_free (rand);
  return feature;
}

/* Speech that runs at one speed, then at another: the map turns between them, and is
 * straight on both sides although the features are noisy. */
static void
test_turn (void)
{
  const DmixWarpParams params = { .max_stretch = 2.0 };
  const int takes = (int) turn (FRAMES);
  double bends = 0.0, off = 0.0;
  static float loud[2 * FRAMES];
  DmixSpeech guide = { .frames = FRAMES, .stride = FRAMES };
  DmixSpeech take = { .frames = (size_t) takes, .stride = (size_t) takes };
  Case c;

  case_init (&c);
  guide.level_db = c.level;
  take.level_db = loud;
  for (int i = 0; i < takes; i++)
    loud[i] = 12.0f;
  guide.feature = make_waves (FRAMES, 0, 1);
  take.feature = make_waves (takes, 1, 2);
  for (int i = 0, last = -1; i < FRAMES; i++) {
    const int at = (int) floor (turn (i));

    if (at > last && at < takes)
      add (&c, i, at, DMIX_ALIGN_MATCH);
    last = at;
  }
  dmix_warp_process (c.warp, &guide, &take, c.step, c.steps, &params, c.map);
  for (int i = 20; i < FRAMES - 20; i++) {
    off = MAX (off, fabs (c.map[i] - turn (i)));
    if (abs (i - 300) > 10)
      bends += fabs (c.map[i - 1] - 2.0 * c.map[i] + c.map[i + 1]);
  }
  g_test_message ("off by %.2f frames, bends by %.3f", off, bends);
  g_assert_cmpfloat (off, <, 2.2);
  g_assert_cmpfloat (bends, <, 0.25);
  g_free ((float *) guide.feature);
  g_free ((float *) take.feature);
  dmix_warp_free (c.warp);
}

/* In a protected range the take keeps its own speed for any path. */
static void
test_protect (void)
{
  const DmixWarpRange range = { 200, 300 };
  const DmixWarpParams params = {
    .max_stretch = 2.0,
    .protect = &range,
    .protects = 1,
  };
  Case c;

  case_init (&c);
  follow (&c, 1.2);
  run (&c, &params);
  for (int i = 200; i + 1 < 300; i++)
    g_assert_cmpfloat_with_epsilon (c.map[i + 1] - c.map[i], 1.0, 1e-6);
  dmix_warp_free (c.warp);
}

/* Pauses. A longer pause in the take: speech on both sides keeps its delay, and
 * the map skips the surplus within the pause. A longer pause in the guide: the
 * map fills it without going back. Wrongly matched frames do not bend the
 * map. */
static void
test_pauses (void)
{
  const DmixWarpParams params = { .max_stretch = 2.0 };
  Case c;

  case_init (&c);
  for (int i = 260; i < 340; i++)
    c.level[i] = 0.0f;
  for (int i = 0; i < 260; i++)
    add (&c, i, i, DMIX_ALIGN_MATCH);
  for (int i = 260; i < 340; i++)
    add (&c, i, 259, DMIX_ALIGN_GUIDE_ONLY);
  for (int k = 260; k < 400; k++)
    add (&c, 339, k, DMIX_ALIGN_TAKE_ONLY);
  for (int i = 340; i < FRAMES; i++)
    add (&c, i, i + 60, DMIX_ALIGN_MATCH);
  run (&c, &params);
  for (int i = 0; i < 260; i++)
    g_assert_cmpfloat_with_epsilon (c.map[i], i, 0.01);
  for (int i = 340; i < FRAMES; i++)
    g_assert_cmpfloat_with_epsilon (c.map[i], i + 60, 0.01);
  for (int i = 261; i < 340; i++)
    g_assert_true (
        fabs (c.map[i] - i) < 0.01 || fabs (c.map[i] - i - 60) < 0.01);
  dmix_warp_free (c.warp);

  case_init (&c);
  for (int i = 260; i < 340; i++)
    c.level[i] = 0.0f;
  for (int i = 0; i < 260; i++)
    add (&c, i, i, DMIX_ALIGN_MATCH);
  for (int i = 260; i < 340; i++)
    add (&c, i, 259, DMIX_ALIGN_GUIDE_ONLY);
  for (int i = 340; i < FRAMES; i++)
    add (&c, i, i - 60, DMIX_ALIGN_MATCH);
  run (&c, &params);
  for (int i = 0; i < FRAMES; i++)
    if (i < 260 || i >= 340)
      g_assert_cmpfloat_with_epsilon (c.map[i], i < 260 ? i : i - 60, 0.01);
  dmix_warp_free (c.warp);

  case_init (&c);
  for (int i = 0; i < FRAMES; i++)
    add (&c, i, i + (i == 300 ? 40 : 0), DMIX_ALIGN_MATCH);
  run (&c, &params);
  g_assert_cmpfloat (fabs (c.map[300] - 300), <, 1.0);
  dmix_warp_free (c.warp);
}

/* Protected ranges and anchors may lie partly or wholly outside the frames. */
static void
test_beyond_the_frames (void)
{
  const DmixWarpRange range[] = {
    { -50, 100 },
    { 500, FRAMES + 50 },
    { -300, -200 },
    { FRAMES + 10, FRAMES + 90 },
  };
  const DmixAlignAnchor anchor[] = { { -5, 0 }, { FRAMES, 2 * FRAMES - 1 } };
  const DmixWarpParams params = {
    .max_stretch = 2.0,
    .protect = range,
    .protects = G_N_ELEMENTS (range),
    .anchor = anchor,
    .anchors = G_N_ELEMENTS (anchor),
  };
  Case c;

  case_init (&c);
  follow (&c, 1.2);
  run (&c, &params);
  for (int i = 0; i + 1 < FRAMES; i++)
    if (i + 1 < 100 || i >= 500)
      g_assert_cmpfloat_with_epsilon (c.map[i + 1] - c.map[i], 1.0, 1e-6);
  for (int i = 200; i < 400; i++)
    g_assert_cmpfloat_with_epsilon (c.map[i + 1] - c.map[i], 1.2, 0.05);
  dmix_warp_free (c.warp);
}

/* An anchor holds the map at its frame; without it the map goes through the
 * path, two frames away. */
static void
test_anchor (void)
{
  const DmixAlignAnchor anchor = { 300, 302 };
  DmixWarpParams params = { .max_stretch = 2.0 };
  Case c;

  case_init (&c);
  for (int i = 0; i < FRAMES; i++)
    add (&c, i, i, DMIX_ALIGN_MATCH);
  run (&c, &params);
  g_assert_cmpfloat_with_epsilon (c.map[300], 300, 1e-6);
  params.anchor = &anchor;
  params.anchors = 1;
  run (&c, &params);
  g_assert_cmpfloat_with_epsilon (c.map[300], 302, 0.1);
  g_assert_cmpfloat_with_epsilon (c.map[50], 50, 0.1);
  dmix_warp_free (c.warp);
}

static void
test_arguments (void)
{
  g_assert_null (dmix_warp_new (0));
  dmix_warp_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/warp/delay", test_delay);
  g_test_add_func ("/warp/speed", test_speed);
  g_test_add_func ("/warp/turn", test_turn);
  g_test_add_func ("/warp/protect", test_protect);
  g_test_add_func ("/warp/pauses", test_pauses);
  g_test_add_func ("/warp/beyond-the-frames", test_beyond_the_frames);
  g_test_add_func ("/warp/anchor", test_anchor);
  g_test_add_func ("/warp/arguments", test_arguments);
  return g_test_run ();
}
