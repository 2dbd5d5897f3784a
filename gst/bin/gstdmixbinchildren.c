/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Children of dmixbin. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "bin/gstdmixbinchildren.h"
#include "base/gstdmixlog.h"

#include <string.h>

GST_DMIX_LOG_CATEGORY ("dmixbinchildren", "children of dmixbin");

static GObject *
get_child_by_index (GstChildProxy *proxy, guint index)
{
  GstElement *element = GST_ELEMENT (proxy);
  GObject *child;

  GST_OBJECT_LOCK (proxy);
  child = index < element->numsinkpads
      ? g_list_nth_data (element->sinkpads, index)
      : g_list_nth_data (GST_BIN (proxy)->children,
          index - element->numsinkpads);
  if (child)
    gst_object_ref (child);
  GST_OBJECT_UNLOCK (proxy);
  return child;
}

static guint
get_children_count (GstChildProxy *proxy)
{
  guint count;

  GST_OBJECT_LOCK (proxy);
  count =
      GST_ELEMENT (proxy)->numsinkpads + (guint) GST_BIN (proxy)->numchildren;
  GST_OBJECT_UNLOCK (proxy);
  return count;
}

static GObject *
get_child_by_name (GstChildProxy *proxy, const gchar *name)
{
  GstPad *pad = gst_element_get_static_pad (GST_ELEMENT (proxy), name);

  return pad ? G_OBJECT (pad)
             : (GObject *) gst_bin_get_by_name (GST_BIN (proxy), name);
}

void
gst_dmix_bin_children_init (gpointer interface, gpointer data)
{
  GstChildProxyInterface *iface = interface;

  iface->get_child_by_index = get_child_by_index;
  iface->get_children_count = get_children_count;
  iface->get_child_by_name = get_child_by_name;
}

/*** settings ***/

static void
set_child (GstChildProxy *proxy, const gchar *name, const gchar *value)
{
  GObject *target;
  GParamSpec *spec;

  if (!gst_child_proxy_lookup (proxy, name, &target, &spec)) {
    GST_DEBUG_OBJECT (proxy, "setting '%s' waits for its pad or element", name);
    return;
  }
  gst_util_set_object_arg (target, spec->name, value);
  g_object_unref (target);
}

void
gst_dmix_bin_children_apply (GstChildProxy *proxy, const gchar *text,
    const gchar *prefix)
{
  gchar **words = g_strsplit_set (text ? text : "", " \t\n", -1);

  for (guint i = 0; words[i]; i++) {
    gchar *value = strchr (words[i], '=');

    if (value && g_str_has_prefix (words[i], prefix)
        && !g_str_has_prefix (words[i], "settings=")) {
      *value = '\0';
      set_child (proxy, words[i], value + 1);
    }
  }
  g_strfreev (words);
}
