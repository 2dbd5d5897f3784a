/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Settings of dmixadr: the table of its properties, the struct of their values,
 * and lists of times. */
#ifndef GST_DMIX_ADR_SETTINGS_H
#define GST_DMIX_ADR_SETTINGS_H

#include "base/gstdmixproperties.h"

#include "adr/adr.h"

G_BEGIN_DECLS

typedef enum
{
  GST_DMIX_ADR_SHIFT,
  GST_DMIX_ADR_MUTE,
  GST_DMIX_ADR_GUIDE,
  GST_DMIX_ADR_ERROR
} GstDmixAdrOnMismatch;

typedef struct
{
  gdouble max_shift, take_search, clock_drift, max_stretch, strength, tolerance;
  gdouble line_gap, max_line;
  gboolean match_level;
  gdouble match_eq, eq_limit;
  gint room_tone;
  gdouble room_tone_gain;
  gdouble min_confidence;
  gint on_mismatch;
  gint speech_detector;
  gboolean analyse_only, post_messages, post_map;
} GstDmixAdrSettings;

extern const GstDmixProperty gst_dmix_adr_properties[];
extern const guint gst_dmix_adr_property_count;

void gst_dmix_adr_settings_to_params (const GstDmixAdrSettings *settings,
    DmixAdrParams *params);

/* "first-second, ..." or "first:second, ...": pairs of seconds, separated by
 * commas; both numbers of a pair are >= 0. Returns an array of two doubles for
 * each pair, or NULL if the text is not so. An empty text has no pairs. */
GArray *gst_dmix_adr_parse_pairs (const gchar *text, gchar separator);

G_END_DECLS

#endif
