/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixBinStrip: the elements between a sink pad of dmixbin and the ducker,
 * as the channel strip of a mixing desk:
 *
 *   pad ! audioconvert ! audioresample ! [dmixmeter] ! [dmixdenoise]
 *       ! [dmixlevel] ! [dmixcomp] ! [dmixpan] ! ducker
 *
 * Elements in brackets are there once a property asks for them. Two faders are
 * probes: one on the ducker's pad does gain and mute; one behind audioconvert
 * lets a sound that is added while the mix plays rise, and one that is taken
 * away fade out.
 *
 * Reference counted; all functions may be called from any thread. */
#ifndef GST_DMIX_BIN_STRIP_H
#define GST_DMIX_BIN_STRIP_H

#include "bin/gstdmixbinpad.h"
#include "bin/gstdmixbintarget.h"

G_BEGIN_DECLS

typedef enum
{
  GST_DMIX_BIN_CONVERT,
  GST_DMIX_BIN_RESAMPLE,
  GST_DMIX_BIN_METER,
  GST_DMIX_BIN_DENOISE,
  GST_DMIX_BIN_LEVEL,
  GST_DMIX_BIN_STEADY,
  GST_DMIX_BIN_PAN,
  GST_DMIX_BIN_SLOTS
} GstDmixBinSlot;

typedef struct _GstDmixBinStrip GstDmixBinStrip;

/* A strip in `bin` for `pad`, which gets its target, to `target`,
 * which it takes. late: the mix plays already, so
 * the sound rises. NULL, after an element error, if an element is missing. */
GstDmixBinStrip *gst_dmix_bin_strip_new (GstBin *bin, GstDmixBinPad *pad,
    GstElement *ducker, GstDmixBinTarget *target, gboolean late);
GstDmixBinStrip *gst_dmix_bin_strip_ref (GstDmixBinStrip *self);
void gst_dmix_bin_strip_unref (gpointer self);

/* The sink pad; not referenced. */
GstDmixBinPad *gst_dmix_bin_strip_get_pad (GstDmixBinStrip *self);

/* TRUE if its pad is a `dialogue_%u`. */
gboolean gst_dmix_bin_strip_is_dialogue (GstDmixBinStrip *self);

/* The element of a slot, or NULL; not referenced. */
GstElement *gst_dmix_bin_strip_get (GstDmixBinStrip *self, GstDmixBinSlot slot);

/* Sets an element of a slot; is_new: before it is in the chain. */
typedef void (*GstDmixBinSetUp) (GstDmixBinStrip *self, GstDmixBinSlot slot,
    GstElement *element, gboolean is_new, gconstpointer data);

/* Puts an element, which `set_up` is called for, into an empty slot, also while
 * sound flows. It stays until it is taken out in READY. Posts an element error if
 * there is none. */
void gst_dmix_bin_strip_add (GstDmixBinStrip *self, GstDmixBinSlot slot,
    GstDmixBinSetUp set_up, gconstpointer data);

/* TRUE if sound may be on its way through the chain. */
gboolean gst_dmix_bin_strip_is_flowing (GstDmixBinStrip *self);

/* Takes the element of a slot out, if nothing plays. */
void gst_dmix_bin_strip_drop (GstDmixBinStrip *self, GstDmixBinSlot slot);

/* Silences the sound because of another pad's solo, or not. */
void gst_dmix_bin_strip_silence (GstDmixBinStrip *self, gboolean silent);

/* Makeup gain, in dB, of a compressor that joined while playing: the fader of the
 * strip applies it, once it is opened. Returns the one before. */
gdouble gst_dmix_bin_strip_set_makeup (GstDmixBinStrip *self,
    gdouble makeup_db);
void gst_dmix_bin_strip_open_makeup (GstDmixBinStrip *self);

/* Sets the time at which the sound begins, ns. */
void gst_dmix_bin_strip_set_start (GstDmixBinStrip *self, guint64 start);

/* The pad goes: its sound fades out, then the elements leave the bin. `gone` is
 * called with `data`, in any thread, when they have. */
typedef void (*GstDmixBinStripGone) (GstDmixBinStrip *self, gpointer data);
void gst_dmix_bin_strip_leave (GstDmixBinStrip *self, gboolean playing,
    GstDmixBinStripGone gone, gpointer data);

/* Removes the elements now if the pad has gone. */
void gst_dmix_bin_strip_sweep (GstDmixBinStrip *self);

G_END_DECLS

#endif
