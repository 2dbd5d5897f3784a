/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* An explosion in the LFE of 5.1 changes no bit of the other channels, in any
 * element: detectors, noise estimates, levels and alignment leave it out, as
 * BS.1770 does. (The splices of dmixadr have to suit all channels of the take,
 * its LFE too.) */
#include "ducker_rig.h"
#include "speechrig.h"

#define RATE 16000
#define CHANNELS 6
#define LFE 3

typedef struct
{
  const gchar *element, *loud, *other; /* pad with the explosion; other pad */
} Scene;

static const Scene scenes[] = {
  { "dmixcomp threshold=-30", "sink", NULL },
  { "dmixcomp threshold=-30 detector=peak link=0.5", "sink", NULL },
  { "dmixcomp threshold=-30 detector=k-weighted", "sink", NULL },
  { "dmixcomp mode=limit ceiling=-20", "sink", NULL },
  { "dmixcomp mode=gate threshold=-40", "sink", NULL },
  { "dmixcomp mode=upward threshold=-20", "sink", NULL },
  { "dmixlevel ceiling=20", "sink", NULL },
  { "dmixlevel anchor=programme ceiling=20", "sink", NULL },
  { "dmixdenoise", "sink", NULL },
  { "dmixdialogue boost=6 target=20 ceiling=20", "sink", NULL },
  { "dmixducker", "background", "dialogue" },
  { "dmixducker", "dialogue", "background" },
  { "dmixducker trigger=speech spectral=9", "background", "dialogue" },
  { "dmixducker trigger=speech goal=sii meter=true", "dialogue", "background" },
  { "dmixadr room-tone=full match-eq=1", "guide", "take" },
};

/* Speech in the centre, noise in all channels; an explosion (40 Hz) of this
 * peak in the LFE, each second. */
static gfloat *
sound (guint32 seed, gdouble peak, guint *frames)
{
  const RigText text = rig_text (1);
  gdouble start[RIG_SYLLABLES + 1];
  gsize count;
  gfloat *speech = rig_speak (&text, NULL, 90 + 20 * seed, RATE, start, &count);
  gfloat *out;

  count = MIN (count, 3 * RATE);
  out = g_new (gfloat, CHANNELS * count);
  fill_noise (out, CHANNELS * count, 0.002, seed);
  for (gsize i = 0; i < count; i++) {
    const gdouble t = (gdouble) i / RATE;

    out[CHANNELS * i + 2] += speech[i];
    out[CHANNELS * i + LFE] +=
        (gfloat) (peak * (fmod (t, 1) > 0.4) * sin (2 * G_PI * 40 * t));
  }
  g_free (speech);
  *frames = count;
  return out;
}

static Rig *
play (const Scene *scene, gdouble peak)
{
  Rig *rig = rig_new_element (scene->element);
  guint frames;
  gfloat *loud = sound (1, peak, &frames), *other = NULL;
  RigInput *input = rig_add (rig, scene->loud, RATE, CHANNELS);

  rig_queue (input, loud, frames, 1600, RATE, CHANNELS, 0);
  if (scene->other) {
    other = sound (2, 0, &frames);
    input = rig_add (rig, scene->other, RATE, CHANNELS);
    rig_queue (input, other, frames, 1600, RATE, CHANNELS, 0);
  }
  for (guint i = 0; i < rig->inputs; i++)
    rig_queue_event (&rig->input[i], gst_event_new_eos ());
  rig_feed (rig); /* filters put out no offsets, which rig_run() checks */
  rig_wait_eos (rig);
  g_free (loud);
  g_free (other);
  return rig;
}

GST_START_TEST (test_lfe)
{
  const Scene *scene = &scenes[__i__];
  Rig *silent = play (scene, 0.0), *loud = play (scene, 0.9);

  fail_unless (silent->samples->len > CHANNELS * RATE);
  fail_unless_equals_int (silent->samples->len, loud->samples->len);
  for (guint i = 0; i < silent->samples->len; i++)
    fail_unless (i % CHANNELS == LFE
            || g_array_index (silent->samples, gfloat, i)
                == g_array_index (loud->samples, gfloat, i),
        "%s, explosion on %s: channel %u differs at frame %u", scene->element,
        scene->loud, i % CHANNELS, i / CHANNELS);
  rig_free (silent);
  rig_free (loud);
}

GST_END_TEST
static Suite *
lfe_suite (void)
{
  Suite *s = suite_create ("lfe");
  TCase *tc = tcase_create ("lfe");

  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_loop_test (tc, test_lfe, 0, G_N_ELEMENTS (scenes));
  return s;
}

GST_CHECK_MAIN (lfe)
