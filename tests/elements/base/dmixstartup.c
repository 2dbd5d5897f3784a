/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The start of elements with several inputs: pads that come late, threads in any
 * order, and an input that never sends anything. */
#include <gst/app/gstappsrc.h>
#include <gst/audio/audio.h>
#include <gst/check/gstcheck.h>

#include <math.h>
#include <string.h>

#define CAPS(rate)                                                             \
  "audio/x-raw,format=" GST_AUDIO_NE (                                         \
      F32) ",layout=interleaved,channels=1,rate=" #rate

/*** an element that reaches PAUSED when the test says so, as a decodebin ***/

typedef GstElement Late;
typedef GstElementClass LateClass;

static GType late_get_type (void);
G_DEFINE_TYPE (Late, late, GST_TYPE_ELEMENT)

static GstStateChangeReturn
late_change_state (GstElement *element, GstStateChange transition)
{
  const GstStateChangeReturn ret =
      GST_ELEMENT_CLASS (late_parent_class)->change_state (element, transition);

  if (transition != GST_STATE_CHANGE_READY_TO_PAUSED
      || ret == GST_STATE_CHANGE_FAILURE)
    return ret;
  gst_element_post_message (element,
      gst_message_new_async_start (GST_OBJECT (element)));
  return GST_STATE_CHANGE_ASYNC;
}

static void
late_class_init (LateClass *klass)
{
  klass->change_state = late_change_state;
  gst_element_class_set_static_metadata (klass, "Late", "Test", "Late",
      "The dmix authors");
}

static void
late_init (Late *self)
{
}

static void
late_finish (GstElement *element)
{
  GST_STATE_LOCK (element);
  gst_element_continue_state (element, GST_STATE_CHANGE_SUCCESS);
  GST_STATE_UNLOCK (element);
  gst_element_post_message (element,
      gst_message_new_async_done (GST_OBJECT (element), GST_CLOCK_TIME_NONE));
}

/*** output ***/

typedef struct
{
  gint buffers; /* atomic */
  gfloat peak;  /* of the first buffer */
} Heard;

static void
hear (GstElement *sink, GstBuffer *buffer, GstPad *pad, Heard *heard)
{
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_READ);
  if (g_atomic_int_get (&heard->buffers) == 0)
    for (gsize i = 0; i < map.size / sizeof (gfloat); i++)
      heard->peak = MAX (heard->peak, fabsf (((gfloat *) map.data)[i]));
  gst_buffer_unmap (buffer, &map);
  g_atomic_int_inc (&heard->buffers);
}

static GstElement *
launch (const gchar *text, Heard *heard)
{
  GError *error = NULL;
  GstElement *pipeline = gst_parse_launch (text, &error), *sink;

  fail_unless (error == NULL, "%s: %s", text, error ? error->message : "");
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  *heard = (Heard){ 0, 0.0f };
  g_object_set (sink, "signal-handoffs", TRUE, NULL);
  g_signal_connect (sink, "handoff", G_CALLBACK (hear), heard);
  gst_object_unref (sink);
  return pipeline;
}

static void
assert_message (GstElement *pipeline, GstMessageType wanted, guint seconds)
{
  GstMessage *message = gst_bus_timed_pop_filtered (GST_ELEMENT_BUS (pipeline),
      seconds * GST_SECOND, wanted | GST_MESSAGE_ERROR);

  fail_unless (message != NULL, "no %s", gst_message_type_get_name (wanted));
  fail_unless_equals_string (GST_MESSAGE_TYPE_NAME (message),
      gst_message_type_get_name (wanted));
  gst_message_unref (message);
}

static void
end (GstElement *pipeline)
{
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}

/*** late pads ***/

static const struct
{
  const gchar *element, *early, *late;
} order[] = {
  { "dmixducker bypass=true trigger=level", "dialogue", "background" },
  { "dmixducker bypass=true trigger=level", "background", "dialogue" },
  { "dmixpanmix layout=mono", "sink_0", "sink_1" },
};

/* Nothing comes out, and nothing is lost, before the element that will add the
 * second pad has reached PAUSED: the first block has both. Then it ends. */
