/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The base class of the filters, with minimal processors: a delay whose length
 * can change, and one from mono to stereo. Every filter inherits the handling
 * of time that is tested here. */
#include "base/gstdmixfilter.h"

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <gst/controller/gstinterpolationcontrolsource.h>
#include <gst/controller/gstdirectcontrolbinding.h>
#include <math.h>
#include <string.h>

#define RATE 48000
#define MAX_DELAY 10000

/*** a filter: gain behind a delay ***/

typedef struct
{
  GstDmixFilterSettings common;
  gdouble gain, delay, tail;
} Settings;

typedef struct
{
  GstDmixFilter parent;
  Settings settings;
  gfloat *line; /* the last MAX_DELAY samples */
  guint at, channels, delay, tail;
  gdouble gain;
  guint frames, resets, setups; /* frames since the last meter */
  gfloat peak;
} TestFilter;

typedef GstDmixFilterClass TestFilterClass;

static GType test_filter_get_type (void);
G_DEFINE_TYPE (TestFilter, test_filter, GST_TYPE_DMIX_FILTER)
#define TEST_FILTER(obj) ((TestFilter *) (obj))
#define PLACE(field) G_STRUCT_OFFSET (Settings, field)
static const GstDmixProperty properties[] = {
  { "gain", "Gain", "Gain (factor)", GST_DMIX_DOUBLE, 0, 10, 1, PLACE (gain),
      GST_PARAM_CONTROLLABLE, NULL },
  { "delay", "Delay", "Delay in frames", GST_DMIX_DOUBLE, 0, MAX_DELAY, 0,
      PLACE (delay), GST_PARAM_CONTROLLABLE, NULL },
  { "tail", "Tail", "Tail in frames", GST_DMIX_DOUBLE, 0, 1000, 0, PLACE (tail),
      GST_PARAM_CONTROLLABLE, NULL },
};

static void
filter_cleanup (GstDmixFilter *filter)
{
  g_clear_pointer (&TEST_FILTER (filter)->line, g_free);
}

static gboolean
filter_setup (GstDmixFilter *filter, const GstAudioInfo *in,
    const GstAudioInfo *out, gconstpointer settings)
{
  TestFilter *self = TEST_FILTER (filter);

  filter_cleanup (filter);
  self->channels = GST_AUDIO_INFO_CHANNELS (in);
  self->line = g_new0 (gfloat, MAX_DELAY * self->channels);
  self->at = 0;
  self->setups++;
  if (GST_AUDIO_INFO_RATE (in) == 8001) {
    GST_ELEMENT_ERROR (self, STREAM, FORMAT, (NULL), ("not 8001"));
    return FALSE;
  }
  return TRUE;
}

static void
filter_apply (GstDmixFilter *filter, gconstpointer settings)
{
  const Settings *s = settings;

  TEST_FILTER (filter)->gain = s->gain;
  TEST_FILTER (filter)->delay = (guint) s->delay;
  TEST_FILTER (filter)->tail = (guint) s->tail;
}

static gfloat *
place (TestFilter *self, guint frames_ago)
{
  return self->line
      + (self->at + MAX_DELAY - frames_ago) % MAX_DELAY * self->channels;
}

static gboolean check_stream_time;

/* The value of a sample is its frame number, and gives its stream time. */
static void
check_time (GstDmixFilter *filter, const gfloat *in, guint frames)
{
  const gint rate = GST_AUDIO_FILTER_RATE (filter);

  for (guint i = 0; check_stream_time && i < frames; i += 100)
    if (in[i * TEST_FILTER (filter)->channels] >= 1)
      fail_unless_equals_uint64 (gst_dmix_filter_get_stream_time (filter, i),
          gst_util_uint64_scale (in[i * TEST_FILTER (filter)->channels] - 1,
              GST_SECOND, rate));
}

static void
filter_process (GstDmixFilter *filter, const gfloat *in, gfloat *out,
    guint frames)
{
  TestFilter *self = TEST_FILTER (filter);

  check_time (filter, in, frames);

  for (guint i = 0; i < frames; i++) {
    for (guint c = 0; c < self->channels; c++) {
      gfloat now = in[i * self->channels + c];

      place (self, 0)[c] = now;
      out[i * self->channels + c] = place (self, self->delay)[c] * self->gain;
      self->peak = MAX (self->peak, fabsf (out[i * self->channels + c]));
    }
    self->at = (self->at + 1) % MAX_DELAY;
  }
  self->frames += frames;
}

/* The delay has shrunk already: the oldest frame that is due is `frames`
 * further back. */
static void
filter_catch_up (GstDmixFilter *filter, gfloat *out, guint frames)
{
  TestFilter *self = TEST_FILTER (filter);

  for (guint i = 0; i < frames; i++)
    for (guint c = 0; c < self->channels; c++)
      out[i * self->channels + c] =
          place (self, self->delay + frames - i)[c] * self->gain;
}

static void
filter_reset (GstDmixFilter *filter)
{
  TestFilter *self = TEST_FILTER (filter);

  memset (self->line, 0, MAX_DELAY * self->channels * sizeof (gfloat));
  self->frames = 0;
  self->peak = 0;
  self->resets++;
}

static guint
filter_latency (GstDmixFilter *filter)
{
  return TEST_FILTER (filter)->delay;
}

