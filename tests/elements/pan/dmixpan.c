/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmixpan: layouts, caps, movement under control bindings, latency, files. */
#include "filter_rig.h"

#include <gst/controller/gstdirectcontrolbinding.h>
#include <gst/controller/gstinterpolationcontrolsource.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define RATE 48000
#define SOFA "/usr/share/libmysofa/default.sofa"
#define BLOCK 256 /* of binaural filters, frames */

static gboolean has_sofa;

/*** helpers ***/

/* mask: of the input; 0 with one channel */
static GstHarness *
harness (const gchar *settings, gint rate, gint channels, guint64 mask,
    const gchar *out_caps)
{
  gchar *line = g_strdup_printf ("dmixpan %s", settings);
  gchar *caps =
      g_strdup_printf ("audio/x-raw,format=" GST_AUDIO_NE (
                           F32) ",layout=interleaved,rate=%d,channels=%d,"
                                "channel-mask=(bitmask)0x%" G_GINT64_MODIFIER
                                "x",
          rate, channels, mask);
  GstHarness *h = gst_harness_new_parse (line);

  if (out_caps) {
    gchar *all = g_strconcat ("audio/x-raw,", out_caps, NULL);

    gst_harness_set_sink_caps_str (h, all);
    g_free (all);
  }
  gst_harness_set_src_caps_str (h, caps);
  g_free (caps);
  g_free (line);
  return h;
}

/* A line that holds one element is that element; else it is in a bin. */
static GstElement *
pan_of (GstHarness *h)
{
  return gst_harness_find_element (h, "dmixpan");
}

/* All that has come out; timestamps have to follow each other from 0. */
static GArray *
pull (GstHarness *h, gint rate, gint channels)
{
  GArray *out = g_array_new (FALSE, FALSE, sizeof (gfloat));

  filter_rig_pull (h, out, rate, channels);
  return out;
}

static GArray *
play (GstHarness *h, const gfloat *samples, guint frames, guint block,
    gint rate, gint in_channels, gint out_channels)
{
  for (guint done = 0; done < frames; done += block)
    filter_rig_push_at (h, done, samples + done * in_channels,
        MIN (block, frames - done), rate, in_channels);
  gst_harness_push_event (h, gst_event_new_eos ());
  return pull (h, rate, out_channels);
}

static void
check_out_caps (GstHarness *h, gint rate, gint channels, guint64 mask)
{
  GstCaps *caps = gst_pad_get_current_caps (h->sinkpad);
  GstAudioInfo info;
  guint64 found = 0;

  fail_unless (caps && gst_audio_info_from_caps (&info, caps));
  fail_unless_equals_int (GST_AUDIO_INFO_RATE (&info), rate);
  fail_unless_equals_int (GST_AUDIO_INFO_CHANNELS (&info), channels);
  gst_structure_get (gst_caps_get_structure (caps, 0), "channel-mask",
      GST_TYPE_BITMASK, &found, NULL);
  fail_unless_equals_uint64_hex (found, mask);
  gst_caps_unref (caps);
}

/*** caps ***/

/* The mask is set, for all layouts: as a property, or as caps without a mask
 * downstream (8 channels are 7.1 then). */
GST_START_TEST (test_layouts)
{
  static const struct
  {
    const gchar *name;
    gint channels;
    guint64 mask;
  } layouts[] = {
    { "stereo", 2, 0x3 },
    { "5.1", 6, 0x3f },
    { "7.1", 8, 0xc3f },
    { "5.1.4", 10, 0x3303f },
    { "7.1.4", 12, 0x33c3f },
    { "9.1.6", 16, 0x30f3c3f },
    { "22.2", 24, 0xffffff },
    { "5.1.2", 8, 0x303f },
  };

  for (guint i = 0; i < G_N_ELEMENTS (layouts); i++) {
    for (gint by_caps = 0; by_caps < 2; by_caps++) {
      gchar *caps = g_strdup_printf ("channels=%d", layouts[i].channels);
      gchar *settings = g_strdup_printf ("layout=%s", layouts[i].name);
      gfloat *in = filter_rig_noise (1000, 0.5, 1);
      GstHarness *h;
      GArray *out;

      h = harness (by_caps ? "" : settings, RATE, 1, 0, by_caps ? caps : NULL);
      out = play (h, in, 1000, 300, RATE, 1, layouts[i].channels);
      check_out_caps (h, RATE, layouts[i].channels,
          by_caps && layouts[i].channels == 8 ? 0xc3f : layouts[i].mask);
      fail_unless_equals_int (out->len, 1000 * layouts[i].channels);
      g_array_unref (out);
      gst_harness_teardown (h);
      g_free (in);
      g_free (settings);
      g_free (caps);
    }
  }
}
GST_END_TEST

