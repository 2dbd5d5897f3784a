/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The property `speech-detector` of elements that look for speech in one sound:
 * values of DmixVoiceDetector (speech/voice.h). */
#ifndef GST_DMIX_DETECTOR_H
#define GST_DMIX_DETECTOR_H

#include "base/gstdmixenum.h"

G_BEGIN_DECLS

GType gst_dmix_speech_detector_get_type (void);

G_END_DECLS

#endif
