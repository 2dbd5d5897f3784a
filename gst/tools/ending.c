/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
#include "tools/ending.h"

static const DmixEnding endings[] = {
  { ".wav", DMIX_KIND_SOUND, NULL },
  { ".flac", DMIX_KIND_SOUND, "flac" },
  { ".opus", DMIX_KIND_SOUND, "opus", "oggmux" },
  { ".ogg", DMIX_KIND_SOUND, "opus", "oggmux" },
  { ".m4a", DMIX_KIND_SOUND, "aac", "mp4mux" },
  { ".mp3", DMIX_KIND_SOUND, "mp3", "xingmux" },
  { ".mka", DMIX_KIND_SOUND, "flac", "matroskamux" },
  { ".mp4", DMIX_KIND_MP4, "aac" },
  { ".m4v", DMIX_KIND_MP4, "aac" },
  { ".mov", DMIX_KIND_MP4, "aac" },
  { ".mkv", DMIX_KIND_MKV, "flac" },
  { ".webm", DMIX_KIND_MKV, "opus", NULL, TRUE },
  { ".ts", DMIX_KIND_TS, "aac" },
  { ".m2ts", DMIX_KIND_TS, "ac3", NULL, FALSE, TRUE },
  { ".mts", DMIX_KIND_TS, "ac3", NULL, FALSE, TRUE },
  { ".mpg", DMIX_KIND_OTHER },
  { ".mxf", DMIX_KIND_OTHER },
  { ".avi", DMIX_KIND_OTHER },
};

const DmixEnding *
dmix_ending_of (const gchar *path)
{
  gchar *lower = g_ascii_strdown (path, -1);
  const DmixEnding *found = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (endings); i++)
    if (g_str_has_suffix (lower, endings[i].ending))
      found = &endings[i];
  g_free (lower);
  return found;
}
