/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstAudioLevelMeta: the level of a buffer, and whether it has speech. */
#ifndef GST_DMIX_LEVEL_META_H
#define GST_DMIX_LEVEL_META_H

#include <gst/audio/audio.h>

G_BEGIN_DECLS

/* Copies the meta of `from`, if it has one, to a copy of its sound. Other metas
 * may describe a memory layout that the copy has not. */
void gst_dmix_level_meta_copy (GstBuffer *to, GstBuffer *from);

G_END_DECLS

#endif
