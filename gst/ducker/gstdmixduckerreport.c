/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* See the header. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "ducker/gstdmixduckerreport.h"
#include "base/gstdmixmessage.h"

#include "base/format.h"

GstStructure *
gst_dmix_ducker_report_ducking (const DmixDuckerMeter *meter)
{
  return gst_structure_new ("dmixducker", "dialogue-active", G_TYPE_BOOLEAN,
      meter->dialogue_active != 0, "gain", G_TYPE_DOUBLE, meter->gain_min_db,
      "gain-mean", G_TYPE_DOUBLE, meter->gain_mean_db, "dialogue-loudness",
      G_TYPE_DOUBLE, meter->dialogue_lufs, "background-loudness", G_TYPE_DOUBLE,
      meter->background_lufs, "difference", G_TYPE_DOUBLE,
      meter->dialogue_lufs - meter->background_lufs, NULL);
}

GstStructure *
gst_dmix_ducker_report_stems (DmixStemMeter *meter, guint channels)
{
  DmixStemMeterReading r;
  gdouble peak[DMIX_MAX_CHANNELS];
  GstStructure *s;

  dmix_stemmeter_read (meter, &r);
  for (guint c = 0; c < channels; c++)
    peak[c] = dmix_stemmeter_true_peak (meter, c);
  s = gst_dmix_message_new_loudness (&r.mix, peak, channels);
  gst_structure_set (s, "dialogue-loudness", G_TYPE_DOUBLE,
      r.dialogue.integrated_lufs, "dialogue-range", G_TYPE_DOUBLE,
      r.dialogue.range_lu, "background-loudness", G_TYPE_DOUBLE,
      r.background.integrated_lufs, "difference", G_TYPE_DOUBLE,
      r.difference_lu, "difference-shortterm", G_TYPE_DOUBLE,
      r.shortterm_difference_lu, "glimpse-proportion", G_TYPE_DOUBLE,
      r.intelligibility.glimpse_proportion, "glimpse-proportion-shortterm",
      G_TYPE_DOUBLE, r.intelligibility.shortterm_glimpse_proportion, "sii",
      G_TYPE_DOUBLE, r.intelligibility.sii, "sii-shortterm", G_TYPE_DOUBLE,
      r.intelligibility.shortterm_sii, "dialogue-activity", G_TYPE_DOUBLE,
      r.intelligibility.shortterm_activity, "limiting-band", G_TYPE_DOUBLE,
      r.intelligibility.limiting_band_hz, "critical", G_TYPE_BOOLEAN,
      r.critical != 0, NULL);
  return s;
}
