/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of adrscene.h. A pause is found to 10 rows: the level is smoothed
 * (test_pauses.c), and the windows of the powers are 5 rows long. */
#include "voices.h"

#include "adr/adrscene.h"

#define RATE 8000
#define NEAR 10 /* rows */

typedef struct
{
  double seconds, rms;
} Part;

static void
say (DmixAdrQueue *queue, const Part *part, size_t parts)
{
  const DmixFormat format = { RATE, 1 };

  g_assert_true (dmix_adrqueue_init (queue, &format));
  for (size_t p = 0; p < parts; p++) {
    const size_t frames = (size_t) (part[p].seconds * RATE);
    float *noise = g_new (float, frames);

    fill_noise (noise, frames, part[p].rms, (guint32) p);
    g_assert_true (dmix_adrqueue_push (queue, noise, frames));
    g_free (noise);
  }
}

static void
start (DmixAdrScene *scene, int64_t most_rows)
{
  memset (scene, 0, sizeof *scene);
  scene->most_rows = most_rows;
  scene->gap_rows = 140; /* 0.7 s */
  dmix_adrscene_reset (scene);
}

/* Sentences of 2 s, pauses of 1 s, and one of 0.4 s, too short to end a line.
 * Lines end in the long pauses; a scene has lines of at least 10 s in all. The
 * rest is the next scene. */
static void
test_pauses (void)
{
  const Part part[] = {
    { 0.5, 1e-4 },
    { 2, 0.1 },
    { 1, 1e-4 },
    { 1, 0.1 },
    { 0.4, 1e-4 },
    { 1, 0.1 },
    { 1, 1e-4 },
    { 2, 0.1 },
    { 1, 1e-4 },
    { 2, 0.1 },
    { 1, 1e-4 },
    { 2, 0.1 },
    { 1, 1e-4 },
  };
  /* first and last row of each pause */
  const size_t pause[][2] = {
    { 500, 700 },
    { 1180, 1380 },
    { 1780, 1980 },
    { 2380, 2580 },
  };
  DmixAdrQueue guide;
  DmixAdrScene scene;

  say (&guide, part, G_N_ELEMENTS (part));
  start (&scene, 12000);
  dmix_adrscene_process (&scene, &guide);
  g_assert_true (dmix_adrscene_is_known (&scene, &guide));
  g_assert_cmpuint (scene.lines, ==, 4);
  for (size_t k = 0; k < 4; k++) {
    g_assert_cmpuint (scene.line_end[k], >=, pause[k][0]);
    g_assert_cmpuint (scene.line_end[k], <=, pause[k][1]);
    g_assert_true (scene.line_speaks[k]);
  }
  g_assert_cmpint (dmix_adrscene_get_end (&scene), ==,
      (gint64) scene.line_end[3]);
  dmix_adrscene_next (&scene);
  g_assert_cmpint (scene.start, ==, dmix_adrscene_get_end (&scene));
  dmix_adrscene_process (&scene, &guide);
  g_assert_false (dmix_adrscene_is_known (&scene, &guide));
  g_assert_true (dmix_adrqueue_end (&guide));
  dmix_adrscene_process (&scene, &guide);
  g_assert_true (dmix_adrscene_is_known (&scene, &guide));
  dmix_adrscene_add_rest (&scene, &guide);
  g_assert_cmpint (dmix_adrscene_get_end (&scene), ==, guide.end_row);
  dmix_adrqueue_free (&guide);
}

/* A speaker without pauses is cut after 5 s, at the softest row of the last
 * third. */
static void
test_long_line (void)
{
  const Part part[] = { { 4.2, 0.1 }, { 0.1, 0.02 }, { 8, 0.1 } };
  DmixAdrQueue guide;
  DmixAdrScene scene;

  say (&guide, part, G_N_ELEMENTS (part));
  start (&scene, 1000);
  dmix_adrscene_process (&scene, &guide);
  g_assert_cmpuint (scene.lines, >, 1);
  g_assert_cmpuint (scene.line_end[0], >=, 840 - NEAR);
  g_assert_cmpuint (scene.line_end[0], <=, 860 + NEAR);
  for (size_t k = 1; k < scene.lines; k++) {
    g_assert_cmpuint (scene.line_end[k], >, scene.line_end[k - 1]);
    g_assert_cmpuint (scene.line_end[k] - scene.line_end[k - 1], <=, 1000);
  }
  dmix_adrqueue_free (&guide);
}

