/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GObject properties from tables: param specs, defaults, set and get. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/gstdmixproperties.h"
#include "base/gstdmixlog.h"

#include <math.h>

GST_DMIX_LOG_CATEGORY ("dmixproperties", "tables of properties");

/* The blurb with the version that added the property, if it is a later one. */
static const gchar *
blurb_of (const GstDmixProperty *p)
{
  const gchar *blurb = p->blurb;

  if (p->since) {
    gchar *text = g_strdup_printf ("%s (since %s)", p->blurb, p->since);

    blurb = g_intern_string (text);
    g_free (text);
  }
  return blurb;
}

static GParamSpec *
make_spec (const GstDmixProperty *p)
{
  const GParamFlags flags =
      p->flags | G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  switch (p->kind) {
    case GST_DMIX_BOOLEAN:
      return g_param_spec_boolean (p->name, p->nick, blurb_of (p),
          p->standard != 0.0, flags);
    case GST_DMIX_ENUM:
      return g_param_spec_enum (p->name, p->nick, blurb_of (p), p->enum_type (),
          (gint) p->standard, flags);
    case GST_DMIX_TIME:
      return g_param_spec_uint64 (p->name, p->nick, blurb_of (p),
          (guint64) p->minimum, (guint64) p->maximum, (guint64) p->standard,
          flags);
    default:
      return g_param_spec_double (p->name, p->nick, blurb_of (p), p->minimum,
          p->maximum, p->standard, flags);
  }
}

void
gst_dmix_properties_install (GObjectClass *klass, const GstDmixProperty *table,
    guint count)
{
  for (guint i = 0; i < count; i++) {
    g_object_class_install_property (klass, i + 1, make_spec (&table[i]));
    if (table[i].kind == GST_DMIX_ENUM)
      gst_type_mark_as_plugin_api (table[i].enum_type (), 0);
  }
}

void
gst_dmix_properties_init (const GstDmixProperty *table, guint count,
    gpointer settings)
{
  for (guint i = 0; i < count; i++) {
    gpointer place = (guint8 *) settings + table[i].offset;

    switch (table[i].kind) {
      case GST_DMIX_BOOLEAN:
      case GST_DMIX_ENUM:
        *(gint *) place = (gint) table[i].standard;
        break;
      case GST_DMIX_TIME:
        *(guint64 *) place = (guint64) table[i].standard;
        break;
      default:
        *(gdouble *) place = table[i].standard;
    }
  }
}

static gboolean
may_change_now (GObject *object, const GstDmixProperty *property)
{
  GstState state;

  if (!(property->flags & GST_PARAM_MUTABLE_READY))
    return TRUE;
  GST_OBJECT_LOCK (object);
  state = MAX (GST_STATE (object), GST_STATE_NEXT (object));
  GST_OBJECT_UNLOCK (object);
  return state <= GST_STATE_READY;
}

static gboolean
replace (const GstDmixProperty *property, gpointer place, const GValue *value)
{
  gboolean changed = FALSE;

  switch (property->kind) {
    case GST_DMIX_BOOLEAN:
      changed = *(gboolean *) place != g_value_get_boolean (value);
      *(gboolean *) place = g_value_get_boolean (value);
      break;
    case GST_DMIX_ENUM:
      changed = *(gint *) place != g_value_get_enum (value);
      *(gint *) place = g_value_get_enum (value);
      break;
    case GST_DMIX_TIME:
      changed = *(guint64 *) place != g_value_get_uint64 (value);
      *(guint64 *) place = g_value_get_uint64 (value);
      break;
    default:
      changed = *(gdouble *) place != g_value_get_double (value);
      *(gdouble *) place = g_value_get_double (value);
  }
  return changed;
}

/* A message on the bus, for the application would else believe in its value. */
static void
warn_of_fixed (GObject *object, const GstDmixProperty *property,
    gpointer settings, const GValue *value)
{
  GValue present = G_VALUE_INIT;

  g_value_init (&present, G_VALUE_TYPE (value));
  gst_dmix_properties_get (object, property, settings, &present);
  if (gst_value_compare (&present, value) != GST_VALUE_EQUAL) {
    if (GST_IS_ELEMENT (object))
      GST_ELEMENT_WARNING (object, LIBRARY, SETTINGS, (NULL),
          ("Property %s keeps its value: it is fixed from PAUSED on, set the "
           "element to READY first",
              property->name));
    else
      GST_WARNING_OBJECT (object,
          "property '%s' keeps its value: it is fixed from PAUSED on, set the "
          "element to READY first",
          property->name);
  }
  g_value_unset (&present);
}

gboolean
gst_dmix_properties_set (GObject *object, const GstDmixProperty *property,
    gpointer settings, const GValue *value)
{
  gboolean changed;

  if (property->kind == GST_DMIX_DOUBLE && isnan (g_value_get_double (value))) {
    GST_WARNING_OBJECT (object,
        "property '%s' keeps its value: NaN is not a number, set one from %g "
        "to %g",
        property->name, property->minimum, property->maximum);
    return FALSE;
  }
  if (!may_change_now (object, property)) {
    warn_of_fixed (object, property, settings, value);
    return FALSE;
  }
  GST_OBJECT_LOCK (object);
  changed = replace (property, (guint8 *) settings + property->offset, value);
  GST_OBJECT_UNLOCK (object);
  return changed;
}

void
gst_dmix_properties_get (GObject *object, const GstDmixProperty *property,
    gconstpointer settings, GValue *value)
{
  gconstpointer place = (const guint8 *) settings + property->offset;

  GST_OBJECT_LOCK (object);
  switch (property->kind) {
    case GST_DMIX_BOOLEAN:
      g_value_set_boolean (value, *(const gboolean *) place);
      break;
    case GST_DMIX_ENUM:
      g_value_set_enum (value, *(const gint *) place);
      break;
    case GST_DMIX_TIME:
      g_value_set_uint64 (value, *(const guint64 *) place);
      break;
    default:
      g_value_set_double (value, *(const gdouble *) place);
  }
  GST_OBJECT_UNLOCK (object);
}