static guint
filter_tail (GstDmixFilter *filter)
{
  return TEST_FILTER (filter)->tail;
}

static GstStructure *
filter_meter (GstDmixFilter *filter)
{
  TestFilter *self = TEST_FILTER (filter);
  GstStructure *s = gst_structure_new ("test", "frames", G_TYPE_UINT,
      self->frames, "peak", G_TYPE_DOUBLE, (gdouble) self->peak, NULL);

  self->frames = 0;
  self->peak = 0;
  return s;
}

static void
test_filter_class_init (TestFilterClass *klass)
{
  static const GstDmixFilterInfo info = {
    .long_name = "Test filter",
    .classification = "Test",
    .description = "Gain behind a delay",
    .properties = properties,
    .property_count = G_N_ELEMENTS (properties),
    .settings_offset = G_STRUCT_OFFSET (TestFilter, settings),
    .settings_size = sizeof (Settings),
  };

  gst_dmix_filter_class_install (klass, &info);
  klass->setup = filter_setup;
  klass->cleanup = filter_cleanup;
  klass->apply = filter_apply;
  klass->process = filter_process;
  klass->catch_up = filter_catch_up;
  klass->reset = filter_reset;
  klass->latency = filter_latency;
  klass->tail = filter_tail;
  klass->meter = filter_meter;
}

static void
test_filter_init (TestFilter *self)
{
}

/*** another one: mono to stereo, right inverted ***/

typedef TestFilter TestStereo;
typedef GstDmixFilterClass TestStereoClass;
static GType test_stereo_get_type (void);
G_DEFINE_TYPE (TestStereo, test_stereo, test_filter_get_type ())
static void
stereo_process (GstDmixFilter *filter, const gfloat *in, gfloat *out,
    guint frames)
{
  gfloat *mono = g_memdup2 (in, frames * sizeof *in);

  filter_process (filter, mono, mono, frames);
  for (guint i = 0; i < frames; i++) {
    out[2 * i] = mono[i];
    out[2 * i + 1] = -mono[i];
  }
  g_free (mono);
}

static GstCaps *
stereo_caps (GstBaseTransform *trans, GstPadDirection direction, GstCaps *caps,
    GstCaps *filter)
{
  GstCaps *other = gst_caps_copy (caps);

  if (direction == GST_PAD_SINK)
    gst_caps_set_simple (other, "channels", G_TYPE_INT, 2, "channel-mask",
        GST_TYPE_BITMASK, (guint64) 0x3, NULL);
  else
    for (guint i = 0; i < gst_caps_get_size (other); i++) {
      gst_structure_remove_field (gst_caps_get_structure (other, i),
          "channel-mask");
      gst_structure_set (gst_caps_get_structure (other, i), "channels",
          G_TYPE_INT, 1, NULL);
    }
  return other;
}

static void
test_stereo_class_init (TestStereoClass *klass)
{
  GstCaps *caps = gst_caps_from_string (GST_DMIX_CAPS);

  gst_audio_filter_class_add_pad_templates (GST_AUDIO_FILTER_CLASS (klass),
      caps);
  gst_caps_unref (caps);
  GST_BASE_TRANSFORM_CLASS (klass)->transform_caps = stereo_caps;
  klass->process = stereo_process;
}

static void
test_stereo_init (TestStereo *self)
{
}

/*** helpers ***/

static GstHarness *
harness (GType type, gint rate, gint channels, const gchar *first, ...)
{
  GstElement *element = g_object_new (type, NULL);
  GstHarness *h = gst_harness_new_with_element (element, "sink", "src");
  gchar *caps =
      g_strdup_printf ("audio/x-raw,format=" GST_AUDIO_NE (
                           F32) ",layout=interleaved,rate=%d,channels=%d,"
                                "channel-mask=(bitmask)0x%x",
          rate, channels, channels == 2 ? 3 : 0);
  va_list args;

  va_start (args, first);
  g_object_set_valist (G_OBJECT (element), first, args);
  va_end (args);
  gst_harness_set_src_caps_str (h, caps);
  g_free (caps);
  gst_object_unref (element);
  return h;
}

static gfloat
value_at (guint64 frame)
{
  return 1.0f + (gfloat) (frame % 1000003);
}

static GstClockTime
time_of (guint64 frame, gint rate)
{
  return gst_util_uint64_scale (frame, GST_SECOND, rate);
}

/* Frames from `first` on of a stream whose samples are frame numbers. */
static GstBuffer *
make_buffer (guint64 first, guint frames, gint rate, guint channels)
{
  GstBuffer *buffer = gst_buffer_new_and_alloc (frames * channels * 4);
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_WRITE);
  for (guint i = 0; i < frames * channels; i++)
    ((gfloat *) map.data)[i] = value_at (first + i / channels);
  gst_buffer_unmap (buffer, &map);
  GST_BUFFER_PTS (buffer) = time_of (first, rate);
  GST_BUFFER_DURATION (buffer) =
      time_of (first + frames, rate) - GST_BUFFER_PTS (buffer);
  GST_BUFFER_OFFSET (buffer) = first;
  return buffer;
}

static void
push (GstHarness *h, GstBuffer *buffer)
{
  fail_unless_equals_int (gst_harness_push (h, buffer), GST_FLOW_OK);
}

