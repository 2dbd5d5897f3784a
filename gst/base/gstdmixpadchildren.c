/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstChildProxy over the sink pads of an element. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/gstdmixpadchildren.h"
#include "base/gstdmixlog.h"

GST_DMIX_LOG_CATEGORY ("dmixpadchildren", "sink pads as children");

static GObject *
get_child_by_index (GstChildProxy *proxy, guint index)
{
  GObject *child;

  GST_OBJECT_LOCK (proxy);
  child = g_list_nth_data (GST_ELEMENT (proxy)->sinkpads, index);
  if (child)
    gst_object_ref (child);
  GST_OBJECT_UNLOCK (proxy);
  GST_LOG_OBJECT (proxy, "child %u is %" GST_PTR_FORMAT, index,
      (gpointer) child);
  return child;
}

static guint
get_children_count (GstChildProxy *proxy)
{
  guint count;

  GST_OBJECT_LOCK (proxy);
  count = GST_ELEMENT (proxy)->numsinkpads;
  GST_OBJECT_UNLOCK (proxy);
  return count;
}

void
gst_dmix_pad_children_init (gpointer interface, gpointer data)
{
  GstChildProxyInterface *iface = interface;

  iface->get_child_by_index = get_child_by_index;
  iface->get_children_count = get_children_count;
}

static void
pad_added (GstElement *element, GstPad *pad)
{
  if (GST_PAD_IS_SINK (pad))
    gst_child_proxy_child_added (GST_CHILD_PROXY (element), G_OBJECT (pad),
        GST_OBJECT_NAME (pad));
}

static void
pad_removed (GstElement *element, GstPad *pad)
{
  if (GST_PAD_IS_SINK (pad))
    gst_child_proxy_child_removed (GST_CHILD_PROXY (element), G_OBJECT (pad),
        GST_OBJECT_NAME (pad));
}

void
gst_dmix_pad_children_install (GstElementClass *klass)
{
  klass->pad_added = pad_added;
  klass->pad_removed = pad_removed;
}
