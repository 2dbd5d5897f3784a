/* See ducker_rig.h. */
#include "ducker_rig.h"

#include <math.h>

static GstStaticPadTemplate any_src = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);
static GstStaticPadTemplate any_sink = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

static GstFlowReturn
chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static gboolean
sink_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  gst_event_unref (event);
  return TRUE;
}

Rig *
rig_new (const gchar * settings)
{
  Rig *rig = g_new0 (Rig, 1);
  gchar *text = g_strdup_printf ("dmixducker %s", settings ? settings : "");
  GstPad *src;

  rig->element = gst_parse_launch (text, NULL);
  g_free (text);
  fail_unless (rig->element != NULL, "no dmixducker");
  gst_object_ref_sink (rig->element);
  rig->bus = gst_bus_new ();
  gst_element_set_bus (rig->element, rig->bus);
  rig->sink = gst_pad_new_from_static_template (&any_sink, "sink");
  gst_pad_set_chain_function (rig->sink, chain);
  gst_pad_set_event_function (rig->sink, sink_event);
  gst_pad_set_active (rig->sink, TRUE);
  src = gst_element_get_static_pad (rig->element, "src");
  rig->out = tap_new (src);
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
rig_free (Rig * rig)
{
  gst_pad_set_active (rig->sink, FALSE);
  gst_element_set_state (rig->element, GST_STATE_NULL);
  for (guint i = 0; i < rig->inputs; i++) {
    RigInput *input = &rig->input[i];

    rig_join (input);
    gst_pad_set_active (input->pad, FALSE);
    gst_object_unref (input->pad);
    if (input->peer) {
      gst_element_release_request_pad (rig->element, input->peer);
      gst_object_unref (input->peer);
    }
    g_queue_clear_full (&input->items, free_item);
  }
  tap_free (rig->out);
  gst_object_unref (rig->sink);
  gst_element_set_bus (rig->element, NULL);
  gst_object_unref (rig->bus);
  gst_object_unref (rig->element);
  g_free (rig);
}

/*** inputs ***/

static gboolean
answer (GstPad * pad, GstObject * parent, GstQuery * query)
{
  RigInput *input = gst_pad_get_element_private (pad);
  GstFormat format;

  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_LATENCY:
      if (!GST_CLOCK_TIME_IS_VALID (input->latency))
        gst_query_set_latency (query, FALSE, 0, GST_CLOCK_TIME_NONE);
      else
        gst_query_set_latency (query, TRUE, input->latency,
            GST_CLOCK_TIME_NONE);
      return TRUE;
    case GST_QUERY_DURATION:
      gst_query_parse_duration (query, &format, NULL);
      gst_query_set_duration (query, format, input->duration);
      return TRUE;
    default:
      return gst_pad_query_default (pad, parent, query);
  }
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
rig_add (Rig * rig, const gchar * pad_name, gint rate, gint channels)
{
  RigInput *input = &rig->input[rig->inputs++];

  input->pad = gst_pad_new_from_static_template (&any_src, pad_name);
  input->latency = GST_CLOCK_TIME_NONE;
  input->duration = -1;
  gst_pad_set_element_private (input->pad, input);
  gst_pad_set_query_function (input->pad, answer);
  gst_pad_set_active (input->pad, TRUE);
  input->peer = gst_element_request_pad_simple (rig->element, pad_name);
  fail_unless (input->peer != NULL);
  fail_unless_equals_int (gst_pad_link (input->pad, input->peer),
      GST_PAD_LINK_OK);
  g_queue_init (&input->items);
  rig_queue_event (input, gst_event_new_stream_start (pad_name));
  rig_queue_caps (input, rate, channels);
  rig_queue_segment (input, 0, GST_CLOCK_TIME_NONE, 0);
  return input;
}

static void
queue_buffer (RigInput * input, GstBuffer * buffer, guint frames, guint first)
{
  GST_BUFFER_PTS (buffer) =
      gst_util_uint64_scale (first, GST_SECOND, input->rate);
  GST_BUFFER_DURATION (buffer) =
      gst_util_uint64_scale (first + frames, GST_SECOND, input->rate)
      - GST_BUFFER_PTS (buffer);
  g_queue_push_tail (&input->items, buffer);
}

void
rig_queue (RigInput * input, const gfloat * data, guint frames, guint block,
    guint first)
{
  for (guint done = 0, n; done < frames; done += n) {
    GstBuffer *buffer;

    n = MIN (block, frames - done);
    buffer = gst_buffer_new_memdup (data + done * input->channels,
        n * input->channels * sizeof (gfloat));
    queue_buffer (input, buffer, n, first + done);
  }
}

void
rig_queue_gap (RigInput * input, guint frames, guint first)
{
  GstBuffer *buffer = gst_buffer_new ();

  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_GAP);
  queue_buffer (input, buffer, frames, first);
}

