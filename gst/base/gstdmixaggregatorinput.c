/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Input of GstDmixAggregator: pads that are added and released, optional pads
 * without a stream, caps that are checked on arrival, buffers with a usable
 * timestamp. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/gstdmixaggregatorpad.h"
#include "base/gstdmixaggregatorprivate.h"
#include "base/gstdmixlog.h"
#include "base/gstdmixpastend.h"

GST_DMIX_LOG_CATEGORY ("dmixaggregatorinput", "pads of dmix aggregators");

#define PRIV(self) GST_DMIX_AGGREGATOR_PRIVATE (self)
#define PARENT GST_DMIX_AGGREGATOR_PARENT

static gboolean
not_linked (GstElement *element, GstPad *pad, gpointer any)
{
  *(gboolean *) any |= gst_pad_is_linked (pad);
  return !*(gboolean *) any;
}

static gboolean
any_is_linked (GstAggregator *agg)
{
  gboolean any = FALSE;

  gst_element_foreach_sink_pad (GST_ELEMENT (agg), not_linked, &any);
  return any;
}

/* An optional pad that nothing is linked to counts as ended until a stream
 * starts on it, so that no other pad waits for it. Without any linked pad there
 * is nothing to wait: if all pads counted as ended, the task of the base class
 * would stop for good before the first one is linked. */
static void
end_if_unlinked (GstPad *pad, GstAggregator *agg)
{
  if (!gst_dmix_aggregator_pad_is_idle (GST_DMIX_AGGREGATOR_PAD (pad))
      || !any_is_linked (agg))
    return;
  GST_DEBUG_OBJECT (pad, "nothing is linked: counts as ended");
  gst_dmix_aggregator_pad_set_skipped (GST_DMIX_AGGREGATOR_PAD (pad), TRUE);
  PARENT->sink_event (agg, GST_AGGREGATOR_PAD (pad), gst_event_new_eos ());
}

static gboolean
end_each_if_unlinked (GstElement *element, GstPad *pad, gpointer data)
{
  end_if_unlinked (pad, GST_AGGREGATOR (element));
  return TRUE;
}

void
gst_dmix_aggregator_end_unlinked (GstDmixAggregator *self)
{
  gst_element_foreach_sink_pad (GST_ELEMENT (self), end_each_if_unlinked, NULL);
}

static void
pad_unlinked (GstPad *pad, GstPad *peer, GstAggregator *agg)
{
  if (GST_STATE (agg) > GST_STATE_READY)
    end_if_unlinked (pad, agg);
}

static void
pad_linked (GstPad *pad, GstPad *peer, GstAggregator *agg)
{
  if (GST_STATE (agg) > GST_STATE_READY)
    gst_dmix_aggregator_end_unlinked (GST_DMIX_AGGREGATOR (agg));
}

/* Refused caps become an error with the first data only: a live dialogue that
 * never sends any does not stop the programme. They are checked again then. */
static GstPadProbeReturn
judge_data (GstPad *pad, GstPadProbeInfo *info, gpointer agg)
{
  GstDmixAggregatorPad *self = GST_DMIX_AGGREGATOR_PAD (pad);
  GstCaps *refused = gst_dmix_aggregator_pad_refused (self);

  if (!refused)
    return GST_PAD_PROBE_OK;
  if (gst_dmix_formats_accept (&PRIV (agg)->formats, pad, refused)) {
    PARENT->sink_event_pre_queue (agg, GST_AGGREGATOR_PAD (pad),
        gst_event_new_caps (refused));
    gst_dmix_aggregator_pad_refuse (self, NULL);
    return GST_PAD_PROBE_OK;
  }
  gst_dmix_formats_complain (&PRIV (agg)->formats, pad, refused);
  gst_mini_object_unref (info->data);
  GST_PAD_PROBE_INFO_FLOW_RETURN (info) = GST_FLOW_NOT_NEGOTIATED;
  return GST_PAD_PROBE_HANDLED;
}

