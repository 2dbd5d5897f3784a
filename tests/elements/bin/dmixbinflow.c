/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmixbin as an element: formats, pads and their properties, latency, bad input, and
 * that nothing is left over. The elements inside are in dmixbinchildren.c; what it
 * sounds like is in dmixbin.py and dmixbinstems.py, and in tests/quality. */
#include "ducker_rig.h"

#include <math.h>
#include <string.h>

#define RATE 48000

/*** formats ***/

typedef struct
{
  const gchar *settings;
  struct
  {
    const gchar *pad;
    gint rate, channels;
  } input[3];
  gint rate, channels; /* of the output */
} Format;

static const Format formats[] = {
  { "", { { "ambience_0", 48000, 2 }, { "dialogue_0", 44100, 1 } }, 48000, 2 },
  { "",
      { { "ambience_0", 44100, 1 }, { "music_0", 96000, 6 },
          { "dialogue_0", 48000, 2 } },
      44100, 1 },
  { "", { { "dialogue_0", 22050, 1 } }, 22050, 1 },
  { "layout=5.1", { { "ambience_0", 48000, 2 }, { "dialogue_0", 8000, 1 } },
      48000, 6 },
  { "layout=mono", { { "effects_0", 48000, 2 } }, 48000, 1 },
  { "", { { "programme", 32000, 6 }, { "dialogue_0", 32000, 1 } }, 32000, 6 },
};

/* Each format goes in; the output has the documented one and, in it, the length of
 * the longest input. */
GST_START_TEST (test_formats)
{
  const Format *f = formats + __i__;
  gchar *text = g_strconcat ("dmixbin ", f->settings, NULL);
  Rig *rig = rig_new_element (text);
  const gchar *caps;
  GstStructure *s;
  gint rate, channels;

  for (guint i = 0; i < G_N_ELEMENTS (f->input) && f->input[i].pad; i++) {
    const gint rate = f->input[i].rate, channels = f->input[i].channels;
    const guint frames = rate / (i == 0 ? 1 : 2);
    gfloat *sound = rig_noise (frames * channels, 0.1f, i);
    RigInput *input = rig_add_fixed (rig, f->input[i].pad, rate, channels);

    rig_queue (input, sound, frames, 1000, rate, channels, 0);
    g_free (sound);
  }
  rig_run (rig);
  caps = g_ptr_array_index (rig->caps, rig->caps->len - 1);
  s = gst_structure_from_string (caps, NULL);
  gst_structure_get (s, "rate", G_TYPE_INT, &rate, "channels", G_TYPE_INT,
      &channels, NULL);
  fail_unless_equals_int (rate, f->rate);
  fail_unless_equals_int (channels, f->channels);
  fail_unless_equals_int (rig_frames (rig), f->rate);
  fail_unless (rig->contiguous);
  gst_structure_free (s);
  g_free (text);
  rig_free (rig);
}
GST_END_TEST

/* What the templates do not name is refused when it is linked. */
GST_START_TEST (test_refused)
{
  const gchar *bad[] = { "audio/mpeg", "video/x-raw",
    "audio/x-raw,layout=non-interleaved",
    "audio/x-raw,layout=interleaved,channels=64" };
  GstElement *bin = gst_element_factory_make ("dmixbin", NULL);
  GstPad *pad = gst_element_request_pad_simple (bin, "music_%u");

  gst_object_ref_sink (bin);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    GstCaps *caps = gst_caps_from_string (bad[i]);
    GstPadTemplate *template =
        gst_pad_template_new ("src", GST_PAD_SRC, GST_PAD_ALWAYS, caps);
    GstPad *src = gst_pad_new_from_template (template, "src");

    gst_pad_use_fixed_caps (src);
    fail_if (gst_pad_query_accept_caps (pad, caps), "%s", bad[i]);
    fail_unless_equals_int (gst_pad_link (src, pad), GST_PAD_LINK_NOFORMAT);
    gst_object_unref (src);
    gst_object_unref (template);
    gst_caps_unref (caps);
  }
  gst_element_release_request_pad (bin, pad);
  gst_object_unref (pad);
  gst_object_unref (bin);
}
GST_END_TEST

/*** pads ***/

/* gst_element_request_pad() itself refuses a name that is taken by a critical. */
static void
check_request (GstElement *bin, const gchar *asked, const gchar *got)
{
  const gchar *line = strchr (asked, '_');
  gchar *pattern = line
      ? g_strdup_printf ("%.*s_%%u", (gint) (line - asked), asked)
      : g_strdup (asked);
  GstPadTemplate *template;
  GstPad *pad;

  template = gst_element_get_pad_template (bin, pattern);
  fail_unless (template != NULL, "no template %s", pattern);
  pad =
      GST_ELEMENT_GET_CLASS (bin)->request_new_pad (bin, template, asked, NULL);
  if (pad)
    gst_object_ref (pad);
  g_free (pattern);

  if (!got) {
    fail_unless (pad == NULL, "%s gives a pad", asked);
    return;
  }
  fail_unless (pad != NULL, "%s gives no pad", asked);
  fail_unless_equals_string (GST_PAD_NAME (pad), got);
  gst_object_unref (pad);
}

