/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixBinReport: the last messages of the elements inside dmixbin. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "bin/gstdmixbinreport.h"
#include "base/gstdmixlog.h"

GST_DMIX_LOG_CATEGORY ("dmixbinreport", "messages gathered by dmixbin");

/* Fields of the message dmixbin: where each comes from. */
static const struct
{
  const gchar *element, *message, *field, *name;
} fields[] = {
  { "ducker", "dmixducker", "dialogue-active", "dialogue-active" },
  { "ducker", "dmixducker", "gain", "gain" },
  { "ducker", "dmixducker", "difference", "difference" },
  { "ducker", "dmixducker", "difference-shortterm", "difference-shortterm" },
  { "ducker", "dmixducker", "dialogue-learned", "dialogue-learned" },
  { "ducker", "dmixmeter", "glimpse-proportion", "glimpse-proportion" },
  { "ducker", "dmixmeter", "sii", "sii" },
  { "ducker", "dmixmeter", "critical", "critical" },
  { "level", "dmixlevel", "gain", "level-gain" },
  { "level", "dmixlevel", "limiter", "limiter" },
  { "meter", "dmixmeter", "momentary", "momentary" },
  { "meter", "dmixmeter", "shortterm", "shortterm" },
  { "meter", "dmixmeter", "integrated", "integrated" },
  { "meter", "dmixmeter", "range", "range" },
  { "meter", "dmixmeter", "true-peak", "true-peak" },
  { "meter", "dmixmeter", "specification", "specification" },
  { "meter", "dmixmeter", "verdict", "verdict" },
  { "meter", "dmixmeter", "verdict-text", "verdict-text" },
};

static const gchar *const times[] = { "timestamp", "stream-time",
  "running-time", "duration" };

void
gst_dmix_bin_report_init (GstDmixBinReport *self)
{
  g_mutex_init (&self->lock);
  self->last = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      (GDestroyNotify) gst_message_unref);
}

void
gst_dmix_bin_report_clear (GstDmixBinReport *self)
{
  g_hash_table_unref (self->last);
  g_mutex_clear (&self->lock);
}

void
gst_dmix_bin_report_forget (GstDmixBinReport *self)
{
  g_mutex_lock (&self->lock);
  g_hash_table_remove_all (self->last);
  g_mutex_unlock (&self->lock);
}

void
gst_dmix_bin_report_keep (GstDmixBinReport *self, GstMessage *message)
{
  const gchar *name =
      gst_structure_get_name (gst_message_get_structure (message));
  gchar *key = g_strconcat (GST_OBJECT_NAME (GST_MESSAGE_SRC (message)), "/",
      name, NULL);

  GST_LOG ("%" GST_PTR_FORMAT, (gpointer) message);
  message = gst_message_make_writable (message);
  gst_clear_object (&GST_MESSAGE_SRC (message));
  g_mutex_lock (&self->lock);
  g_hash_table_replace (self->last, key, message);
  g_mutex_unlock (&self->lock);
}

/* With lock. */
static const GstStructure *
find (GstDmixBinReport *self, const gchar *element, const gchar *message)
{
  gchar *key = g_strconcat (element, "/", message, NULL);
  GstMessage *found = g_hash_table_lookup (self->last, key);

  g_free (key);
  return found ? gst_message_get_structure (found) : NULL;
}

gboolean
gst_dmix_bin_report_get (GstDmixBinReport *self, const gchar *element,
    const gchar *message, const gchar *field, gdouble *value)
{
  const GstStructure *s;
  gboolean found;

  g_mutex_lock (&self->lock);
  s = find (self, element, message);
  found = s && gst_structure_get_double (s, field, value);
  g_mutex_unlock (&self->lock);
  return found;
}

gboolean
gst_dmix_bin_report_get_peak (GstDmixBinReport *self, const gchar *element,
    gdouble *peak_dbtp)
{
  const GstStructure *s;
  const GValue *peaks;
  gboolean found = FALSE;

  g_mutex_lock (&self->lock);
  s = find (self, element, "dmixmeter");
  peaks = s ? gst_structure_get_value (s, "true-peak") : NULL;
  for (guint i = 0; peaks && i < gst_value_array_get_size (peaks); i++) {
    const gdouble peak =
        g_value_get_double (gst_value_array_get_value (peaks, i));

    *peak_dbtp = found ? MAX (*peak_dbtp, peak) : peak;
    found = TRUE;
  }
  g_mutex_unlock (&self->lock);
  return found;
}

static void
copy_field (const GstStructure *from, const gchar *field, GstStructure *to,
    const gchar *name)
{
  const GValue *value = from ? gst_structure_get_value (from, field) : NULL;

  if (value)
    gst_structure_set_value (to, name, value);
}

/* The table has the fields of a message one after the other: one search for all. */
static gboolean
is_same_source (guint a, guint b)
{
  return g_str_equal (fields[a].element, fields[b].element)
      && g_str_equal (fields[a].message, fields[b].message);
}

GstStructure *
gst_dmix_bin_report_gather (GstDmixBinReport *self, const gchar *clock_element,
    const gchar *clock_message)
{
  GstStructure *s = gst_structure_new_empty ("dmixbin");
  const GstStructure *from;

  g_mutex_lock (&self->lock);
  from = find (self, clock_element, clock_message);
  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    copy_field (from, times[i], s, times[i]);
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++) {
    if (i == 0 || !is_same_source (i, i - 1))
      from = find (self, fields[i].element, fields[i].message);
    copy_field (from, fields[i].field, s, fields[i].name);
  }
  g_mutex_unlock (&self->lock);
  return s;
}
