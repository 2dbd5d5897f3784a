/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The elements inside dmixbin: as children, how they join while sound flows, and what
 * becomes of their messages. */
#include "ducker_rig.h"

#include <string.h>

#define RATE 48000

/*** children ***/

static void
count_child (GstChildProxy *bin, GObject *child, const gchar *name, gint *count)
{
  if (GST_IS_PAD (child))
    *count += g_str_equal (name, GST_PAD_NAME (child));
}

/* Pads and elements are children by name and by number; signals tell of pads that
 * come and go. */
GST_START_TEST (test_children)
{
  GstElement *bin = gst_element_factory_make ("dmixbin", NULL);
  GstChildProxy *proxy = GST_CHILD_PROXY (bin);
  gint added = 0, removed = 0;
  gdouble value;
  GObject *child;
  GstPad *pad;
  guint count;

  gst_object_ref_sink (bin);
  g_signal_connect (bin, "child-added", G_CALLBACK (count_child), &added);
  g_signal_connect (bin, "child-removed", G_CALLBACK (count_child), &removed);
  pad = gst_element_request_pad_simple (bin, "dialogue_%u");
  fail_unless_equals_int (added, 1);
  child = gst_child_proxy_get_child_by_name (proxy, "dialogue_0");
  fail_unless (child == G_OBJECT (pad));
  g_object_unref (child);
  gst_child_proxy_set (proxy, "dialogue_0::denoise", 9.0, "dialogue_0::steady",
      6.0, "ducker::hold", 700.0, "dialogue_0-denoise::sensitivity", 3.0, NULL);
  gst_child_proxy_get (proxy, "dialogue_0-denoise::reduction", &value, NULL);
  fail_unless_equals_float (value, 9.0);
  gst_child_proxy_get (proxy, "ducker::hold", &value, NULL);
  fail_unless_equals_float (value, 700.0);
  count = gst_child_proxy_get_children_count (proxy);
  /* ducker, pad, convert, resample, denoise, steady */
  fail_unless_equals_int (count, 6);
  for (guint i = 0; i < count; i++) {
    child = gst_child_proxy_get_child_by_index (proxy, i);
    fail_unless (GST_IS_OBJECT (child), "child %u", i);
    g_object_unref (child);
  }
  fail_unless (gst_child_proxy_get_child_by_index (proxy, count) == NULL);
  fail_unless (gst_child_proxy_get_child_by_name (proxy, "nobody") == NULL);
  gst_element_release_request_pad (bin, pad);
  fail_unless_equals_int (removed, 1);
  fail_unless_equals_int (gst_child_proxy_get_children_count (proxy), 1);
  gst_object_unref (pad);
  gst_object_unref (bin);
}
GST_END_TEST

/* Each element of a pad is linked to the next one, the last one to the ducker. */
static void
check_chain (GstElement *mix, const gchar *pad, const gchar **chain)
{
  for (guint i = 0; chain[i]; i++) {
    gchar *name = g_strdup_printf ("%s-%s", pad, chain[i]);
    gchar *next = chain[i + 1] ? g_strdup_printf ("%s-%s", pad, chain[i + 1])
                               : g_strdup ("ducker");
    GstElement *element = gst_bin_get_by_name (GST_BIN (mix), name);
    GstPad *src = gst_element_get_static_pad (element, "src");
    GstPad *peer = gst_pad_get_peer (src);

    fail_unless (peer != NULL, "%s leads nowhere", name);
    fail_unless_equals_string (GST_OBJECT_NAME (GST_OBJECT_PARENT (peer)),
        next);
    gst_object_unref (peer);
    gst_object_unref (src);
    gst_object_unref (element);
    g_free (name);
    g_free (next);
  }
}

/* A launch line sets properties of a pad again whenever a child comes: each element
 * joins once, in its place. */
