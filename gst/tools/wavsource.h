/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* WAV files that wavparse of GStreamer 1.22 does not read to their end: more than
 * 2 GiB, RF64 and BW64 (ITU-R BS.2088), Wave64, an odd number of bytes; and those
 * that were cut off, of which wavparse does not tell. */
#pragma once

#include "tools/error.h"

#include <gst/audio/audio.h>

typedef struct
{
  GstAudioInfo format;
  guint64 offset, bytes; /* of the sound in the file */
  guint64 missing;       /* bytes that the header has and the file has not */
} DmixWav;

/* TRUE where the file is one of these and has uncompressed sound. */
gboolean dmix_wavsource_read (const gchar *path, DmixWav *wav);

/* A bin with the pad "src" that has the sound of the file, or NULL and an error. */
GstElement *dmix_wavsource_new (const gchar *path, const DmixWav *wav,
    GError **error);
