/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixAggregatorPad: layout, timestamps and latency of a sink pad. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/gstdmixaggregatorpad.h"
#include "base/gstdmixlayout.h"
#include "base/gstdmixlevelmeta.h"
#include "base/gstdmixlog.h"

#include <string.h>

GST_DMIX_LOG_CATEGORY ("dmixaggregatorpad", "sink pads of dmix aggregators");

typedef struct
{
  gboolean optional;
  gint skipped;          /* ended by the element; atomic */
  GstAudioInfo from, to; /* formats of `matrix` */
  DmixMatrix *matrix;
  gint no_memory;            /* for the sound of this pad; atomic */
  GstCaps *refused;          /* caps of the data to come, or NULL */
  GstClockTime peer_latency; /* minimum of upstream; object lock */
  gboolean unanswered;       /* last query to it failed; object lock */
  gboolean unusable, warned; /* about data without a timestamp */
  GstDmixPadClock clock;
  GstStructure *correction; /* message about the last one, or NULL */
} GstDmixAggregatorPadPrivate;

G_DEFINE_TYPE_WITH_PRIVATE (GstDmixAggregatorPad, gst_dmix_aggregator_pad,
    GST_TYPE_AUDIO_AGGREGATOR_PAD)
#define PRIV(self)                                                             \
  ((GstDmixAggregatorPadPrivate *)                                             \
          gst_dmix_aggregator_pad_get_instance_private (self))

/*** layout ***/

GstBuffer *
gst_dmix_aggregator_pad_new_carrier (GstBuffer *like, gsize size)
{
  static guint8 nothing; /* never mapped */
  GstBuffer *carrier = gst_buffer_new ();

  gst_buffer_append_memory (carrier,
      gst_memory_new_wrapped (GST_MEMORY_FLAG_NOT_MAPPABLE, &nothing, size, 0,
          size, NULL, NULL));
  if (like)
    gst_buffer_copy_into (carrier, like,
        GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_TIMESTAMPS, 0, -1);
  return carrier;
}

gboolean
gst_dmix_aggregator_pad_is_carrier (GstBuffer *buffer)
{
  return gst_buffer_n_memory (buffer) == 1
      && GST_MEMORY_IS_NOT_MAPPABLE (gst_buffer_peek_memory (buffer, 0));
}

/* NULL if memory is short. */
static GstBuffer *
place_with (const DmixMatrix *matrix, const GstAudioInfo *from,
    const GstAudioInfo *to, GstBuffer *buffer)
{
  const gsize frames = gst_buffer_get_size (buffer) / GST_AUDIO_INFO_BPF (from);
  GstBuffer *placed;
  GstMapInfo in, out;

  if (frames == 0 || dmix_matrix_is_identity (matrix))
    return gst_buffer_ref (buffer);
  if (gst_dmix_aggregator_pad_is_carrier (buffer)
      || !gst_buffer_map (buffer, &in, GST_MAP_READ))
    return NULL;
  placed = gst_buffer_new_and_alloc (frames * GST_AUDIO_INFO_BPF (to));
  if (!placed || !gst_buffer_map (placed, &out, GST_MAP_WRITE)) {
    gst_clear_buffer (&placed);
    gst_buffer_unmap (buffer, &in);
    return NULL;
  }
  gst_buffer_copy_into (placed, buffer,
      GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_TIMESTAMPS, 0, -1);
  gst_dmix_level_meta_copy (placed, buffer);
  dmix_matrix_process (matrix, (const gfloat *) in.data, (gfloat *) out.data,
      frames);
  gst_buffer_unmap (placed, &out);
  gst_buffer_unmap (buffer, &in);
  return placed;
}

GstBuffer *
gst_dmix_aggregator_place (const GstAudioInfo *from, const GstAudioInfo *to,
    GstBuffer *buffer)
{
  DmixMatrix *matrix = gst_dmix_layout_matrix (from, to);
  GstBuffer *placed = matrix ? place_with (matrix, from, to, buffer) : NULL;

  dmix_matrix_free (matrix);
  return placed;
}

/* The base class calls this for every input buffer, and again for a half-used
 * one when the format of the src pad changes. It needs a buffer in any case:
 * where memory is short that has no samples, and the element ends with an
 * error before it is put out. */
