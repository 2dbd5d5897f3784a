/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The dialogue inside a buffer of a mix. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/gstdmixstem.h"
#include "base/gstdmixlog.h"

GST_DMIX_LOG_CATEGORY ("dmixstem", "dialogue inside a mix");

#define NAME "GstDmixStem"

static const GstMetaInfo *
meta_info (void)
{
  static gsize info = 0;

  if (g_once_init_enter (&info)) {
    static const gchar *tags[] = { NULL };

    g_once_init_leave (&info,
        GPOINTER_TO_SIZE (
            gst_meta_register_custom (NAME, tags, NULL, NULL, NULL)));
  }
  return GSIZE_TO_POINTER (info);
}

void
gst_dmix_stem_ask (GstQuery *allocation)
{
  gst_query_add_allocation_meta (allocation, meta_info ()->api, NULL);
}

gboolean
gst_dmix_stem_is_asked (GstQuery *allocation)
{
  return gst_query_find_allocation_meta (allocation, meta_info ()->api, NULL);
}

void
gst_dmix_stem_attach (GstBuffer *mix, GstBuffer *dialogue)
{
  GstCustomMeta *meta;

  meta_info ();
  meta = gst_buffer_add_custom_meta (mix, NAME);
  gst_structure_set (gst_custom_meta_get_structure (meta), "dialogue",
      GST_TYPE_BUFFER, dialogue, NULL);
  GST_LOG ("dialogue of %" G_GSIZE_FORMAT " bytes",
      gst_buffer_get_size (dialogue));
  gst_buffer_unref (dialogue);
}

GstBuffer *
gst_dmix_stem_get (GstBuffer *mix)
{
  GstCustomMeta *meta;
  const GValue *value;

  meta_info ();
  meta = gst_buffer_get_custom_meta (mix, NAME);
  value = meta ? gst_structure_get_value (gst_custom_meta_get_structure (meta),
              "dialogue")
               : NULL;
  return value ? gst_value_get_buffer (value) : NULL;
}