void
rig_queue_event (RigInput * input, GstEvent * event)
{
  g_queue_push_tail (&input->items, event);
}

void
rig_queue_caps (RigInput * input, gint rate, gint channels)
{
  GstCaps *caps = rig_caps (rate, channels);

  rig_queue_event (input, gst_event_new_caps (caps));
  gst_caps_unref (caps);
  input->rate = rate;
  input->channels = channels;
}

void
rig_queue_segment (RigInput * input, GstClockTime start, GstClockTime stop,
    GstClockTime base)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.start = segment.time = start;
  segment.stop = stop;
  segment.base = base;
  rig_queue_event (input, gst_event_new_segment (&segment));
}

void
rig_queue_flush (RigInput * input, guint32 seqnum)
{
  GstEvent *start = gst_event_new_flush_start ();
  GstEvent *stop = gst_event_new_flush_stop (TRUE);

  gst_event_set_seqnum (start, seqnum);
  gst_event_set_seqnum (stop, seqnum);
  rig_queue_event (input, start);
  rig_queue_event (input, stop);
  rig_queue_segment (input, 0, GST_CLOCK_TIME_NONE, 0);
}

/*** running ***/

void
rig_send (RigInput * input)
{
  gpointer item;

  while ((item = g_queue_pop_head (&input->items))) {
    if (GST_IS_EVENT (item))
      gst_pad_push_event (input->pad, item);
    else
      input->flow = gst_pad_push (input->pad, item);
  }
}

static gpointer
feed (gpointer input)
{
  rig_send (input);
  return NULL;
}

void
rig_join (RigInput * input)
{
  g_clear_pointer (&input->thread, g_thread_join);
}

void
rig_feed (Rig * rig)
{
  gst_element_set_state (rig->element, GST_STATE_PLAYING);
  for (guint i = 0; i < rig->inputs; i++) {
    rig_join (&rig->input[i]);
    rig->input[i].thread = g_thread_new ("feed", feed, &rig->input[i]);
  }
}

void
rig_run (Rig * rig)
{
  for (guint i = 0; i < rig->inputs; i++)
    rig_queue_event (&rig->input[i], gst_event_new_eos ());
  rig_feed (rig);
  tap_wait_eos (rig->out);
  fail_unless (rig->out->contiguous, "offsets or timestamps have a hole");
}

gchar *
rig_error (Rig * rig)
{
  GstMessage *message = gst_bus_timed_pop_filtered (rig->bus, 10 * GST_SECOND,
      GST_MESSAGE_ERROR);
  gchar *detail;

  fail_unless (message != NULL, "no error message");
  gst_message_parse_error (message, NULL, &detail);
  gst_message_unref (message);
  return detail;
}

GPtrArray *
rig_messages (Rig * rig)
{
  GPtrArray *all =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_structure_free);
  GstMessage *message;

  while ((message = gst_bus_pop_filtered (rig->bus, GST_MESSAGE_ELEMENT))) {
    g_ptr_array_add (all,
        gst_structure_copy (gst_message_get_structure (message)));
    gst_message_unref (message);
  }
  return all;
}

/*** sound ***/

guint
rig_frames (Rig * rig)
{
  return tap_frames (rig->out);
}

const gfloat *
rig_samples (Rig * rig)
{
  return (const gfloat *) rig->out->samples->data;
}

gfloat
rig_sample (Rig * rig, guint frame, gint channel)
{
  return rig_samples (rig)[frame * rig->out->channels + channel];
}

gdouble
rig_gain_db (Rig * rig, guint frame)
{
  return 20 * log10 (rig_sample (rig, frame, 0) / RIG_LEVEL);
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

gfloat *
rig_level (guint samples)
{
  gfloat *level = g_new (gfloat, samples);

  for (guint i = 0; i < samples; i++)
    level[i] = RIG_LEVEL;
  return level;
}