static void
release (GstElement *bin, const gchar *name)
{
  GstPad *pad = gst_element_get_static_pad (bin, name);

  gst_element_release_request_pad (bin, pad);
  gst_object_unref (pad);
}

/* A pattern gives the first free number, a name itself; a name that is taken gives
 * nothing until it is released. */
GST_START_TEST (test_names)
{
  GstElement *bin = gst_element_factory_make ("dmixbin", NULL);
  const gchar *single[] = { "programme", "dialogue", "background" };

  gst_object_ref_sink (bin);
  check_request (bin, "dialogue_%u", "dialogue_0");
  check_request (bin, "dialogue_%u", "dialogue_1");
  check_request (bin, "dialogue_7", "dialogue_7");
  check_request (bin, "dialogue_7", NULL);
  release (bin, "dialogue_0");
  check_request (bin, "dialogue_%u", "dialogue_0");
  check_request (bin, "ambience_%u", "ambience_0");
  check_request (bin, "music_%u", "music_0");
  check_request (bin, "effects_3", "effects_3");
  for (guint i = 0; i < G_N_ELEMENTS (single); i++) {
    check_request (bin, single[i], single[i]);
    check_request (bin, single[i], NULL);
    release (bin, single[i]);
    check_request (bin, single[i], single[i]);
  }
  gst_object_unref (bin);
}
GST_END_TEST

/* Plays mono noise into ambience_0 and returns what comes out. */
static Rig *
play_noise (const gchar *settings, const gchar *other, gfloat *noise,
    guint frames)
{
  Rig *rig = rig_new_element (settings);

  rig_queue (rig_add_fixed (rig, "ambience_0", RATE, 1), noise, frames, 1000,
      RATE, 1, 0);
  if (other)
    rig_queue (rig_add_fixed (rig, other, RATE, 1), noise, frames, 1000, RATE,
        1, 0);
  rig_run (rig);
  return rig;
}

/* With nothing to do the mix of one sound is that sound, bit by bit. */
GST_START_TEST (test_identity)
{
  gfloat *noise = rig_noise (RATE, 0.5f, 1);
  Rig *rig = play_noise ("dmixbin", NULL, noise, RATE);

  fail_unless_equals_int (rig_frames (rig), RATE);
  fail_unless (!memcmp (rig->samples->data, noise, RATE * sizeof *noise));
  rig_free (rig);
  g_free (noise);
}
GST_END_TEST

/* `start` places a sound to the frame, `gain` scales it, `mute` and `solo` leave
 * it out, from the first frame on. */
GST_START_TEST (test_pad_properties)
{
  static const struct
  {
    const gchar *settings;
    guint start;  /* frame */
    gdouble a, b; /* gains of ambience_0 and music_0 */
  } cases[] = {
    { "", 0, 1, 1 },
    { "ambience_0::gain=-6.0206 music_0::mute=true", 0, 0.5, 0 },
    { "ambience_0::start=250000000 music_0::mute=true", 12000, 1, 0 },
    { "ambience_0::solo=true", 0, 1, 0 },
    { "music_0::solo=true music_0::gain=6.0206", 0, 0, 2 },
    { "ambience_0::mute=true music_0::mute=true", 0, 0, 0 },
    { "ambience_0::gain=-120 music_0::gain=-120", 0, 0, 0 },
  };
  gfloat *noise = rig_noise (RATE, 0.2f, 1);

  for (guint c = 0; c < G_N_ELEMENTS (cases); c++) {
    gchar *text = g_strdup_printf ("dmixbin name=m target=0 settings=\"%s\"",
        cases[c].settings);
    Rig *rig = play_noise (text, "music_0", noise, RATE);
    const guint start = cases[c].start;

    fail_unless_equals_int (rig_frames (rig), RATE + start);
    for (guint i = 0; i < RATE + start; i++) {
      const gdouble want = (i < start ? 0 : cases[c].a * noise[i - start])
          + (i < RATE ? cases[c].b * noise[i] : 0);

      if (fabs (rig_sample (rig, i, 0) - want) > 1e-5)
        fail ("%s: frame %u: %g for %g", cases[c].settings, i,
            rig_sample (rig, i, 0), want);
    }
    g_free (text);
    rig_free (rig);
  }
  g_free (noise);
}
GST_END_TEST

