/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The base class of the elements with several inputs, with a processor that
 * does next to nothing: the sum behind a delay, and an echo of half of it. What
 * its hooks promise is promised for every such element. */
#include "ducker_rig.h"
#include "base/gstdmixaggregator.h"
#include "base/gstdmixaggregatorpad.h"

#include <string.h>

#define RATE 48000
#define BLOCK 480 /* frames of 10 ms */
#define MOST 4096 /* frames of delay and echo */

static guint test_delay, test_tail; /* frames; tail: where the echo is */
static gint64 test_end;             /* of the output of testled, -1: none */
static gboolean test_stereo;
static guint setups, resets, applies;

/*** an element ***/

typedef struct
{
  GstDmixIntervalSettings messages;
  gdouble gain;
} Settings;

typedef struct
{
  GstDmixAggregator parent;
  Settings settings;
  gfloat line[2 * MOST];
  guint at, channels;
  guint frames; /* since the last meter */
} TestMix;
typedef GstDmixAggregatorClass TestMixClass;

static GType test_mix_get_type (void);
G_DEFINE_TYPE (TestMix, test_mix, GST_TYPE_DMIX_AGGREGATOR)
/* the same, led by the pad sink_0 */
typedef TestMix TestLed;
typedef TestMixClass TestLedClass;

static GType test_led_get_type (void);
G_DEFINE_TYPE (TestLed, test_led, test_mix_get_type ())

#define PLACE(field) G_STRUCT_OFFSET (Settings, field)

static const GstDmixProperty properties[] = {
  { "gain", "Gain", "Gain, as a factor", GST_DMIX_DOUBLE, 0, 10, 1,
      PLACE (gain), GST_PARAM_CONTROLLABLE, NULL },
  { "post-messages", "Post messages", "Post messages", GST_DMIX_BOOLEAN, 0, 1,
      FALSE, PLACE (messages.post), GST_PARAM_MUTABLE_PLAYING, NULL },
  { "interval", "Interval", "Time between messages, in ns", GST_DMIX_TIME, 1,
      GST_SECOND, 50 * GST_MSECOND, PLACE (messages.length),
      GST_PARAM_MUTABLE_PLAYING, NULL },
};

#define CAPS                                                                   \
  "audio/x-raw, format = (string) " GST_AUDIO_NE (                             \
      F32) ", "                                                                \
           "layout = (string) interleaved, rate = (int) [ 8000, 384000 ], "    \
           "channels = (int) [ 1, 2 ]"
static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink_%u",
    GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS (CAPS));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (CAPS));

static gint
setup (GstDmixAggregator *agg, const GstAudioInfo *info, gconstpointer settings)
{
  TestMix *self = (TestMix *) agg;

  self->channels = GST_AUDIO_INFO_CHANNELS (info);
  memset (self->line, 0, sizeof self->line);
  self->at = 0;
  setups++;
  return test_delay;
}

static void
reset (GstDmixAggregator *agg)
{
  memset (((TestMix *) agg)->line, 0, sizeof ((TestMix *) agg)->line);
  ((TestMix *) agg)->frames = 0;
  resets++;
}

static gfloat
past (TestMix *self, guint frames, guint channel)
{
  return self
      ->line[(self->at + MOST - frames) % MOST * self->channels + channel];
}

static void
process (GstDmixAggregator *agg, const GstDmixBlock *block, guint first,
    guint frames, gboolean heard)
{
  TestMix *self = (TestMix *) agg;

  for (guint i = first; i < first + frames; i++) {
    gfloat *io = block->samples + i * self->channels;

    memcpy (self->line + self->at * self->channels, io,
        self->channels * sizeof *io);
    for (guint c = 0; c < self->channels; c++)
      io[c] = past (self, test_delay, c)
          + (test_tail > 0 ? 0.5f * past (self, test_delay + test_tail, c) : 0);
    self->at = (self->at + 1) % MOST;
  }
  self->frames += frames;
}

static void
apply (GstDmixAggregator *agg, gconstpointer settings)
{
  fail_unless (settings == gst_dmix_aggregator_get_settings (agg));
  applies++;
}

static guint
meter (GstDmixAggregator *agg,
    GstStructure *message[GST_DMIX_AGGREGATOR_MESSAGES])
{
  TestMix *self = (TestMix *) agg;

  message[0] =
      gst_structure_new ("testmix", "frames", G_TYPE_UINT, self->frames, NULL);
  self->frames = 0;
  return 1;
}

static guint
tail (GstDmixAggregator *agg)
{
  return test_tail;
}