static void
push_frames (GstHarness *h, guint64 first, guint frames, gint rate,
    guint channels)
{
  push (h, make_buffer (first, frames, rate, channels));
}

/* Pulls all that is there: samples have to be those of `frame` and on, with
 * the timestamps they came with. Returns the frame after the last. */
static guint64
check_output (GstHarness *h, guint64 frame, gint rate, guint channels)
{
  GstBuffer *buffer;

  while ((buffer = gst_harness_try_pull (h))) {
    const guint frames = gst_buffer_get_size (buffer) / (4 * channels);
    GstMapInfo map;

    fail_unless (frames > 0);
    fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer), time_of (frame, rate));
    fail_unless_equals_uint64 (GST_BUFFER_DURATION (buffer),
        time_of (frame + frames, rate) - time_of (frame, rate));
    fail_unless_equals_uint64 (GST_BUFFER_OFFSET (buffer), frame);
    fail_unless_equals_uint64 (GST_BUFFER_OFFSET_END (buffer), frame + frames);
    gst_buffer_map (buffer, &map, GST_MAP_READ);
    for (guint i = 0; i < frames * channels; i++)
      if (((gfloat *) map.data)[i] != value_at (frame + i / channels))
        fail ("frame %u is another one", (guint) frame + i / channels);
    gst_buffer_unmap (buffer, &map);
    gst_buffer_unref (buffer);
    frame += frames;
  }
  return frame;
}

static guint
pull_frames (GstHarness *h, guint channels)
{
  guint frames = 0;
  GstBuffer *buffer;

  while ((buffer = gst_harness_try_pull (h))) {
    frames += gst_buffer_get_size (buffer) / (4 * channels);
    gst_buffer_unref (buffer);
  }
  return frames;
}

/*** tests ***/

static const gint rates[] = { 8000, 11025, 44100, 48000, 96000, 192000 };
static const guint delays[] = { 0, 1, 66, 480, 4800 };
static const guint blocks[] = { 1, 7, 480, 1013, 65536 };

/* Every frame leaves with the timestamp it came with, none is lost, and what
 * the LATENCY query says is what the first frame waits for. */
GST_START_TEST (test_time)
{
  check_stream_time = TRUE; /* in this test, in a process of its own */
  for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
    for (guint d = 0; d < G_N_ELEMENTS (delays); d++) {
      for (guint b = 0; b < G_N_ELEMENTS (blocks); b++) {
        GstHarness *h = harness (test_filter_get_type (), rates[r], 2, "delay",
            (gdouble) delays[d], NULL);
        const guint total = blocks[b] == 1 ? 3000 : 20011;
        guint64 out = 0;

        for (guint done = 0, n; done < total; done += n) {
          n = MIN (blocks[b], total - done);
          push_frames (h, done, n, rates[r], 2);
          out = check_output (h, out, rates[r], 2);
          fail_unless_equals_uint64 (out,
              done + n > delays[d] ? done + n - delays[d] : 0);
        }
        fail_unless_equals_uint64 (gst_harness_query_latency (h),
            gst_util_uint64_scale_round (delays[d], GST_SECOND, rates[r]));
        gst_harness_push_event (h, gst_event_new_eos ());
        fail_unless_equals_uint64 (check_output (h, out, rates[r], 2), total);
        gst_harness_teardown (h);
      }
    }
  }
}
GST_END_TEST

/* Upstream's latency is added to, in min and max, and its liveness kept. */
GST_START_TEST (test_latency_adds_up)
{
  GstElement *pipeline = gst_pipeline_new (NULL);
  GstElement *src = gst_element_factory_make ("audiotestsrc", NULL);
  GstElement *filter =
      g_object_new (test_filter_get_type (), "delay", 480.0, NULL);
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  GstQuery *query = gst_query_new_latency ();
  GstCaps *caps = gst_caps_from_string ("audio/x-raw,rate=48000");
  GstClockTime min, max, upstream_min, upstream_max;
  gboolean live;

  g_object_set (src, "is-live", TRUE, "samplesperbuffer", 960, NULL);
  gst_bin_add_many (GST_BIN (pipeline), src, filter, sink, NULL);
  fail_unless (gst_element_link_filtered (src, filter, caps));
  fail_unless (gst_element_link (filter, sink));
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  gst_element_get_state (pipeline, NULL, NULL, 5 * GST_SECOND);
  fail_unless (gst_element_query (src, query));
  gst_query_parse_latency (query, NULL, &upstream_min, &upstream_max);
  fail_unless (gst_element_query (filter, query));
  gst_query_parse_latency (query, &live, &min, &max);
  fail_unless (live);
  fail_unless_equals_uint64 (min, upstream_min + 10 * GST_MSECOND);
  fail_unless_equals_uint64 (max,
      GST_CLOCK_TIME_IS_VALID (upstream_max) ? upstream_max + 10 * GST_MSECOND
                                             : GST_CLOCK_TIME_NONE);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_caps_unref (caps);
  gst_query_unref (query);
  gst_object_unref (pipeline);
}
GST_END_TEST

