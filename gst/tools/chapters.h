/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Chapters of a film, from Matroska (RFC 9559, section 5.1.7) or the list "chpl"
 * of MP4, which GStreamer's muxers do not carry from one to the other. */
#pragma once

#include "tools/error.h"

/* Of DmixChapter, in the order of the film; empty where there are none. Free
 * them. */
GPtrArray *dmix_chapters_read (const gchar *path);

/* The element Chapters of Matroska; the box "chpl" of MP4 (255 chapters at
 * most); nothing is put without chapters. end: of the film, ns. */
void dmix_chapters_put_mkv (GByteArray *to, const GPtrArray *chapters,
    guint64 end);
void dmix_chapters_put_mp4 (GByteArray *to, const GPtrArray *chapters);