GST_START_TEST (test_late_pad)
{
  gchar *text = g_strdup_printf ("%s name=d ! fakesink name=sink audiotestsrc "
                                 "num-buffers=20 volume=0.1 "
                                 "! %s ! d.%s",
      order[__i__].element, CAPS (48000), order[__i__].early);
  Heard heard;
  GstElement *pipeline = launch (text, &heard);
  GstElement *late = g_object_new (late_get_type (), "name", "late", NULL);
  GstElement *d = gst_bin_get_by_name (GST_BIN (pipeline), "d");
  GstElement *more = gst_parse_bin_from_description (
      "audiotestsrc num-buffers=20 volume=0.4 ! " CAPS (48000), TRUE, NULL);

  gst_bin_add (GST_BIN (pipeline), late);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  g_usleep (300000);
  fail_unless_equals_int (g_atomic_int_get (&heard.buffers), 0);
  gst_bin_add (GST_BIN (pipeline), more);
  fail_unless (gst_element_link_pads (more, "src", d, order[__i__].late));
  gst_element_sync_state_with_parent (more);
  late_finish (late);
  assert_message (pipeline, GST_MESSAGE_EOS, 10);
  fail_unless (fabsf (heard.peak - 0.5f) < 0.01f, "peak %g", heard.peak);
  gst_object_unref (d);
  end (pipeline);
  g_free (text);
}
GST_END_TEST

static gpointer
request_pads (gpointer element)
{
  for (guint i = 0; i < 50; i++)
    fail_unless (gst_element_request_pad_simple (element, "sink_%u") != NULL);
  return NULL;
}

/* Threads that request pads at the same time get a pad each. */
GST_START_TEST (test_requests)
{
  GstElement *mix = gst_element_factory_make ("dmixpanmix", NULL);
  GThread *thread[4];
  GList *pad;

  for (guint i = 0; i < G_N_ELEMENTS (thread); i++)
    thread[i] = g_thread_new ("request", request_pads, mix);
  for (guint i = 0; i < G_N_ELEMENTS (thread); i++)
    g_thread_join (thread[i]);
  fail_unless_equals_int (mix->numsinkpads, 50 * G_N_ELEMENTS (thread));
  while ((pad = mix->sinkpads)) {
    GstPad *held = gst_object_ref (pad->data);

    gst_element_release_request_pad (mix, held);
    gst_object_unref (held); /* of the loop */
    gst_object_unref (held); /* of the request */
  }
  gst_object_unref (mix);
}
GST_END_TEST

/* A decodebin behind the element is not waited for: it waits for the output. */
GST_START_TEST (test_decodebin_behind)
{
  const gint64 start = g_get_monotonic_time ();
  Heard heard;
  GstElement *pipeline =
      launch ("dmixducker name=d ! audioconvert ! wavenc ! decodebin ! "
              "fakesink "
              "name=sink audiotestsrc num-buffers=100 ! d.background",
          &heard);

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  assert_message (pipeline, GST_MESSAGE_EOS, 20);
  fail_unless (g_get_monotonic_time () - start < 8 * G_TIME_SPAN_SECOND);
  end (pipeline);
}
GST_END_TEST

/*** one rate ***/

static void
push_sound (GstElement *pipeline, const gchar *name, const gchar *format,
    guint buffers)
{
  GstElement *src = gst_bin_get_by_name (GST_BIN (pipeline), name);
  GstCaps *caps = gst_caps_from_string (format);

  gst_app_src_set_caps (GST_APP_SRC (src), caps);
  for (guint i = 0; i < buffers; i++) {
    GstBuffer *buffer =
        gst_buffer_new_allocate (NULL, 960 * sizeof (gfloat), NULL);

    gst_buffer_memset (buffer, 0, 0, -1);
    GST_BUFFER_PTS (buffer) = i * 20 * GST_MSECOND;
    GST_BUFFER_DURATION (buffer) = 20 * GST_MSECOND;
    gst_app_src_push_buffer (GST_APP_SRC (src), buffer);
  }
  gst_caps_unref (caps);
  gst_object_unref (src);
}

static void
end_sound (GstElement *pipeline, const gchar *name)
{
  GstElement *src = gst_bin_get_by_name (GST_BIN (pipeline), name);

  gst_app_src_end_of_stream (GST_APP_SRC (src));
  gst_object_unref (src);
}