/* Old sound leaves in the old format, before the new caps. */
GST_START_TEST (test_caps_change)
{
  GstHarness *h =
      harness (test_filter_get_type (), RATE, 2, "delay", 480.0, NULL);
  GstEvent *event;
  guint caps_events = 0;

  push_frames (h, 0, 1000, RATE, 2);
  gst_harness_set_src_caps_str (h,
      "audio/x-raw,format=" GST_AUDIO_NE (
          F32) ",layout=interleaved,rate=48000,channels=1");
  fail_unless_equals_uint64 (check_output (h, 0, RATE, 2), 1000);
  push_frames (h, 4800, 1000, RATE, 1);
  gst_harness_push_event (h, gst_event_new_eos ());
  fail_unless_equals_uint64 (check_output (h, 4800, RATE, 1), 5800);
  while ((event = gst_harness_try_pull_event (h))) {
    caps_events += GST_EVENT_TYPE (event) == GST_EVENT_CAPS;
    gst_event_unref (event);
  }
  fail_unless_equals_int (caps_events, 2);
  gst_harness_teardown (h);
}
GST_END_TEST

/* Nothing from before a flush comes after it. */
GST_START_TEST (test_flush)
{
  GstHarness *h =
      harness (test_filter_get_type (), RATE, 2, "delay", 4800.0, NULL);
  GstSegment segment;

  push_frames (h, 0, 6000, RATE, 2);
  fail_unless_equals_uint64 (check_output (h, 0, RATE, 2), 1200);
  gst_harness_push_event (h, gst_event_new_flush_start ());
  gst_harness_push_event (h, gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (h, gst_event_new_segment (&segment));
  push_frames (h, 90000, 6000, RATE, 2);
  gst_harness_push_event (h, gst_event_new_eos ());
  fail_unless_equals_uint64 (check_output (h, 90000, RATE, 2), 96000);
  gst_harness_teardown (h);
}
GST_END_TEST

/* Plays 6000 frames, a hole, 3000 frames and EOS, and returns all samples, after
 * a check that the output is contiguous. kind: 0: DISCONT, 1: timestamps only,
 * 2: a GAP event, 3: zeros */
static GArray *
play_hole (guint kind, guint hole)
{
  GstHarness *h = harness (test_filter_get_type (), RATE, 2, "delay", 480.0,
      "tail", 100.0, NULL);
  GArray *out = g_array_new (FALSE, FALSE, sizeof (gfloat));
  GstBuffer *buffer;

  push_frames (h, 0, 6000, RATE, 2);
  if (kind == 2)
    gst_harness_push_event (h,
        gst_event_new_gap (time_of (6000, RATE), time_of (hole, RATE)));
  if (kind == 3) {
    buffer = make_buffer (6000, hole, RATE, 2);
    gst_buffer_memset (buffer, 0, 0, -1);
    push (h, buffer);
  }
  buffer = make_buffer (6000 + hole, 3000, RATE, 2);
  if (kind == 0)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  push (h, buffer);
  gst_harness_push_event (h, gst_event_new_eos ());
  fail_unless_equals_int (TEST_FILTER (h->element)->resets, 2);
  while ((buffer = gst_harness_try_pull (h))) {
    GstMapInfo map;

    fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer),
        time_of (out->len / 2, RATE));
    gst_buffer_map (buffer, &map, GST_MAP_READ);
    g_array_append_vals (out, map.data, map.size / sizeof (gfloat));
    gst_buffer_unmap (buffer, &map);
    gst_buffer_unref (buffer);
  }
  gst_harness_teardown (h);
  return out;
}

/* A hole of up to 10 s is silence of its length, however it is told: the same
 * bits come out, contiguous, and the processor keeps its state. */
GST_START_TEST (test_hole)
{
  const guint holes[] = { 10, RATE / 50, RATE / 20, RATE, 10 * RATE };

  for (guint i = 0; i < G_N_ELEMENTS (holes); i++) {
    GArray *want = play_hole (3, holes[i]);

    fail_unless_equals_int (want->len, 2 * (6000 + holes[i] + 3000 + 100));
    for (guint kind = 0; kind < 3; kind++) {
      GArray *out;

      if (kind == 1 && holes[i] < RATE / 20)
        continue; /* jitter */
      out = play_hole (kind, holes[i]);
      fail_unless_equals_int (out->len, want->len);
      fail_unless (
          memcmp (out->data, want->data, want->len * sizeof (gfloat)) == 0);
      g_array_unref (out);
    }
    g_array_unref (want);
  }
}
GST_END_TEST

/* DISCONT without a hole changes nothing. Behind a flagged jump back of more than
 * 40 ms and behind a hole of more than 10 s the processor begins anew: the delayed
 * sound leaves with its own timestamps. */
GST_START_TEST (test_discont)
{
  const gint jumps[] = { 0, -RATE / 50, -RATE / 20, 10 * RATE + RATE / 100 };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (jumps); i++) {
    const gint jump = jumps[i / 2];
    const guint64 again = 6000 + jump;
    const gboolean anew = (i % 2 && jump < -RATE / 25) || jump > 0;
    GstHarness *h =
        harness (test_filter_get_type (), RATE, 2, "delay", 480.0, NULL);
    TestFilter *filter = TEST_FILTER (h->element);
    GstBuffer *buffer = make_buffer (again, 3000, RATE, 2);
    guint resets;

    push_frames (h, 0, 6000, RATE, 2);
    resets = filter->resets;
    if (i % 2)
      GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
    fail_unless_equals_uint64 (check_output (h, 0, RATE, 2), 5520);
    push (h, buffer);
    fail_unless_equals_int (filter->resets, resets + anew);
    buffer = gst_harness_pull (h);
    fail_unless_equals_uint64 (GST_BUFFER_OFFSET (buffer), 5520);
    if (jump == 0) {
      fail_unless_equals_uint64 (GST_BUFFER_OFFSET_END (buffer), 8520);
      gst_buffer_unref (buffer);
      gst_harness_push_event (h, gst_event_new_eos ());
      fail_unless_equals_uint64 (check_output (h, 8520, RATE, 2), 9000);
    } else {
      fail_unless_equals_uint64 (GST_BUFFER_OFFSET_END (buffer), 6000);
      gst_buffer_unref (buffer);
      gst_harness_push_event (h, gst_event_new_eos ());
      fail_unless_equals_uint64 (check_output (h, again, RATE, 2),
          again + 3000);
    }
    gst_harness_teardown (h);
  }
}
GST_END_TEST

