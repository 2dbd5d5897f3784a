/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Data behind the end of the output: a chain function before that of the pad.
 * GstAggregator answers EOS on every sink pad once its task has ended, also to
 * a thread that was waiting for space in the queue of the pad. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/gstdmixlog.h"
#include "base/gstdmixpastend.h"

GST_DMIX_LOG_CATEGORY ("dmixpastend", "data behind the end of the output");

typedef struct
{
  GstPadChainFunction chain;
  gint *ended;
  gint entered, left; /* s; atomic */
} PastEnd;

static GQuark
past_end_quark (void)
{
  return g_quark_from_static_string ("gst-dmix-past-end");
}

static gint
now_s (void)
{
  return (gint) (g_get_monotonic_time () / G_TIME_SPAN_SECOND);
}

static GstFlowReturn
past_end_chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  PastEnd *self = g_object_get_qdata (G_OBJECT (pad), past_end_quark ());
  GstFlowReturn ret;

  if (g_atomic_int_get (self->ended)) {
    GST_LOG_OBJECT (pad, "dropping %" GST_PTR_FORMAT ": the output has ended",
        (gpointer) buffer);
    gst_buffer_unref (buffer);
    return GST_FLOW_OK;
  }
  g_atomic_int_set (&self->entered, now_s ());
  ret = self->chain (pad, parent, buffer);
  g_atomic_int_set (&self->left, now_s ());
  g_atomic_int_set (&self->entered, 0);
  return ret == GST_FLOW_EOS && g_atomic_int_get (self->ended) ? GST_FLOW_OK
                                                               : ret;
}

/* A flush begins a new output: data of this pad may come before the other pads
 * have been flushed. */
static GstPadProbeReturn
past_end_flush (GstPad *pad, GstPadProbeInfo *info, gpointer ended)
{
  if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_FLUSH_START)
    g_atomic_int_set ((gint *) ended, FALSE);
  return GST_PAD_PROBE_OK;
}

void
gst_dmix_past_end_install (GstPad *pad, gint *ended)
{
  PastEnd *self = g_new0 (PastEnd, 1);

  self->chain = GST_PAD_CHAINFUNC (pad);
  self->ended = ended;
  g_object_set_qdata_full (G_OBJECT (pad), past_end_quark (), self, g_free);
  gst_pad_set_chain_function (pad, past_end_chain);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_FLUSH, past_end_flush, ended,
      NULL);
}

void
gst_dmix_past_end_times (GstPad *pad, gint *entered, gint *left)
{
  PastEnd *self = g_object_get_qdata (G_OBJECT (pad), past_end_quark ());

  *entered = self ? g_atomic_int_get (&self->entered) : 0;
  *left = self ? g_atomic_int_get (&self->left) : 0;
}