static GstCaps *
src_caps (GstDmixAggregator *agg, GstCaps *pads, GstCaps *downstream)
{
  GstCaps *caps = gst_caps_intersect (pads, downstream);

  if (test_stereo) {
    gst_caps_unref (caps);
    caps = gst_caps_copy (pads);
    gst_caps_set_simple (caps, "channels", G_TYPE_INT, 2, "channel-mask",
        GST_TYPE_BITMASK, (guint64) 3, NULL);
  }
  return caps;
}

static gboolean
aggregate_one_buffer (GstAudioAggregator *aagg, GstAudioAggregatorPad *pad,
    GstBuffer *in, guint in_offset, GstBuffer *out, guint out_offset,
    guint frames)
{
  const guint channels = ((TestMix *) aagg)->channels;
  GstMapInfo from, to;

  fail_unless (gst_buffer_map (in, &from, GST_MAP_READ));
  fail_unless (gst_buffer_map (out, &to, GST_MAP_READWRITE));
  for (guint i = 0; i < frames * channels; i++)
    ((gfloat *) to.data)[out_offset * channels + i] +=
        ((gfloat *) from.data)[in_offset * channels + i];
  gst_buffer_unmap (in, &from);
  gst_buffer_unmap (out, &to);
  return TRUE;
}

static void
test_mix_class_init (TestMixClass *klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  gst_element_class_add_static_pad_template_with_gtype (element_class,
      &sink_template, GST_TYPE_DMIX_AGGREGATOR_PAD);
  gst_element_class_add_static_pad_template_with_gtype (element_class,
      &src_template, GST_TYPE_DMIX_AGGREGATOR_PAD);
  gst_element_class_set_static_metadata (element_class, "Test mix", "Test",
      "Adds, delays, echoes", "The dmix authors");
  GST_AUDIO_AGGREGATOR_CLASS (klass)->aggregate_one_buffer =
      aggregate_one_buffer;
  klass->setup = setup;
  klass->reset = reset;
  gst_dmix_aggregator_class_install (klass, properties,
      G_N_ELEMENTS (properties), G_STRUCT_OFFSET (TestMix, settings),
      sizeof (Settings));
  klass->apply = apply;
  klass->process = process;
  klass->meter = meter;
  klass->tail = tail;
  klass->src_caps = src_caps;
}

static void
test_mix_init (TestMix *self)
{
}

static gint64
led_end (GstDmixAggregator *agg)
{
  return test_end;
}

static void
test_led_class_init (TestLedClass *klass)
{
  klass->leading_pad = "sink_0";
  klass->end = led_end;
  klass->tail = NULL;
  klass->src_caps = NULL;
}

static void
test_led_init (TestLed *self)
{
}

static void
set_up (void)
{
  gst_element_register (NULL, "testmix", GST_RANK_NONE, test_mix_get_type ());
  gst_element_register (NULL, "testled", GST_RANK_NONE, test_led_get_type ());
  test_delay = test_tail = setups = resets = applies = 0;
  test_stereo = FALSE;
  test_end = -1;
}

static RigInput *
add_ramp (Rig *rig, const gchar *pad, guint frames, guint first)
{
  RigInput *input = rig_add (rig, pad, RATE, 1);
  gfloat *ramp = g_new (gfloat, frames);

  for (guint i = 0; i < frames; i++)
    ramp[i] = (gfloat) (first + i + 1);
  rig_queue (input, ramp, frames, 500, RATE, 1, first);
  g_free (ramp);
  return input;
}

/*** tests ***/

/* Without a leading pad none is waited for: not one that nothing is linked to,
 * first or later, and the output is as long as the longest input. */
GST_START_TEST (test_all_optional)
{
  for (guint unlinked = 0; unlinked < 3; unlinked++) {
    Rig *rig = rig_new_element ("testmix");
    GstPad *pads[3];

    for (guint p = 0; p < 3; p++)
      pads[p] = gst_element_request_pad_simple (rig->element, "sink_%u");
    for (guint p = 0; p < 3; p++) {
      gchar *name = gst_pad_get_name (pads[p]);

      if (p != unlinked)
        add_ramp (rig, name, p == (unlinked + 1) % 3 ? 3000 : 2000, 0);
      g_free (name);
    }
    rig_run (rig);
    fail_unless_equals_int (rig_frames (rig), 3000);
    for (guint i = 0; i < 3000; i++)
      fail_unless (rig_sample (rig, i, 0) == (i < 2000 ? 2 : 1) * (i + 1.0f));
    gst_element_release_request_pad (rig->element, pads[unlinked]);
    for (guint p = 0; p < 3; p++)
      gst_object_unref (pads[p]);
    rig_free (rig);
  }
}
GST_END_TEST