/* 5 s without speech end a line. */
static void
test_silence (void)
{
  const Part part[] = { { 12, 1e-4 } };
  DmixAdrQueue guide;
  DmixAdrScene scene;

  say (&guide, part, 1);
  start (&scene, 12000);
  dmix_adrscene_process (&scene, &guide);
  g_assert_true (dmix_adrscene_is_known (&scene, &guide));
  g_assert_cmpuint (scene.lines, ==, 2);
  for (size_t k = 0; k < 2; k++) {
    g_assert_cmpuint (scene.line_end[k], ==, 1000 * (k + 1));
    g_assert_false (scene.line_speaks[k]);
  }
  dmix_adrqueue_free (&guide);
}

/* Lines of a guide in which a louder noise fills each pause: three sentences of
 * 2.5 s, from 2, 6 and 10 s on. Pushed in pieces of `split` frames. */
static void
find_in_noise (DmixVoice *voice, size_t split, DmixAdrScene *scene)
{
  enum
  {
    FAST = 16000
  };
  const DmixFormat format = { FAST, 1 };
  const size_t frames = 14 * FAST;
  float *sound = g_new (float, frames);
  DmixAdrQueue guide;

  fill_noise (sound, frames, 0.02, 3);
  for (size_t i = 0; i < frames; i++)
    sound[i] *=
        i % (4 * FAST) < FAST / 2 || i % (4 * FAST) > 2 * FAST ? 0.05f : 1.0f;
  for (int k = 0; k < 3; k++)
    add_speech (sound, (2 + 4 * (size_t) k) * FAST, 2.5, FAST, 0.5);
  g_assert_true (dmix_adrqueue_init (&guide, &format));
  start (scene, 12000);
  dmix_adrscene_set_voice (scene, voice);
  for (size_t done = 0, n; done < frames; done += n) {
    n = MIN (split, frames - done);
    g_assert_true (dmix_adrqueue_push (&guide, sound + done, n));
    dmix_adrscene_process (scene, &guide);
  }
  g_assert_true (dmix_adrqueue_end (&guide));
  dmix_adrscene_process (scene, &guide);
  dmix_adrqueue_free (&guide);
  g_free (sound);
}

/* With a speech detector a line ends in the pause, though that is louder; the
 * same lines for any split. By level no line ends there. */
static void
test_loud_pauses (void)
{
  const DmixFormat format = { 16000, 1 };
  DmixVoice *voice = dmix_voice_new (&format, NULL);
  DmixAdrScene whole, parts, level;

  dmix_voice_set_detector (voice, DMIX_VOICE_LEARNED);
  find_in_noise (voice, 100000, &whole);
  dmix_voice_reset (voice);
  find_in_noise (voice, 77, &parts);
  find_in_noise (NULL, 100000, &level);
  for (size_t k = 0; k < whole.lines; k++)
    g_test_message ("line to row %zu, %d", whole.line_end[k],
        whole.line_speaks[k]);
  g_assert_cmpuint (whole.lines, ==, 3);
  for (size_t k = 0; k < 2; k++) {
    g_assert_cmpint ((int) whole.line_end[k], >, 200 * (4.5 + 4 * k));
    g_assert_cmpint ((int) whole.line_end[k], <, 200 * (6 + 4 * k));
    g_assert_true (whole.line_speaks[k]);
  }
  g_assert_cmpuint (parts.lines, ==, whole.lines);
  g_assert_cmpmem (parts.line_end, sizeof (size_t) * parts.lines,
      whole.line_end, sizeof (size_t) * whole.lines);
  g_assert_cmpuint (level.lines, !=, 3);
  dmix_voice_free (voice);
}

/* A rest too short for a scene of its own joins the scene before it. */
static void
test_rest (void)
{
  const Part part[] = { { 9.6, 0.1 }, { 0.9, 1e-4 }, { 0.5, 0.1 } };
  DmixAdrQueue guide;
  DmixAdrScene scene;

  say (&guide, part, G_N_ELEMENTS (part));
  start (&scene, 12000);
  g_assert_true (dmix_adrqueue_end (&guide));
  dmix_adrscene_process (&scene, &guide);
  dmix_adrscene_add_rest (&scene, &guide);
  g_assert_cmpint (dmix_adrscene_get_end (&scene), ==, guide.end_row);
  g_assert_true (dmix_adrscene_is_known (&scene, &guide));
  dmix_adrqueue_free (&guide);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/adrscene/pauses", test_pauses);
  g_test_add_func ("/adrscene/long-line", test_long_line);
  g_test_add_func ("/adrscene/silence", test_silence);
  g_test_add_func ("/adrscene/loud-pauses", test_loud_pauses);
  g_test_add_func ("/adrscene/rest", test_rest);
  return g_test_run ();
}