/* Timestamps that jitter are kept for the very frames that had them, and the
 * processor goes on. */
GST_START_TEST (test_jitter)
{
  const GstClockTimeDiff jitter[] = {
    0,
    3 * GST_MSECOND,
    -2 * GST_MSECOND,
    0,
    20 * GST_MSECOND,
    7,
  };
  GstHarness *h =
      harness (test_filter_get_type (), RATE, 1, "delay", 700.0, NULL);
  TestFilter *filter = TEST_FILTER (h->element);
  GstBuffer *buffer;
  guint64 frame = 0;

  for (guint i = 0; i < G_N_ELEMENTS (jitter); i++) {
    buffer = make_buffer (48000 + i * 1000, 1000, RATE, 1);
    GST_BUFFER_PTS (buffer) += jitter[i];
    push (h, buffer);
  }
  fail_unless_equals_int (filter->resets, 1);
  gst_harness_push_event (h, gst_event_new_eos ());
  while ((buffer = gst_harness_try_pull (h))) {
    const guint part = frame / 1000;

    fail_unless (part < G_N_ELEMENTS (jitter));
    fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer),
        time_of (48000 + part * 1000, RATE) + jitter[part]
            + time_of (frame % 1000, RATE));
    frame += gst_buffer_get_size (buffer) / 4;
    fail_unless (frame <= (part + 1) * 1000);
    gst_buffer_unref (buffer);
  }
  fail_unless_equals_uint64 (frame, 6000);
  gst_harness_teardown (h);
}
GST_END_TEST

/* Buffers without timestamps go through without. */
GST_START_TEST (test_no_timestamps)
{
  GstHarness *h =
      harness (test_filter_get_type (), RATE, 1, "delay", 100.0, NULL);
  GstBuffer *buffer = make_buffer (0, 1000, RATE, 1);

  GST_BUFFER_PTS (buffer) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_OFFSET (buffer) = GST_BUFFER_OFFSET_NONE;
  push (h, buffer);
  buffer = gst_harness_pull (h);
  fail_if (GST_BUFFER_PTS_IS_VALID (buffer));
  fail_if (GST_BUFFER_OFFSET_IS_VALID (buffer));
  fail_unless_equals_int (gst_buffer_get_size (buffer), 900 * 4);
  gst_buffer_unref (buffer);
  gst_harness_teardown (h);
}

GST_END_TEST static void
count_gaps (GstHarness *h, guint64 *first_gap, guint64 *gap_end, guint64 *end)
{
  GstBuffer *buffer;

  *first_gap = *gap_end = G_MAXUINT64;
  while ((buffer = gst_harness_try_pull (h))) {
    const guint64 start =
        gst_util_uint64_scale_round (GST_BUFFER_PTS (buffer), RATE, GST_SECOND);

    *end = start + gst_buffer_get_size (buffer) / 4;
    if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_GAP)) {
      *first_gap = MIN (*first_gap, start);
      *gap_end = *end;
    }
    gst_buffer_unref (buffer);
  }
}

/* A gap, as an event or as buffers with or without memory, comes out as a gap
 * in the same place, but for the buffer it begins in. */
GST_START_TEST (test_gap)
{
  for (guint kind = 0; kind < 3; kind++) {
    GstHarness *h =
        harness (test_filter_get_type (), RATE, 1, "delay", 480.0, NULL);
    guint64 first, gap_end, end;
    GstBuffer *buffer;

    push_frames (h, 0, 4800, RATE, 1);
    if (kind == 0) {
      gst_harness_push_event (h,
          gst_event_new_gap (time_of (4800, RATE), time_of (9600, RATE)));
    } else {
      buffer =
          kind == 1 ? make_buffer (4800, 9600, RATE, 1) : gst_buffer_new ();
      GST_BUFFER_PTS (buffer) = time_of (4800, RATE);
      GST_BUFFER_DURATION (buffer) = time_of (9600, RATE);
      GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_GAP);
      push (h, buffer);
    }
    push_frames (h, 14400, 4800, RATE, 1);
    gst_harness_push_event (h, gst_event_new_eos ());
    count_gaps (h, &first, &gap_end, &end);
    fail_unless_equals_uint64 (end, 19200);
    if (kind != 1) { /* one buffer of 200 ms begins with sound */
      fail_unless (first >= 4800 && first <= 4800 + 960);
      fail_unless (gap_end <= 14400 && gap_end >= 14400 - 960);
    }
    gst_harness_teardown (h);
  }
}
GST_END_TEST

