/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixBinTarget: pads of the ducker, and the split of a programme.
 *
 * Each part of a programme has a queue, and so a thread: at its end one part
 * fetches all that its splitter holds, for which the ducker must have got the
 * same of the other. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "bin/gstdmixbintarget.h"
#include "base/gstdmixlog.h"

#include <gst/base/gstaggregator.h>
#include <string.h>

GST_DMIX_LOG_CATEGORY ("dmixbintarget", "inputs of the ducker of dmixbin");

#define PARTS 2

static const gchar *const parts[PARTS] = { "background", "dialogue" };

struct _GstDmixBinTarget
{
  GstBin *bin;
  GstElement *ducker;
  guint count;           /* of pads */
  GstPad *pad[PARTS];    /* of the ducker */
  GstPad *source[PARTS]; /* of the split; NULL: none */
  GstElement *tee, *queue[PARTS], *splitter[PARTS];
  GstPad *sink;
};

/* The ducker's output takes the format of its background with the lowest number:
 * of a programme, else of an ambience, music or effects, in this order and by the
 * numbers of their pads, whichever is requested first. A pad that comes when the
 * output has a format gets the first free number, and is never the leading one. */
static const gchar *const order[] = { "programme", "ambience_", "music_",
  "effects_" };

#define MOST_OF_A_KIND 1000

static gchar *
background_name (const gchar *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    if (g_str_has_prefix (name, order[i])) {
      const guint64 n = g_ascii_strtoull (name + strlen (order[i]), NULL, 10);

      return g_strdup_printf ("background_%u",
          (guint) ((i + 1) * MOST_OF_A_KIND + MIN (n, MOST_OF_A_KIND - 1)));
    }
  return NULL;
}

static GstPad *
request_background (GstElement *ducker, const gchar *name, gboolean late)
{
  gchar *asked = late ? NULL : background_name (name);
  GstPad *there = asked ? gst_element_get_static_pad (ducker, asked) : NULL;
  GstPad *pad = gst_element_request_pad_simple (ducker,
      asked && !there ? asked : "background_%u");

  gst_clear_object (&there);
  g_free (asked);
  return pad;
}

/* Named behind the pad, as "programme-tee". */
static GstElement *
add_element (GstDmixBinTarget *self, const gchar *factory, const gchar *name,
    const gchar *suffix)
{
  gchar *full = g_strdup_printf ("%s-%s", name, suffix);
  GstElement *there = gst_bin_get_by_name (self->bin, full);
  GstElement *element = gst_element_factory_make (factory, there ? NULL : full);

  if (!element || !gst_bin_add (self->bin, element)) {
    GST_ELEMENT_ERROR (self->bin, CORE, MISSING_PLUGIN, (NULL),
        ("There is no element '%s' for pad '%s': check GST_PLUGIN_PATH",
            factory, name));
    element = NULL;
  }
  g_free (full);
  gst_clear_object (&there);
  return element;
}

/* Both parts of the ducker pass a seek on: upstream gets the first. */
static GstPadProbeReturn
drop_seek (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  return GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_SEEK
      ? GST_PAD_PROBE_DROP
      : GST_PAD_PROBE_OK;
}

static gboolean
add_part (GstDmixBinTarget *self, const gchar *name, guint i)
{
  gchar *suffix = g_strdup_printf ("%s-queue", parts[i]);

  self->queue[i] = add_element (self, "queue", name, suffix);
  self->splitter[i] = add_element (self, "dmixdialogue", name, parts[i]);
  g_free (suffix);
  if (!self->queue[i] || !self->splitter[i])
    return FALSE;
  g_object_set (self->splitter[i], "lookahead", 0.0, "post-messages", FALSE,
      NULL);
  gst_util_set_object_arg (G_OBJECT (self->splitter[i]), "output", parts[i]);
  gst_element_link_many (self->tee, self->queue[i], self->splitter[i], NULL);
  self->source[i] = gst_element_get_static_pad (self->splitter[i], "src");
  if (i > 0)
    gst_pad_add_probe (self->source[i], GST_PAD_PROBE_TYPE_EVENT_UPSTREAM,
        drop_seek, NULL, NULL);
  return TRUE;
}

