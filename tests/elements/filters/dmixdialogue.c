/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmixdialogue as an element: time, stems, layouts, settings and messages. How
 * well it splits is tested in tests/dsp/dialogue and tests/quality. */
#include "filter_rig.h"

#include <math.h>
#include <string.h>

#define RATE 48000
#define CENTRE 2 /* of 5.1 and 7.1 */

static const gchar *estimators[] = { "statistical", "learned" };

static GstHarness *
dialogue_new (const gchar *settings, gint rate, gint channels, guint64 mask)
{
  return filter_rig_new_layout ("dmixdialogue", settings, rate, channels, mask);
}

/* Noise of its own in every channel; in one of them a buzz with the syllables
 * of a voice, in mono and stereo in all. */
static gfloat *
programme (guint frames, gint rate, gint channels, gfloat noise_peak)
{
  gfloat *made = filter_rig_noise (frames * channels, noise_peak, 1);

  for (guint i = 0; i < frames; i++) {
    const gdouble t = (gdouble) i / rate;
    gdouble voice = 0;

    for (guint k = 1; k <= 20 && 150 * k < (guint) rate / 2; k++)
      voice += sin (2 * G_PI * 140 * k * t + 3 * sin (2 * G_PI * 1.3 * t)) / k;
    voice *= 0.2 * fmax (0, sin (2 * G_PI * 2.5 * t));
    for (gint c = 0; c < channels; c++)
      if (channels <= 2 || c == CENTRE)
        made[i * channels + c] += (gfloat) voice;
  }
  return made;
}

/* The latency that the query returns is the measured one at every rate, and
 * with nothing to do the output is the input, bit by bit. */
GST_START_TEST (test_time)
{
  const gint rates[] = { 8000, 22050, 44100, 48000, 96000, 192000 };
  const guint lookaheads[] = { 0, 13, 100 };

  for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
    for (guint l = 0; l < G_N_ELEMENTS (lookaheads); l++) {
      gchar *settings = g_strdup_printf ("estimator=%s lookahead=%u",
          estimators[__i__], lookaheads[l]);
      GstHarness *h = dialogue_new (settings, rates[r], 2, 0);
      const guint frames = rates[r] / 2 + 77;
      gfloat *sound = programme (frames, rates[r], 2, 0.1f);
      GArray *out = g_array_new (FALSE, FALSE, sizeof (gfloat));
      guint delay;

      filter_rig_push (h, sound, 0, frames, rates[r], 2);
      filter_rig_pull (h, out, rates[r], 2);
      delay = frames - out->len / 2;
      fail_unless_equals_int (delay,
          gst_util_uint64_scale_round (gst_harness_query_latency (h), rates[r],
              GST_SECOND));
      fail_unless (delay <= rates[r] * (41 + lookaheads[l]) / 1000,
          "%u frames at %d Hz", delay, rates[r]);
      gst_harness_push_event (h, gst_event_new_eos ());
      filter_rig_pull (h, out, rates[r], 2);
      fail_unless_equals_int (out->len, 2 * frames);
      fail_unless (!memcmp (out->data, sound, out->len * sizeof (gfloat)),
          "%d Hz, %s", rates[r], settings);
      g_array_unref (out);
      g_free (sound);
      g_free (settings);
      gst_harness_teardown (h);
    }
  }
}
GST_END_TEST

/* Settings with which the output is the input bit by bit. */
GST_START_TEST (test_identity)
{
  const gchar *settings[] = {
    "keep-loudness=true",
    "ceiling=-30 range=60 hold=0 goal=sii",
    "boost=12 duck=20 spectral=6 bypass=true",
    "boost=12 keep-loudness=true output=dialogue bypass=true",
  };
  gfloat *sound = programme (RATE, RATE, 2, 0.1f);

  for (guint s = 0; s < G_N_ELEMENTS (settings); s++) {
    GstHarness *h = dialogue_new (settings[s], RATE, 2, 0);
    GArray *out = filter_rig_play (h, sound, RATE, 1013, RATE, 2);

    fail_unless (!memcmp (out->data, sound, out->len * sizeof (gfloat)), "%s",
        settings[s]);
    g_array_unref (out);
    gst_harness_teardown (h);
  }
  g_free (sound);
}
GST_END_TEST

/* How the stream is cut changes no bit. */
GST_START_TEST (test_splits)
{
  const gchar *settings[] = {
    "boost=6 duck=9",
    "target=15 spectral=6 keep-loudness=true",
    "output=dialogue",
    "output=background lookahead=0",
  };
  const guint frames = RATE / 2;
  gfloat *sound = programme (frames, RATE, 2, 0.1f);

  for (guint s = 0; s < G_N_ELEMENTS (settings); s++) {
    gchar *all =
        g_strconcat (settings[s], " estimator=", estimators[__i__], NULL);

    filter_rig_check_splits ("dmixdialogue", all, sound, frames, RATE, 2);
    g_free (all);
  }
  g_free (sound);
}
GST_END_TEST

typedef struct
{
  gint channels;
  guint64 mask;
} Layout;

