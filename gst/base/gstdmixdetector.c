/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The enum type of the property `speech-detector`. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/gstdmixdetector.h"

#include "meter/loudness.h"

static const GEnumValue detector_values[] = {
  { DMIX_VOICE_STATISTICAL,
      "Harmonics, levels of bands and their course; a third of the time",
      "statistical" },
  { DMIX_VOICE_LEARNED, "With a trained network (from 16 kHz on)", "learned" },
  { 0, NULL, NULL },
};

GST_DMIX_DEFINE_ENUM (GstDmixSpeechDetector, gst_dmix_speech_detector,
    detector_values)
