/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What is in a file: its streams, their formats and tags, where each begins.
 * Reads the beginning only and decodes nothing. */
#pragma once

#include "tools/error.h"

#include <gst/audio/audio.h>

typedef enum
{
  DMIX_STREAM_AUDIO,
  DMIX_STREAM_VIDEO,
  DMIX_STREAM_PICTURE, /* cover art */
  DMIX_STREAM_TEXT,
  DMIX_STREAM_OTHER,
} DmixStreamKind;

/* The id of the sound in a file that is read by wavsource.h. */
#define DMIX_STREAM_WAV "wav"

typedef struct
{
  gchar *id; /* stream-id of GStreamer, or DMIX_STREAM_WAV */
  DmixStreamKind kind;
  GstCaps *caps;
  GstTagList *tags;    /* or NULL */
  GstClockTime first;  /* running time of the first in time, or NONE */
  gboolean is_default; /* the container marks it as the default */
  GstClockTime said;   /* length of the file by its header, NONE: a guess */
  GstAudioInfo audio;  /* channels and rate as far as the container says */
} DmixStream;

typedef struct
{
  gchar *path;
  GPtrArray *streams;    /* of DmixStream, in the order of the container */
  GstClockTime duration; /* or NONE */
  GstToc *toc;           /* chapters, or NULL */
  GstTagList *tags;      /* of the file, or NULL */
} DmixProbe;

/* NULL and an error where the file is not there, empty, of no known type or has
 * no stream. */
DmixProbe *dmix_probe_new (const gchar *path, GError **error);
void dmix_probe_free (DmixProbe *probe);

/* The sound track `wanted`: a number from 1, a language (de, deu, ger, or as in
 * the container), or NULL for the default one. NULL and an error that lists
 * those that are there. */
const DmixStream *dmix_probe_audio (const DmixProbe *probe, const gchar *wanted,
    GError **error);

/* The first stream of a kind, or NULL. */
const DmixStream *dmix_probe_first (const DmixProbe *probe,
    DmixStreamKind kind);

/* TRUE where the file `path` says that this is what to play. */
gboolean dmix_stream_is_default (const gchar *path, const DmixStream *stream);

/* Language code of a stream, or NULL. */
gchar *dmix_stream_language (const DmixStream *stream);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DmixProbe, dmix_probe_free)
