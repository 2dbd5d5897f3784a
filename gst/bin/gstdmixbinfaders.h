/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixBinFaders: the two faders of a strip of dmixbin. One does the gain,
 * mute and solo of its pad before the ducker. The other one, where the sound
 * comes in as F32, lets a sound that is added while the mix plays rise; and
 * where EOS comes while nothing is linked to the pad, it puts a fade-out before
 * it, so that the filters behind it never meet an edge. */
#ifndef GST_DMIX_BIN_FADERS_H
#define GST_DMIX_BIN_FADERS_H

#include "bin/gstdmixbinpad.h"

G_BEGIN_DECLS

typedef struct _GstDmixBinFaders GstDmixBinFaders;

/* entry: sink pad of the first element that gets F32; exit: pad of the ducker;
 * late: the mix plays already. */
GstDmixBinFaders *gst_dmix_bin_faders_new (GstDmixBinPad *pad, GstPad *entry,
    GstPad *exit, gboolean late);
void gst_dmix_bin_faders_unref (gpointer self);

/* The pad is being released, and may still be linked: the next EOS ends its sound. */
void gst_dmix_bin_faders_leave (GstDmixBinFaders *self);

/* The sound passes as it is from now on. */
void gst_dmix_bin_faders_detach (GstDmixBinFaders *self);

/* Silences the sound because of another pad's solo, or not. Any thread. */
void gst_dmix_bin_faders_silence (GstDmixBinFaders *self, gboolean silent);

/* A further gain of the sound, in dB. Any thread. */
void gst_dmix_bin_faders_set_makeup (GstDmixBinFaders *self, gdouble makeup_db);

G_END_DECLS

#endif
