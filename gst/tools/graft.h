/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Edits containers: a sound track is replaced or added, all else is copied byte
 * by byte: packets, times, subtitles, chapters, attachments, covers, tags. */
#pragma once

#include "tools/track.h"

/* What a copy of the film has lost and gets back. */
typedef struct
{
  GPtrArray *chapters;     /* of dmix_chapters_read() */
  GPtrArray *titles;       /* of gchar * or NULL, of each track */
  GArray *are_defaults;    /* of gboolean, of each track */
  const GstTagList *cover; /* of the film, or NULL: its first image */
} DmixDress;

typedef struct
{
  const gchar *path; /* the film */
  gint out;          /* descriptor to write to */
  const DmixTrack *track;
  gint64 origin_ns; /* running time of the film at time 0 of the container,
                        * negated: add it to running times */
  const DmixDress *dress; /* of a copy by dmix_transmux(), else NULL */
  gint64 shift_ns; /* MP4 that was copied: all tracks begin later by this */
  guint64 replace; /* number of the track to replace, or from which an added
                        * one takes its language */
  gboolean add;    /* keep it */
  gboolean drop_others; /* without the other sound tracks */
} DmixGraft;

/* TRUE where the container is one of the kinds that this can edit. */
gboolean dmix_mkv_is (const guint8 *data, gsize size);
gboolean dmix_mp4_is (const guint8 *data, gsize size);

gboolean dmix_ts_is (const guint8 *data, gsize size);

/* TRUE where the samples are spread over fragments, which this cannot edit. */
gboolean dmix_mp4_is_fragmented (const guint8 *data, gsize size);

/* TRUE for a track of an MP4 that is to be played unless another is chosen. */
gboolean dmix_mp4_is_enabled (const gchar *path, guint64 track);

gboolean dmix_mkv_graft (const DmixGraft *graft, GError **error);
gboolean dmix_mp4_graft (const DmixGraft *graft, GError **error);
gboolean dmix_ts_graft (const DmixGraft *graft, GError **error);

/* FALSE for a transport stream whose clock jumps, or is that of the sound, and
 * where this sound is in no programme with a picture. stride: bytes a packet. */
gboolean dmix_ts_can_edit (const gchar *path, guint64 sound, guint *stride);

/* Time of the first picture by the clock of the container, ns. */
gboolean dmix_mkv_first_picture (const gchar *path, gint64 *time_ns,
    GError **error);
gboolean dmix_mp4_first_picture (const gchar *path, gint64 *time_ns,
    GError **error);

/* Decoding times (gint64, ns) of the pictures of a track of Matroska, which has
 * none, in the order of the file. Free them. */
GArray *dmix_mkv_decoding_times (const gchar *path, guint64 number,
    GError **error);

/* Of a track of the copy, by its number: the title or NULL; FALSE where the film
 * says that it is not the default. */
const gchar *dmix_graft_title (const DmixGraft *graft, guint64 track);
gboolean dmix_graft_is_default (const DmixGraft *graft, guint64 track);

/* Writes all of it, and looks for signals. */
gboolean dmix_graft_write (gint fd, gconstpointer data, gsize bytes,
    GError **error);

/* The file in memory; unmap it by g_mapped_file_unref(). */
GMappedFile *dmix_graft_map (const gchar *path, const guint8 **data,
    gsize *size, GError **error);