/* By default mono becomes stereo and a bed keeps its layout. */
GST_START_TEST (test_default_layout)
{
  gfloat *in = filter_rig_noise (6000, 0.5, 1);
  GstHarness *h = harness ("", RATE, 1, 0, NULL);
  GArray *out = play (h, in, 1000, 300, RATE, 1, 2);

  check_out_caps (h, RATE, 2, 0x3);
  g_array_unref (out);
  gst_harness_teardown (h);
  h = harness ("", RATE, 6, 0x3f, NULL);
  out = play (h, in, 1000, 300, RATE, 6, 6);
  check_out_caps (h, RATE, 6, 0x3f);
  fail_unless (memcmp (out->data, in, 6000 * sizeof *in) == 0);
  g_array_unref (out);
  gst_harness_teardown (h);
  g_free (in);
}
GST_END_TEST

/* 5.1 to 7.1.4 while it plays: all frames come out, each in one of them. */
GST_START_TEST (test_renegotiation)
{
  gfloat *in = filter_rig_noise (48000, 0.5, 1);
  GstHarness *h = harness ("azimuth=110", RATE, 1, 0,
      "channels=6,channel-mask=(bitmask)0x3f");
  guint frames = 0;
  GstBuffer *buffer;
  gfloat last[12];

  filter_rig_push_at (h, 0, in, 24000, RATE, 1);
  check_out_caps (h, RATE, 6, 0x3f);
  gst_harness_set_sink_caps_str (h,
      "audio/x-raw,channels=12,channel-mask=(bitmask)0x33c3f");
  filter_rig_push_at (h, 24000, in + 24000, 24000, RATE, 1);
  check_out_caps (h, RATE, 12, 0x33c3f);
  gst_harness_push_event (h, gst_event_new_eos ());
  while ((buffer = gst_harness_try_pull (h))) {
    const guint channels = GST_BUFFER_PTS (buffer) < GST_SECOND / 2 ? 6 : 12;

    fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer),
        gst_util_uint64_scale (frames, GST_SECOND, RATE));
    frames += gst_buffer_get_size (buffer) / (4 * channels);
    gst_buffer_extract (buffer, gst_buffer_get_size (buffer) - sizeof last,
        last, sizeof last);
    gst_buffer_unref (buffer);
  }
  fail_unless_equals_int (frames, 48000);
  /* 110 degrees are between side (90) and rear (135) left in 7.1.4 */
  fail_unless (last[4] != 0 && last[6] != 0 && last[0] == 0);
  gst_harness_teardown (h);
  g_free (in);
}
GST_END_TEST

/* What still sounds on (10 m of way) does not overlap with new formats. */
GST_START_TEST (test_renegotiation_with_a_tail)
{
  gfloat *in = filter_rig_noise (48000, 0.5, 1);
  GstHarness *h =
      harness ("doppler=true distance=10", RATE, 1, 0, "channels=2");
  guint frames = 0, tail;
  GstBuffer *buffer;

  filter_rig_push_at (h, 0, in, 10000, RATE, 1);
  gst_harness_set_src_caps_str (h,
      "audio/x-raw,format=" GST_AUDIO_NE (
          F32) ",layout=interleaved,rate=48000,channels=2,channel-mask=("
               "bitmask)0x3");
  filter_rig_push_at (h, 10000, in, 10000, RATE, 2);
  gst_harness_push_event (h, gst_event_new_eos ());
  while ((buffer = gst_harness_try_pull (h))) {
    fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer),
        gst_util_uint64_scale (frames, GST_SECOND, RATE));
    frames += gst_buffer_get_size (buffer) / 8;
    gst_buffer_unref (buffer);
  }
  /* at the end it does sound on: 10 m at 343 m/s, see doppler.h */
  tail = frames - 20000;
  fail_unless (tail >= 10 * RATE / 343 && tail < 10 * RATE / 343 + 100);
  gst_harness_teardown (h);
  g_free (in);
}
GST_END_TEST