static GstBuffer *
gst_dmix_aggregator_pad_convert_buffer (GstAudioAggregatorPad *pad,
    GstAudioInfo *from, GstAudioInfo *to, GstBuffer *buffer)
{
  GstDmixAggregatorPad *self = GST_DMIX_AGGREGATOR_PAD (pad);
  const gsize frames = gst_buffer_get_size (buffer) / GST_AUDIO_INFO_BPF (from);
  GstBuffer *placed = NULL;

  if (!PRIV (self)->matrix
      || !gst_audio_info_is_equal (from, &PRIV (self)->from)
      || !gst_audio_info_is_equal (to, &PRIV (self)->to)) {
    g_clear_pointer (&PRIV (self)->matrix, dmix_matrix_free);
    PRIV (self)->matrix = gst_dmix_layout_matrix (from, to);
    PRIV (self)->from = *from;
    PRIV (self)->to = *to;
  }
  if (PRIV (self)->matrix)
    placed = place_with (PRIV (self)->matrix, from, to, buffer);
  if (!placed) {
    gst_dmix_aggregator_pad_fail (self);
    placed = gst_dmix_aggregator_pad_new_carrier (buffer,
        frames * GST_AUDIO_INFO_BPF (to));
  }
  return placed;
}

void
gst_dmix_aggregator_pad_fail (GstDmixAggregatorPad *self)
{
  g_atomic_int_set (&PRIV (self)->no_memory, TRUE);
}

gboolean
gst_dmix_aggregator_pad_has_failed (GstDmixAggregatorPad *self)
{
  return g_atomic_int_get (&PRIV (self)->no_memory);
}

void
gst_dmix_aggregator_pad_complain (GstDmixAggregatorPad *self,
    GstElement *element)
{
  if (g_atomic_int_compare_and_exchange (&PRIV (self)->no_memory, TRUE, FALSE))
    GST_ELEMENT_ERROR (element, RESOURCE, NO_SPACE_LEFT, (NULL),
        ("No memory for the %d channels of pad '%s': use fewer channels or a "
         "lower rate on it, or fewer pads",
            GST_AUDIO_INFO_CHANNELS (&GST_AUDIO_AGGREGATOR_PAD (self)->info),
            GST_PAD_NAME (self)));
}

static void
gst_dmix_aggregator_pad_finalize (GObject *object)
{
  GstDmixAggregatorPad *self = GST_DMIX_AGGREGATOR_PAD (object);

  g_clear_pointer (&PRIV (self)->matrix, dmix_matrix_free);
  gst_clear_caps (&PRIV (self)->refused);
  gst_clear_structure (&PRIV (self)->correction);
  G_OBJECT_CLASS (gst_dmix_aggregator_pad_parent_class)->finalize (object);
}

static void
gst_dmix_aggregator_pad_class_init (GstDmixAggregatorPadClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_dmix_aggregator_pad_finalize;
  GST_AUDIO_AGGREGATOR_PAD_CLASS (klass)->convert_buffer =
      gst_dmix_aggregator_pad_convert_buffer;
}

static void
gst_dmix_aggregator_pad_init (GstDmixAggregatorPad *self)
{
  gst_audio_info_init (&PRIV (self)->from);
  gst_audio_info_init (&PRIV (self)->to);
  PRIV (self)->peer_latency = GST_CLOCK_TIME_NONE;
  gst_dmix_pad_clock_init (&PRIV (self)->clock);
}

void
gst_dmix_aggregator_pad_refuse (GstDmixAggregatorPad *self, GstCaps *caps)
{
  gst_caps_replace (&PRIV (self)->refused, caps);
}

GstCaps *
gst_dmix_aggregator_pad_refused (GstDmixAggregatorPad *self)
{
  return PRIV (self)->refused;
}

/*** timestamps ***/

gboolean
gst_dmix_aggregator_pad_can_use (GstDmixAggregatorPad *self, GstBuffer *buffer)
{
  gboolean usable;

  GST_OBJECT_LOCK (self);
  usable = GST_AGGREGATOR_PAD (self)->segment.format == GST_FORMAT_TIME
      && (!GST_BUFFER_PTS_IS_VALID (buffer)
          || GST_BUFFER_PTS (buffer) < (guint64) G_MAXINT64);
  GST_OBJECT_UNLOCK (self);
  PRIV (self)->unusable |= !usable;
  return usable;
}

void
gst_dmix_aggregator_pad_report (GstDmixAggregatorPad *self, GstElement *element)
{
  if (PRIV (self)->correction)
    gst_element_post_message (element,
        gst_message_new_element (GST_OBJECT (element),
            g_steal_pointer (&PRIV (self)->correction)));
  if (PRIV (self)->unusable && !PRIV (self)->warned) {
    PRIV (self)->warned = TRUE;
    GST_ELEMENT_WARNING (element, STREAM, FAILED, (NULL),
        ("Data on pad '%s' is dropped: its segment is not in TIME format, or "
         "its timestamps are invalid; send a TIME segment before the data, "
         "and change the playback rate by a seek",
            GST_PAD_NAME (self)));
  }
}

