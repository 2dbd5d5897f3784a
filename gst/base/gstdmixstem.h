/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The dialogue inside a buffer of a mix, as custom meta "GstDmixStem": dmixducker
 * attaches it if downstream asks for it in the ALLOCATION query. The background is
 * the mix less the dialogue. */
#ifndef GST_DMIX_STEM_H
#define GST_DMIX_STEM_H

#include <gst/gst.h>

G_BEGIN_DECLS

/* ALLOCATION query: asks for the meta; has it been asked for? */
void gst_dmix_stem_ask (GstQuery *allocation);
gboolean gst_dmix_stem_is_asked (GstQuery *allocation);

/* dialogue: as many frames as the mix, with its gain. Takes the reference. */
void gst_dmix_stem_attach (GstBuffer *mix, GstBuffer *dialogue);

/* The dialogue, not referenced; NULL: there is none. */
GstBuffer *gst_dmix_stem_get (GstBuffer *mix);

G_END_DECLS

#endif