/* Pads that are requested while the element plays, and linked later: the element
 * waits for the first stream, and the other pads do not end it before. */
GST_START_TEST (test_requested_while_playing)
{
  for (guint late_ms = 0; late_ms <= 200; late_ms += 100) {
    Rig *rig = rig_new_element ("testmix");
    GstPad *pads[2];

    gst_element_set_state (rig->element, GST_STATE_PLAYING);
    for (guint p = 0; p < 2; p++)
      pads[p] = gst_element_request_pad_simple (rig->element, "sink_%u");
    g_usleep (late_ms * 1000);
    fail_if (rig->eos, "the output ended before anything was linked");
    add_ramp (rig, "sink_1", 3000, 0);
    rig_run (rig);
    fail_unless_equals_int (rig_frames (rig), 3000);
    for (guint i = 0; i < 3000; i++)
      fail_unless (rig_sample (rig, i, 0) == i + 1.0f);
    gst_element_release_request_pad (rig->element, pads[0]);
    gst_object_unref (pads[0]);
    gst_object_unref (pads[1]);
    rig_free (rig);
  }
}
GST_END_TEST

/* A pad that was skipped and is linked by now holds the end back until its
 * stream has come, also if all other inputs have ended meanwhile. */
GST_START_TEST (test_linked_pad_is_awaited)
{
  Rig *rig = rig_new_element ("testmix");
  GstPad *skipped = gst_element_request_pad_simple (rig->element, "sink_%u");
  GThread *first;

  add_ramp (rig, "sink_1", 2000, 0); /* skips sink_0 */
  rig_queue_event (&rig->input[0], gst_event_new_eos ());
  gst_element_set_state (rig->element, GST_STATE_PLAYING);
  add_ramp (rig, "sink_0", 4000, 0); /* linked, but silent so far */
  rig_queue_event (&rig->input[1], gst_event_new_eos ());
  rig->inputs = 1;
  rig_feed (rig);
  first = rig->input[0].thread;
  rig->input[0].thread = NULL;
  g_usleep (300 * 1000);
  fail_if (rig->eos, "the output ended without the stream of sink_0");
  rig->inputs = 2;
  rig_feed (rig);
  rig_wait_eos (rig);
  g_thread_join (first);
  fail_unless (rig_frames (rig) >= 4000);
  fail_unless (rig_sample (rig, 3999, 0) == 4000.0f);
  gst_object_unref (skipped);
  rig_free (rig);
}
GST_END_TEST

/* An output that ends with its leading pad takes what still comes on others and
 * answers OK: EOS would also end the other branches of a tee upstream. */
GST_START_TEST (test_data_past_the_end)
{
  Rig *rig = rig_new_element ("testled");
  RigInput *more;

  test_end = 1000;
  add_ramp (rig, "sink_0", 1000, 0);
  more = add_ramp (rig, "sink_1", 400000, 0);
  rig_run (rig);
  g_thread_join (more->thread);
  more->thread = NULL;
  fail_unless_equals_int (rig_frames (rig), 1000);
  fail_unless_equals_int (more->flow, GST_FLOW_OK);
  rig_free (rig);
}
GST_END_TEST

static GstFlowReturn
take_no_more (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  gst_buffer_unref (buffer);
  return GST_FLOW_EOS;
}

/* Downstream that takes no more ends upstream. */
GST_START_TEST (test_downstream_eos)
{
  Rig *rig = rig_new_element ("testmix");
  RigInput *input = add_ramp (rig, "sink_0", 400000, 0);

  gst_pad_set_chain_function (rig->sink, take_no_more);
  rig_feed (rig);
  g_thread_join (input->thread);
  input->thread = NULL;
  fail_unless_equals_int (input->flow, GST_FLOW_EOS);
  rig_free (rig);
}
GST_END_TEST

/* A leading pad gives its format, whatever came on another one before it, and
 * without `tail` and `src_caps` the output ends with the input. */
