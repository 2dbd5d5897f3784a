/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Holes in a stream (lost packets), in every element with memory: a hole of
 * some seconds is silence of its length. The sound, and the readings of the
 * meter, are to the bit those of the same sound with zeros in the hole; however
 * the hole is told. */
#include "ducker_rig.h"
#include "filter_rig.h"

#include <math.h>
#include <string.h>

#define RATE 48000
#define PACKET (RATE / 50)
#define LENGTH (6 * RATE)

typedef enum
{
  ZEROS,   /* buffers of zeros */
  FLAGGED, /* the buffer behind the hole has DISCONT */
  GAP,     /* a GAP event */
  PLAIN,   /* nothing but timestamps */
  KINDS
} Kind;

/* Place and length of a hole, in packets. */
static const struct
{
  guint first, packets;
} holes[] = { { 40, 3 }, { 60, 1 }, { 70, 5 }, { 150, 50 }, { 290, 3 } };

static guint
hole_at (guint packet)
{
  for (guint i = 0; i < G_N_ELEMENTS (holes); i++)
    if (holes[i].first == packet)
      return holes[i].packets;
  return 0;
}

/* Is the buffer behind a hole flagged? A hole of one packet without a flag is
 * jitter, so it has the flag in each kind that has holes. */
static gboolean
is_flagged (guint lost, Kind kind)
{
  return lost > 0 && (kind == FLAGGED || (kind == PLAIN && lost == 1));
}

/* Syllables of noise over quieter noise, so that there is a level to follow. */
static gfloat *
make_sound (guint32 seed)
{
  gfloat *sound = filter_rig_noise (LENGTH, 0.5f, seed);

  for (guint i = 0; i < LENGTH; i++)
    sound[i] *= (gfloat) (0.05 + fmax (0, sin (2 * G_PI * 3.1 * i / RATE)));
  return sound;
}

/*** filters ***/

static const struct
{
  const gchar *element, *settings;
  guint channels; /* of the output */
} filters[] = {
  { "dmixcomp", "interval=50000000", 1 },
  { "dmixcomp", "mode=compress auto-release=true detector=k-weighted hold=100",
      1 },
  { "dmixcomp", "mode=limit ceiling=-12 makeup=6 lookahead=0", 1 },
  { "dmixcomp", "mode=gate threshold=-20 hold=50 release=400", 1 },
  { "dmixcomp", "mode=expand threshold=-20 lookahead=20", 1 },
  { "dmixcomp", "mode=upward threshold=-20 highpass=200", 1 },
  { "dmixdenoise", "interval=50000000", 1 },
  { "dmixdenoise", "latency-mode=low noise=learned-floor learn=true", 1 },
  { "dmixlevel", "target=-16 interval=50000000", 1 },
  { "dmixlevel", "anchor=programme lookahead=500", 1 },
  { "dmixmeter", "interval=50000000", 1 },
  { "dmixpan", "layout=5.1 azimuth=70 distance=4", 6 },
  { "dmixpan", "layout=stereo azimuth=30 doppler=true distance=20", 2 },
};

static void
push_silent (GstHarness *h, guint first, guint frames, Kind kind)
{
  const GstClockTime pts = gst_util_uint64_scale (first, GST_SECOND, RATE);
  gfloat *zeros;

  if (kind == GAP)
    gst_harness_push_event (h,
        gst_event_new_gap (pts,
            gst_util_uint64_scale (first + frames, GST_SECOND, RATE) - pts));
  if (kind != ZEROS)
    return;
  zeros = g_new0 (gfloat, LENGTH);
  filter_rig_push (h, zeros, first, frames, RATE, 1);
  g_free (zeros);
}

static void
push_flagged (GstHarness *h, const gfloat *sound, guint first)
{
  GstBuffer *buffer =
      gst_buffer_new_memdup (sound + first, PACKET * sizeof (gfloat));

  GST_BUFFER_PTS (buffer) = gst_util_uint64_scale (first, GST_SECOND, RATE);
  GST_BUFFER_DURATION (buffer) = GST_SECOND / 50;
  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  fail_unless_equals_int (gst_harness_push (h, buffer), GST_FLOW_OK);
}

static void
take_messages (GstBus *bus, GString *text)
{
  GstMessage *message;

  while ((message = gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT))) {
    gchar *line = gst_structure_to_string (gst_message_get_structure (message));

    g_string_append_printf (text, "%s\n", line);
    g_free (line);
    gst_message_unref (message);
  }
}

/* The samples that come out, contiguous; the messages are added to `text`. */
static GArray *
play_filter (guint f, const gfloat *sound, Kind kind, GString *text)
{
  GstHarness *h =
      filter_rig_new (filters[f].element, filters[f].settings, RATE, 1);
  GArray *out = g_array_new (FALSE, FALSE, sizeof (gfloat));
  GstBus *bus = gst_bus_new ();
  GstElement *element = gst_harness_find_element (h, filters[f].element);
  guint lost = 0;

  gst_element_set_bus (element, bus);
  for (guint p = 0; p < LENGTH / PACKET; p++) {
    const guint hole = hole_at (p);

    if (hole > 0) {
      push_silent (h, p * PACKET, hole * PACKET, kind);
      p += hole - 1;
      lost = hole;
      continue;
    }
    if (is_flagged (lost, kind))
      push_flagged (h, sound, p * PACKET);
    else
      filter_rig_push (h, sound, p * PACKET, PACKET, RATE, 1);
    lost = 0;
    filter_rig_pull (h, out, RATE, filters[f].channels);
  }
  gst_harness_push_event (h, gst_event_new_eos ());
  filter_rig_pull (h, out, RATE, filters[f].channels);
  take_messages (bus, text);
  gst_element_set_bus (element, NULL);
  gst_object_unref (element);
  gst_object_unref (bus);
  gst_harness_teardown (h);
  return out;
}