/* The layout property changes the caps while it plays, too. */
GST_START_TEST (test_layout_property)
{
  gfloat *in = filter_rig_noise (2000, 0.5, 1);
  GstHarness *h = harness ("layout=5.1", RATE, 1, 0, NULL);
  GstElement *pan = pan_of (h);

  filter_rig_push_at (h, 0, in, 1000, RATE, 1);
  check_out_caps (h, RATE, 6, 0x3f);
  gst_util_set_object_arg (G_OBJECT (pan), "layout", "7.1.4");
  filter_rig_push_at (h, 1000, in + 1000, 1000, RATE, 1);
  check_out_caps (h, RATE, 12, 0x33c3f);
  gst_object_unref (pan);
  gst_harness_teardown (h);
  g_free (in);
}
GST_END_TEST

/* Channels without positions stand in a row from left to right. */
GST_START_TEST (test_unpositioned_input)
{
  gfloat in[4000] = { 0 };
  GstHarness *h = harness ("width=60 layout=5.1", RATE, 4, 0, NULL);
  GArray *out;

  for (guint i = 0; i < 1000; i++)
    in[4 * i] = 1;
  out = play (h, in, 1000, 100, RATE, 4, 6);
  fail_unless (g_array_index (out, gfloat, 6 * 500) == 1);
  g_array_unref (out);
  gst_harness_teardown (h);
}
GST_END_TEST

