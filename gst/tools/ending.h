/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What the ending of a name says of a file to write. */
#pragma once

#include <glib.h>

typedef enum
{
  DMIX_KIND_SOUND,
  DMIX_KIND_MP4,
  DMIX_KIND_MKV,
  DMIX_KIND_TS,
  DMIX_KIND_OTHER, /* a film, which is not written */
} DmixKind;

typedef struct
{
  const gchar *ending;
  DmixKind kind;
  const gchar *codec; /* usual one; NULL: uncompressed */
  const gchar *muxer; /* of sound: element, or NULL */
  gboolean webm;
  gboolean m2ts; /* packets of 192 bytes */
} DmixEnding;

/* NULL for an ending that is not known; letters of any case. */
const DmixEnding *dmix_ending_of (const gchar *path);