#define APP "appsrc format=time max-bytes=0 name="
#define FREE " ! audioconvert ! audioresample "

static const struct
{
  const gchar *element, *leader, *other;
  const gchar *before_other;
  gint rate; /* of the output; the leader's source has 44100, the other 48000 */
} race[] = {
  { "dmixducker", "background", "dialogue", FREE, 44100 },
  { "dmixpanmix layout=mono", "sink_0", "sink_1", FREE, 44100 },
  { "dmixducker", "background", "dialogue", "", 48000 },
  { "dmixducker", "background_0", "background_1", FREE, 44100 },
  { "dmixbin", "ambience_0", "dialogue_0", FREE, 44100 },
  { "dmixbin", "ambience_0", "music_0", FREE, 44100 },
};

static gint
output_rate (GstElement *pipeline)
{
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  GstPad *pad = gst_element_get_static_pad (sink, "sink");
  GstCaps *caps = gst_pad_get_current_caps (pad);
  GstAudioInfo info;

  fail_unless (caps && gst_audio_info_from_caps (&info, caps));
  gst_caps_unref (caps);
  gst_object_unref (pad);
  gst_object_unref (sink);
  return GST_AUDIO_INFO_RATE (&info);
}

/* The rate is that of the background, or of the first pad, or of a pad that has
 * no audioresample: whichever thread comes first. */
GST_START_TEST (test_rate)
{
  const guint r = __i__ / 2, leader_first = __i__ % 2;
  gchar *text = g_strdup_printf ("%s name=d ! fakesink name=sink " APP
                                 "leader" FREE "! d.%s " APP "other %s ! d.%s",
      race[r].element, race[r].leader, race[r].before_other, race[r].other);
  Heard heard;
  GstElement *pipeline = launch (text, &heard);

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (guint turn = 0; turn < 2; turn++) {
    if (turn == leader_first)
      push_sound (pipeline, "other", CAPS (48000), 5);
    else
      push_sound (pipeline, "leader", CAPS (44100), 5);
    g_usleep (200000);
  }
  end_sound (pipeline, "leader");
  end_sound (pipeline, "other");
  assert_message (pipeline, GST_MESSAGE_EOS, 10);
  fail_unless_equals_int (output_rate (pipeline), race[r].rate);
  end (pipeline);
  g_free (text);
}
GST_END_TEST

static const struct
{
  const gchar *element, *early, *late;
} lead[] = {
  { "dmixducker", "background_1", "background_0" },
  { "dmixbin", "music_0", "ambience_3" },
  { "dmixbin", "ambience_10", "ambience_2" },
  { "dmixbin", "effects_0", "programme" },
  { "dmixpanmix layout=mono", "sink_3", "sink_2" },
};

/* The pad that leads comes last, as that of a decodebin which is slower to start
 * than another one: the rate is its rate all the same. */
GST_START_TEST (test_late_leader)
{
  gchar *text = g_strdup_printf ("%s name=d ! fakesink name=sink audiotestsrc "
                                 "num-buffers=20 ! %s" FREE "! d.%s",
      lead[__i__].element, CAPS (48000), lead[__i__].early);
  Heard heard;
  GstElement *pipeline = launch (text, &heard);
  GstElement *late = g_object_new (late_get_type (), "name", "late", NULL);
  GstElement *d = gst_bin_get_by_name (GST_BIN (pipeline), "d");
  GstElement *more =
      gst_parse_bin_from_description ("audiotestsrc num-buffers=20 ! " CAPS (
                                          44100) FREE,
          TRUE, NULL);

  gst_bin_add (GST_BIN (pipeline), late);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  g_usleep (100000);
  gst_bin_add (GST_BIN (pipeline), more);
  fail_unless (gst_element_link_pads (more, "src", d, lead[__i__].late));
  gst_element_sync_state_with_parent (more);
  late_finish (late);
  assert_message (pipeline, GST_MESSAGE_EOS, 10);
  fail_unless_equals_int (output_rate (pipeline), 44100);
  gst_object_unref (d);
  end (pipeline);
  g_free (text);
}
GST_END_TEST

/* Pads that one thread pushes to do not wait for each other, and a pipeline
 * stops at once while a pad waits. */
