/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmixdenoise as an element: time, formats, profile and messages. The effect
 * on sound is tested in tests/dsp and tests/quality. */
#include "filter_rig.h"

#include <math.h>
#include <string.h>

#define RATE 48000

/* Each test is a loop over these. */
static const gchar *estimators[] = { "statistical", "learned" };

static GstHarness *
denoise_new (gint estimator, const gchar *settings, gint rate)
{
  gchar *all =
      g_strdup_printf ("estimator=%s %s", estimators[estimator], settings);
  GstHarness *h = filter_rig_new ("dmixdenoise", all, rate, 1);

  g_free (all);
  return h;
}

/* Syllables of a buzz with formants over noise: as much of a voice as a test
 * can make. */
static gfloat *
speech (guint frames, gint rate, gfloat noise_peak)
{
  gfloat *made = filter_rig_noise (frames, noise_peak, 1);

  for (guint i = 0; i < frames; i++) {
    const gdouble t = (gdouble) i / rate;
    const gdouble loud = fmax (0, sin (2 * G_PI * 2.5 * t)) * 0.2;

    for (guint k = 1; k <= 20; k++)
      made[i] += (gfloat) (loud / k
          * sin (2 * G_PI * 140 * k * t + 3 * sin (2 * G_PI * 1.3 * t)));
  }
  return made;
}

/* The reported latency is the measured one, and no frame is lost, at every rate
 * and in both modes; with reduction 0 the output is the input (-120 dB). */
GST_START_TEST (test_time)
{
  const gint rates[] = { 8000, 44100, 48000, 96000, 192000 };

  for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
    for (guint low = 0; low < 2; low++) {
      GstHarness *h = denoise_new (__i__,
          low ? "reduction=0 latency-mode=low" : "reduction=0", rates[r]);
      const guint frames = rates[r] / 2 + 77;
      gfloat *sound = filter_rig_noise (frames, 0.5f, 2);
      GArray *out = g_array_new (FALSE, FALSE, sizeof (gfloat));
      guint delay;

      filter_rig_push (h, sound, 0, frames, rates[r], 1);
      filter_rig_pull (h, out, rates[r], 1);
      delay = frames - out->len;
      fail_unless_equals_int (delay,
          gst_util_uint64_scale_round (gst_harness_query_latency (h), rates[r],
              GST_SECOND));
      fail_unless (delay <= (guint) rates[r] * (low ? 12 : 32) / 1000);
      gst_harness_push_event (h, gst_event_new_eos ());
      filter_rig_pull (h, out, rates[r], 1);
      fail_unless_equals_int (out->len, frames);
      for (guint i = 0; i < frames; i++)
        if (fabsf (g_array_index (out, gfloat, i) - sound[i]) > 5e-7f)
          fail ("frame %u at %d Hz is another one", i, rates[r]);
      g_array_unref (out);
      g_free (sound);
      gst_harness_teardown (h);
    }
  }
}
GST_END_TEST

/* clean + residual = input, and bypass is the input to the bit. */
GST_START_TEST (test_parts_add_up)
{
  const gchar *settings[] = {
    "reduction=20",
    "reduction=20 output=residual",
    "reduction=20 bypass=true",
  };
  const guint frames = 2 * RATE;
  gfloat *sound = speech (frames, RATE, 0.05f);
  GArray *part[3];

  for (guint s = 0; s < 3; s++) {
    GstHarness *h = denoise_new (__i__, settings[s], RATE);

    part[s] = filter_rig_play (h, sound, frames, 1013, RATE, 1);
    gst_harness_teardown (h);
  }
  for (guint i = 0; i < frames; i++)
    if (fabsf (g_array_index (part[0], gfloat, i)
            + g_array_index (part[1], gfloat, i) - sound[i])
        > 5e-7f)
      fail ("frame %u does not add up", i);
  fail_unless (!memcmp (part[2]->data, sound, frames * sizeof *sound));
  for (guint s = 0; s < 3; s++)
    g_array_unref (part[s]);
  g_free (sound);
}
GST_END_TEST

static void
note (GObject *object, GParamSpec *spec, gpointer count)
{
  (*(guint *) count)++;
}

/* A profile that was learnt can be read, said to be there, set on another
 * element, kept in a preset, and works: a noise that comes up where no noise
 * was before is lowered at once, which no adaptive way can. */
