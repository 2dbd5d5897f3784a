/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* See ducker_rig.h. */
#include "ducker_rig.h"

#include <string.h>

static GstStaticPadTemplate any_src = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);
static GstStaticPadTemplate any_sink = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

static GstFlowReturn
chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  Rig *rig = gst_pad_get_element_private (pad);
  const guint64 frames =
      gst_buffer_get_size (buffer) / (sizeof (gfloat) * rig->channels);
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_READ);
  g_mutex_lock (&rig->lock);
  if (!GST_CLOCK_TIME_IS_VALID (rig->first_pts))
    rig->first_pts = GST_BUFFER_PTS (buffer);
  g_array_append_vals (rig->samples, map.data, map.size / sizeof (gfloat));
  rig->contiguous &= GST_BUFFER_OFFSET (buffer) == rig->next_frame
      && GST_BUFFER_OFFSET_END (buffer) == rig->next_frame + frames;
  rig->next_frame += frames;
  rig->buffers++;
  rig->gaps += GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_GAP) ? 1 : 0;
  g_cond_broadcast (&rig->changed);
  g_mutex_unlock (&rig->lock);
  gst_buffer_unmap (buffer, &map);
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static gboolean
event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  Rig *rig = gst_pad_get_element_private (pad);
  GstCaps *caps;

  g_mutex_lock (&rig->lock);
  if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS) {
    gst_event_parse_caps (event, &caps);
    g_ptr_array_add (rig->caps, gst_caps_to_string (caps));
    gst_structure_get_int (gst_caps_get_structure (caps, 0), "channels",
        &rig->channels);
  } else if (GST_EVENT_TYPE (event) == GST_EVENT_SEGMENT) {
    gst_event_copy_segment (event, &rig->segment);
  } else if (GST_EVENT_TYPE (event) == GST_EVENT_EOS) {
    rig->eos = TRUE;
  } else if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP) {
    g_array_set_size (rig->samples, 0);
    rig->next_frame = 0;
    rig->first_pts = GST_CLOCK_TIME_NONE;
    rig->eos = FALSE;
  }
  g_cond_broadcast (&rig->changed);
  g_mutex_unlock (&rig->lock);
  gst_event_unref (event);
  return TRUE;
}

Rig *
rig_new (const gchar *settings)
{
  gchar *text = g_strdup_printf ("dmixducker trigger=level %s",
      settings ? settings : ""); /* tests send noise and tones */
  Rig *rig = rig_new_element (text);

  g_free (text);
  return rig;
}

Rig *
rig_new_element (const gchar *text)
{
  Rig *rig = g_new0 (Rig, 1);
  GstPad *src;

  rig->element = gst_parse_launch (text, NULL);
  fail_unless (rig->element != NULL, "no %s", text);
  gst_object_ref_sink (rig->element);
  rig->bus = gst_bus_new ();
  gst_element_set_bus (rig->element, rig->bus);
  g_mutex_init (&rig->lock);
  g_cond_init (&rig->changed);
  rig->samples = g_array_new (FALSE, FALSE, sizeof (gfloat));
  rig->caps = g_ptr_array_new_with_free_func (g_free);
  rig->contiguous = TRUE;
  rig->first_pts = GST_CLOCK_TIME_NONE;
  gst_segment_init (&rig->segment, GST_FORMAT_UNDEFINED);
  rig->sink = gst_pad_new_from_static_template (&any_sink, "sink");
  gst_pad_set_element_private (rig->sink, rig);
  gst_pad_set_chain_function (rig->sink, chain);
  gst_pad_set_event_function (rig->sink, event);
  gst_pad_set_active (rig->sink, TRUE);
  src = gst_element_get_static_pad (rig->element, "src");
  fail_unless_equals_int (gst_pad_link (src, rig->sink), GST_PAD_LINK_OK);
  gst_object_unref (src);
  return rig;
}

static void
free_item (gpointer item)
{
  gst_mini_object_unref (item);
}

void
rig_free (Rig *rig)
{
  gst_pad_set_active (rig->sink, FALSE);
  gst_element_set_state (rig->element, GST_STATE_NULL);
  for (guint i = 0; i < rig->inputs; i++) {
    RigInput *input = &rig->input[i];

    if (input->thread)
      g_thread_join (input->thread);
    gst_pad_set_active (input->pad, FALSE);
    gst_object_unref (input->pad);
    if (input->peer) {
      GstPadTemplate *template = gst_pad_get_pad_template (input->peer);

      if (GST_PAD_TEMPLATE_PRESENCE (template) == GST_PAD_REQUEST)
        gst_element_release_request_pad (rig->element, input->peer);
      gst_object_unref (template);
      gst_object_unref (input->peer);
    }
    g_queue_clear_full (&input->items, free_item);
  }
  gst_object_unref (rig->sink);
  gst_element_set_bus (rig->element, NULL);
  gst_object_unref (rig->bus);
  gst_object_unref (rig->element);
  g_array_unref (rig->samples);
  g_ptr_array_unref (rig->caps);
  g_mutex_clear (&rig->lock);
  g_cond_clear (&rig->changed);
  g_free (rig);
}

