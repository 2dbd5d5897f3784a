/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* WAV of 24 bit, and RF64 (EBU Tech 3306) from 4 GiB on, which GStreamer 1.22
 * does not write. */
#pragma once

#include "tools/error.h"

#include <gst/audio/audio.h>

/* Leaves room for the header at the start of the file that the sink writes. */
void dmix_wav_begin (GstElement *sink);

/* Writes the header of the samples behind it. */
gboolean dmix_wav_complete (const gchar *path, gint fd,
    const GstAudioInfo *format, GError **error);
