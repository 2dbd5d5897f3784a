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
      (GDestroyNotify) gst_structure_free);
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
gst_dmix_bin_report_keep (GstDmixBinReport *self, const gchar *element,
    const GstStructure *message)
{
  GST_LOG ("%s: %" GST_PTR_FORMAT, element, (gconstpointer) message);
  g_mutex_lock (&self->lock);
  g_hash_table_replace (self->last,
      g_strdup_printf ("%s/%s", element, gst_structure_get_name (message)),
      gst_structure_copy (message));
  g_mutex_unlock (&self->lock);
}

/* With lock. */
static const GstStructure *
find (GstDmixBinReport *self, const gchar *element, const gchar *message)
{
  gchar *key = g_strdup_printf ("%s/%s", element, message);
  const GstStructure *found = g_hash_table_lookup (self->last, key);

  g_free (key);
  return found;
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

GstStructure *
gst_dmix_bin_report_gather (GstDmixBinReport *self, const gchar *clock_element,
    const gchar *clock_message)
{
  GstStructure *s = gst_structure_new_empty ("dmixbin");

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    copy_field (find (self, clock_element, clock_message), times[i], s,
        times[i]);
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    copy_field (find (self, fields[i].element, fields[i].message),
        fields[i].field, s, fields[i].name);
  g_mutex_unlock (&self->lock);
  return s;
}