GST_START_TEST (test_no_wait)
{
  const gint64 start = g_get_monotonic_time ();
  Heard heard;
  GstElement *pipeline =
      launch ("dmixducker name=d ! fakesink name=sink audiotestsrc "
              "num-buffers=20 "
              "! tee name=t t. ! audioconvert ! audioresample ! d.dialogue "
              "t. ! audioconvert ! audioresample ! d.background",
          &heard);

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  assert_message (pipeline, GST_MESSAGE_EOS, 10);
  end (pipeline);
  pipeline = launch ("dmixducker name=d ! fakesink name=sink " APP "other" FREE
                     "! d.dialogue " APP "leader" FREE "! d.background",
      &heard);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  push_sound (pipeline, "other", CAPS (48000), 5);
  g_usleep (100000);
  end (pipeline);
  fail_unless (g_get_monotonic_time () - start < 2 * G_TIME_SPAN_SECOND);
}
GST_END_TEST

/*** no data ***/

/* One pad gets data, the other none: a warning that names both and the remedy,
 * once; but none if only downstream waits. */
GST_START_TEST (test_starving)
{
  static const struct
  {
    const gchar *text, *full, *empty;
  } line[] = {
    { "dmixducker name=d ! fakesink name=sink " APP "a ! d.background " APP
      "b ! d.dialogue",
        "background", "dialogue" },
    { "dmixpanmix name=d ! fakesink name=sink " APP "a ! d.sink_0 " APP
      "b ! d.sink_1",
        "sink_0", "sink_1" },
    { "dmixadr name=d ! fakesink name=sink " APP "a ! d.guide " APP
      "b ! d.take",
        "guide", "take" },
    { "dmixducker name=d ! fakesink name=sink " APP "a ! d.background " APP
      "b ! d.dialogue",
        NULL, NULL },
  };
  GstElement *pipeline[G_N_ELEMENTS (line)];
  Heard heard[G_N_ELEMENTS (line)];

  for (guint l = 0; l < G_N_ELEMENTS (line); l++) {
    pipeline[l] = launch (line[l].text, &heard[l]);
    gst_element_set_state (pipeline[l],
        line[l].full ? GST_STATE_PLAYING : GST_STATE_PAUSED);
    push_sound (pipeline[l], "a", CAPS (48000), 3000);
    push_sound (pipeline[l], "b", CAPS (48000), line[l].full ? 1 : 3000);
  }
  for (guint l = 0; l < G_N_ELEMENTS (line); l++) {
    GstMessage *message =
        gst_bus_timed_pop_filtered (GST_ELEMENT_BUS (pipeline[l]),
            line[l].full ? 12 * GST_SECOND : GST_SECOND, GST_MESSAGE_WARNING);
    gchar *text;

    fail_unless ((message != NULL) == (line[l].full != NULL));
    if (message) {
      gst_message_parse_warning (message, NULL, &text);
      fail_unless (strstr (text, line[l].full) && strstr (text, line[l].empty)
              && strstr (text, "queue"),
          "%s", text);
      g_free (text);
      gst_message_unref (message);
    }
  }
  g_usleep (2500000);
  for (guint l = 0; l < G_N_ELEMENTS (line); l++) {
    fail_if (gst_bus_pop_filtered (GST_ELEMENT_BUS (pipeline[l]),
                 GST_MESSAGE_WARNING)
        != NULL);
    end (pipeline[l]);
  }
}
GST_END_TEST

static Suite *
dmixstartup_suite (void)
{
  Suite *suite = suite_create ("dmixstartup");
  TCase *tc = tcase_create ("startup");

  suite_add_tcase (suite, tc);
  tcase_set_timeout (tc, 60);
  tcase_add_loop_test (tc, test_late_pad, 0, G_N_ELEMENTS (order));
  tcase_add_test (tc, test_requests);
  tcase_add_test (tc, test_decodebin_behind);
  tcase_add_loop_test (tc, test_rate, 0, 2 * G_N_ELEMENTS (race));
  tcase_add_loop_test (tc, test_late_leader, 0, G_N_ELEMENTS (lead));
  tcase_add_test (tc, test_no_wait);
  tcase_add_test (tc, test_starving);
  return suite;
}

GST_CHECK_MAIN (dmixstartup)
