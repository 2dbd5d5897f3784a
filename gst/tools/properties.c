/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
#include "tools/properties.h"

static gchar *
value_text (const GValue *value)
{
  if (G_VALUE_HOLDS_ENUM (value)) {
    GEnumClass *names = g_type_class_ref (G_VALUE_TYPE (value));
    const GEnumValue *one = g_enum_get_value (names, g_value_get_enum (value));
    gchar *text = g_strdup (one ? one->value_nick : "");

    g_type_class_unref (names);
    return text;
  }
  if (G_VALUE_HOLDS_DOUBLE (value))
    return g_strdup_printf ("%g", g_value_get_double (value));
  return gst_value_serialize (value);
}

/* What differs from the defaults; not what all elements of GStreamer have. */
static JsonObject *
properties_of (GstElement *element)
{
  JsonObject *object = json_object_new ();
  GParamSpec **specs;
  guint count;

  specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (element), &count);
  for (guint i = 0; i < count; i++) {
    GValue value = G_VALUE_INIT;
    gchar *text;

    if (!(specs[i]->flags & G_PARAM_WRITABLE)
        || !g_str_has_prefix (g_type_name (specs[i]->owner_type), "GstDmix"))
      continue;
    g_value_init (&value, specs[i]->value_type);
    g_object_get_property (G_OBJECT (element), specs[i]->name, &value);
    if (!g_param_value_defaults (specs[i], &value)
        && (text = value_text (&value))) {
      json_object_set_string_member (object, specs[i]->name, text);
      g_free (text);
    }
    g_value_unset (&value);
  }
  g_free (specs);
  return object;
}

static void
add_settings (const GValue *item, gpointer data)
{
  GstElement *element = g_value_get_object (item);
  GstElementFactory *factory = gst_element_get_factory (element);
  JsonObject *object;

  if (!factory || !g_str_has_prefix (GST_OBJECT_NAME (factory), "dmix"))
    return;
  object = json_object_new ();
  json_object_set_string_member (object, "name", GST_OBJECT_NAME (element));
  json_object_set_string_member (object, "element", GST_OBJECT_NAME (factory));
  json_object_set_object_member (object, "properties", properties_of (element));
  json_array_add_object_element (data, object);
}

void
dmix_properties_list (GstBin *bin, JsonArray *to)
{
  GstIterator *all = gst_bin_iterate_recurse (bin);

  gst_iterator_foreach (all, add_settings, to);
  gst_iterator_free (all);
}