/* Upstream rounds the time of a frame down to nanoseconds; the base class rounds
 * down once more to count frames, and would be one frame early. The first
 * nanosecond of the frame avoids that. */
static GstBuffer *
snap (GstDmixAggregatorPad *self, GstBuffer *buffer)
{
  const GstSegment *segment = &GST_AGGREGATOR_PAD (self)->segment;
  const gint rate =
      GST_AUDIO_INFO_RATE (&GST_AUDIO_AGGREGATOR_PAD (self)->info);
  const GstClockTime pts = GST_BUFFER_PTS (buffer);
  guint64 time = gst_segment_to_running_time (segment, GST_FORMAT_TIME, pts);
  guint64 snapped;

  if (!GST_CLOCK_TIME_IS_VALID (time) || rate <= 0 || segment->rate != 1.0)
    return buffer;
  snapped = gst_util_uint64_scale_ceil (gst_util_uint64_scale_round (time, rate,
                                            GST_SECOND),
      GST_SECOND, rate);
  if (snapped == time || pts + snapped < time + segment->start)
    return buffer;
  buffer = gst_buffer_make_writable (buffer);
  if (buffer)
    GST_BUFFER_PTS (buffer) = pts + snapped - time;
  else
    gst_dmix_aggregator_pad_fail (self);
  return buffer;
}

void
gst_dmix_aggregator_pad_restart_clock (GstDmixAggregatorPad *self)
{
  gst_dmix_pad_clock_restart (&PRIV (self)->clock);
}

void
gst_dmix_aggregator_pad_check_late (GstDmixAggregatorPad *self,
    GstClockTime running_time)
{
  GstDmixPadClock *clock = &PRIV (self)->clock;
  GstClockTime next = gst_dmix_pad_clock_next (clock);

  if (!GST_CLOCK_TIME_IS_VALID (next)) /* nor is there a segment, perhaps */
    return;
  next = gst_segment_to_running_time (&GST_AGGREGATOR_PAD (self)->segment,
      GST_FORMAT_TIME, next);
  if (GST_CLOCK_TIME_IS_VALID (next)
      && next + GST_SECOND / clock->rate < running_time) {
    GST_DEBUG_OBJECT (self,
        "data is late: output is at %" GST_TIME_FORMAT
        ", the pad at %" GST_TIME_FORMAT,
        GST_TIME_ARGS (running_time), GST_TIME_ARGS (next));
    gst_dmix_pad_clock_missed (clock);
  }
}

GstBuffer *
gst_dmix_aggregator_pad_retime (GstDmixAggregatorPad *self,
    const GstDmixPadClockLimits *limits, GstBuffer *buffer, gboolean *corrected)
{
  GstDmixPadClock *clock = &PRIV (self)->clock;
  const GstAudioInfo *info = &GST_AUDIO_AGGREGATOR_PAD (self)->info;
  const guint64 before = clock->dropped + clock->inserted;

  *corrected = FALSE;
  if (!GST_AUDIO_INFO_IS_VALID (info))
    return buffer;
  buffer = gst_dmix_pad_clock_take (clock, limits, info, buffer);
  if (!buffer) {
    gst_dmix_aggregator_pad_fail (self);
    return NULL;
  }
  if (clock->dropped + clock->inserted != before) {
    *corrected = TRUE;
    gst_clear_structure (&PRIV (self)->correction);
    PRIV (self)->correction = gst_dmix_pad_clock_message (clock,
        GST_PAD_NAME (self), &GST_AGGREGATOR_PAD (self)->segment, buffer);
  }
  return GST_BUFFER_PTS_IS_VALID (buffer) ? snap (self, buffer) : buffer;
}

/*** latency ***/

static gboolean
largest_latency (GstElement *element, GstPad *pad, gpointer largest)
{
  GstClockTime *most = largest, own;

  GST_OBJECT_LOCK (pad);
  own = PRIV (GST_DMIX_AGGREGATOR_PAD (pad))->peer_latency;
  GST_OBJECT_UNLOCK (pad);
  if (gst_pad_is_linked (pad))
    *most = MAX (*most, own); /* NONE (not known) is the greatest value */
  return TRUE;
}

/* Queries the latency of upstream and answers for the pad and upstream together:
 *
 * - While the element waits for its slowest input, the other pads store data:
 *   the maximum latency of a pad is larger by that. Without it GStreamer would
 *   call a source that stores nothing (appsrc) beside a slower one impossible,
 *   and a live pipeline would wait for ever.
 * - Upstream of an optional pad that cannot answer yet counts as 0: otherwise a
 *   dialogue that is slow to start would stop the output. The base class
 *   queries again at its first buffer; the latency may have grown, so the
 *   pipeline gets a LATENCY message. */
