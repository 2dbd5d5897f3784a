/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstPreset with presets that are compiled in, from gst/presets/. They are there
 * in any install prefix, in a static plugin and in a subproject, where GStreamer
 * would look for files in its own data folder only.
 *
 * Presets that GStreamer itself finds come first: those that the user has saved
 * and the files in GST_PRESET_PATH. A compiled-in preset that is saved under its
 * own name therefore hides the original, until the saved one is deleted.
 * Compiled-in presets cannot be renamed, deleted or given other metadata.
 */
#ifndef GST_DMIX_PRESETS_H
#define GST_DMIX_PRESETS_H

#include <gst/gst.h>

G_BEGIN_DECLS

/* One line of a preset: a property of the element `type`, as gst-launch-1.0
 * reads it, or metadata as "_meta/comment". */
typedef struct
{
  const gchar *type, *preset, *key, *value;
} GstDmixPresetValue;

/* Made by gst/presets/table.py; the last row has the type NULL. */
extern const GstDmixPresetValue gst_dmix_preset_values[];

/* For G_IMPLEMENT_INTERFACE (GST_TYPE_PRESET, ...). */
void gst_dmix_presets_init_interface (GstPresetInterface *iface);

G_END_DECLS

#endif
