/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Properties of dmixbin itself. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "bin/gstdmixbinsettings.h"
#include "base/gstdmixenum.h"
#include "filters/gstdmixspecification.h"

static const GEnumValue bin_layout_values[] = {
  { GST_DMIX_BIN_LAYOUT_AUTO, "That of the background, or of downstream",
      "auto" },
  { 1, "mono", "mono" },
  { 2, "stereo", "stereo" },
  { 3, "5.1", "5.1" },
  { 4, "5.1.2", "5.1.2" },
  { 5, "5.1.4", "5.1.4" },
  { 6, "7.1", "7.1" },
  { 7, "7.1.4", "7.1.4" },
  { 8, "9.1.6", "9.1.6" },
  { 9, "22.2", "22.2" },
  { GST_DMIX_BIN_LAYOUT_BINAURAL, "Headphones, through HRTFs", "binaural" },
  { 0, NULL, NULL },
};

GST_DMIX_DEFINE_ENUM (GstDmixBinLayout, gst_dmix_bin_layout, bin_layout_values)

#define PLACE(field) G_STRUCT_OFFSET (GstDmixBinValues, field)
#define READY GST_PARAM_MUTABLE_READY
#define PLAYING GST_PARAM_MUTABLE_PLAYING

const GstDmixProperty gst_dmix_bin_properties[] = {
  { "target", "Target",
      "Loudness difference between dialogue and background, in LU (10 over "
      "music, 15 over ambience; 0: as they are, no ducking)",
      GST_DMIX_DOUBLE, 0, 40, 15, PLACE (target), GST_PARAM_CONTROLLABLE, NULL,
      NULL },
  { "loudness", "Loudness",
      "Loudness of the mix, in LUFS (0: as it is, no leveller)",
      GST_DMIX_DOUBLE, -60, 0, GST_DMIX_BIN_NO_LOUDNESS, PLACE (loudness),
      READY, NULL, NULL },
  { "voices", "Voices",
      "Loudness that each dialogue pad is brought to, in LUFS (0: as it is, no "
      "leveller)",
      GST_DMIX_DOUBLE, -60, 0, GST_DMIX_BIN_NO_LOUDNESS, PLACE (voices), READY,
      NULL, NULL },
  { "max-gain", "Largest gain",
      "Largest gain upward of loudness and voices, in dB", GST_DMIX_DOUBLE, 0,
      60, 12, PLACE (max_gain), GST_PARAM_CONTROLLABLE, NULL, NULL },
  { "max-cut", "Largest cut",
      "Largest gain downward of loudness and voices, in dB", GST_DMIX_DOUBLE, 0,
      60, 20, PLACE (max_cut), GST_PARAM_CONTROLLABLE, NULL, NULL },
  { "lookahead", "Look-ahead",
      "Look-ahead of loudness and voices, in ms: each delays the output by as "
      "much (3000 for files, 100 live)",
      GST_DMIX_DOUBLE, 0, 3000, 3000, PLACE (lookahead), READY, NULL, NULL },
  { "ceiling", "Ceiling",
      "Highest true peak of the mix, in dBTP (20: no limiter)", GST_DMIX_DOUBLE,
      -60, GST_DMIX_BIN_NO_CEILING, GST_DMIX_BIN_NO_CEILING, PLACE (ceiling),
      READY, NULL, NULL },
  { "layout", "Layout",
      "Loudspeakers or headphones that each sound is placed in", GST_DMIX_ENUM,
      0, GST_DMIX_BIN_LAYOUT_BINAURAL, GST_DMIX_BIN_LAYOUT_AUTO, PLACE (layout),
      READY, gst_dmix_bin_layout_get_type, NULL },
  { "analyse", "Analyse",
      "Mix without ducking, gains of loudness or limiter, and post a proposal "
      "at the end",
      GST_DMIX_BOOLEAN, 0, 1, 0, PLACE (analyse), READY, NULL, NULL },
  { "meter", "Meter",
      "Measure loudness, intelligibility and the specification, for the "
      "message dmixbin",
      GST_DMIX_BOOLEAN, 0, 1, 0, PLACE (meter), READY, NULL, NULL },
  { "specification", "Specification",
      "Delivery specification of the verdict (with meter)", GST_DMIX_ENUM, 0,
      GST_DMIX_METER_SPECIFICATIONS - 1, GST_DMIX_METER_R128,
      PLACE (specification), PLAYING, gst_dmix_meter_specification_get_type,
      NULL },
  { "post-messages", "Post messages", "Post an element message every interval",
      GST_DMIX_BOOLEAN, 0, 1, 1, PLACE (messages.post), PLAYING, NULL, NULL },
  { "interval", "Interval", "Time between messages, in ns", GST_DMIX_TIME,
      GST_MSECOND, (gdouble) (3600 * GST_SECOND), (gdouble) (GST_SECOND / 2),
      PLACE (messages.length), PLAYING, NULL, NULL },
};

const guint gst_dmix_bin_property_count =
    G_N_ELEMENTS (gst_dmix_bin_properties);