static void
check_messages (const gchar *text, const gchar *wanted, gboolean exact)
{
  gchar **lines = g_strsplit (text, "\n", -1);
  gchar **wanted_lines = g_strsplit (wanted, "\n", -1);

  fail_unless_equals_int (g_strv_length (lines), g_strv_length (wanted_lines));
  /* means of other elements are rounded at the ends of blocks */
  for (guint i = 0; exact && lines[i]; i++)
    fail_unless_equals_string (lines[i], wanted_lines[i]);
  g_strfreev (lines);
  g_strfreev (wanted_lines);
}

GST_START_TEST (test_filters)
{
  gfloat *sound = make_sound (__i__ + 1);
  GString *wanted_text = g_string_new (NULL), *text = g_string_new (NULL);
  GArray *wanted = play_filter (__i__, sound, ZEROS, wanted_text);

  fail_unless (wanted->len >= LENGTH * filters[__i__].channels);
  for (guint kind = FLAGGED; kind < PLAIN; kind++) {
    GArray *out;

    g_string_truncate (text, 0);
    out = play_filter (__i__, sound, kind, text);
    fail_unless_equals_int (out->len, wanted->len);
    fail_unless (memcmp (out->data, wanted->data, out->len * sizeof (gfloat))
            == 0,
        "%s %s, kind %u: another sound", filters[__i__].element,
        filters[__i__].settings, kind);
    check_messages (text->str, wanted_text->str,
        g_str_equal (filters[__i__].element, "dmixmeter"));
    g_array_unref (out);
  }
  g_array_unref (wanted);
  g_string_free (wanted_text, TRUE);
  g_string_free (text, TRUE);
  g_free (sound);
}
GST_END_TEST

/*** elements with several inputs ***/

static const struct
{
  const gchar *element, *pads[2];
} aggregators[] = {
  { "dmixducker target=15", { "background", "dialogue" } },
  { "dmixducker output=background spectral=12", { "background", "dialogue" } },
  { "dmixpanmix layout=stereo", { "sink_0", "sink_1" } },
};

static void
queue_packets (RigInput *input, const gfloat *sound, gboolean has_holes,
    Kind kind)
{
  gfloat *zeros = g_new0 (gfloat, LENGTH);
  guint lost = 0;

  for (guint p = 0; p < LENGTH / PACKET; p++) {
    const guint hole = has_holes ? hole_at (p) : 0;

    if (hole > 0) {
      if (kind == ZEROS)
        rig_queue (input, zeros, hole * PACKET, PACKET, RATE, 1, p * PACKET);
      if (kind == GAP)
        rig_queue_gap (input, hole * PACKET, RATE, p * PACKET);
      p += hole - 1;
      lost = hole;
      continue;
    }
    rig_queue (input, sound + p * PACKET, PACKET, PACKET, RATE, 1, p * PACKET);
    if (is_flagged (lost, kind))
      GST_BUFFER_FLAG_SET (g_queue_peek_tail (&input->items),
          GST_BUFFER_FLAG_DISCONT);
    lost = 0;
  }
  g_free (zeros);
}

/* holes: bit 0: in the first input, bit 1: in the second */
static GArray *
play_aggregator (guint a, guint holey, gfloat *const *sound, Kind kind)
{
  Rig *rig = rig_new_element (aggregators[a].element);
  GArray *out;

  for (guint i = 0; i < 2; i++)
    rig_add (rig, aggregators[a].pads[i], RATE, 1);
  for (guint i = 0; i < 2; i++)
    queue_packets (&rig->input[i], sound[i], holey >> i & 1, kind);
  rig_run (rig);
  fail_unless (rig->contiguous);
  out = g_array_ref (rig->samples);
  rig_free (rig);
  return out;
}

GST_START_TEST (test_aggregators)
{
  gfloat *sound[] = { make_sound (1), make_sound (2) };

  for (guint holey = 1; holey <= 3; holey++) {
    GArray *wanted = play_aggregator (__i__, holey, sound, ZEROS);

    fail_unless (wanted->len >= LENGTH);
    for (guint kind = FLAGGED; kind < KINDS; kind++) {
      GArray *out = play_aggregator (__i__, holey, sound, kind);

      fail_unless_equals_int (out->len, wanted->len);
      fail_unless (memcmp (out->data, wanted->data, out->len * sizeof (gfloat))
              == 0,
          "%s, holes %u, kind %u: another sound", aggregators[__i__].element,
          holey, kind);
      g_array_unref (out);
    }
    g_array_unref (wanted);
  }
  g_free (sound[0]);
  g_free (sound[1]);
}
GST_END_TEST

static Suite *
dmixholes_suite (void)
{
  Suite *suite = suite_create ("dmixholes");
  TCase *tc = tcase_create ("holes");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_filters, 0, G_N_ELEMENTS (filters));
  tcase_add_loop_test (tc, test_aggregators, 0, G_N_ELEMENTS (aggregators));
  return suite;
}

GST_CHECK_MAIN (dmixholes)
