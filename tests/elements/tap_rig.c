/* See tap_rig.h. */
#include "tap_rig.h"

static gboolean
follows (Tap * tap, GstBuffer * buffer, guint64 frames)
{
  const GstClockTime start = tap->segment.start
      + gst_util_uint64_scale (tap->next_frame, GST_SECOND, tap->rate);
  const GstClockTime end = tap->segment.start
      + gst_util_uint64_scale (tap->next_frame + frames, GST_SECOND,
      tap->rate);

  return GST_BUFFER_OFFSET (buffer) == tap->next_frame
      && GST_BUFFER_OFFSET_END (buffer) == tap->next_frame + frames
      && GST_BUFFER_PTS (buffer) == start
      && GST_BUFFER_DURATION (buffer) == end - start;
}

static void
take_buffer (Tap * tap, GstBuffer * buffer)
{
  guint64 frames;
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_READ);
  frames = map.size / (sizeof (gfloat) * tap->channels);
  g_array_append_vals (tap->samples, map.data, map.size / sizeof (gfloat));
  gst_buffer_unmap (buffer, &map);
  tap->contiguous &= follows (tap, buffer, frames);
  tap->next_frame += frames;
  tap->buffers++;
  tap->gaps += GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_GAP) ? 1 : 0;
}

static void
take_event (Tap * tap, GstEvent * event)
{
  GstCaps *caps;

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_CAPS:
      gst_event_parse_caps (event, &caps);
      g_ptr_array_add (tap->caps, gst_caps_to_string (caps));
      gst_structure_get (gst_caps_get_structure (caps, 0), "channels",
          G_TYPE_INT, &tap->channels, "rate", G_TYPE_INT, &tap->rate, NULL);
      break;
    case GST_EVENT_SEGMENT:
      gst_event_copy_segment (event, &tap->segment);
      tap->segments++;
      break;
    case GST_EVENT_EOS:
      tap->eos = TRUE;
      break;
    case GST_EVENT_FLUSH_STOP:
      g_array_set_size (tap->samples, 0);
      tap->next_frame = 0;
      tap->flushes++;
      tap->eos = FALSE;
      break;
    default:
      break;
  }
}

static GstPadProbeReturn
take (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Tap *tap = data;

  g_mutex_lock (&tap->lock);
  if (GST_IS_BUFFER (info->data))
    take_buffer (tap, info->data);
  else
    take_event (tap, info->data);
  g_cond_broadcast (&tap->changed);
  g_mutex_unlock (&tap->lock);
  return GST_PAD_PROBE_OK;
}

Tap *
tap_new (GstPad * pad)
{
  Tap *tap = g_new0 (Tap, 1);

  g_mutex_init (&tap->lock);
  g_cond_init (&tap->changed);
  tap->samples = g_array_new (FALSE, FALSE, sizeof (gfloat));
  tap->caps = g_ptr_array_new_with_free_func (g_free);
  tap->contiguous = TRUE;
  tap->pad = gst_object_ref (pad);
  tap->probe = gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM | GST_PAD_PROBE_TYPE_EVENT_FLUSH,
      take, tap, NULL);
  return tap;
}

void
tap_free (Tap * tap)
{
  gst_pad_remove_probe (tap->pad, tap->probe);
  gst_object_unref (tap->pad);
  g_array_unref (tap->samples);
  g_ptr_array_unref (tap->caps);
  g_mutex_clear (&tap->lock);
  g_cond_clear (&tap->changed);
  g_free (tap);
}

/* frames: G_MAXUINT64: until the end */
static void
wait_for (Tap * tap, guint64 frames)
{
  const gint64 end = g_get_monotonic_time () + 20 * G_TIME_SPAN_SECOND;
  gboolean in_time = TRUE;
  guint64 came;

  g_mutex_lock (&tap->lock);
  while (!tap->eos && tap->next_frame < frames && in_time)
    in_time = g_cond_wait_until (&tap->changed, &tap->lock, end);
  came = tap->next_frame;
  g_mutex_unlock (&tap->lock);
  fail_unless (in_time, "stalled at frame %" G_GUINT64_FORMAT, came);
}

void
tap_wait_eos (Tap * tap)
{
  wait_for (tap, G_MAXUINT64);
}

void
tap_wait_frames (Tap * tap, guint64 frames)
{
  wait_for (tap, frames);
}

guint
tap_frames (Tap * tap)
{
  guint frames;

  g_mutex_lock (&tap->lock);
  frames = tap->next_frame;
  g_mutex_unlock (&tap->lock);
  return frames;
}

void
play_to_end (GstElement * pipeline)
{
  GstMessage *message;
  gchar *detail = NULL;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (GST_ELEMENT_BUS (pipeline),
      20 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message != NULL, "no end within 20 s");
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    gst_message_parse_error (message, NULL, &detail);
  fail_unless (detail == NULL, "%s", detail);
  gst_message_unref (message);
}