static GstAggregatorPad *
gst_dmix_aggregator_input_create_new_pad (GstAggregator *agg,
    GstPadTemplate *template, const gchar *req_name, const GstCaps *caps)
{
  GstDmixAggregatorPad *pad = gst_dmix_aggregator_pad_new (GST_ELEMENT (agg),
      template, req_name, GST_DMIX_AGGREGATOR_GET_CLASS (agg)->leading_pad);

  if (!pad) {
    GST_WARNING_OBJECT (agg,
        "pad '%s' exists already: request a pad with another name, or release "
        "this one first",
        req_name ? req_name : GST_PAD_TEMPLATE_NAME_TEMPLATE (template));
    return NULL;
  }
  gst_pad_add_probe (GST_PAD (pad),
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, judge_data,
      agg, NULL);
  g_signal_connect_object (pad, "unlinked", G_CALLBACK (pad_unlinked), agg, 0);
  g_signal_connect_object (pad, "linked", G_CALLBACK (pad_linked), agg, 0);
  gst_dmix_past_end_install (GST_PAD (pad), &PRIV (agg)->ended);
  if (GST_STATE (agg) > GST_STATE_READY)
    end_if_unlinked (GST_PAD (pad), agg);
  return GST_AGGREGATOR_PAD (pad);
}

/* Two threads may request a pad at the same time, as two decodebins do: the
 * number of one has to be taken before the other looks for a free one. */
static GstPad *
gst_dmix_aggregator_input_request_new_pad (GstElement *element,
    GstPadTemplate *template, const gchar *name, const GstCaps *caps)
{
  GstPad *pad;

  g_rec_mutex_lock (&PRIV (element)->pads_lock);
  pad = GST_ELEMENT_CLASS (PARENT)->request_new_pad (element, template, name,
      caps);
  g_rec_mutex_unlock (&PRIV (element)->pads_lock);
  return pad;
}

static void
gst_dmix_aggregator_input_release_pad (GstElement *element, GstPad *pad)
{
  g_signal_handlers_disconnect_by_data (pad, element);
  g_rec_mutex_lock (&PRIV (element)->pads_lock);
  GST_ELEMENT_CLASS (PARENT)->release_pad (element, pad);
  g_rec_mutex_unlock (&PRIV (element)->pads_lock);
  gst_pad_mark_reconfigure (GST_AGGREGATOR_SRC_PAD (element));
}

/* The base class waits for a flush on every pad; pads that nothing is linked to
 * never get one. */
static gboolean
flush_unlinked (GstElement *element, GstPad *pad, gpointer event)
{
  GstAggregator *agg = GST_AGGREGATOR (element);

  if (!gst_dmix_aggregator_pad_is_idle (GST_DMIX_AGGREGATOR_PAD (pad)))
    return TRUE;
  PARENT->sink_event (agg, GST_AGGREGATOR_PAD (pad), gst_event_copy (event));
  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP)
    end_if_unlinked (pad, agg);
  return TRUE;
}

static gboolean
gst_dmix_aggregator_input_sink_event (GstAggregator *agg, GstAggregatorPad *pad,
    GstEvent *event)
{
  GST_DEBUG_OBJECT (pad, "%" GST_PTR_FORMAT, (gpointer) event);
  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_FLUSH_START:
    case GST_EVENT_FLUSH_STOP:
      gst_element_foreach_sink_pad (GST_ELEMENT (agg), flush_unlinked, event);
      break;
    case GST_EVENT_STREAM_START:
      gst_dmix_aggregator_pad_set_skipped (GST_DMIX_AGGREGATOR_PAD (pad),
          FALSE);
      break;
    case GST_EVENT_SEGMENT:
      gst_dmix_aggregator_pad_restart_clock (GST_DMIX_AGGREGATOR_PAD (pad));
      break;
    case GST_EVENT_CAPS:
    case GST_EVENT_EOS:
      /* the src pad has the format of the leading pad, or of another one if
       * the leading pad ends without any */
      gst_pad_mark_reconfigure (GST_AGGREGATOR_SRC_PAD (agg));
      break;
    default:
      break;
  }
  return PARENT->sink_event (agg, pad, event);
}

static GstDmixPadClockLimits
clock_limits (GstAggregator *agg)
{
  GstDmixAggregatorPrivate *priv = PRIV (agg);

  return (GstDmixPadClockLimits){
    .tolerance =
        (GstClockTime) g_atomic_int_get (&priv->tolerance_us) * GST_USECOND,
    .wait = (GstClockTime) g_atomic_int_get (&priv->wait_us) * GST_USECOND,
  };
}

/* Drops buffers that have no usable timestamp. Locks are held here: messages
 * are posted later. */
