/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Compiled-in presets: GstPreset's own methods answer first, and the table what
 * they do not know. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/gstdmixpresets.h"
#include "base/gstdmixlog.h"

#include <string.h>

GST_DMIX_LOG_CATEGORY ("dmixpresets", "presets of dmix elements");

#define META "_meta/"

/* GStreamer's implementation, with files. */
static GstPresetInterface *
files (void)
{
  return g_type_default_interface_peek (GST_TYPE_PRESET);
}

static gboolean
has_file (GstPreset *preset, const gchar *name)
{
  gchar **names = files ()->get_preset_names (preset);
  const gboolean found =
      names && g_strv_contains ((const gchar **) names, name);

  g_strfreev (names);
  return found;
}

static gboolean
is_of (const GstDmixPresetValue *row, GstPreset *preset, const gchar *name)
{
  return !strcmp (row->type, G_OBJECT_TYPE_NAME (preset))
      && (!name || !strcmp (row->preset, name));
}

/* The next row of preset `name` (NULL: of any) from `row` on, or NULL. */
static const GstDmixPresetValue *
find_row (const GstDmixPresetValue *row, GstPreset *preset, const gchar *name)
{
  while (row->type && !is_of (row, preset, name))
    row++;
  return row->type ? row : NULL;
}

/* TRUE if the table has to answer for this preset. */
static gboolean
is_compiled_in (GstPreset *preset, const gchar *name)
{
  return find_row (gst_dmix_preset_values, preset, name)
      && !has_file (preset, name);
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(gchar *const *) a, *(gchar *const *) b);
}

static gchar **
get_preset_names (GstPreset *preset)
{
  gchar **names = files ()->get_preset_names (preset);
  GPtrArray *all = g_ptr_array_new ();
  const GstDmixPresetValue *row = gst_dmix_preset_values;

  for (guint i = 0; names && names[i]; i++)
    g_ptr_array_add (all, names[i]);
  g_free (names);
  for (; (row = find_row (row, preset, NULL)); row++) {
    if (!g_ptr_array_find_with_equal_func (all, row->preset, g_str_equal, NULL))
      g_ptr_array_add (all, g_strdup (row->preset));
  }
  g_ptr_array_sort (all, compare_names);
  g_ptr_array_add (all, NULL);
  return (gchar **) g_ptr_array_free (all, FALSE);
}

static gboolean
load_preset (GstPreset *preset, const gchar *name)
{
  const GstDmixPresetValue *row = gst_dmix_preset_values;

  if (!is_compiled_in (preset, name))
    return files ()->load_preset (preset, name);
  GST_DEBUG_OBJECT (preset, "loading compiled-in preset '%s'", name);
  for (; (row = find_row (row, preset, name)); row++) {
    if (!g_str_has_prefix (row->key, META))
      gst_util_set_object_arg (G_OBJECT (preset), row->key, row->value);
  }
  return TRUE;
}

static gboolean
get_meta (GstPreset *preset, const gchar *name, const gchar *tag, gchar **value)
{
  const GstDmixPresetValue *row = gst_dmix_preset_values;

  if (!is_compiled_in (preset, name))
    return files ()->get_meta (preset, name, tag, value);
  *value = NULL;
  for (; (row = find_row (row, preset, name)); row++) {
    if (g_str_has_prefix (row->key, META)
        && !strcmp (row->key + strlen (META), tag))
      *value = g_strdup (row->value);
  }
  return TRUE;
}

/* In GStreamer's file, metadata of a preset that is not there would make an
 * empty one, which hides ours. */
static gboolean
set_meta (GstPreset *preset, const gchar *name, const gchar *tag,
    const gchar *value)
{
  if (!is_compiled_in (preset, name))
    return files ()->set_meta (preset, name, tag, value);
  GST_WARNING_OBJECT (preset,
      "preset '%s' is compiled in: save it first, then set its metadata", name);
  return FALSE;
}

void
gst_dmix_presets_init_interface (GstPresetInterface *iface)
{
  iface->get_preset_names = get_preset_names;
  iface->load_preset = load_preset;
  iface->get_meta = get_meta;
  iface->set_meta = set_meta;
}