static const Layout layouts[] = {
  { 1, 0 }, { 2, 0 }, { 3, 0x7 }, /* L R C */
  { 6, 0x3f },                    /* 5.1 */
  { 8, 0xc3f },                   /* 7.1 */
  { 12, 0x3bc3f },                /* 7.1.4 but for two */
  { 7, 0 },                       /* without positions */
};

static GArray *
stem (const gchar *output, const Layout *layout, const gfloat *sound,
    guint frames)
{
  gchar *settings = g_strdup_printf ("lookahead=0 output=%s", output);
  GstHarness *h = dialogue_new (settings, RATE, layout->channels, layout->mask);
  GArray *out =
      filter_rig_play (h, sound, frames, 4096, RATE, layout->channels);

  g_free (settings);
  gst_harness_teardown (h);
  return out;
}

/* Dialogue and background add up to the input (-120 dB of full scale) in every
 * layout, and neither is empty. */
GST_START_TEST (test_stems_add_up)
{
  const Layout *layout = layouts + __i__;
  const guint frames = 2 * RATE, n = frames * layout->channels;
  gfloat *sound = programme (frames, RATE, layout->channels, 0.05f);
  GArray *dialogue = stem ("dialogue", layout, sound, frames);
  GArray *background = stem ("background", layout, sound, frames);
  const gfloat *d = (gfloat *) dialogue->data, *b = (gfloat *) background->data;

  for (guint i = 0; i < n; i++)
    if (fabsf (d[i] + b[i] - sound[i]) > 1e-6f)
      fail ("sample %u: %g + %g for %g", i, d[i], b[i], sound[i]);
  fail_unless (filter_rig_rms_db (d, n / 2, n / 2) > -60);
  fail_unless (filter_rig_rms_db (b, n / 2, n / 2) > -60);
  g_array_unref (dialogue);
  g_array_unref (background);
  g_free (sound);
}
GST_END_TEST

/* In 5.1 and 7.1 with a voice in the centre, `boost` leaves surrounds and LFE
 * as they are, bit by bit, and lifts the syllables in the centre. */
GST_START_TEST (test_surround)
{
  const Layout *layout = layouts + 3 + __i__;
  const guint frames = 3 * RATE, channels = layout->channels;
  gfloat *sound = programme (frames, RATE, channels, 0.01f);
  GstHarness *h = dialogue_new ("boost=6 lookahead=0 ceiling=20 "
                                "estimator=statistical",
      RATE, channels, layout->mask);
  GArray *out = filter_rig_play (h, sound, frames, 4096, RATE, channels);
  const gfloat *y = (gfloat *) out->data;
  gdouble before = 0, after = 0;

  for (guint i = 0; i < frames; i++) {
    for (guint c = CENTRE + 1; c < channels; c++)
      if (y[i * channels + c] != sound[i * channels + c])
        fail ("channel %u of %u, frame %u", c, channels, i);
    if (i > 2 * RATE) {
      before += sound[i * channels + CENTRE] * sound[i * channels + CENTRE];
      after += y[i * channels + CENTRE] * y[i * channels + CENTRE];
    }
  }
  /* Half of the time is pause, where the noise stays. */
  fail_unless (10 * log10 (after / before) > 3, "%g dB",
      10 * log10 (after / before));
  fail_unless (10 * log10 (after / before) < 6.1);
  g_array_unref (out);
  g_free (sound);
  gst_harness_teardown (h);
}
GST_END_TEST

/* NaN and Inf are silence and leave no trace. */
GST_START_TEST (test_bad_samples)
{
  const gchar *settings[] = { "boost=6 duck=9", "output=dialogue",
    "output=background", "" };
  gfloat *sound = programme (RATE, RATE, 1, 0.1f);

  for (guint s = 0; s < G_N_ELEMENTS (settings); s++)
    filter_rig_check_bad_samples ("dmixdialogue", settings[s], sound, RATE,
        RATE);
  g_free (sound);
}
GST_END_TEST

/* `output` changes while playing: from any one to any other without a step
 * larger than the sound's own, and no frame is lost. */
GST_START_TEST (test_output_while_playing)
{
  const gchar *outputs[] = { "mix", "dialogue", "background", "dialogue", "mix",
    "background" };
  const guint part = RATE / 2, frames = G_N_ELEMENTS (outputs) * part;
  GstHarness *h = dialogue_new ("lookahead=0", RATE, 1, 0);
  GstElement *dialogue = gst_harness_find_element (h, "dmixdialogue");
  gfloat *tone = g_new (gfloat, frames);
  GArray *out = g_array_new (FALSE, FALSE, sizeof (gfloat));
  const gdouble w = 2 * G_PI * 200 / RATE;

  for (guint i = 0; i < frames; i++)
    tone[i] = 0.5f * (gfloat) sin (w * i);
  for (guint i = 0; i < frames; i += 480) {
    if (i % part == 0)
      gst_util_set_object_arg (G_OBJECT (dialogue), "output",
          outputs[i / part]);
    filter_rig_push (h, tone, i, 480, RATE, 1);
    filter_rig_pull (h, out, RATE, 1);
  }
  /* A fade of 5 ms adds .5 / 240 to a step of the tone. */
  filter_rig_check_steps (h, out, frames, RATE, 0.5f * (gfloat) w + 0.5f / 200);
  gst_object_unref (dialogue);
  g_array_unref (out);
  g_free (tone);
  gst_harness_teardown (h);
}
GST_END_TEST