static GstBuffer *
gst_dmix_aggregator_input_clip (GstAggregator *agg, GstAggregatorPad *pad,
    GstBuffer *buffer)
{
  GstDmixAggregatorPad *self = GST_DMIX_AGGREGATOR_PAD (pad);
  const GstDmixPadClockLimits limits = clock_limits (agg);
  gboolean corrected;

  if (!gst_dmix_aggregator_pad_can_use (self, buffer)) {
    GST_LOG_OBJECT (pad, "dropping %" GST_PTR_FORMAT, (gpointer) buffer);
    g_atomic_int_set (&PRIV (agg)->news, TRUE);
    gst_buffer_unref (buffer);
    return NULL;
  }
  buffer = PARENT->clip (agg, pad, buffer);
  if (!buffer)
    return NULL;
  buffer = gst_dmix_aggregator_pad_retime (self, &limits, buffer, &corrected);
  if (corrected)
    g_atomic_int_set (&PRIV (agg)->news, TRUE);
  return buffer;
}

static gboolean
check_late (GstElement *element, GstPad *pad, gpointer running_time)
{
  gst_dmix_aggregator_pad_check_late (GST_DMIX_AGGREGATOR_PAD (pad),
      *(const GstClockTime *) running_time);
  return TRUE;
}

void
gst_dmix_aggregator_check_late (GstDmixAggregator *self)
{
  const GstSegment segment = gst_dmix_aggregator_segment (self);
  GstClockTime end =
      gst_segment_to_running_time (&segment, GST_FORMAT_TIME, segment.position);

  gst_element_foreach_sink_pad (GST_ELEMENT (self), check_late, &end);
}

static gboolean
report_pad (GstElement *element, GstPad *pad, gpointer data)
{
  gst_dmix_aggregator_pad_report (GST_DMIX_AGGREGATOR_PAD (pad), element);
  return TRUE;
}

void
gst_dmix_aggregator_report (GstDmixAggregator *self)
{
  if (g_atomic_int_compare_and_exchange (&PRIV (self)->news, TRUE, FALSE))
    gst_element_foreach_sink_pad (GST_ELEMENT (self), report_pad, NULL);
}

/* Non-zero if the function is for one of the sink pads. It may lock the pad and
 * no more: this runs several times a block, and gst_element_foreach_sink_pad()
 * would copy the list of pads and reference each. */
static gboolean
any_sink_pad (GstDmixAggregator *self, gboolean (*is) (GstDmixAggregatorPad *))
{
  gboolean any = FALSE;

  GST_OBJECT_LOCK (self);
  for (GList *pad = GST_ELEMENT (self)->sinkpads; pad && !any; pad = pad->next)
    any = is (pad->data);
  GST_OBJECT_UNLOCK (self);
  return any;
}

/*** memory ***/

/* The src pad, too, converts: the block that has begun, to a new layout. */
gboolean
gst_dmix_aggregator_lacks_memory (GstDmixAggregator *self)
{
  return gst_dmix_aggregator_pad_has_failed (
             GST_DMIX_AGGREGATOR_PAD (GST_AGGREGATOR_SRC_PAD (self)))
      || any_sink_pad (self, gst_dmix_aggregator_pad_has_failed);
}

static gboolean
complain (GstElement *element, GstPad *pad, gpointer data)
{
  gst_dmix_aggregator_pad_complain (GST_DMIX_AGGREGATOR_PAD (pad), element);
  return TRUE;
}

gboolean
gst_dmix_aggregator_complain (GstDmixAggregator *self)
{
  if (!gst_dmix_aggregator_lacks_memory (self))
    return FALSE;
  complain (GST_ELEMENT (self), GST_AGGREGATOR_SRC_PAD (self), NULL);
  gst_element_foreach_sink_pad (GST_ELEMENT (self), complain, NULL);
  return TRUE;
}

/* The base class needs a buffer in any case. Without memory it has no samples,
 * and finish_buffer() fails. No silence is written first, as the base
 * class would do: every sample is set later. */
GstBuffer *
gst_dmix_aggregator_new_buffer (GstDmixAggregator *self, guint frames)
{
  const gsize size = (gsize) frames * GST_AUDIO_INFO_BPF (&PRIV (self)->info);
  GstAllocationParams params;
  GstAllocator *allocator;
  GstBuffer *buffer;

  gst_aggregator_get_allocator (GST_AGGREGATOR (self), &allocator, &params);
  buffer = gst_buffer_new_allocate (allocator, size, &params);
  gst_clear_object (&allocator);
  if (buffer)
    return buffer;
  gst_dmix_aggregator_pad_fail (
      GST_DMIX_AGGREGATOR_PAD (GST_AGGREGATOR_SRC_PAD (self)));
  return gst_dmix_aggregator_pad_new_carrier (NULL, size);
}

/*** formats ***/