GST_START_TEST (test_led)
{
  Rig *rig;
  RigInput *lead;
  gfloat stereo[2 * 1000];

  test_delay = 100;
  test_tail = 50; /* unused: the class has no tail */
  rig = rig_new_element ("testled");
  add_ramp (rig, "sink_1", 500, 0);
  lead = rig_add (rig, "sink_0", RATE, 2);
  for (guint i = 0; i < G_N_ELEMENTS (stereo); i++)
    stereo[i] = i % 2;
  rig_queue (lead, stereo, 1000, 300, RATE, 2, 0);
  rig_run (rig);
  fail_unless_equals_int (rig->caps->len, 1);
  fail_unless (strstr (g_ptr_array_index (rig->caps, 0), "channels=(int)2"));
  fail_unless_equals_int (rig_frames (rig), 1000);
  fail_unless_equals_float (rig_sample (rig, 700, 0), 0);
  fail_unless_equals_float (rig_sample (rig, 700, 1), 1.5); /* and its echo */
  fail_unless_equals_int (setups, 1);
  rig_free (rig);
}
GST_END_TEST

/* src_caps decides what the src pad has; inputs are put into that layout. */
GST_START_TEST (test_src_caps)
{
  Rig *rig;

  test_stereo = TRUE;
  rig = rig_new_element ("testmix");
  add_ramp (rig, "sink_0", 2000, 0);
  add_ramp (rig, "sink_1", 2000, 0);
  rig_run (rig);
  fail_unless_equals_int (rig->caps->len, 1);
  fail_unless (strstr (g_ptr_array_index (rig->caps, 0), "channels=(int)2"));
  fail_unless_equals_int (rig_frames (rig), 2000);
  for (guint i = 0; i < 2000; i++)
    fail_unless (rig_sample (rig, i, 0) > 0
        && rig_sample (rig, i, 0) == rig_sample (rig, i, 1));
  rig_free (rig);
}
GST_END_TEST

/* The tail behind the last input comes out, too, after the delay: the echo of
 * the last frame is the last frame. */
GST_START_TEST (test_tail_comes_out)
{
  const guint delays[] = { 0, 100, 1500 }, tails[] = { 0, 1, 700, 2000 };

  for (guint d = 0; d < G_N_ELEMENTS (delays); d++) {
    for (guint t = 0; t < G_N_ELEMENTS (tails); t++) {
      Rig *rig;

      test_delay = delays[d];
      test_tail = tails[t];
      rig = rig_new_element ("testmix");
      add_ramp (rig, "sink_0", 3000, 0);
      rig_run (rig);
      fail_unless_equals_int (rig_frames (rig), 3000 + test_tail);
      fail_unless (rig->contiguous);
      for (guint i = 0; i < 3000 + test_tail; i++)
        fail_unless (rig_sample (rig, i, 0)
            == (i < 3000 ? i + 1.0f : 0)
                + (test_tail > 0 && i >= test_tail ? 0.5f * (i - test_tail + 1)
                                                   : 0));
      rig_free (rig);
    }
  }
}
GST_END_TEST

/* Silent input during the tail is not marked as GAP; after the tail it is. */
GST_START_TEST (test_tail_is_no_gap)
{
  Rig *rig;
  RigInput *input;

  test_tail = 2 * BLOCK;
  rig = rig_new_element ("testmix output-buffer-duration=10000000");
  input = add_ramp (rig, "sink_0", 10 * BLOCK, 0);
  rig_queue_gap (input, 10 * BLOCK, RATE, 10 * BLOCK);
  rig_run (rig);
  fail_unless_equals_int (rig_frames (rig), 22 * BLOCK);
  /* 10 blocks of sound, 2 of the echo, 8 of silence; and the tail after the
   * end, in pieces of 10 ms */
  fail_unless_equals_int (rig->buffers, 22);
  fail_unless_equals_int (rig->gaps, 10);
  fail_unless (rig_sample (rig, 12 * BLOCK - 1, 0) == 0.5f * 10 * BLOCK);
  fail_unless (rig_sample (rig, 12 * BLOCK, 0) == 0);
  rig_free (rig);
}
GST_END_TEST

/* A flush drops the delayed sound. */
GST_START_TEST (test_flush)
{
  Rig *rig;
  RigInput *input;
  GstSegment segment;

  test_delay = 1000;
  rig = rig_new_element ("testmix");
  input = add_ramp (rig, "sink_0", 3000, 0);
  rig_feed (rig);
  g_thread_join (input->thread);
  input->thread = NULL;
  resets = 0;
  gst_segment_init (&segment, GST_FORMAT_TIME);
  rig_queue_event (input, gst_event_new_flush_start ());
  rig_queue_event (input, gst_event_new_flush_stop (TRUE));
  rig_queue_event (input, gst_event_new_segment (&segment));
  for (guint i = 0; i < 2; i++) {
    const gfloat ones[960] = { 1 };

    rig_queue (input, ones, 960, 960, RATE, 1, 960 * i);
  }
  rig_run (rig);
  fail_unless (resets > 0);
  fail_unless_equals_int (rig_frames (rig), 1920);
  for (guint i = 0; i < 1920; i++)
    fail_unless (rig_sample (rig, i, 0) == (i % 960 == 0 ? 1 : 0), "%u: %g", i,
        rig_sample (rig, i, 0));
  rig_free (rig);
}
GST_END_TEST

