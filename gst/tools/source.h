/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* One file as raw sound: a bin with the pad "src", F32 at the caller's rate. */
#pragma once

#include "tools/probe.h"
#include "tools/runner.h"

/* The sound track `stream` of the file; the other streams are dropped. The pad
 * has running time 0 where the file begins. */
GstElement *dmix_source_new (const gchar *path, const DmixStream *stream,
    GError **error);

/* The format that the decoder puts out for the stream: layout and rate, which a
 * container need not say. Decodes its beginning. */
gboolean dmix_source_format (const gchar *path, const DmixStream *stream,
    GstAudioInfo *format, GError **error);

/* Drops all that a pad of a demuxer puts out. A sink in its place would block the
 * demuxer until all of the pipeline plays. */
void dmix_source_drop (GstPad *pad);