/* After a flush the output is the one of a new stream, to the bit. */
GST_START_TEST (test_flush)
{
  const gchar *settings = "boost=6 target=15 keep-loudness=true";
  gfloat *loud = filter_rig_noise (2 * RATE, 1.0f, 7);
  gfloat *sound = programme (RATE, RATE, 2, 0.1f);
  GstHarness *h = dialogue_new (settings, RATE, 2, 0);
  GArray *want = filter_rig_play (h, sound, RATE, 1000, RATE, 2);
  GArray *out = g_array_new (FALSE, FALSE, sizeof (gfloat));
  GstSegment segment;
  GstBuffer *buffer;

  gst_harness_teardown (h);
  h = dialogue_new (settings, RATE, 2, 0);
  filter_rig_push (h, loud, 0, RATE, RATE, 2);
  gst_harness_push_event (h, gst_event_new_flush_start ());
  gst_harness_push_event (h, gst_event_new_flush_stop (TRUE));
  while ((buffer = gst_harness_try_pull (h)))
    gst_buffer_unref (buffer);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (h, gst_event_new_segment (&segment));
  for (guint i = 0; i < RATE; i += 1000)
    filter_rig_push (h, sound, i, 1000, RATE, 2);
  gst_harness_push_event (h, gst_event_new_eos ());
  filter_rig_pull (h, out, RATE, 2);
  fail_unless_equals_int (out->len, want->len);
  fail_unless (!memcmp (out->data, want->data, out->len * sizeof (gfloat)));
  g_array_unref (want);
  g_array_unref (out);
  g_free (loud);
  g_free (sound);
  gst_harness_teardown (h);
}
GST_END_TEST

/* Messages follow each other without a hole up to the end, and carry the
 * fields that the documentation lists. */
GST_START_TEST (test_messages)
{
  const gchar *fields[] = { "speech", "dialogue-loudness",
    "background-loudness", "duck", "loudness-gain", "limiter" };
  const guint frames = 4 * RATE + 777;
  gfloat *sound = programme (frames, RATE, 2, 0.05f);
  GstHarness *h = dialogue_new ("boost=3 duck=6 interval=50000000", RATE, 2, 0);
  GstElement *dialogue = gst_harness_find_element (h, "dmixdialogue");
  GstBus *bus = gst_bus_new ();
  guint64 next = 0;
  gdouble deepest = 0;
  GstMessage *message;
  GArray *out;

  gst_element_set_bus (dialogue, bus);
  out = filter_rig_play (h, sound, frames, 1013, RATE, 2);
  while ((message = gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT))) {
    const GstStructure *s = gst_message_get_structure (message);
    guint64 timestamp, duration;
    gdouble value;

    fail_unless (gst_structure_has_name (s, "dmixdialogue"));
    fail_unless (gst_structure_get (s, "timestamp", G_TYPE_UINT64, &timestamp,
        "duration", G_TYPE_UINT64, &duration, NULL));
    fail_unless_equals_uint64 (timestamp, next);
    next += duration;
    for (guint f = 0; f < G_N_ELEMENTS (fields); f++)
      fail_unless (gst_structure_get_double (s, fields[f], &value), "%s",
          fields[f]);
    gst_structure_get_double (s, "duck", &value);
    deepest = MIN (deepest, value);
    gst_message_unref (message);
  }
  fail_unless_equals_uint64 (next,
      gst_util_uint64_scale (frames, GST_SECOND, RATE));
  fail_unless (fabs (deepest + 6) < 0.1, "deepest %g dB", deepest);
  gst_element_set_bus (dialogue, NULL);
  gst_object_unref (bus);
  gst_object_unref (dialogue);
  g_array_unref (out);
  g_free (sound);
  gst_harness_teardown (h);
}
GST_END_TEST

static Suite *
dmixdialogue_suite (void)
{
  Suite *suite = suite_create ("dmixdialogue");
  TCase *tc = tcase_create ("general");

  tcase_set_timeout (tc, 120);
  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_time, 0, G_N_ELEMENTS (estimators));
  tcase_add_test (tc, test_identity);
  tcase_add_loop_test (tc, test_splits, 0, G_N_ELEMENTS (estimators));
  tcase_add_loop_test (tc, test_stems_add_up, 0, G_N_ELEMENTS (layouts));
  tcase_add_loop_test (tc, test_surround, 0, 2);
  tcase_add_test (tc, test_bad_samples);
  tcase_add_test (tc, test_output_while_playing);
  tcase_add_test (tc, test_flush);
  tcase_add_test (tc, test_messages);
  return suite;
}

GST_CHECK_MAIN (dmixdialogue)
