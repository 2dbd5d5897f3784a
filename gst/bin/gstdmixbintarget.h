/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixBinTarget: where a strip of dmixbin enters the ducker.
 *
 * A dialogue or a background has one request pad of the ducker. A programme, which
 * is a finished mix, has two, and is split before them:
 *
 *   tee ! queue ! dmixdialogue output=dialogue   ! ducker.dialogue_N
 *       ! queue ! dmixdialogue output=background ! ducker.background_N
 *
 * Both parts have the same delay and add up to the programme. */
#ifndef GST_DMIX_BIN_TARGET_H
#define GST_DMIX_BIN_TARGET_H

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _GstDmixBinTarget GstDmixBinTarget;

/* For the sink pad `name` of the bin. late: the mix plays already. NULL, after an
 * element error, if an element is missing. */
GstDmixBinTarget *gst_dmix_bin_target_new (GstBin *bin, GstElement *ducker,
    const gchar *name, gboolean late);
void gst_dmix_bin_target_free (GstDmixBinTarget *self);

/* The pad that the strip is linked to; not referenced. */
GstPad *gst_dmix_bin_target_get_sink (GstDmixBinTarget *self);

/* The ducker waits for pads with a link alone. */
void gst_dmix_bin_target_link (GstDmixBinTarget *self, gboolean linked);

/* TRUE once the ducker has taken all that came in, up to its EOS. */
gboolean gst_dmix_bin_target_has_ended (GstDmixBinTarget *self);

/* Calls `consumed` whenever the ducker has taken a buffer. The base class of the
 * ducker holds locks of its pad then. */
void gst_dmix_bin_target_watch (GstDmixBinTarget *self, GCallback consumed,
    gpointer data, GClosureNotify free_data);
void gst_dmix_bin_target_unwatch (GstDmixBinTarget *self, gpointer data);

/* Moves the sound, by ns. */
void gst_dmix_bin_target_set_offset (GstDmixBinTarget *self, gint64 offset);

/* Gives the pads of the ducker back and removes the elements. */
void gst_dmix_bin_target_release (GstDmixBinTarget *self);

G_END_DECLS

#endif
