/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* See testfilter.h. */
#include "base/testfilter.h"

#include <math.h>
#include <string.h>

gboolean test_filter_checks_time;

G_DEFINE_TYPE (TestFilter, test_filter, GST_TYPE_DMIX_FILTER)
#define PLACE(field) G_STRUCT_OFFSET (TestFilterSettings, field)
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
  const TestFilterSettings *s = settings;

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

/* The value of a sample is its frame number, and gives its stream time. */
static void
check_time (GstDmixFilter *filter, const gfloat *in, guint frames)
{
  const gint rate = GST_AUDIO_FILTER_RATE (filter);

  for (guint i = 0; test_filter_checks_time && i < frames; i += 100)
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
    .settings_size = sizeof (TestFilterSettings),
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

GstHarness *
test_filter_harness (GType type, gint rate, gint channels, const gchar *first,
    ...)
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

gfloat
test_filter_value (guint64 frame)
{
  return 1.0f + (gfloat) (frame % 1000003);
}

GstClockTime
test_filter_time (guint64 frame, gint rate)
{
  return gst_util_uint64_scale (frame, GST_SECOND, rate);
}

GstBuffer *
test_filter_buffer (guint64 first, guint frames, gint rate, guint channels)
{
  GstBuffer *buffer = gst_buffer_new_and_alloc (frames * channels * 4);
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_WRITE);
  for (guint i = 0; i < frames * channels; i++)
    ((gfloat *) map.data)[i] = test_filter_value (first + i / channels);
  gst_buffer_unmap (buffer, &map);
  GST_BUFFER_PTS (buffer) = test_filter_time (first, rate);
  GST_BUFFER_DURATION (buffer) =
      test_filter_time (first + frames, rate) - GST_BUFFER_PTS (buffer);
  GST_BUFFER_OFFSET (buffer) = first;
  return buffer;
}

void
test_filter_push (GstHarness *h, GstBuffer *buffer)
{
  fail_unless_equals_int (gst_harness_push (h, buffer), GST_FLOW_OK);
}

void
test_filter_push_frames (GstHarness *h, guint64 first, guint frames, gint rate,
    guint channels)
{
  test_filter_push (h, test_filter_buffer (first, frames, rate, channels));
}

guint64
test_filter_check_output (GstHarness *h, guint64 frame, gint rate,
    guint channels)
{
  GstBuffer *buffer;

  while ((buffer = gst_harness_try_pull (h))) {
    const guint frames = gst_buffer_get_size (buffer) / (4 * channels);
    GstMapInfo map;

    fail_unless (frames > 0);
    fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer),
        test_filter_time (frame, rate));
    fail_unless_equals_uint64 (GST_BUFFER_DURATION (buffer),
        test_filter_time (frame + frames, rate)
            - test_filter_time (frame, rate));
    fail_unless_equals_uint64 (GST_BUFFER_OFFSET (buffer), frame);
    fail_unless_equals_uint64 (GST_BUFFER_OFFSET_END (buffer), frame + frames);
    gst_buffer_map (buffer, &map, GST_MAP_READ);
    for (guint i = 0; i < frames * channels; i++)
      if (((gfloat *) map.data)[i] != test_filter_value (frame + i / channels))
        fail ("frame %u is another one", (guint) frame + i / channels);
    gst_buffer_unmap (buffer, &map);
    gst_buffer_unref (buffer);
    frame += frames;
  }
  return frame;
}

guint
test_filter_pull_frames (GstHarness *h, guint channels)
{
  guint frames = 0;
  GstBuffer *buffer;

  while ((buffer = gst_harness_try_pull (h))) {
    frames += gst_buffer_get_size (buffer) / (4 * channels);
    gst_buffer_unref (buffer);
  }
  return frames;
}