GstCaps *
rig_caps (gint rate, gint channels)
{
  guint64 mask = channels == 2 ? 0x3 : channels == 6 ? 0x3f : 0;
  GstCaps *caps = gst_caps_new_simple ("audio/x-raw", "format", G_TYPE_STRING,
      GST_AUDIO_NE (F32), "layout", G_TYPE_STRING, "interleaved", "rate",
      G_TYPE_INT, rate, "channels", G_TYPE_INT, channels, NULL);

  if (channels > 1)
    gst_caps_set_simple (caps, "channel-mask", GST_TYPE_BITMASK, mask, NULL);
  return caps;
}

RigInput *
rig_add (Rig *rig, const gchar *pad_name, gint rate, gint channels)
{
  RigInput *input = &rig->input[rig->inputs++];
  GstCaps *caps = rig_caps (rate, channels);
  GstSegment segment;

  input->pad = gst_pad_new_from_static_template (&any_src, pad_name);
  gst_pad_set_active (input->pad, TRUE);
  input->peer = gst_element_get_static_pad (rig->element, pad_name);
  if (!input->peer)
    input->peer = gst_element_request_pad_simple (rig->element, pad_name);
  fail_unless (input->peer != NULL);
  fail_unless_equals_int (gst_pad_link (input->pad, input->peer),
      GST_PAD_LINK_OK);
  g_queue_init (&input->items);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  rig_queue_event (input, gst_event_new_stream_start (pad_name));
  rig_queue_event (input, gst_event_new_caps (caps));
  rig_queue_event (input, gst_event_new_segment (&segment));
  gst_caps_unref (caps);
  return input;
}

RigInput *
rig_add_fixed (Rig *rig, const gchar *pad_name, gint rate, gint channels)
{
  RigInput *input = rig_add (rig, pad_name, rate, channels);
  GstCaps *caps = rig_caps (rate, channels);

  gst_pad_use_fixed_caps (input->pad);
  gst_pad_push_event (input->pad, gst_event_new_stream_start (pad_name));
  gst_pad_push_event (input->pad, gst_event_new_caps (caps));
  gst_caps_unref (caps);
  return input;
}

static void
queue_buffer (RigInput *input, GstBuffer *buffer, guint frames, gint rate,
    guint first)
{
  GST_BUFFER_PTS (buffer) = gst_util_uint64_scale (first, GST_SECOND, rate);
  GST_BUFFER_DURATION (buffer) =
      gst_util_uint64_scale (first + frames, GST_SECOND, rate)
      - GST_BUFFER_PTS (buffer);
  g_queue_push_tail (&input->items, buffer);
}

void
rig_queue (RigInput *input, const gfloat *data, guint frames, guint block,
    gint rate, gint channels, guint first)
{
  for (guint done = 0, n; done < frames; done += n) {
    GstBuffer *buffer;

    n = MIN (block, frames - done);
    buffer = gst_buffer_new_memdup (data + done * channels,
        n * channels * sizeof (gfloat));
    queue_buffer (input, buffer, n, rate, first + done);
  }
}

void
rig_queue_gap (RigInput *input, guint frames, gint rate, guint first)
{
  GstBuffer *buffer = gst_buffer_new ();

  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_GAP);
  queue_buffer (input, buffer, frames, rate, first);
}

void
rig_queue_event (RigInput *input, GstEvent *event)
{
  g_queue_push_tail (&input->items, event);
}

static gpointer
feed (gpointer data)
{
  RigInput *input = data;
  gpointer item;

  while ((item = g_queue_pop_head (&input->items))) {
    if (GST_IS_EVENT (item))
      gst_pad_push_event (input->pad, item);
    else
      input->flow = gst_pad_push (input->pad, item);
  }
  return NULL;
}

void
rig_feed (Rig *rig)
{
  gst_element_set_state (rig->element, GST_STATE_PLAYING);
  for (guint i = 0; i < rig->inputs; i++) {
    if (rig->input[i].thread)
      g_thread_join (rig->input[i].thread);
    rig->input[i].thread = g_thread_new ("feed", feed, &rig->input[i]);
  }
}