/* Checks the next message of the element. */
static void
check_message (Rig *rig, guint frames, guint first)
{
  GstMessage *message = gst_bus_pop_filtered (rig->bus, GST_MESSAGE_ELEMENT);
  const GstClockTime start = gst_util_uint64_scale (first, GST_SECOND, RATE);
  const GstClockTime end =
      gst_util_uint64_scale (first + frames, GST_SECOND, RATE);
  const GstStructure *s;
  guint64 timestamp, duration;
  guint count;

  fail_unless (message != NULL);
  s = gst_message_get_structure (message);
  fail_unless (gst_structure_get_uint (s, "frames", &count));
  fail_unless (gst_structure_get_uint64 (s, "timestamp", &timestamp));
  fail_unless (gst_structure_get_uint64 (s, "duration", &duration));
  fail_unless_equals_int (count, frames);
  fail_unless_equals_uint64 (timestamp, start);
  fail_unless_equals_uint64 (duration, end - start);
  gst_message_unref (message);
}

/* The intervals are those of the output, without the frames of the delay that
 * are dropped; the last one is shorter. */
GST_START_TEST (test_messages)
{
  Rig *rig;

  test_delay = 1000;
  rig = rig_new_element ("testmix post-messages=true");
  add_ramp (rig, "sink_0", 6000, 0);
  rig_run (rig);
  check_message (rig, 2400, 0);
  check_message (rig, 2400, 2400);
  check_message (rig, 1200, 4800);
  fail_unless (gst_bus_pop_filtered (rig->bus, GST_MESSAGE_ELEMENT) == NULL);
  rig_free (rig);
}
GST_END_TEST

/* A flush drops the interval that has begun. */
GST_START_TEST (test_messages_flush)
{
  static const gfloat silence[960];
  Rig *rig;
  RigInput *input;
  GstSegment segment;

  rig = rig_new_element ("testmix post-messages=true");
  input = add_ramp (rig, "sink_0", 2000, 0);
  rig_feed (rig);
  g_thread_join (input->thread);
  input->thread = NULL;
  gst_segment_init (&segment, GST_FORMAT_TIME);
  rig_queue_event (input, gst_event_new_flush_start ());
  rig_queue_event (input, gst_event_new_flush_stop (TRUE));
  rig_queue_event (input, gst_event_new_segment (&segment));
  rig_queue (input, silence, 960, 960, RATE, 1, 0);
  rig_queue (input, silence, 960, 960, RATE, 1, 960);
  rig_run (rig);
  check_message (rig, 1920, 0);
  fail_unless (gst_bus_pop_filtered (rig->bus, GST_MESSAGE_ELEMENT) == NULL);
  rig_free (rig);
}
GST_END_TEST

/* Settings reach the processor with the set-up, and again only if they
 * change. */
GST_START_TEST (test_settings)
{
  gdouble gain;
  Rig *rig = rig_new_element ("testmix gain=2");

  add_ramp (rig, "sink_0", 6000, 0);
  rig_run (rig);
  fail_unless_equals_int (setups, 1);
  fail_unless_equals_int (applies, 0);
  g_object_get (rig->element, "gain", &gain, NULL);
  fail_unless_equals_float (gain, 2);
  rig_free (rig);
}
GST_END_TEST

static Suite *
dmixaggregator_suite (void)
{
  Suite *suite = suite_create ("dmixaggregator");
  TCase *tc = tcase_create ("hooks");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, set_up, NULL);
  tcase_add_test (tc, test_all_optional);
  tcase_add_test (tc, test_requested_while_playing);
  tcase_add_test (tc, test_linked_pad_is_awaited);
  tcase_add_test (tc, test_data_past_the_end);
  tcase_add_test (tc, test_downstream_eos);
  tcase_add_test (tc, test_led);
  tcase_add_test (tc, test_src_caps);
  tcase_add_test (tc, test_tail_comes_out);
  tcase_add_test (tc, test_tail_is_no_gap);
  tcase_add_test (tc, test_flush);
  tcase_add_test (tc, test_messages);
  tcase_add_test (tc, test_messages_flush);
  tcase_add_test (tc, test_settings);
  return suite;
}

GST_CHECK_MAIN (dmixaggregator)