/*** latency ***/

static GstClockTime
latency (const gchar *text)
{
  GstElement *bin = gst_parse_bin_from_description (text, TRUE, NULL);
  GstElement *pipeline = gst_pipeline_new (NULL);
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  GstQuery *query = gst_query_new_latency ();
  GstClockTime least;
  gboolean live;

  g_object_set (sink, "sync", TRUE, NULL);
  gst_bin_add_many (GST_BIN (pipeline), bin, sink, NULL);
  fail_unless (gst_element_link (bin, sink));
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  fail_unless_equals_int (gst_element_get_state (pipeline, NULL, NULL,
                              10 * GST_SECOND),
      GST_STATE_CHANGE_SUCCESS);
  fail_unless (gst_element_query (pipeline, query));
  gst_query_parse_latency (query, &live, &least, NULL);
  fail_unless (live);
  gst_query_unref (query);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  return least;
}

#define SOURCE                                                                 \
  "audiotestsrc is-live=true samplesperbuffer=480 ! "                          \
  "audio/x-raw,format=F32LE,rate=48000,channels=1 "

/* The latency is that of the hand-written chain, to the nanosecond. */
GST_START_TEST (test_latency)
{
  static const gchar *chains[][2] = {
    { "dmixducker name=d " SOURCE "! d.background",
        "dmixbin name=d " SOURCE "! d.ambience_0" },
    { SOURCE "! dmixlevel lookahead=250 ! d.dialogue_0 dmixducker name=d ! "
             "dmixlevel lookahead=250",
        "dmixbin name=d voices=-20 loudness=-20 lookahead=250 " SOURCE
        "! d.dialogue_0" },
    { SOURCE "! dmixdenoise ! d.dialogue_0 dmixducker name=d ! dmixcomp "
             "@preset=broadcast-limiter",
        "dmixbin name=d ceiling=-1 settings=dialogue_0::denoise=6 " SOURCE
        "! d.dialogue_0" },
  };

  fail_unless_equals_uint64 (latency (chains[__i__][1]),
      latency (chains[__i__][0]));
}
GST_END_TEST

/*** bad input ***/

/* NaN and Inf in any input are silence, also behind the resampler. */
GST_START_TEST (test_bad_samples)
{
  const gint rates[] = { 48000, 44100 };
  gfloat *noise = rig_noise (RATE, 0.2f, 1);

  noise[10000] = NAN;
  noise[10001] = INFINITY;
  noise[10002] = -INFINITY;
  for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
    Rig *rig = rig_new_element ("dmixbin target=15 loudness=-20 "
                                "settings=\"dialogue_0::denoise=6 "
                                "ambience_0::steady=6\"");
    guint silent = 0;

    rig_queue (rig_add_fixed (rig, "ambience_0", RATE, 1), noise, RATE, 1000,
        RATE, 1, 0);
    rig_queue (rig_add_fixed (rig, "dialogue_0", rates[r], 1), noise, rates[r],
        1000, rates[r], 1, 0);
    rig_run (rig);
    /* 1 s at the rate of the one or the other */
    fail_unless (
        rig_frames (rig) == RATE || rig_frames (rig) == (guint) rates[r]);
    for (guint i = 0; i < rig_frames (rig); i++) {
      fail_unless (isfinite (rig_sample (rig, i, 0)), "frame %u", i);
      silent += fabsf (rig_sample (rig, i, 0)) < 1e-6f;
    }
    fail_unless (silent < 100, "%u frames are silent", silent);
    rig_free (rig);
  }
  g_free (noise);
}
GST_END_TEST

/* Pads that end without sound, or that nothing is linked to, hold nothing up. */
GST_START_TEST (test_empty_inputs)
{
  const gchar *empty[] = { "dialogue_0", "music_0", "programme" };
  gfloat *noise = rig_noise (RATE, 0.2f, 1);

  for (guint e = 0; e < G_N_ELEMENTS (empty); e++)
    for (guint linked = 0; linked < 2; linked++) {
      Rig *rig = rig_new_element ("dmixbin");
      GstPad *pad = NULL;

      rig_queue (rig_add_fixed (rig, "ambience_0", RATE, 1), noise, RATE, 1000,
          RATE, 1, 0);
      if (linked)
        rig_add_fixed (rig, empty[e], RATE, 1);
      else
        pad = gst_element_request_pad_simple (rig->element, empty[e]);
      rig_run (rig);
      fail_unless_equals_int (rig_frames (rig), RATE);
      fail_unless (!memcmp (rig->samples->data, noise, RATE * sizeof *noise),
          "%s", empty[e]);
      if (pad)
        gst_element_release_request_pad (rig->element, pad);
      gst_clear_object (&pad);
      rig_free (rig);
    }
  g_free (noise);
}
GST_END_TEST