static gboolean
gst_dmix_aggregator_input_sink_query (GstAggregator *agg, GstAggregatorPad *pad,
    GstQuery *query)
{
  return gst_dmix_formats_query (&PRIV (agg)->formats, GST_PAD (pad), query)
      || PARENT->sink_query (agg, pad, query);
}

/* Checks caps on arrival: the base class queues them, and would play sound of
 * another rate at a wrong speed. */
static GstFlowReturn
gst_dmix_aggregator_input_sink_event_pre_queue (GstAggregator *agg,
    GstAggregatorPad *pad, GstEvent *event)
{
  if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS) {
    GstDmixAggregatorPad *self = GST_DMIX_AGGREGATOR_PAD (pad);
    GstCaps *caps;

    gst_event_parse_caps (event, &caps);
    if (!gst_dmix_formats_accept (&PRIV (agg)->formats, GST_PAD (pad), caps)) {
      GST_DEBUG_OBJECT (pad, "caps %" GST_PTR_FORMAT " refused",
          (gpointer) caps);
      gst_dmix_aggregator_pad_refuse (self, caps);
      gst_event_unref (event);
      return GST_FLOW_OK;
    }
    GST_DEBUG_OBJECT (pad, "negotiated: caps in %" GST_PTR_FORMAT,
        (gpointer) caps);
    gst_dmix_aggregator_pad_refuse (self, NULL);
  }
  return PARENT->sink_event_pre_queue (agg, pad, event);
}

static gboolean
pad_is_eos (GstElement *element, GstPad *pad, gpointer all)
{
  gboolean eos = gst_aggregator_pad_is_eos (GST_AGGREGATOR_PAD (pad));

  *(gboolean *) all &= eos;
  return eos;
}

gboolean
gst_dmix_aggregator_inputs_have_ended (GstDmixAggregator *self)
{
  gboolean all_eos = TRUE;

  gst_element_foreach_sink_pad (GST_ELEMENT (self), pad_is_eos, &all_eos);
  return all_eos;
}

gboolean
gst_dmix_aggregator_has_late_pad (GstDmixAggregator *self)
{
  return any_sink_pad (self, gst_dmix_aggregator_pad_is_awaited);
}

gboolean
gst_dmix_aggregator_awaits_stream (GstDmixAggregator *self)
{
  return gst_dmix_aggregator_has_late_pad (self)
      && gst_dmix_aggregator_inputs_have_ended (self);
}

/* There is no format yet: waits for one, or ends with the inputs. In a live
 * pipeline time goes on without. */
GstFlowReturn
gst_dmix_aggregator_without_format (GstDmixAggregator *self, gboolean timeout)
{
  GstAggregatorPad *srcpad = GST_AGGREGATOR_PAD (GST_AGGREGATOR_SRC_PAD (self));
  guint64 block;

  if (gst_dmix_aggregator_inputs_have_ended (self))
    return GST_FLOW_EOS;
  if (!timeout) {
    GST_ELEMENT_ERROR (self, STREAM, FORMAT, (NULL),
        ("A sink pad got data before its caps: send a CAPS event before the "
         "first buffer, or put audioconvert before each pad"));
    return GST_FLOW_NOT_NEGOTIATED;
  }
  g_object_get (self, "output-buffer-duration", &block, NULL);
  GST_OBJECT_LOCK (self);
  if (!GST_CLOCK_TIME_IS_VALID (srcpad->segment.position))
    srcpad->segment.position = srcpad->segment.start;
  srcpad->segment.position += block;
  GST_OBJECT_UNLOCK (self);
  return GST_AGGREGATOR_FLOW_NEED_DATA;
}

void
gst_dmix_aggregator_input_class_init (GstDmixAggregatorClass *klass)
{
  GstAggregatorClass *agg_class = GST_AGGREGATOR_CLASS (klass);

  GST_ELEMENT_CLASS (klass)->request_new_pad =
      gst_dmix_aggregator_input_request_new_pad;
  GST_ELEMENT_CLASS (klass)->release_pad =
      gst_dmix_aggregator_input_release_pad;
  agg_class->create_new_pad = gst_dmix_aggregator_input_create_new_pad;
  agg_class->sink_event_pre_queue =
      gst_dmix_aggregator_input_sink_event_pre_queue;
  agg_class->sink_event = gst_dmix_aggregator_input_sink_event;
  agg_class->sink_query = gst_dmix_aggregator_input_sink_query;
  agg_class->clip = gst_dmix_aggregator_input_clip;
}
