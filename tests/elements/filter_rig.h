/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* A filter in a GstHarness with synthetic input; checks that the output is
 * contiguous from time 0 on. */
#ifndef FILTER_RIG_H
#define FILTER_RIG_H

#include <gst/audio/audio.h>
#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>

/* settings: "property=value ..." of the element */
GstHarness *filter_rig_new (const gchar *element, const gchar *settings,
    gint rate, gint channels);

/* The same in the layout of GStreamer's mask: channels in the order of its bits. 0:
 * without positions. */
GstHarness *filter_rig_new_layout (const gchar *element, const gchar *settings,
    gint rate, gint channels, guint64 mask);

/* Frames first to first + frames of the samples, at their time. */
void filter_rig_push (GstHarness *h, const gfloat *samples, guint64 first,
    guint frames, gint rate, guint channels);

/* A buffer of these samples, at the time of frame `first`. */
void filter_rig_push_at (GstHarness *h, guint64 first, const gfloat *samples,
    guint frames, gint rate, guint channels);

/* Appends all that has come out. */
void filter_rig_pull (GstHarness *h, GArray *out, gint rate, guint channels);

/* All of it, in blocks, and EOS; as many samples come out. */
GArray *filter_rig_play (GstHarness *h, const gfloat *samples, guint frames,
    guint block, gint rate, guint channels);

/* How the stream is cut into buffers changes no bit, and the element does
 * something. The caps are those of filter_rig_new(). */
void filter_rig_check_splits (const gchar *element, const gchar *settings,
    const gfloat *sound, guint frames, gint rate, gint channels);

/* NaN and Inf come out as silence would, and leave no trace. Mono; frames 1000
 * to 1002 become silence. */
void filter_rig_check_bad_samples (const gchar *element, const gchar *settings,
    gfloat *sound, guint frames, gint rate);

/* Ends the stream of mono: all its frames come out, and after the first 100 ms no
 * step from frame to frame is above `most`. out: what has come out before. */
void filter_rig_check_steps (GstHarness *h, GArray *out, guint frames,
    gint rate, gfloat most);

/* Of mono. */
gdouble filter_rig_rms_db (const gfloat *samples, guint first, guint frames);

gfloat *filter_rig_noise (guint samples, gfloat peak, guint32 seed);

#endif