/*** seeks, states, leaks ***/

GST_START_TEST (test_seeks)
{
  rig_check_seeks (__i__ == 0
          ? "dmixbin name=m ! audioconvert ! audio/x-raw,format=F32LE ! "
            "fakesink name=sink sync=false signal-handoffs=true "
            "audiotestsrc num-buffers=2000 samplesperbuffer=480 ! "
            "audio/x-raw,rate=48000,channels=1 ! m.ambience_0 "
            "audiotestsrc num-buffers=2000 samplesperbuffer=480 "
            "volume=0.1 ! audio/x-raw,rate=48000,channels=1 ! "
            "m.dialogue_0"
          : "dmixbin name=m loudness=-23 ! audioconvert ! "
            "audio/x-raw,format=F32LE ! "
            "fakesink name=sink sync=false signal-handoffs=true "
            "audiotestsrc num-buffers=2000 samplesperbuffer=480 ! "
            "audio/x-raw,rate=48000,channels=1 ! m.programme");
}
GST_END_TEST

/* From NULL to the end three times with the same pads: each time the same bits. */
GST_START_TEST (test_again)
{
  gfloat *noise = rig_noise (2 * RATE, 0.2f, 1);
  GArray *first = NULL;

  for (guint round = 0; round < 3; round++) {
    Rig *rig = play_noise ("dmixbin target=15 ceiling=-20 "
                           "settings=\"dialogue_0::steady=6\"",
        "dialogue_0", noise, 2 * RATE);

    if (!first)
      first = g_array_ref (rig->samples);
    else
      fail_unless (first->len == rig->samples->len
          && !memcmp (first->data, rig->samples->data, first->len * 4));
    rig_free (rig);
  }
  g_array_unref (first);
  g_free (noise);
}
GST_END_TEST

/* Pads of each kind, with the elements of each property, leave no object: released,
 * or with the element, before and while it plays. */
GST_START_TEST (test_nothing_left)
{
  const gchar *kinds[] = { "dialogue_%u", "ambience_%u", "music_%u",
    "effects_%u", "programme", "dialogue", "background" };
  const gboolean playing = __i__ & 1, released = __i__ & 2;
  GstElement *bin = gst_element_factory_make ("dmixbin", NULL);
  GWeakRef pads[G_N_ELEMENTS (kinds)], whole, ducker;
  GstElement *inner;

  gst_object_ref_sink (bin);
  g_object_set (bin, "loudness", -23.0, "meter", TRUE, "layout", 2, NULL);
  if (playing)
    gst_element_set_state (bin, GST_STATE_PLAYING);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    GstPad *pad = gst_element_request_pad_simple (bin, kinds[i]);

    if (GST_PAD_IS_SINK (pad))
      g_object_set (pad, "denoise", 6.0, "steady", 6.0, "pan", 20.0, NULL);
    g_weak_ref_init (&pads[i], pad);
    if (released)
      gst_element_release_request_pad (bin, pad);
    gst_object_unref (pad);
  }
  inner = gst_bin_get_by_name (GST_BIN (bin), "ducker");
  g_weak_ref_init (&ducker, inner);
  gst_object_unref (inner);
  g_weak_ref_init (&whole, bin);
  if (playing)
    gst_element_set_state (bin, GST_STATE_NULL);
  gst_object_unref (bin);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    fail_unless (g_weak_ref_get (&pads[i]) == NULL, "%s is left", kinds[i]);
    g_weak_ref_clear (&pads[i]);
  }
  fail_unless (g_weak_ref_get (&ducker) == NULL, "the ducker is left");
  fail_unless (g_weak_ref_get (&whole) == NULL, "the element is left");
  g_weak_ref_clear (&ducker);
  g_weak_ref_clear (&whole);
}
GST_END_TEST

static Suite *
dmixbinflow_suite (void)
{
  Suite *suite = suite_create ("dmixbinflow");
  TCase *tc = tcase_create ("general");

  tcase_set_timeout (tc, 120);
  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_formats, 0, G_N_ELEMENTS (formats));
  tcase_add_test (tc, test_refused);
  tcase_add_test (tc, test_names);
  tcase_add_test (tc, test_identity);
  tcase_add_test (tc, test_pad_properties);
  tcase_add_loop_test (tc, test_latency, 0, 3);
  tcase_add_test (tc, test_bad_samples);
  tcase_add_test (tc, test_empty_inputs);
  tcase_add_loop_test (tc, test_seeks, 0, 2);
  tcase_add_test (tc, test_again);
  tcase_add_loop_test (tc, test_nothing_left, 0, 4);
  return suite;
}

GST_CHECK_MAIN (dmixbinflow)