GST_START_TEST (test_profile)
{
  gfloat *noise = filter_rig_noise (2 * RATE, 0.1f, 3);
  gfloat *later = filter_rig_noise (2 * RATE, 0.1f, 4);
  GstHarness *h = denoise_new (__i__, "learn=true", RATE);
  GstElement *element = gst_harness_find_element (h, "dmixdenoise");
  gchar *profile, *again;
  guint noted = 0;
  GArray *out;

  memset (later, 0, RATE * sizeof *later);
  g_signal_connect (element, "notify::profile", G_CALLBACK (note), &noted);
  g_object_get (element, "profile", &profile, NULL);
  fail_unless_equals_string (profile, "");
  g_free (profile);
  filter_rig_push (h, noise, 0, RATE, RATE, 1);
  g_object_set (element, "learn", FALSE, NULL);
  filter_rig_push (h, noise, RATE, RATE, RATE, 1);
  fail_unless_equals_int (noted, 1);
  g_object_get (element, "profile", &profile, NULL);
  fail_unless (strlen (profile) > 100, "%s", profile);
  fail_unless (fabs (g_ascii_strtod (profile, NULL) - 1) < 0.1);
  gst_object_unref (element);
  gst_harness_teardown (h);

  h = denoise_new (__i__, "noise=learned reduction=20", RATE);
  element = gst_harness_find_element (h, "dmixdenoise");
  g_object_set (element, "profile", profile, NULL);
  g_object_get (element, "profile", &again, NULL);
  fail_unless_equals_string (again, profile);
  g_free (again);
  /* text that is no profile changes nothing */
  g_object_set (element, "profile", "1.0:-80 and so on", NULL);
  g_object_get (element, "profile", &again, NULL);
  fail_unless_equals_string (again, profile);
  g_free (again);
  out = filter_rig_play (h, later, 2 * RATE, 1024, RATE, 1);
  fail_unless (
      fabs (filter_rig_rms_db (later, RATE + 4800, 4800)
          - filter_rig_rms_db ((gfloat *) out->data, RATE + 4800, 4800) - 20)
      < 2);
  g_array_unref (out);

  g_setenv ("XDG_DATA_HOME", g_get_tmp_dir (), TRUE);
  fail_unless (gst_preset_save_preset (GST_PRESET (element), "a-room"));
  g_object_set (element, "profile", "", NULL);
  g_object_get (element, "profile", &again, NULL);
  fail_unless_equals_string (again, "");
  g_free (again);
  fail_unless (gst_preset_load_preset (GST_PRESET (element), "a-room"));
  g_object_get (element, "profile", &again, NULL);
  fail_unless_equals_string (again, profile);
  fail_unless (gst_preset_delete_preset (GST_PRESET (element), "a-room"));
  g_free (again);
  g_free (profile);
  g_free (noise);
  g_free (later);
  gst_object_unref (element);
  gst_harness_teardown (h);
}
GST_END_TEST

/* Every buffer says how loud it is, and none of them that there is a voice in
 * steady noise once it is known. */
GST_START_TEST (test_level_meta)
{
  gfloat *noise = filter_rig_noise (4 * RATE, 0.1f, 5);
  GstHarness *h = denoise_new (__i__, "", RATE);
  GstBuffer *buffer;
  guint buffers = 0, voiced = 0;

  for (guint i = 0; i < 4 * RATE; i += 960)
    filter_rig_push (h, noise, i, 960, RATE, 1);
  while ((buffer = gst_harness_try_pull (h))) {
    GstAudioLevelMeta *meta = gst_buffer_get_audio_level_meta (buffer);
    GstMapInfo map;

    fail_unless (meta != NULL);
    gst_buffer_map (buffer, &map, GST_MAP_READ);
    fail_unless (fabs (meta->level
                     + filter_rig_rms_db ((gfloat *) map.data, 0, map.size / 4))
        <= 1);
    gst_buffer_unmap (buffer, &map);
    if (GST_BUFFER_PTS (buffer) > GST_SECOND) {
      buffers++;
      voiced += meta->voice_activity;
    }
    gst_buffer_unref (buffer);
  }
  fail_unless (buffers > 140);
  fail_unless (voiced <= buffers / 50, "%u of %u", voiced, buffers);
  g_free (noise);
  gst_harness_teardown (h);
}
GST_END_TEST

/* Messages are contiguous and have the noise level and its reduction. */
GST_START_TEST (test_messages)
{
  gfloat *noise = filter_rig_noise (3 * RATE, 0.1f, 6);
  GstHarness *h = denoise_new (__i__, "reduction=10", RATE);
  GstElement *element = gst_harness_find_element (h, "dmixdenoise");
  GstBus *bus = gst_bus_new ();
  guint64 next = 0;
  GstMessage *message;
  GArray *out;

  gst_element_set_bus (element, bus);
  out = filter_rig_play (h, noise, 3 * RATE, 1013, RATE, 1);
  while ((message = gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT))) {
    const GstStructure *s = gst_message_get_structure (message);
    guint64 timestamp, duration;
    gdouble voice, level, reduction;

    fail_unless (gst_structure_has_name (s, "dmixdenoise"));
    fail_unless (gst_structure_get (s, "timestamp", G_TYPE_UINT64, &timestamp,
        "duration", G_TYPE_UINT64, &duration, "voice-activity", G_TYPE_DOUBLE,
        &voice, "noise-level", G_TYPE_DOUBLE, &level, "reduction",
        G_TYPE_DOUBLE, &reduction, NULL));
    fail_unless_equals_uint64 (timestamp, next);
    next += duration;
    fail_unless (voice >= 0 && voice <= 1);
    if (timestamp > 1500 * GST_MSECOND && timestamp < 2800 * GST_MSECOND) {
      fail_unless (fabs (level - filter_rig_rms_db (noise, 0, 3 * RATE)) < 2,
          "%f", level);
      fail_unless (fabs (reduction - 10) < 1, "%f", reduction);
    }
    gst_message_unref (message);
  }
  fail_unless_equals_uint64 (next, 3 * GST_SECOND);
  gst_element_set_bus (element, NULL);
  gst_object_unref (bus);
  gst_object_unref (element);
  g_array_unref (out);
  g_free (noise);
  gst_harness_teardown (h);
}
GST_END_TEST

