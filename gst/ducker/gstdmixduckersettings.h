/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Settings of dmixducker: the table of its properties and the struct of their
 * values. */
#ifndef GST_DMIX_DUCKER_SETTINGS_H
#define GST_DMIX_DUCKER_SETTINGS_H

#include "base/gstdmixinterval.h"
#include "base/gstdmixproperties.h"

#include "ducker/ducker.h"

G_BEGIN_DECLS

typedef enum
{
  GST_DMIX_DUCKER_OUTPUT_MIX,
  GST_DMIX_DUCKER_OUTPUT_BACKGROUND
} GstDmixDuckerOutput;

typedef struct
{
  GstDmixIntervalSettings messages;
  gint trigger, speech_detector, mode, goal, output;
  gdouble target, depth, range, dialogue_loudness;
  gdouble intelligibility, spectral, spectral_target;
  gdouble lookahead, attack, hold, release;
  gdouble open, close, floor;
  gdouble dialogue_gain, background_gain;
  gboolean bypass, meter;
} GstDmixDuckerSettings;

GType gst_dmix_ducker_mode_get_type (void);
GType gst_dmix_ducker_trigger_get_type (void);
GType gst_dmix_ducker_speech_detector_get_type (void);
GType gst_dmix_ducker_goal_get_type (void);
GType gst_dmix_ducker_output_get_type (void);

extern const GstDmixProperty gst_dmix_ducker_properties[];
extern const guint gst_dmix_ducker_property_count;

/* Converts the settings and sets them on the processor. */
void gst_dmix_ducker_settings_apply (const GstDmixDuckerSettings *self,
    DmixDucker *ducker);

G_END_DECLS

#endif