/* Loudspeakers without positions need angles, and say so. */
GST_START_TEST (test_unpositioned_output)
{
  const gchar *settings[] = {
    "",
    "speaker-positions=\"40,-40,140,-140,0 90\"",
  };

  for (guint i = 0; i < 2; i++) {
    GstElement *pipeline;
    gchar *line =
        g_strdup_printf ("audiotestsrc num-buffers=5 ! audio/x-raw,"
                         "channels=1,rate=48000 ! dmixpan azimuth=40 %s ! "
                         "audio/x-raw,"
                         "channels=5,channel-mask=(bitmask)0x0 ! fakesink",
            settings[i]);
    GstMessage *message;
    GstBus *bus;

    pipeline = gst_parse_launch (line, NULL);
    bus = gst_element_get_bus (pipeline);
    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    message = gst_bus_timed_pop_filtered (bus, 10 * GST_SECOND,
        GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
    fail_unless_equals_string (GST_MESSAGE_TYPE_NAME (message),
        i == 0 ? "error" : "eos");
    if (i == 0) {
      gchar *debug;

      gst_message_parse_error (message, NULL, &debug);
      fail_unless (strstr (debug, "speaker-positions") != NULL, "%s", debug);
      g_free (debug);
    }
    gst_message_unref (message);
    gst_element_set_state (pipeline, GST_STATE_NULL);
    gst_object_unref (bus);
    gst_object_unref (pipeline);
    g_free (line);
  }
}
GST_END_TEST

GST_START_TEST (test_ambisonic)
{
  gfloat in[1000];

  for (guint i = 0; i < 1000; i++)
    in[i] = 1;
  for (gint order = 1; order <= 3; order++) {
    const gint channels = (order + 1) * (order + 1);
    gchar *settings = g_strdup_printf ("output=ambisonic ambisonic-order=%d "
                                       "azimuth=90",
        order);
    GstHarness *h = harness (settings, RATE, 1, 0, NULL);
    GArray *out = play (h, in, 1000, 100, RATE, 1, channels);

    check_out_caps (h, RATE, channels, 0);
    /* to the left: W and Y are 1, Z and X are 0 (SN3D) */
    for (gint c = 0; c < 4; c++)
      fail_unless (
          fabs (g_array_index (out, gfloat, 500 * channels + c) - (c < 2))
          < 1e-6);
    g_array_unref (out);
    gst_harness_teardown (h);
    g_free (settings);
  }
}
GST_END_TEST

/*** movement ***/

static GstControlSource *
bind (GstElement *element, const gchar *property)
{
  GstControlSource *source = gst_interpolation_control_source_new ();

  g_object_set (source, "mode", GST_INTERPOLATION_MODE_LINEAR, NULL);
  gst_object_add_control_binding (GST_OBJECT (element),
      gst_direct_control_binding_new_absolute (GST_OBJECT (element), property,
          source));
  return source;
}

static GArray *
play_circle (const gchar *settings, guint block, gint rate, const gfloat *in,
    guint frames)
{
  GstHarness *h = harness (settings, rate, 1, 0, NULL);
  GstElement *pan = pan_of (h);
  GstControlSource *azimuth = bind (pan, "azimuth");
  GstControlSource *distance = bind (pan, "distance");
  GArray *out;

  gst_timed_value_control_source_set (GST_TIMED_VALUE_CONTROL_SOURCE (azimuth),
      0, -180);
  gst_timed_value_control_source_set (GST_TIMED_VALUE_CONTROL_SOURCE (azimuth),
      GST_SECOND, 180);
  gst_timed_value_control_source_set (GST_TIMED_VALUE_CONTROL_SOURCE (distance),
      0, 1);
  gst_timed_value_control_source_set (GST_TIMED_VALUE_CONTROL_SOURCE (distance),
      GST_SECOND, 9);
  out = play (h, in, frames, block, rate, 1, 2);
  gst_object_unref (azimuth);
  gst_object_unref (distance);
  gst_object_unref (pan);
  gst_harness_teardown (h);
  return out;
}

/* How the sound is cut into buffers changes nothing. */
GST_START_TEST (test_buffer_sizes)
{
  static const guint blocks[] = { 100, 1024, 20000 };
  static const gint rates[] = { 8000, 44100, 192000 };
  const gchar *settings[] = {
    "distance-model=inverse",
    "doppler=true air-absorption=true",
    "output=binaural distance-model=inverse doppler=true near-field=true",
  };
  gfloat *in = filter_rig_noise (20000, 0.5, 1);

  for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
    for (guint s = 0; s < (has_sofa ? 3u : 2u); s++) {
      GArray *one = play_circle (settings[s], 333, rates[r], in, 20000);

      for (guint b = 0; b < G_N_ELEMENTS (blocks); b++) {
        GArray *other =
            play_circle (settings[s], blocks[b], rates[r], in, 20000);

        fail_unless_equals_int (one->len, other->len);
        for (guint i = 0; i < one->len; i++)
          fail_unless (fabs (g_array_index (one, gfloat, i)
                           - g_array_index (other, gfloat, i))
                  < 1e-6,
              "%s: sample %u", settings[s], i);
        g_array_unref (other);
      }
      g_array_unref (one);
    }
  }
  g_free (in);
}
GST_END_TEST

/* The binding is followed, 10 ms and a step later: a ramp of the gain. */
GST_START_TEST (test_binding_is_followed)
{
  gfloat *in = g_new (gfloat, RATE);
  GstHarness *h = harness ("layout=stereo", RATE, 1, 0, NULL);
  GstElement *pan = pan_of (h);
  GstControlSource *gain = bind (pan, "gain");
  GstTimedValueControlSource *timed = GST_TIMED_VALUE_CONTROL_SOURCE (gain);
  GArray *out;

  for (guint i = 0; i < RATE; i++)
    in[i] = 1;
  gst_timed_value_control_source_set (timed, 0, 0);
  gst_timed_value_control_source_set (timed, GST_SECOND, -40);
  out = play (h, in, RATE, 1000, RATE, 1, 2);
  for (guint i = 4800; i < RATE; i += 100) {
    const gdouble seconds = (gdouble) i / RATE - 0.0115;
    const gdouble level = 20
        * log10 (hypot (g_array_index (out, gfloat, 2 * i),
            g_array_index (out, gfloat, 2 * i + 1)));

    fail_unless (fabs (level + 40 * seconds) < 0.08, "%g at %g", level,
        seconds);
  }
  g_array_unref (out);
  gst_object_unref (gain);
  gst_object_unref (pan);
  gst_harness_teardown (h);
  g_free (in);
}
GST_END_TEST