/* An endless gap costs a minute of silence, then it goes on as an event. */
GST_START_TEST (test_long_gap)
{
  GstHarness *h =
      harness (test_filter_get_type (), RATE, 1, "delay", 480.0, NULL);
  GstEvent *event;
  GstClockTime pts = 0, duration = 0;

  gst_harness_push_event (h, gst_event_new_gap (0, 3600 * GST_SECOND));
  fail_unless_equals_int (pull_frames (h, 1), 60 * RATE);
  while ((event = gst_harness_try_pull_event (h))) {
    if (GST_EVENT_TYPE (event) == GST_EVENT_GAP)
      gst_event_parse_gap (event, &pts, &duration);
    gst_event_unref (event);
  }
  fail_unless_equals_uint64 (pts, 60 * GST_SECOND);
  fail_unless_equals_uint64 (duration, 3540 * GST_SECOND);
  push_frames (h, (guint64) 3600 * RATE, 1000, RATE, 1);
  gst_harness_push_event (h, gst_event_new_eos ());
  fail_unless_equals_uint64 (check_output (h, (guint64) 3600 * RATE, RATE, 1),
      (guint64) 3600 * RATE + 1000);
  gst_harness_teardown (h);
}
GST_END_TEST

/* A delay that changes while playing: no frame is lost, doubled or moved, and
 * the pipeline gets a LATENCY message. */
GST_START_TEST (test_delay_change)
{
  const guint steps[] = { 480, 4800, 100, 0, 1000, 1001, 1000, 9000, 0 };
  GstHarness *h =
      harness (test_filter_get_type (), RATE, 2, "delay", 0.0, NULL);
  GstBus *bus = gst_bus_new ();
  guint64 in = 0, out = 0;
  guint messages = 0;
  GstMessage *message;

  gst_element_set_bus (h->element, bus);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++) {
    g_object_set (h->element, "delay", (gdouble) steps[i], NULL);
    for (guint b = 0; b < 20; b++, in += 333) {
      push_frames (h, in, 333, RATE, 2);
      out = check_output (h, out, RATE, 2);
    }
    fail_unless_equals_uint64 (gst_harness_query_latency (h),
        gst_util_uint64_scale_round (steps[i], GST_SECOND, RATE));
    fail_unless (steps[i] > 20 * 333 || in - out == steps[i]);
  }
  gst_harness_push_event (h, gst_event_new_eos ());
  fail_unless_equals_uint64 (check_output (h, out, RATE, 2), in);
  while ((message = gst_bus_pop_filtered (bus, GST_MESSAGE_LATENCY))) {
    gst_message_unref (message);
    messages++;
  }
  fail_unless_equals_int (messages, G_N_ELEMENTS (steps));
  gst_element_set_bus (h->element, NULL);
  gst_object_unref (bus);
  gst_harness_teardown (h);
}
GST_END_TEST

/* Messages are contiguous from the first frame to the last, and each is about
 * the frames that came out in its interval. */
GST_START_TEST (test_messages)
{
  GstHarness *h = harness (test_filter_get_type (), RATE, 1, "delay", 777.0,
      "interval", (guint64) 10 * GST_MSECOND, NULL);
  GstBus *bus = gst_bus_new ();
  GstClockTime next = time_of (96000, RATE);
  GstMessage *message;
  guint frames, total = 0;

  gst_element_set_bus (h->element, bus);
  for (guint i = 0; i < 20; i++)
    push_frames (h, 96000 + i * 1013, 1013, RATE, 1);
  gst_harness_push_event (h, gst_event_new_eos ());
  while ((message = gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT))) {
    const GstStructure *s = gst_message_get_structure (message);
    guint64 timestamp, stream_time, running_time, duration;
    gdouble peak;

    fail_unless (gst_structure_has_name (s, "test"));
    fail_unless (gst_structure_get (s, "timestamp", G_TYPE_UINT64, &timestamp,
        "stream-time", G_TYPE_UINT64, &stream_time, "running-time",
        G_TYPE_UINT64, &running_time, "duration", G_TYPE_UINT64, &duration,
        "frames", G_TYPE_UINT, &frames, "peak", G_TYPE_DOUBLE, &peak, NULL));
    fail_unless_equals_uint64 (timestamp, next);
    fail_unless_equals_uint64 (stream_time, next);
    fail_unless_equals_uint64 (running_time, next);
    total += frames;
    next += duration;
    fail_unless_equals_uint64 (next, time_of (96000 + total, RATE));
    fail_unless (frames == 480 || total == 20 * 1013);
    /* the samples rise: the loudest is the last */
    fail_unless_equals_float (peak, value_at (96000 + total - 1));
    gst_message_unref (message);
  }
  fail_unless_equals_int (total, 20 * 1013);
  gst_element_set_bus (h->element, NULL);
  gst_object_unref (bus);
  gst_harness_teardown (h);
}
GST_END_TEST

GST_START_TEST (test_no_messages)
{
  GstHarness *h =
      harness (test_filter_get_type (), RATE, 1, "post-messages", FALSE, NULL);
  GstBus *bus = gst_bus_new ();

  gst_element_set_bus (h->element, bus);
  push_frames (h, 0, 3 * RATE, RATE, 1);
  gst_harness_push_event (h, gst_event_new_eos ());
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT) == NULL);
  gst_element_set_bus (h->element, NULL);
  gst_object_unref (bus);
  gst_harness_teardown (h);
}
GST_END_TEST

