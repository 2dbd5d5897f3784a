/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* See gstdmixduckermessages.h. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "ducker/gstdmixduckermessages.h"
#include "base/gstdmixmessage.h"

#include "base/format.h"
#include "meter/kweight.h"

/* The difference while somebody speaks: the same figures in both messages, and
 * none before there has been speech over a background. */
static void
set_difference (GstStructure *s, const DmixDuckerMeter *meter)
{
  const GstDmixNumber number[] = {
    { "difference", meter->difference_lu },
    { "difference-shortterm", meter->shortterm_difference_lu },
  };

  if (meter->has_difference)
    gst_dmix_message_set_numbers (s, number, G_N_ELEMENTS (number));
}

GstStructure *
gst_dmix_ducker_messages_ducking (const DmixDuckerMeter *meter)
{
  const GstDmixNumber number[] = {
    { "gain", meter->gain_min_db },
    { "gain-mean", meter->gain_mean_db },
    { "depth-needed", meter->needed_db },
    { "dialogue-loudness", meter->dialogue_lufs },
    { "background-loudness", meter->background_lufs },
  };
  const GstDmixNumber learned = { "dialogue-learned", meter->learned_lufs };
  GstStructure *s = gst_structure_new_empty ("dmixducker");

  gst_structure_set (s, "dialogue-active", G_TYPE_BOOLEAN,
      meter->dialogue_active != 0, "limited", G_TYPE_BOOLEAN,
      meter->limited != 0, NULL);
  gst_dmix_message_set_numbers (s, number, G_N_ELEMENTS (number));
  if (meter->learned_lufs > DMIX_KWEIGHT_SILENCE_LUFS)
    gst_dmix_message_set_numbers (s, &learned, 1);
  set_difference (s, meter);
  return s;
}

static void
set_stems (GstStructure *s, const DmixStemMeterReading *r)
{
  const DmixIntelligibilityReading *i = &r->intelligibility;
  const GstDmixNumber difference = { "difference-integrated",
    r->integrated_difference_lu };
  const GstDmixNumber number[] = {
    { "dialogue-loudness", r->dialogue.integrated_lufs },
    { "dialogue-range", r->dialogue.range_lu },
    { "background-loudness", r->background.integrated_lufs },
    { "glimpse-proportion", i->glimpse_proportion },
    { "glimpse-proportion-shortterm", i->shortterm_glimpse_proportion },
    { "sii", i->sii },
    { "sii-shortterm", i->shortterm_sii },
    { "dialogue-activity", i->shortterm_activity },
    { "limiting-band", i->limiting_band_hz },
  };

  gst_dmix_message_set_numbers (s, number, G_N_ELEMENTS (number));
  if (r->has_difference)
    gst_dmix_message_set_numbers (s, &difference, 1);
  gst_structure_set (s, "critical", G_TYPE_BOOLEAN, r->critical != 0, NULL);
}

GstStructure *
gst_dmix_ducker_messages_stems (DmixStemMeter *meter, guint channels,
    const DmixDuckerMeter *ducking)
{
  gdouble peak[DMIX_MAX_CHANNELS];
  DmixStemMeterReading reading;
  GstStructure *s;

  dmix_stemmeter_read (meter, &reading);
  for (guint c = 0; c < channels; c++)
    peak[c] = dmix_stemmeter_get_true_peak (meter, c);
  s = gst_dmix_message_new_loudness (&reading.mix, peak, channels);
  set_stems (s, &reading);
  set_difference (s, ducking);
  return s;
}