/*** latency and ends ***/

/* The LATENCY query returns the delay of the first frame; at the end nothing is
 * lost, and only the tail of the filters is added. */
GST_START_TEST (test_latency)
{
  static const struct
  {
    const gchar *settings;
    gint rate;
    guint latency;
  } known[] = {
    { "", 48000, 0 },
    { "output=ambisonic ambisonic-order=1", 44100, 0 },
    { "output=binaural", 48000, 256 },
    { "output=binaural", 44100, 256 },
    { "output=binaural", 192000, 256 },
    { "output=binaural", 16000, 128 },
    { "output=binaural", 8000, 64 },
    { "output=binaural zero-latency=true", 48000, 0 },
  };
  gfloat *in = filter_rig_noise (10000, 0.5, 1);

  for (guint k = 0; k < (has_sofa ? G_N_ELEMENTS (known) : 2u); k++) {
    const gint channels = k == 1 ? 4 : 2;
    GstHarness *h = harness (known[k].settings, known[k].rate, 1, 0, NULL);
    guint frames = 0, first, i = 0;
    GArray *out;

    filter_rig_push_at (h, 0, in, 5000, known[k].rate, 1);
    fail_unless_equals_uint64 (gst_harness_query_latency (h),
        gst_util_uint64_scale_round (known[k].latency, GST_SECOND,
            known[k].rate));
    out = pull (h, known[k].rate, channels);
    fail_unless_equals_int (out->len / channels, 5000 - known[k].latency);
    /* and the sound of frame 0 has the time of frame 0 */
    for (first = 0;
         first < out->len && fabs (g_array_index (out, gfloat, first)) < 1e-3;
         first++)
      ;
    fail_unless (first < 50u * channels * known[k].rate / 44100);
    gst_harness_push_event (h, gst_event_new_eos ());
    for (GstBuffer *b; (b = gst_harness_try_pull (h));
         gst_buffer_unref (b), i++)
      frames += gst_buffer_get_size (b) / (4 * channels);
    frames += out->len / channels;
    if (k < 2) {
      fail_unless_equals_int (frames, 5000);
    } else {
      fail_unless (frames >= 5000 + 512 * (guint64) known[k].rate / 44100
              && frames <= 5000 + 60 + 560 * (guint64) known[k].rate / 44100,
          "%s: %u frames", known[k].settings, frames);
    }
    g_array_unref (out);
    gst_harness_teardown (h);
  }
  g_free (in);
}
GST_END_TEST

/* No sound from before a flush comes after it. */
GST_START_TEST (test_flush)
{
  gfloat *in = filter_rig_noise (5000, 0.5, 1), silence[2000] = { 0 };
  GstHarness *h = harness (has_sofa ? "output=binaural doppler=true "
                                      "distance=10"
                                    : "doppler=true distance=10",
      RATE, 1, 0, NULL);
  GstSegment segment;
  GArray *out;

  filter_rig_push_at (h, 0, in, 5000, RATE, 1);
  g_array_unref (pull (h, RATE, 2));
  gst_harness_push_event (h, gst_event_new_flush_start ());
  gst_harness_push_event (h, gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (h, gst_event_new_segment (&segment));
  filter_rig_push_at (h, 0, silence, 2000, RATE, 1);
  gst_harness_push_event (h, gst_event_new_eos ());
  out = pull (h, RATE, 2);
  fail_unless (out->len > 2000);
  for (guint i = 0; i < out->len; i++)
    fail_unless (g_array_index (out, gfloat, i) == 0);
  g_array_unref (out);
  gst_harness_teardown (h);
  g_free (in);
}
GST_END_TEST

/*** files ***/

static GstMessage *
error_of (const gchar *location)
{
  GstElement *pipeline =
      gst_parse_launch ("audiotestsrc num-buffers=3 ! "
                        "dmixpan name=pan output=binaural ! fakesink",
          NULL);
  GstElement *pan = gst_bin_get_by_name (GST_BIN (pipeline), "pan");
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;

  g_object_set (pan, "sofa-location", location, NULL);
  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_PAUSED),
      GST_STATE_CHANGE_FAILURE);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (pan);
  gst_object_unref (pipeline);
  return message;
}