/* A bound property moves within a buffer, by the stream time of the frames
 * that come out, and nothing hangs. */
GST_START_TEST (test_control_binding)
{
  GstHarness *h =
      harness (test_filter_get_type (), RATE, 1, "delay", 480.0, NULL);
  GstControlSource *source = gst_interpolation_control_source_new ();
  GstTimedValueControlSource *values = GST_TIMED_VALUE_CONTROL_SOURCE (source);
  guint64 frame = 0;
  GstBuffer *buffer;

  g_object_set (source, "mode", GST_INTERPOLATION_MODE_LINEAR, NULL);
  gst_timed_value_control_source_set (values, 0, 0.0);
  gst_timed_value_control_source_set (values, GST_SECOND, 1.0);
  gst_object_add_control_binding (GST_OBJECT (h->element),
      gst_direct_control_binding_new_absolute (GST_OBJECT (h->element), "gain",
          source));
  push_frames (h, 0, RATE, RATE, 1);
  gst_harness_push_event (h, gst_event_new_eos ());
  while ((buffer = gst_harness_try_pull (h))) {
    const guint frames = gst_buffer_get_size (buffer) / 4;
    gfloat sample;

    fail_unless (frames <= RATE / 100);
    gst_buffer_extract (buffer, 0, &sample, 4);
    if (frame < RATE - 480)
      fail_unless (fabs (sample / value_at (frame) - (gdouble) frame / RATE)
              < 1e-4,
          "frame %u: %f", (guint) frame, sample / value_at (frame));
    frame += frames;
    gst_buffer_unref (buffer);
  }
  fail_unless_equals_uint64 (frame, RATE);
  gst_object_unref (source);
  gst_harness_teardown (h);
}
GST_END_TEST

/* Sound after the last frame is let out, too. */
/* Behind a jump back the tail is left out, behind a long hole it is complete. */
GST_START_TEST (test_tail_before_discont)
{
  for (guint back = 0; back < 2; back++) {
    GstHarness *h = harness (test_filter_get_type (), RATE, 2, "delay", 48.0,
        "tail", 100.0, NULL);

    push_frames (h, 20 * RATE, 1000, RATE, 2);
    fail_unless_equals_int (pull_frames (h, 2), 952);
    push_frames (h, back ? 19 * RATE : 31 * RATE, 1000, RATE, 2);
    fail_unless_equals_int (pull_frames (h, 2), 48 + (back ? 0 : 100) + 952);
    gst_harness_push_event (h, gst_event_new_eos ());
    fail_unless_equals_int (pull_frames (h, 2), 48 + 100);
    gst_harness_teardown (h);
  }
}
GST_END_TEST

GST_START_TEST (test_tail)
{
  GstHarness *h = harness (test_filter_get_type (), RATE, 1, "delay", 480.0,
      "tail", 100.0, NULL);
  GstBuffer *buffer;
  guint64 end = 0;

  push_frames (h, 0, 1000, RATE, 1);
  gst_harness_push_event (h, gst_event_new_eos ());
  while ((buffer = gst_harness_try_pull (h))) {
    fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer), time_of (end, RATE));
    end += gst_buffer_get_size (buffer) / 4;
    gst_buffer_unref (buffer);
  }
  fail_unless_equals_uint64 (end, 1100);
  gst_harness_teardown (h);
}
GST_END_TEST

/* Another segment ends the stream; the same one again does not. */
GST_START_TEST (test_segment)
{
  GstHarness *h =
      harness (test_filter_get_type (), RATE, 1, "delay", 480.0, NULL);
  GstSegment segment;

  push_frames (h, 0, 1000, RATE, 1);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (h, gst_event_new_segment (&segment));
  fail_unless_equals_uint64 (check_output (h, 0, RATE, 1), 520);
  segment.base = 5 * GST_SECOND;
  gst_harness_push_event (h, gst_event_new_segment (&segment));
  fail_unless_equals_uint64 (check_output (h, 520, RATE, 1), 1000);
  gst_harness_teardown (h);
}
GST_END_TEST

/* Sound outside the segment is not played; buffers clipped at its edges keep
 * their time. */
GST_START_TEST (test_clipping)
{
  GstHarness *h =
      harness (test_filter_get_type (), RATE, 1, "delay", 480.0, NULL);
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.start = segment.time = time_of (1440, RATE);
  segment.stop = time_of (4800, RATE);
  gst_harness_push_event (h, gst_event_new_segment (&segment));
  for (guint i = 0; i < 10; i++)
    push_frames (h, i * 960, 960, RATE, 1);
  gst_harness_push_event (h, gst_event_new_eos ());
  fail_unless_equals_uint64 (check_output (h, 1440, RATE, 1), 4800);
  gst_harness_teardown (h);
}
GST_END_TEST

/* The position is the end of the output. */
GST_START_TEST (test_position)
{
  GstHarness *h =
      harness (test_filter_get_type (), RATE, 1, "delay", 4800.0, NULL);
  gint64 position;

  push_frames (h, 0, RATE, RATE, 1);
  fail_unless (
      gst_element_query_position (h->element, GST_FORMAT_TIME, &position));
  fail_unless_equals_int64 (position, 900 * GST_MSECOND);
  gst_harness_teardown (h);
}
GST_END_TEST