static GstPadProbeReturn
answer_latency (GstPad *pad, GstPadProbeInfo *info, gpointer agg)
{
  GstDmixAggregatorPad *self = GST_DMIX_AGGREGATOR_PAD (pad);
  GstQuery *query = GST_PAD_PROBE_INFO_QUERY (info);
  GstClockTime min = 0, max = GST_CLOCK_TIME_NONE, stored = 0;
  gboolean live = FALSE, known, changed;
  GstPad *peer;

  if (GST_QUERY_TYPE (query) != GST_QUERY_LATENCY
      || !(peer = gst_pad_get_peer (pad)))
    return GST_PAD_PROBE_OK;
  known = gst_pad_query (peer, query);
  gst_object_unref (peer);
  if (!known && !PRIV (self)->optional)
    return GST_PAD_PROBE_DROP;
  if (known)
    gst_query_parse_latency (query, &live, &min, &max);
  GST_OBJECT_LOCK (pad);
  PRIV (self)->peer_latency = live ? min : 0;
  changed = known && PRIV (self)->unanswered;
  PRIV (self)->unanswered = !known;
  GST_OBJECT_UNLOCK (pad);
  gst_element_foreach_sink_pad (GST_ELEMENT (agg), largest_latency, &stored);
  if (live && GST_CLOCK_TIME_IS_VALID (max))
    max = GST_CLOCK_TIME_IS_VALID (stored) ? max + stored : stored;
  gst_query_set_latency (query, live, min, max);
  GST_DEBUG_OBJECT (pad,
      "latency of upstream: %s, min %" GST_TIME_FORMAT ", max %" GST_TIME_FORMAT
      "%s",
      live ? "live" : "not live", GST_TIME_ARGS (min), GST_TIME_ARGS (max),
      known ? "" : " (no answer yet)");
  if (changed)
    gst_element_post_message (agg, gst_message_new_latency (agg));
  return GST_PAD_PROBE_HANDLED;
}

/*** optional pads ***/

gboolean
gst_dmix_aggregator_pad_is_idle (GstDmixAggregatorPad *self)
{
  return PRIV (self)->optional && !gst_pad_is_linked (GST_PAD (self));
}

void
gst_dmix_aggregator_pad_set_skipped (GstDmixAggregatorPad *self,
    gboolean skipped)
{
  g_atomic_int_set (&PRIV (self)->skipped, skipped);
}

gboolean
gst_dmix_aggregator_pad_is_awaited (GstDmixAggregatorPad *self)
{
  return g_atomic_int_get (&PRIV (self)->skipped)
      && gst_pad_is_linked (GST_PAD (self));
}

static gchar *
pad_name (GstElement *element, GstPadTemplate *template, const gchar *req_name)
{
  const gchar *name = GST_PAD_TEMPLATE_NAME_TEMPLATE (template);
  guint number = 0;
  gchar *free_name = NULL;
  GstPad *there;

  if (!strchr (name, '%'))
    return g_strdup (name);
  if (req_name && !strchr (req_name, '%'))
    return g_strdup (req_name);
  do {
    g_free (free_name);
    free_name = g_strdup_printf (name, number++);
    there = gst_element_get_static_pad (element, free_name);
    if (there)
      gst_object_unref (there);
  } while (there);
  return free_name;
}

GstDmixAggregatorPad *
gst_dmix_aggregator_pad_new (GstElement *element, GstPadTemplate *template,
    const gchar *req_name, const gchar *leading_name)
{
  gchar *name = pad_name (element, template, req_name);
  GstPad *there = gst_element_get_static_pad (element, name);
  GstDmixAggregatorPad *self = NULL;

  if (there) {
    gst_object_unref (there);
  } else {
    const GType type = GST_PAD_TEMPLATE_GTYPE (template);

    self = g_object_new (g_type_is_a (type, GST_TYPE_DMIX_AGGREGATOR_PAD)
            ? type
            : GST_TYPE_DMIX_AGGREGATOR_PAD,
        "name", name, "direction", GST_PAD_SINK, "template", template, NULL);
    PRIV (self)->optional = g_strcmp0 (name, leading_name) != 0;
    gst_pad_add_probe (GST_PAD (self),
        GST_PAD_PROBE_TYPE_QUERY_UPSTREAM | GST_PAD_PROBE_TYPE_PUSH,
        answer_latency, element, NULL);
  }
  g_free (name);
  return self;
}