/* A NaN: all that comes out is finite, and a second later as if it had not
 * been there. */
GST_START_TEST (test_bad_samples)
{
  const guint frames = 3 * RATE;
  gfloat *good = speech (frames, RATE, 0.05f), *bad;
  GArray *out[2];

  bad = g_memdup2 (good, frames * sizeof *good);
  bad[RATE] = NAN;
  bad[RATE + 1] = INFINITY;
  for (guint i = 0; i < 2; i++) {
    GstHarness *h = denoise_new (__i__, "", RATE);

    out[i] = filter_rig_play (h, i ? bad : good, frames, 1024, RATE, 1);
    gst_harness_teardown (h);
  }
  for (guint i = 0; i < frames; i++) {
    const gfloat a = g_array_index (out[0], gfloat, i);
    const gfloat b = g_array_index (out[1], gfloat, i);

    if (!isfinite (b) || (i > 2 * RATE && fabsf (a - b) > 1e-3f))
      fail ("frame %u: %f, not %f", i, b, a);
  }
  g_array_unref (out[0]);
  g_array_unref (out[1]);
  g_free (good);
  g_free (bad);
}
GST_END_TEST

/* 0.1 s after a flush (a seek) the noise is reduced as before it; a stream with
 * another id is another recording, whose first sound may be speech. */
GST_START_TEST (test_seek)
{
  gfloat *noise = filter_rig_noise (3 * RATE, 0.1f, 8);

  for (guint other = 0; other < 2; other++) {
    GstHarness *h = filter_rig_new ("dmixdenoise", "reduction=12", RATE, 1);
    GArray *out = g_array_new (FALSE, FALSE, sizeof (gfloat));
    GstSegment segment;

    filter_rig_push (h, noise, 0, 3 * RATE, RATE, 1);
    filter_rig_pull (h, out, RATE, 1);
    g_array_set_size (out, 0);
    gst_harness_push_event (h, gst_event_new_flush_start ());
    gst_harness_push_event (h, gst_event_new_flush_stop (TRUE));
    if (other) {
      GstCaps *caps = gst_pad_get_current_caps (h->srcpad);

      gst_harness_push_event (h, gst_event_new_stream_start ("another"));
      gst_harness_push_event (h, gst_event_new_caps (caps));
      gst_caps_unref (caps);
    }
    gst_segment_init (&segment, GST_FORMAT_TIME);
    gst_harness_push_event (h, gst_event_new_segment (&segment));
    filter_rig_push (h, noise, 0, RATE, RATE, 1);
    filter_rig_pull (h, out, RATE, 1);
    fail_unless (fabs (filter_rig_rms_db ((gfloat *) out->data, 0, RATE / 10)
                     - filter_rig_rms_db (noise, 0, RATE / 10)
                     + (other ? 0 : 12))
            < 1,
        "%f dB",
        filter_rig_rms_db ((gfloat *) out->data, 0, RATE / 10)
            - filter_rig_rms_db (noise, 0, RATE / 10));
    g_array_unref (out);
    gst_harness_teardown (h);
  }
  g_free (noise);
}
GST_END_TEST

static Suite *
dmixdenoise_suite (void)
{
  Suite *suite = suite_create ("dmixdenoise");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_time, 0, G_N_ELEMENTS (estimators));
  tcase_add_loop_test (tc, test_parts_add_up, 0, G_N_ELEMENTS (estimators));
  tcase_add_loop_test (tc, test_profile, 0, G_N_ELEMENTS (estimators));
  tcase_add_loop_test (tc, test_level_meta, 0, G_N_ELEMENTS (estimators));
  tcase_add_loop_test (tc, test_messages, 0, G_N_ELEMENTS (estimators));
  tcase_add_loop_test (tc, test_bad_samples, 0, G_N_ELEMENTS (estimators));
  tcase_add_test (tc, test_seek);
  return suite;
}

GST_CHECK_MAIN (dmixdenoise)
