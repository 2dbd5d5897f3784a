/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Copies of GstAudioLevelMeta. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/gstdmixlevelmeta.h"

void
gst_dmix_level_meta_copy (GstBuffer *to, GstBuffer *from)
{
  const GstAudioLevelMeta *meta = gst_buffer_get_audio_level_meta (from);

  if (meta && !gst_buffer_get_audio_level_meta (to))
    gst_buffer_add_audio_level_meta (to, meta->level, meta->voice_activity);
}