void
rig_wait_eos (Rig *rig)
{
  const gint64 end = g_get_monotonic_time () + 20 * G_TIME_SPAN_SECOND;
  gboolean in_time = TRUE;

  g_mutex_lock (&rig->lock);
  while (!rig->eos && in_time)
    in_time = g_cond_wait_until (&rig->changed, &rig->lock, end);
  g_mutex_unlock (&rig->lock);
  fail_unless (in_time, "no EOS within 20 s");
}

void
rig_run (Rig *rig)
{
  for (guint i = 0; i < rig->inputs; i++)
    rig_queue_event (&rig->input[i], gst_event_new_eos ());
  rig_feed (rig);
  rig_wait_eos (rig);
  fail_unless (rig->contiguous, "offsets of the output have a hole");
}

guint
rig_frames (Rig *rig)
{
  return rig->next_frame;
}

gfloat
rig_sample (Rig *rig, guint frame, gint channel)
{
  return g_array_index (rig->samples, gfloat, frame * rig->channels + channel);
}

gfloat *
rig_noise (guint samples, gfloat peak, guint32 seed)
{
  GRand *rand = g_rand_new_with_seed (seed);
  gfloat *noise = g_new (gfloat, samples);

  for (guint i = 0; i < samples; i++)
    noise[i] = peak * g_rand_double_range (rand, -1, 1);
  g_rand_free (rand);
  return noise;
}

void
rig_queue_caps (RigInput *input, gint rate, gint channels)
{
  GstCaps *caps = rig_caps (rate, channels);

  rig_queue_event (input, gst_event_new_caps (caps));
  gst_caps_unref (caps);
}

GstEvent *
rig_segment (GstClockTime start, GstClockTime stop, GstClockTime base)
{
  GstSegment s;

  gst_segment_init (&s, GST_FORMAT_TIME);
  s.start = s.time = s.position = start;
  s.stop = stop;
  s.base = base;
  return gst_event_new_segment (&s);
}

void
rig_wait_rate_error (Rig *rig)
{
  GstMessage *message =
      gst_bus_timed_pop_filtered (rig->bus, 10 * GST_SECOND, GST_MESSAGE_ERROR);
  gchar *detail;

  fail_unless (message != NULL, "no error for different rates");
  gst_message_parse_error (message, NULL, &detail);
  fail_unless (strstr (detail, "audioresample") != NULL
          && strstr (detail, "Pad '") != NULL,
      "%s", detail);
  g_free (detail);
  gst_message_unref (message);
}

static GstPadProbeReturn
receive (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  RigReceived *received = data;

  if (GST_IS_EVENT (info->data)) {
    *received = (RigReceived){ GST_CLOCK_TIME_NONE, 0 };
    return GST_PAD_PROBE_OK;
  }
  if (!GST_CLOCK_TIME_IS_VALID (received->first))
    received->first = GST_BUFFER_PTS (info->data);
  received->bytes += gst_buffer_get_size (info->data);
  return GST_PAD_PROBE_OK;
}

void
rig_receive (GstPad *pad, RigReceived *received)
{
  *received = (RigReceived){ GST_CLOCK_TIME_NONE, 0 };
  gst_pad_add_probe (pad,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_FLUSH, receive,
      received, NULL);
}

static void
seek_part (GstElement *pipeline, GstClockTime start, GstClockTime stop)
{
  GstMessage *message;

  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  gst_element_get_state (pipeline, NULL, NULL, 5 * GST_SECOND);
  fail_unless (gst_element_seek (pipeline, 1.0, GST_FORMAT_TIME,
      GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_ACCURATE, GST_SEEK_TYPE_SET, start,
      GST_SEEK_TYPE_SET, stop));
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (GST_ELEMENT_BUS (pipeline),
      60 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message && GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS);
  gst_message_unref (message);
}

void
rig_check_seeks (const gchar *text)
{
  const guint parts_ms[][2] = {
    { 500, 1500 },
    { 0, 1000 },
    { 1250, 1260 },
    { 3, 1000 },
    { 750, 9000 },
  };
  GstElement *pipeline = gst_parse_launch (text, NULL);
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  GstPad *pad = gst_element_get_static_pad (sink, "sink");
  RigReceived received;

  rig_receive (pad, &received);
  for (guint p = 0; p < G_N_ELEMENTS (parts_ms); p++) {
    const GstClockTime start = parts_ms[p][0] * GST_MSECOND;

    seek_part (pipeline, start, parts_ms[p][1] * GST_MSECOND);
    fail_unless_equals_uint64 (received.first, start);
    fail_unless_equals_uint64 (received.bytes,
        (parts_ms[p][1] - parts_ms[p][0]) * 48 * sizeof (gfloat));
  }
  gst_object_unref (pad);
  gst_object_unref (sink);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}
