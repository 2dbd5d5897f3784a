/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmixmeter in a GstHarness, its bus, and a tone to play. */
#ifndef METER_RIG_H
#define METER_RIG_H

#include <gst/audio/audio.h>
#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>

typedef struct
{
  GstHarness *h;
  GstBus *bus;
  gint rate, channels;
  guint64 frame; /* next to be pushed */
} MeterRig;

/* mask: of GStreamer. */
void meter_rig_set_caps (MeterRig *rig, gint rate, gint channels, guint64 mask);

/* settings: "property=value ..." of dmixmeter. Stereo. */
MeterRig meter_rig_new (const gchar *settings, gint rate);

void meter_rig_free (MeterRig *rig);

/* The next frames, at their time. */
GstBuffer *meter_rig_make_buffer (MeterRig *rig, const gfloat *samples,
    guint frames);

/* 1 kHz in all channels; -200 dB: silence. */
void meter_rig_play (MeterRig *rig, gdouble seconds, gdouble peak_db,
    guint block);

/* The last message, all others are dropped; count: how many there were. */
GstStructure *meter_rig_last_message (MeterRig *rig, guint *count);

/* The field's number, which must be there. */
gdouble meter_rig_number (const GstStructure *s, const gchar *field);

/* Within .05 dB or LU. */
void meter_rig_assert_near (gdouble value, gdouble want);

#endif
