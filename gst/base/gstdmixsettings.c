/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Settings of an element or pad: one struct written under the object lock,
 * one copy for the streaming thread. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/gstdmixsettings.h"
#include "base/gstdmixlog.h"

#include <string.h>

GST_DMIX_LOG_CATEGORY ("dmixsettings", "property values of dmix elements");

void
gst_dmix_settings_init (GstDmixSettings *self, gpointer owner,
    const GstDmixProperty *table, guint count, gpointer values, gsize size)
{
  *self = (GstDmixSettings){ .owner = owner,
    .table = table,
    .count = count,
    .values = values,
    .size = size,
    .changed = TRUE };
  gst_dmix_properties_init (table, count, values);
  self->current = size > 0 ? g_memdup2 (values, size) : NULL;
}

void
gst_dmix_settings_clear (GstDmixSettings *self)
{
  g_clear_pointer (&self->current, g_free);
}

void
gst_dmix_settings_mark_changed (GstDmixSettings *self)
{
  GST_OBJECT_LOCK (self->owner);
  self->changed = TRUE;
  GST_OBJECT_UNLOCK (self->owner);
}

/* Only for the log: allocates. */
static void
gst_dmix_settings_log (GstDmixSettings *self, const GstDmixProperty *property,
    const GValue *value)
{
#ifndef GST_DISABLE_GST_DEBUG
  gchar *text;

  if (_gst_debug_min < GST_LEVEL_DEBUG
      || gst_debug_category_get_threshold (GST_CAT_DEFAULT) < GST_LEVEL_DEBUG)
    return;
  text = gst_value_serialize (value);
  GST_DEBUG_OBJECT (self->owner, "property %s set to %s", property->name,
      GST_STR_NULL (text));
  g_free (text);
#endif
}

gboolean
gst_dmix_settings_set_in (GstDmixSettings *self,
    const GstDmixProperty *property, const GValue *value)
{
  if (!gst_dmix_properties_set (G_OBJECT (self->owner), property, self->values,
          value))
    return FALSE;
  gst_dmix_settings_mark_changed (self);
  gst_dmix_settings_log (self, property, value);
  return TRUE;
}

void
gst_dmix_settings_get_in (GstDmixSettings *self,
    const GstDmixProperty *property, GValue *value)
{
  gst_dmix_properties_get (G_OBJECT (self->owner), property, self->values,
      value);
}

gboolean
gst_dmix_settings_set (GstDmixSettings *self, guint id, const GValue *value)
{
  g_return_val_if_fail (id >= 1 && id <= self->count, FALSE);
  return gst_dmix_settings_set_in (self, &self->table[id - 1], value);
}

void
gst_dmix_settings_get (GstDmixSettings *self, guint id, GValue *value)
{
  g_return_if_fail (id >= 1 && id <= self->count);
  gst_dmix_settings_get_in (self, &self->table[id - 1], value);
}

gboolean
gst_dmix_settings_take (GstDmixSettings *self)
{
  gboolean changed;

  if (self->size == 0)
    return FALSE;
  GST_OBJECT_LOCK (self->owner);
  changed = self->changed;
  self->changed = FALSE;
  if (changed)
    memcpy (self->current, self->values, self->size);
  GST_OBJECT_UNLOCK (self->owner);
  return changed;
}

gconstpointer
gst_dmix_settings_get_current (const GstDmixSettings *self)
{
  return self->current;
}
