/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* File formats of sound: from the ending of a name to an encoder and a muxer. */
#pragma once

#include "tools/output.h"
#include "tools/runner.h"

#include <gst/audio/audio.h>

/* An encoder with its settings; NULL and an error for an unknown codec, one
 * that is not installed, or one that cannot carry this format. */
GstElement *dmix_encode_codec (const gchar *codec, gint bitrate,
    const GstAudioInfo *format, GError **error);

/* The encoder and the sink (both taken) behind conversion to what the codec
 * takes, in the layout of the format: a bin with the pad "sink". */
GstElement *dmix_encode_bin (GstElement *encoder, GstElement *sink,
    const gchar *codec, const GstAudioInfo *format, GError **error);

/* A bin with the pad "sink" that writes the whole file into the descriptor:
 * .wav .flac .opus .ogg .m4a .mp3 .mka. codec: NULL for that of the ending. */
GstElement *dmix_encode_file (const gchar *path, gint fd, const gchar *codec,
    gint bitrate, const GstAudioInfo *format, GError **error);

/* After the run: completes headers that the bin could not write (WAV, and RF64
 * above 4 GiB). */
gboolean dmix_encode_complete (const gchar *path, gint fd,
    const GstAudioInfo *format, GError **error);

/* FALSE and an error for an ending that is not known. Opens nothing. */
gboolean dmix_encode_check (const gchar *path, GError **error);

/* Name of a layout ("stereo", "5.1", "quad") to channels and positions; FALSE
 * and an error for an unknown one. */
gboolean dmix_encode_layout (const gchar *layout, GstAudioInfo *format,
    GError **error);
