/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Caps of every pad of every element: 32-bit float of this machine's byte
 * order, interleaved, 8 to 384 kHz, 1 to 64 channels in any layout. */
#ifndef GST_DMIX_CAPS_H
#define GST_DMIX_CAPS_H

#include <gst/audio/audio.h>

/* clang-format off */
#define GST_DMIX_CAPS \
  "audio/x-raw, " \
  "format = (string) " GST_AUDIO_NE (F32) ", " \
  "layout = (string) interleaved, " \
  "rate = (int) [ 8000, 384000 ], " \
  "channels = (int) [ 1, 64 ]"
/* clang-format on */

#endif
