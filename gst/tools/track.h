/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* An encoded sound track, packet by packet, for a container to take. */
#pragma once

#include "tools/encode.h"

typedef struct
{
  guint64 offset; /* in the scratch file */
  guint32 bytes;
  guint32 frames; /* samples of each channel; with the encoder's delay */
} DmixPacket;

typedef struct
{
  gchar *codec; /* "flac", "opus", "aac" */
  gint fd;      /* scratch file with the packets in a row */
  GArray *packets;
  GstCaps *caps;           /* of the encoder, with its headers */
  gint rate, channels;     /* of the codec: Opus has 48 kHz */
  guint64 mask;            /* channel positions as in WAV, 0: unknown */
  guint delay;             /* samples that come before the first real one */
  guint64 frames;          /* real samples */
  GstClockTime first;      /* running time of the first real sample */
  gchar *language, *title; /* or NULL: those of the track it replaces */
  GError *error;
} DmixTrack;

DmixTrack *dmix_track_new (const gchar *codec, gint scratch);
void dmix_track_free (DmixTrack *track);

/* A bin with the pad "sink" that encodes and fills the track while it plays. */
GstElement *dmix_track_sink (DmixTrack *track, gint bitrate,
    const GstAudioInfo *format, GError **error);

/* After the run: the delay, the header of the codec. FALSE if it failed. */
gboolean dmix_track_complete (DmixTrack *track, guint64 frames,
    const GstAudioInfo *format, GError **error);

/* Header as a container keeps it: AudioSpecificConfig, OpusHead, or "fLaC" with
 * its blocks. Empty for codecs without one. */
GBytes *dmix_track_header (const DmixTrack *track);

/* Reads a packet into `to`, which grows. */
gboolean dmix_track_read (const DmixTrack *track, guint index, GByteArray *to,
    GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DmixTrack, dmix_track_free)