static void
check_error (const gchar *location)
{
  GstMessage *message = error_of (location);
  GError *error;

  gst_message_parse_error (message, &error, NULL);
  fail_unless (error->domain == GST_RESOURCE_ERROR);
  fail_unless (strstr (error->message, location) != NULL);
  fail_unless (strlen (error->message) > strlen (location) + 30);
  g_error_free (error);
  gst_message_unref (message);
}

GST_START_TEST (test_bad_files)
{
  gchar *path =
      g_build_filename (g_get_tmp_dir (), "dmixpan-broken.sofa", NULL);

  check_error ("/no/such/file.sofa");
  g_file_set_contents (path, "this is no SOFA file", -1, NULL);
  check_error (path);
  g_unlink (path);
  g_free (path);
}
GST_END_TEST

/* The file is read before the stream starts: it may be gone by then. */
GST_START_TEST (test_file_is_read_early)
{
  gchar *path = g_build_filename (g_get_tmp_dir (), "dmixpan-copy.sofa", NULL);
  gchar *contents, *settings;
  gfloat *in = filter_rig_noise (4000, 0.5, 1);
  gsize size;
  GstHarness *h;
  GArray *out;

  fail_unless (g_file_get_contents (SOFA, &contents, &size, NULL));
  fail_unless (g_file_set_contents (path, contents, size, NULL));
  settings = g_strdup_printf ("dmixpan sofa-location=%s", path);
  h = gst_harness_new_parse (settings); /* it is in PLAYING now */
  g_unlink (path);
  gst_harness_set_src_caps_str (h,
      "audio/x-raw,format=" GST_AUDIO_NE (
          F32) ",layout=interleaved,rate=48000,channels=1");
  out = play (h, in, 4000, 1000, RATE, 1, 2);
  fail_unless (out->len > 8000);
  g_array_unref (out);
  gst_harness_teardown (h);
  g_free (in);
  g_free (settings);
  g_free (contents);
  g_free (path);
}
GST_END_TEST

/*** others ***/

/* The fields of the next message; FALSE if there is none. */
static gboolean
next_message (GstBus *bus, gdouble *azimuth, gdouble *elevation,
    gdouble *distance, gdouble *gain)
{
  GstMessage *message = gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT);

  if (!message)
    return FALSE;
  fail_unless (gst_structure_get (gst_message_get_structure (message),
      "azimuth", G_TYPE_DOUBLE, azimuth, "elevation", G_TYPE_DOUBLE, elevation,
      "distance", G_TYPE_DOUBLE, distance, "gain", G_TYPE_DOUBLE, gain, NULL));
  gst_message_unref (message);
  return TRUE;
}

