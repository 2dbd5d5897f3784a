/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* A timer of the system clock looks once a second. It sees from
 * gst_dmix_past_end_times() since when a thread has been waiting in the chain
 * function of a pad, and when the last one left that of another. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/gstdmixstarvation.h"
#include "base/gstdmixlog.h"
#include "base/gstdmixpastend.h"

#include <gst/base/gstaggregator.h>

GST_DMIX_LOG_CATEGORY ("dmixstarvation", "pads that get no data");

#define LIMIT_S 5

typedef struct
{
  GWeakRef element;
  GstDmixStarvation *owner; /* lives as long as the element */
  gint start;               /* s, monotonic */
  guint seen;               /* looks in a row that found a starving pad */
} Watch;

typedef struct
{
  const Watch *watch;
  gint now;
  GstPad *full, *empty;
} Look;

static gint
now_s (void)
{
  return (gint) (g_get_monotonic_time () / G_TIME_SPAN_SECOND);
}

static gboolean
look_at (GstElement *element, GstPad *pad, gpointer data)
{
  Look *look = data;
  gint entered, left;

  if (!gst_pad_is_linked (pad)
      || gst_aggregator_pad_is_eos (GST_AGGREGATOR_PAD (pad)))
    return TRUE;
  gst_dmix_past_end_times (pad, &entered, &left);
  if (entered != 0 && look->now - entered >= LIMIT_S)
    gst_object_replace ((GstObject **) &look->full, GST_OBJECT (pad));
  if (entered == 0 && look->now - MAX (left, look->watch->start) >= LIMIT_S)
    gst_object_replace ((GstObject **) &look->empty, GST_OBJECT (pad));
  return TRUE;
}

static void
warn (GstElement *element, gpointer data)
{
  const Look *look = data;

  GST_ELEMENT_WARNING (element, STREAM, FAILED, (NULL),
      ("Pad '%s' has got no data for %d s, while data waits on pad '%s'. If "
       "both come from one file or network stream, put a larger queue before "
       "pad '%s': queue max-size-time=0 max-size-buffers=0 "
       "max-size-bytes=100000000; or read the file once for each pad",
          GST_PAD_NAME (look->empty), LIMIT_S, GST_PAD_NAME (look->full),
          GST_PAD_NAME (look->full)));
}

static void
free_look (gpointer data)
{
  Look *look = data;

  gst_clear_object (&look->full);
  gst_clear_object (&look->empty);
  g_free (look);
}

/* Twice in a row: not in the moment in which downstream has just gone on. The
 * warning leaves from a thread of its own, for the clock has only one. */
static gboolean
tick (GstClock *clock, GstClockTime time, GstClockID id, gpointer data)
{
  Watch *watch = data;
  GstElement *element = g_weak_ref_get (&watch->element);
  Look *look;

  if (!element)
    return TRUE;
  look = g_new0 (Look, 1);
  look->watch = watch;
  look->now = now_s ();
  gst_element_foreach_sink_pad (element, look_at, look);
  if (look->full && look->empty && !g_atomic_int_get (&watch->owner->pushing)) {
    if (++watch->seen == 2) {
      gst_element_call_async (element, warn, look, free_look);
      look = NULL;
    }
  } else if (watch->seen < 2) {
    watch->seen = 0;
  }
  if (look)
    free_look (look);
  gst_object_unref (element);
  return TRUE;
}

static void
free_watch (gpointer data)
{
  Watch *watch = data;

  g_weak_ref_clear (&watch->element);
  g_free (watch);
}

void
gst_dmix_starvation_start (GstDmixStarvation *self, GstElement *element)
{
  GstClock *clock = gst_system_clock_obtain ();
  Watch *watch = g_new0 (Watch, 1);

  gst_dmix_starvation_stop (self);
  self->element = element;
  g_atomic_int_set (&self->pushing, FALSE);
  g_weak_ref_init (&watch->element, element);
  watch->owner = self;
  watch->start = now_s ();
  self->timer = gst_clock_new_periodic_id (clock,
      gst_clock_get_time (clock) + GST_SECOND, GST_SECOND);
  gst_clock_id_wait_async (self->timer, tick, watch, free_watch);
  gst_object_unref (clock);
}

void
gst_dmix_starvation_stop (GstDmixStarvation *self)
{
  if (!self->timer)
    return;
  gst_clock_id_unschedule (self->timer);
  gst_clock_id_unref (self->timer);
  self->timer = NULL;
}

void
gst_dmix_starvation_set_pushing (GstDmixStarvation *self, gboolean pushing)
{
  g_atomic_int_set (&self->pushing, pushing);
}