GST_START_TEST (test_launch_line)
{
  const gchar *chain[] = { "convert", "resample", "denoise", "steady", "pan",
    NULL };
  GstElement *bin = gst_parse_launch ("dmixbin name=m layout=stereo "
                                      "dialogue_0::denoise=6 "
                                      "dialogue_0::steady=6 "
                                      "dialogue_0::pan=20 ! fakesink "
                                      "audiotestsrc num-buffers=20 ! "
                                      "m.dialogue_0",
      NULL);
  GstElement *mix = gst_bin_get_by_name (GST_BIN (bin), "m");
  GstBus *bus = gst_element_get_bus (bin);
  GstMessage *message;

  check_chain (mix, "dialogue_0", chain);
  fail_unless_equals_int (GST_BIN_NUMCHILDREN (mix), 6);
  gst_element_set_state (bin, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 10 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
  gst_message_unref (message);
  gst_element_set_state (bin, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (mix);
  gst_object_unref (bin);
}
GST_END_TEST

/* The graph for GST_DEBUG_BIN_TO_DOT_FILE names each element by its pad. */
GST_START_TEST (test_graph)
{
  Rig *rig = rig_new_element ("dmixbin name=m loudness=-23 "
                              "settings=dialogue_0::denoise=9");
  const gchar *names[] = { "dialogue_0_denoise", "dialogue_0_convert",
    "dialogue_0_resample", "ducker", "level" };
  gchar *graph;

  rig_add_fixed (rig, "dialogue_0", RATE, 1);
  gst_element_set_state (rig->element, GST_STATE_READY);
  graph = gst_debug_bin_to_dot_data (GST_BIN (rig->element),
      GST_DEBUG_GRAPH_SHOW_ALL);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    fail_unless (strstr (graph, names[i]) != NULL, "%s in\n%s", names[i],
        graph);
  g_free (graph);
  rig_free (rig);
}
GST_END_TEST

/*** what joins while data passes ***/

/* What passes a pad when something joins in its thread: the IDLE probe behind runs
 * at the end of just this push. The ducker keeps tags to itself. */
static const GstEventType moments[] = { GST_EVENT_UNKNOWN /* a buffer */,
  GST_EVENT_STREAM_START, GST_EVENT_CAPS, GST_EVENT_SEGMENT, GST_EVENT_TAG };
#define MOMENTS ((gint) G_N_ELEMENTS (moments))
#define MOMENTS_OF_DUCKER 4
#define BLOCK 480 /* of input, and of output */

typedef struct
{
  GstEventType moment;
  void (*act) (GstElement *bin);
  GstElement *bin;
  gboolean done;
} Joining;

static GstPadProbeReturn
act_at (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Joining *self = data;
  const GstEventType type = GST_IS_EVENT (info->data)
      ? GST_EVENT_TYPE (info->data)
      : GST_EVENT_UNKNOWN;

  if (type == self->moment && !self->done) {
    self->done = TRUE;
    self->act (self->bin);
  }
  return GST_PAD_PROBE_OK;
}

/* Plays noise into ambience_0, and acts when the moment passes `pad`. Of a single
 * block EOS follows at once. */
static void
play_joining (Rig *rig, GstPad *pad, Joining *joining, gboolean block)
{
  const guint frames = block ? BLOCK : RATE;
  gfloat *noise = rig_noise (frames, 0.1f, 1);
  RigInput *input = &rig->input[0];

  joining->bin = rig->element;
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_DATA_DOWNSTREAM, act_at, joining,
      NULL);
  rig_queue_event (input,
      gst_event_new_tag (gst_tag_list_new (GST_TAG_TITLE, "t", NULL)));
  rig_queue (input, noise, frames, BLOCK, RATE, 1, 0);
  rig_run (rig);
  fail_unless (joining->done);
  fail_unless_equals_int (input->flow, GST_FLOW_OK);
  fail_unless_equals_int (rig_frames (rig), frames);
  g_free (noise);
}

static void
check_events (GstPad *pad, guint count)
{
  for (guint i = 1; i < count; i++) {
    GstEvent *event = gst_pad_get_sticky_event (pad, moments[i], 0);

    fail_unless (event != NULL, "%s has not got to %s:%s",
        gst_event_type_get_name (moments[i]), GST_DEBUG_PAD_NAME (pad));
    gst_event_unref (event);
  }
}

static void
add_elements (GstElement *bin)
{
  gst_child_proxy_set (GST_CHILD_PROXY (bin), "ambience_0::denoise", 6.0,
      "ambience_0::steady", 6.0, NULL);
}

/* Two elements that join at once, behind one and the same push, get into their places
 * and get the events. */
GST_START_TEST (test_elements_join)
{
  const gchar *chain[] = { "convert", "resample", "denoise", "steady", NULL };
  Joining joining = { moments[__i__ % MOMENTS], add_elements };
  Rig *rig = rig_new_element ("dmixbin");
  GstPad *pad;
  GstElement *ducker;

  rig_add_fixed (rig, "ambience_0", RATE, 1);
  ducker = gst_bin_get_by_name (GST_BIN (rig->element), "ducker");
  pad = gst_element_get_static_pad (ducker, "background_2000");
  play_joining (rig, pad, &joining, __i__ >= MOMENTS);
  check_chain (rig->element, "ambience_0", chain);
  for (guint i = 2; chain[i]; i++) {
    gchar *name = g_strconcat ("ambience_0-", chain[i], NULL);
    GstElement *element = gst_bin_get_by_name (GST_BIN (rig->element), name);
    GstPad *sink = gst_element_get_static_pad (element, "sink");

    check_events (sink, MOMENTS);
    gst_object_unref (sink);
    gst_object_unref (element);
    g_free (name);
  }
  gst_object_unref (pad);
  gst_object_unref (ducker);
  rig_free (rig);
}
GST_END_TEST

static void
add_stem (GstElement *bin)
{
  gst_object_unref (gst_element_request_pad_simple (bin, "background"));
}

/* So does the tap for the stems behind the ducker, whose own events it gets. */
GST_START_TEST (test_stem_joins)
{
  Joining joining = { moments[__i__ % MOMENTS_OF_DUCKER], add_stem };
  Rig *rig = rig_new_element ("dmixbin");
  GstElement *tap;
  GstPad *sink, *stem;

  rig_add_fixed (rig, "ambience_0", RATE, 1);
  play_joining (rig, rig->sink, &joining, __i__ >= MOMENTS_OF_DUCKER);
  tap = gst_bin_get_by_name (GST_BIN (rig->element), "stems");
  sink = gst_element_get_static_pad (tap, "sink");
  check_events (sink, MOMENTS_OF_DUCKER);
  stem = gst_element_get_static_pad (rig->element, "background");
  check_events (stem, MOMENTS_OF_DUCKER);
  gst_element_release_request_pad (rig->element, stem);
  gst_object_unref (stem);
  gst_object_unref (sink);
  gst_object_unref (tap);
  rig_free (rig);
}
GST_END_TEST

/*** messages ***/

/* One message every interval, without a hole, with the fields of the documentation;
 * those of the inner elements stay inside. With `analyse` the last one is the
 * proposal. */
GST_START_TEST (test_messages)
{
  const gchar *fields[] = { "dialogue-active", "gain", "momentary", "shortterm",
    "integrated", "range", "true-peak", "verdict", "verdict-text", "sii",
    "glimpse-proportion", "level-gain", "limiter" };
  const gboolean analyse = __i__ == 1;
  const guint frames = 4 * RATE;
  Rig *rig = rig_new_element (analyse
          ? "dmixbin analyse=true interval=100000000"
          : "dmixbin meter=true loudness=-23 interval=100000000");
  gfloat *noise = rig_noise (frames, 0.1f, 1);
  guint64 next = 0;
  guint proposals = 0, last = 0, seen = 0;
  GstMessage *message;

  rig_queue (rig_add_fixed (rig, "ambience_0", RATE, 1), noise, frames, 1000,
      RATE, 1, 0);
  rig_queue (rig_add_fixed (rig, "dialogue_0", RATE, 1), noise, frames / 2,
      1000, RATE, 1, 0);
  rig_run (rig);
  while ((message = gst_bus_pop_filtered (rig->bus, GST_MESSAGE_ELEMENT))) {
    const GstStructure *s = gst_message_get_structure (message);
    guint64 timestamp, duration;

    seen++;
    fail_unless (GST_MESSAGE_SRC (message) == GST_OBJECT (rig->element));
    if (gst_structure_has_name (s, "dmixbin-proposal")) {
      fail_unless (
          gst_structure_has_field_typed (s, "settings", G_TYPE_STRING));
      fail_unless (
          gst_structure_has_field_typed (s, "reasons", GST_TYPE_ARRAY));
      proposals++;
      last = seen;
      gst_message_unref (message);
      continue;
    }
    fail_unless (gst_structure_has_name (s, "dmixbin"), "%s",
        gst_structure_get_name (s));
    fail_unless (gst_structure_get (s, "timestamp", G_TYPE_UINT64, &timestamp,
        "duration", G_TYPE_UINT64, &duration, NULL));
    fail_unless_equals_uint64 (timestamp, next);
    next += duration;
    if (!analyse && timestamp >= GST_SECOND)
      for (guint f = 0; f < G_N_ELEMENTS (fields); f++)
        fail_unless (gst_structure_has_field (s, fields[f]), "%s", fields[f]);
    gst_message_unref (message);
  }
  fail_unless_equals_int (proposals, analyse);
  fail_unless (!analyse || last == seen);
  fail_unless_equals_uint64 (next, 4 * GST_SECOND);
  g_free (noise);
  rig_free (rig);
}
GST_END_TEST

static Suite *
dmixbinchildren_suite (void)
{
  Suite *suite = suite_create ("dmixbinchildren");
  TCase *tc = tcase_create ("general");

  tcase_set_timeout (tc, 120);
  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_children);
  tcase_add_test (tc, test_launch_line);
  tcase_add_test (tc, test_graph);
  tcase_add_loop_test (tc, test_elements_join, 0, 2 * MOMENTS);
  tcase_add_loop_test (tc, test_stem_joins, 0, 2 * MOMENTS_OF_DUCKER);
  tcase_add_loop_test (tc, test_messages, 0, 2);
  return suite;
}

GST_CHECK_MAIN (dmixbinchildren)
