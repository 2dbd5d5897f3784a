/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixLeader: which sink pad has the format of the output. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/gstdmixleader.h"
#include "base/gstdmixaggregatorpad.h"
#include "base/gstdmixlog.h"

#include <string.h>

GST_DMIX_LOG_CATEGORY ("dmixleader", "pads with the format of the output");

void
gst_dmix_leader_init (GstDmixLeader *self, GstElement *element,
    const gchar *name)
{
  self->element = element;
  self->name = name;
  self->has_settled = FALSE;
  self->settled[0] = '\0';
}

/* Numbers have no leading zeros: the longer one is the greater one. */
gboolean
gst_dmix_leader_is_before (GstPad *pad, GstPad *other)
{
  const gchar *a = GST_PAD_NAME (pad), *b = GST_PAD_NAME (other);
  const gsize length_a = strlen (a), length_b = strlen (b);

  return length_a != length_b ? length_a < length_b : strcmp (a, b) < 0;
}

/* A pad that was skipped and is linked now has not got its stream yet. */
gboolean
gst_dmix_leader_has_ended (GstPad *pad)
{
  return gst_aggregator_pad_is_eos (GST_AGGREGATOR_PAD (pad))
      && !(GST_IS_DMIX_AGGREGATOR_PAD (pad)
          && gst_dmix_aggregator_pad_is_awaited (
              GST_DMIX_AGGREGATOR_PAD (pad)));
}

typedef struct
{
  const GstDmixLeader *leader;
  GstPad *first;
} Search;

static gboolean
is_candidate (const GstDmixLeader *self, GstPad *pad)
{
  if (!self->name)
    return TRUE;
  return g_str_has_prefix (GST_PAD_NAME (pad), self->name)
      && GST_PAD_NAME (pad)[strlen (self->name)] == '_'
      && gst_pad_is_linked (pad)
      && (gst_pad_has_current_caps (pad) || !gst_dmix_leader_has_ended (pad));
}

static gboolean
keep_first (GstElement *element, GstPad *pad, gpointer data)
{
  Search *search = data;

  if (is_candidate (search->leader, pad)
      && (!search->first || gst_dmix_leader_is_before (pad, search->first)))
    gst_object_replace ((GstObject **) &search->first, GST_OBJECT (pad));
  return TRUE;
}

GstPad *
gst_dmix_leader_get (GstDmixLeader *self)
{
  Search search = { self, NULL };
  gchar settled[sizeof self->settled];
  gboolean has_settled;

  GST_OBJECT_LOCK (self->element);
  has_settled = self->has_settled;
  memcpy (settled, self->settled, sizeof settled);
  GST_OBJECT_UNLOCK (self->element);
  if (self->name)
    search.first = gst_element_get_static_pad (self->element, self->name);
  if (search.first)
    return search.first;
  if (has_settled)
    return settled[0] ? gst_element_get_static_pad (self->element, settled)
                      : NULL;
  gst_element_foreach_sink_pad (self->element, keep_first, &search);
  return search.first;
}

gboolean
gst_dmix_leader_is_certain (GstDmixLeader *self)
{
  GstPad *named;
  gboolean certain;

  GST_OBJECT_LOCK (self->element);
  certain = self->has_settled;
  GST_OBJECT_UNLOCK (self->element);
  if (certain || !self->name)
    return certain;
  named = gst_element_get_static_pad (self->element, self->name);
  certain = named != NULL;
  gst_clear_object (&named);
  return certain;
}

void
gst_dmix_leader_settle (GstDmixLeader *self, GstPad *pad)
{
  GST_OBJECT_LOCK (self->element);
  if (!self->has_settled)
    g_strlcpy (self->settled, pad ? GST_PAD_NAME (pad) : "",
        sizeof self->settled);
  self->has_settled = TRUE;
  GST_OBJECT_UNLOCK (self->element);
  GST_DEBUG_OBJECT (self->element, "format of the output by pad %s",
      pad ? GST_PAD_NAME (pad) : "(none)");
}

void
gst_dmix_leader_forget (GstDmixLeader *self)
{
  GST_OBJECT_LOCK (self->element);
  self->has_settled = FALSE;
  self->settled[0] = '\0';
  GST_OBJECT_UNLOCK (self->element);
}