/* The first message has the position; later ones come only after it moves. */
GST_START_TEST (test_messages)
{
  gfloat *in = filter_rig_noise (9600, 0.5, 1);
  GstHarness *h = harness ("azimuth=20 elevation=5 distance=4 "
                           "distance-model=inverse gain=-3",
      RATE, 1, 0, NULL);
  GstElement *pan = pan_of (h);
  GstBus *bus = gst_bus_new ();
  gdouble azimuth, elevation, distance, gain;
  GstSegment segment;

  gst_element_set_bus (pan, bus);
  for (guint i = 0; i < 3; i++)
    filter_rig_push_at (h, i * 9600, in, 9600, RATE, 1);
  fail_unless (next_message (bus, &azimuth, &elevation, &distance, &gain));
  fail_unless (azimuth == 20 && elevation == 5 && distance == 4);
  fail_unless (fabs (gain - -15.0412) < 1e-3);
  fail_if (next_message (bus, &azimuth, &elevation, &distance, &gain));
  g_object_set (pan, "azimuth", -30.0, NULL);
  filter_rig_push_at (h, 3 * 9600, in, 9600, RATE, 1);
  fail_unless (next_message (bus, &azimuth, &elevation, &distance, &gain));
  fail_unless (azimuth == -30);
  fail_if (next_message (bus, &azimuth, &elevation, &distance, &gain));

  /* a new stream posts it again */
  gst_harness_push_event (h, gst_event_new_flush_start ());
  gst_harness_push_event (h, gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (h, gst_event_new_segment (&segment));
  filter_rig_push_at (h, 0, in, 9600, RATE, 1);
  fail_unless (next_message (bus, &azimuth, &elevation, &distance, &gain));
  fail_unless (azimuth == -30);
  gst_element_set_bus (pan, NULL);
  gst_object_unref (bus);
  gst_object_unref (pan);
  gst_harness_teardown (h);
  g_free (in);
}
GST_END_TEST

/* Bypass: the channels as they are, to the bit where there are as many; on
 * headphones, later by the latency only. */
GST_START_TEST (test_bypass)
{
  gfloat *in = filter_rig_noise (8000, 0.5, 1);
  GstHarness *h =
      harness ("bypass=true azimuth=50 gain=-20", RATE, 2, 0x3, NULL);
  GArray *out = play (h, in, 4000, 999, RATE, 2, 2);

  fail_unless_equals_int (out->len, 8000);
  fail_unless (memcmp (out->data, in, 8000 * sizeof *in) == 0);
  g_array_unref (out);
  gst_harness_teardown (h);
  if (has_sofa) {
    h = harness ("bypass=true azimuth=50 gain=-20 output=binaural", RATE, 2,
        0x3, NULL);
    out = play (h, in, 4000, 999, RATE, 2, 2);
    for (guint i = 0; i < 8000; i++)
      fail_unless (fabs (g_array_index (out, gfloat, i) - in[i]) < 1e-5);
    g_array_unref (out);
    gst_harness_teardown (h);
  }
  g_free (in);
}
GST_END_TEST

/* All rates, odd buffers. The rate stays. */
GST_START_TEST (test_rates)
{
  static const gint rates[] = {
    8000,
    11025,
    22050,
    44100,
    48000,
    96000,
    192000,
    384000,
  };
  gfloat *in = filter_rig_noise (3000, 0.5, 1);

  for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
    for (gint binaural = 0; binaural <= has_sofa; binaural++) {
      GstHarness *h =
          harness (binaural ? "output=binaural azimuth=77" : "azimuth=77",
              rates[r], 1, 0, NULL);
      GArray *out = play (h, in, 3000, 1, rates[r], 1, 2);

      check_out_caps (h, rates[r], 2, 0x3);
      fail_unless (out->len >= 6000);
      g_array_unref (out);
      gst_harness_teardown (h);
    }
  }
  g_free (in);
}
GST_END_TEST

static Suite *
dmixpan_suite (void)
{
  Suite *s = suite_create ("dmixpan");
  TCase *t = tcase_create ("general");

  has_sofa =
      g_file_test (SOFA, G_FILE_TEST_EXISTS) && !g_getenv ("DMIX_WITHOUT_SOFA");
  tcase_set_timeout (t, 200);
  suite_add_tcase (s, t);
  tcase_add_test (t, test_layouts);
  tcase_add_test (t, test_default_layout);
  tcase_add_test (t, test_renegotiation);
  tcase_add_test (t, test_renegotiation_with_a_tail);
  tcase_add_test (t, test_layout_property);
  tcase_add_test (t, test_unpositioned_input);
  tcase_add_test (t, test_unpositioned_output);
  tcase_add_test (t, test_ambisonic);
  tcase_add_test (t, test_buffer_sizes);
  tcase_add_test (t, test_binding_is_followed);
  tcase_add_test (t, test_latency);
  tcase_add_test (t, test_flush);
  tcase_add_test (t, test_bad_files);
  tcase_add_test (t, test_messages);
  tcase_add_test (t, test_bypass);
  tcase_add_test (t, test_rates);
  if (has_sofa)
    tcase_add_test (t, test_file_is_read_early);
  return s;
}

GST_CHECK_MAIN (dmixpan)
