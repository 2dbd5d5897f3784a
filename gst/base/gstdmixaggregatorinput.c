/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What comes into GstDmixAggregator: pads that come and go and need not be
 * there, caps that are judged when they come, buffers with a place in time. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/gstdmixaggregatorpad.h"
#include "base/gstdmixaggregatorprivate.h"

GST_DEBUG_CATEGORY_EXTERN (dmix_aggregator_debug);
#define GST_CAT_DEFAULT dmix_aggregator_debug

#define PRIV(self) gst_dmix_aggregator_private (self)
#define PARENT gst_dmix_aggregator_base ()

/* A pad that nothing is linked to has no dialogue to wait for: it counts as
 * ended until a stream starts on it. */
static void
end_if_unlinked (GstPad *pad, GstAggregator *agg)
{
  if (gst_dmix_aggregator_pad_is_idle (GST_DMIX_AGGREGATOR_PAD (pad)))
    PARENT->sink_event (agg, GST_AGGREGATOR_PAD (pad), gst_event_new_eos ());
}

static void
pad_unlinked (GstPad *pad, GstPad *peer, GstAggregator *agg)
{
  if (GST_STATE (agg) > GST_STATE_READY)
    end_if_unlinked (pad, agg);
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

/* Caps that were refused are judged again, and are an error, as soon as data
 * comes: a live dialogue that never sends any harms nobody. */
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
create_new_pad (GstAggregator *agg, GstPadTemplate *template,
    const gchar *req_name, const GstCaps *caps)
{
  GstDmixAggregatorPad *pad = gst_dmix_aggregator_pad_new (GST_ELEMENT (agg),
      template, req_name, GST_DMIX_AGGREGATOR_GET_CLASS (agg)->leading_pad);

  if (!pad) {
    GST_WARNING_OBJECT (agg, "there is only one pad '%s', and it is in use",
        req_name ? req_name : GST_PAD_TEMPLATE_NAME_TEMPLATE (template));
    return NULL;
  }
  gst_pad_add_probe (GST_PAD (pad),
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, judge_data,
      agg, NULL);
  g_signal_connect_object (pad, "unlinked", G_CALLBACK (pad_unlinked), agg, 0);
  if (GST_STATE (agg) > GST_STATE_READY)
    end_if_unlinked (GST_PAD (pad), agg);
  return GST_AGGREGATOR_PAD (pad);
}

static void
release_pad (GstElement *element, GstPad *pad)
{
  g_signal_handlers_disconnect_by_data (pad, element);
  g_rec_mutex_lock (&PRIV (element)->pads_lock);
  GST_ELEMENT_CLASS (PARENT)->release_pad (element, pad);
  g_rec_mutex_unlock (&PRIV (element)->pads_lock);
  gst_pad_mark_reconfigure (GST_AGGREGATOR_SRC_PAD (element));
}

/* Pads that nothing is linked to see no flush; the base waits for all. */
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
sink_event (GstAggregator *agg, GstAggregatorPad *pad, GstEvent *event)
{
  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_FLUSH_START:
    case GST_EVENT_FLUSH_STOP:
      gst_element_foreach_sink_pad (GST_ELEMENT (agg), flush_unlinked, event);
      break;
    case GST_EVENT_CAPS:
    case GST_EVENT_EOS:
      /* the format of the src pad is the one of the leading pad, or of
       * another one when that has ended without any */
      gst_pad_mark_reconfigure (GST_AGGREGATOR_SRC_PAD (agg));
      break;
    default:
      break;
  }
  return PARENT->sink_event (agg, pad, event);
}

/* Drops what has no place in time. Called with locks held: the warning waits
 * until they are not. */
static GstBuffer *
clip (GstAggregator *agg, GstAggregatorPad *pad, GstBuffer *buffer)
{
  GstDmixAggregatorPad *self = GST_DMIX_AGGREGATOR_PAD (pad);

  if (gst_dmix_aggregator_pad_can_use (self, buffer)) {
    buffer = PARENT->clip (agg, pad, buffer);
    return buffer && GST_BUFFER_PTS_IS_VALID (buffer)
        ? gst_dmix_aggregator_pad_snap (self, buffer)
        : buffer;
  }
  g_atomic_int_set (&PRIV (agg)->unusable, TRUE);
  gst_buffer_unref (buffer);
  return NULL;
}

static gboolean
warn_of_unusable (GstElement *element, GstPad *pad, gpointer data)
{
  gst_dmix_aggregator_pad_warn (GST_DMIX_AGGREGATOR_PAD (pad), element);
  return TRUE;
}

void
gst_dmix_aggregator_warn (GstDmixAggregator *self)
{
  if (g_atomic_int_compare_and_exchange (&PRIV (self)->unusable, TRUE, FALSE))
    gst_element_foreach_sink_pad (GST_ELEMENT (self), warn_of_unusable, NULL);
}

/*** formats ***/

static gboolean
sink_query (GstAggregator *agg, GstAggregatorPad *pad, GstQuery *query)
{
  return gst_dmix_formats_query (&PRIV (agg)->formats, GST_PAD (pad), query)
      || PARENT->sink_query (agg, pad, query);
}

/* Caps are judged when they come, not when the streaming thread gets to them:
 * the base queues them, and what it then refuses it plays at a wrong speed. */
static GstFlowReturn
sink_event_pre_queue (GstAggregator *agg, GstAggregatorPad *pad,
    GstEvent *event)
{
  if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS) {
    GstDmixAggregatorPad *self = GST_DMIX_AGGREGATOR_PAD (pad);
    GstCaps *caps;

    gst_event_parse_caps (event, &caps);
    if (!gst_dmix_formats_accept (&PRIV (agg)->formats, GST_PAD (pad), caps)) {
      gst_dmix_aggregator_pad_refuse (self, caps);
      gst_event_unref (event);
      return GST_FLOW_OK;
    }
    gst_dmix_aggregator_pad_refuse (self, NULL);
  }
  return PARENT->sink_event_pre_queue (agg, pad, event);
}

void
gst_dmix_aggregator_input_class_init (GstDmixAggregatorClass *klass)
{
  GstAggregatorClass *agg_class = GST_AGGREGATOR_CLASS (klass);

  GST_ELEMENT_CLASS (klass)->release_pad = release_pad;
  agg_class->create_new_pad = create_new_pad;
  agg_class->sink_event_pre_queue = sink_event_pre_queue;
  agg_class->sink_event = sink_event;
  agg_class->sink_query = sink_query;
  agg_class->clip = clip;
}