static gboolean
add_split (GstDmixBinTarget *self, const gchar *name)
{
  self->tee = add_element (self, "tee", name, "tee");
  if (!self->tee)
    return FALSE;
  self->sink = gst_element_get_static_pad (self->tee, "sink");
  for (guint i = 0; i < PARTS; i++)
    if (!add_part (self, name, i))
      return FALSE;
  for (guint i = 0; i < PARTS; i++) {
    gst_element_sync_state_with_parent (self->splitter[i]);
    gst_element_sync_state_with_parent (self->queue[i]);
  }
  gst_element_sync_state_with_parent (self->tee);
  return TRUE;
}

GstDmixBinTarget *
gst_dmix_bin_target_new (GstBin *bin, GstElement *ducker, const gchar *name,
    gboolean late)
{
  GstDmixBinTarget *self = g_new0 (GstDmixBinTarget, 1);
  const gboolean programme = g_str_equal (name, "programme");

  self->bin = bin;
  self->ducker = gst_object_ref (ducker);
  if (programme && !add_split (self, name)) {
    gst_dmix_bin_target_release (self);
    gst_dmix_bin_target_free (self);
    return NULL;
  }
  self->pad[self->count++] = g_str_has_prefix (name, "dialogue")
      ? gst_element_request_pad_simple (ducker, "dialogue_%u")
      : request_background (ducker, name, late);
  if (programme)
    self->pad[self->count++] =
        gst_element_request_pad_simple (ducker, "dialogue_%u");
  else
    self->sink = gst_object_ref (self->pad[0]);
  return self;
}

void
gst_dmix_bin_target_free (GstDmixBinTarget *self)
{
  for (guint i = 0; i < PARTS; i++) {
    gst_clear_object (&self->pad[i]);
    gst_clear_object (&self->source[i]);
  }
  gst_clear_object (&self->sink);
  gst_object_unref (self->ducker);
  g_free (self);
}

GstPad *
gst_dmix_bin_target_get_sink (GstDmixBinTarget *self)
{
  return self->sink;
}

void
gst_dmix_bin_target_link (GstDmixBinTarget *self, gboolean linked)
{
  for (guint i = 0; i < PARTS && self->source[i]; i++)
    if (linked && !gst_pad_is_linked (self->source[i]))
      gst_pad_link_full (self->source[i], self->pad[i],
          GST_PAD_LINK_CHECK_NOTHING);
    else if (!linked && gst_pad_is_linked (self->source[i]))
      gst_pad_unlink (self->source[i], self->pad[i]);
}

gboolean
gst_dmix_bin_target_has_ended (GstDmixBinTarget *self)
{
  for (guint i = 0; i < self->count; i++)
    if (!gst_aggregator_pad_is_eos (GST_AGGREGATOR_PAD (self->pad[i])))
      return FALSE;
  return TRUE;
}

void
gst_dmix_bin_target_watch (GstDmixBinTarget *self, GCallback consumed,
    gpointer data, GClosureNotify free_data)
{
  GClosure *closure = g_cclosure_new (consumed, data, free_data);

  g_closure_ref (closure);
  g_closure_sink (closure);
  for (guint i = 0; i < self->count; i++) {
    g_signal_connect_closure (self->pad[i], "buffer-consumed", closure, FALSE);
    g_object_set (self->pad[i], "emit-signals", TRUE, NULL);
  }
  g_closure_unref (closure);
}

void
gst_dmix_bin_target_unwatch (GstDmixBinTarget *self, gpointer data)
{
  for (guint i = 0; i < self->count; i++)
    g_signal_handlers_disconnect_by_data (self->pad[i], data);
}

void
gst_dmix_bin_target_set_offset (GstDmixBinTarget *self, gint64 offset)
{
  if (gst_pad_get_offset (self->sink) != offset)
    gst_pad_set_offset (self->sink, offset);
}

static void
remove_element (GstDmixBinTarget *self, GstElement **element)
{
  if (*element) {
    gst_element_set_state (*element, GST_STATE_NULL);
    gst_bin_remove (self->bin, *element);
  }
  *element = NULL;
}

void
gst_dmix_bin_target_release (GstDmixBinTarget *self)
{
  for (guint i = 0; i < self->count; i++)
    gst_element_release_request_pad (self->ducker, self->pad[i]);
  self->count = 0;
  for (guint i = 0; i < PARTS; i++) {
    remove_element (self, &self->splitter[i]);
    remove_element (self, &self->queue[i]);
  }
  remove_element (self, &self->tee);
}