/* Into another number of channels. */
GST_START_TEST (test_other_layout)
{
  GstHarness *h =
      harness (test_stereo_get_type (), RATE, 1, "delay", 480.0, NULL);
  GstBuffer *buffer;
  guint64 frame = 0;

  for (guint i = 0; i < 10; i++)
    push_frames (h, i * 333, 333, RATE, 1);
  gst_harness_push_event (h, gst_event_new_eos ());
  while ((buffer = gst_harness_try_pull (h))) {
    GstMapInfo map;

    fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer), time_of (frame, RATE));
    gst_buffer_map (buffer, &map, GST_MAP_READ);
    for (guint i = 0; i < map.size / 8; i++, frame++) {
      fail_unless_equals_float (((gfloat *) map.data)[2 * i], value_at (frame));
      fail_unless_equals_float (((gfloat *) map.data)[2 * i + 1],
          -value_at (frame));
    }
    gst_buffer_unmap (buffer, &map);
    gst_buffer_unref (buffer);
  }
  fail_unless_equals_uint64 (frame, 3330);
  gst_harness_teardown (h);
}
GST_END_TEST

/* Buffers with half frames: a warning that names the remedy, once, and whole
 * frames go on. Empty buffers are nothing. */
GST_START_TEST (test_broken_buffers)
{
  GstHarness *h =
      harness (test_filter_get_type (), RATE, 2, "delay", 10.0, NULL);
  GstBus *bus = gst_bus_new ();
  GstMessage *message;
  gchar *debug;

  gst_element_set_bus (h->element, bus);
  for (guint i = 0; i < 3; i++) {
    GstBuffer *buffer = make_buffer (i * 100, 101, RATE, 2);

    gst_buffer_resize (buffer, 0, 100 * 8 + 3);
    push (h, buffer);
    push (h, make_buffer (i * 100 + 100, 0, RATE, 2));
  }
  gst_harness_push_event (h, gst_event_new_eos ());
  fail_unless_equals_uint64 (check_output (h, 0, RATE, 2), 300);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING);
  fail_unless (message != NULL);
  gst_message_parse_warning (message, NULL, &debug);
  fail_unless (strstr (debug, "rawaudioparse") != NULL);
  g_free (debug);
  gst_message_unref (message);
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING) == NULL);
  gst_element_set_bus (h->element, NULL);
  gst_object_unref (bus);
  gst_harness_teardown (h);
}
GST_END_TEST

/* A processor that cannot be: the flow ends with an error of the subclass. */
GST_START_TEST (test_setup_fails)
{
  GstHarness *h = harness (test_filter_get_type (), 8001, 1, NULL, NULL);

  fail_unless_equals_int (gst_harness_push (h, make_buffer (0, 10, 8001, 1)),
      GST_FLOW_NOT_NEGOTIATED);
  gst_harness_teardown (h);
}
GST_END_TEST

/* READY and back, twice: as new each time, with the settings kept. */
GST_START_TEST (test_states)
{
  GstHarness *h =
      harness (test_filter_get_type (), RATE, 1, "delay", 480.0, NULL);

  for (guint i = 0; i < 3; i++) {
    GstSegment segment;

    push_frames (h, 0, 1000, RATE, 1);
    fail_unless_equals_uint64 (check_output (h, 0, RATE, 1), 520);
    gst_element_set_state (h->element, GST_STATE_READY);
    fail_unless_equals_uint64 (gst_harness_query_latency (h), 0);
    gst_element_set_state (h->element, GST_STATE_PLAYING);
    gst_segment_init (&segment, GST_FORMAT_TIME);
    gst_harness_push_event (h, gst_event_new_stream_start ("again"));
    gst_harness_set_src_caps_str (h,
        "audio/x-raw,format=" GST_AUDIO_NE (
            F32) ",layout=interleaved,rate=48000,channels=1");
    gst_harness_push_event (h, gst_event_new_segment (&segment));
  }
  gst_harness_teardown (h);
}

GST_END_TEST static Suite *
dmixfilter_suite (void)
{
  Suite *suite = suite_create ("dmixfilter");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_time);
  tcase_add_test (tc, test_latency_adds_up);
  tcase_add_test (tc, test_caps_change);
  tcase_add_test (tc, test_flush);
  tcase_add_test (tc, test_hole);
  tcase_add_test (tc, test_discont);
  tcase_add_test (tc, test_jitter);
  tcase_add_test (tc, test_no_timestamps);
  tcase_add_test (tc, test_gap);
  tcase_add_test (tc, test_long_gap);
  tcase_add_test (tc, test_delay_change);
  tcase_add_test (tc, test_messages);
  tcase_add_test (tc, test_no_messages);
  tcase_add_test (tc, test_control_binding);
  tcase_add_test (tc, test_tail);
  tcase_add_test (tc, test_tail_before_discont);
  tcase_add_test (tc, test_segment);
  tcase_add_test (tc, test_clipping);
  tcase_add_test (tc, test_position);
  tcase_add_test (tc, test_other_layout);
  tcase_add_test (tc, test_broken_buffers);
  tcase_add_test (tc, test_setup_fails);
  tcase_add_test (tc, test_states);
  return suite;
}

GST_CHECK_MAIN (dmixfilter)
