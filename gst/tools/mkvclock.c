/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Times of the pictures of a Matroska file. It has those of presentation alone,
 * in decoding order; decoding times are the sorted ones, earlier by as much as no
 * picture is decoded after it is shown. */
#include "tools/mkvhead.h"

#define PICTURES 64 /* the first in time is among so many of the first */

/* Times of the blocks of a track in the order of the file, `most` at most. */
static void
read_times (const DmixMkv *g, guint64 number, guint most, GArray *ticks)
{
  DmixElement e, child, block;

  for (const guint8 *at = g->segment;
       ticks->len < most && dmix_ebml_read_element (at, g->end, &e);
       at = e.end) {
    gint64 base, tick;

    if (e.size == DMIX_EBML_UNKNOWN && e.id != ID_CLUSTER)
      break;
    dmix_ebml_find_end (&e, g->end);
    if (e.id != ID_CLUSTER)
      continue;
    base = (gint64) dmix_ebml_child_uint (&e, ID_TIMESTAMP, 0);
    for (const guint8 *in = e.data;
         ticks->len < most && dmix_ebml_read_element (in, e.end, &child);
         in = child.end) {
      block = child;
      if ((child.id != ID_SIMPLE_BLOCK
              && !(child.id == ID_BLOCK_GROUP
                  && dmix_ebml_find_child (&child, ID_BLOCK, &block)))
          || dmix_mkv_track_of (&block) != number)
        continue;
      tick = dmix_mkv_time_of (&block, base);
      g_array_append_val (ticks, tick);
    }
  }
}

/* Number of the first track of pictures, 0: none. */
static guint64
find_video (const DmixMkv *g)
{
  const DmixElement segment = { .data = g->segment, .end = g->end };
  DmixElement tracks, e;

  if (dmix_ebml_find_child (&segment, ID_TRACKS, &tracks))
    for (const guint8 *at = tracks.data;
         dmix_ebml_read_element (at, tracks.end, &e); at = e.end)
      if (e.id == ID_TRACK_ENTRY
          && dmix_ebml_child_uint (&e, ID_TYPE, 0) == DMIX_MKV_VIDEO)
        return dmix_ebml_child_uint (&e, ID_NUMBER, 0);
  return 0;
}

/* Times of a track, ns; number 0: the first one of pictures. */
static GArray *
open_times (const gchar *path, guint64 number, guint most, GError **error)
{
  const DmixGraft graft = { path };
  DmixMkv g = { &graft };
  DmixElement ebml;
  GMappedFile *file;
  GArray *times = NULL;
  gsize size;

  if (!(file = dmix_graft_map (path, &g.data, &size, error)))
    return NULL;
  g.end = g.data + size;
  if (dmix_mkv_open (&g, &ebml, error)) {
    times = g_array_new (FALSE, FALSE, sizeof (gint64));
    read_times (&g, number ? number : find_video (&g), most, times);
    for (guint i = 0; i < times->len; i++)
      g_array_index (times, gint64, i) *= (gint64) g.scale;
  }
  g_mapped_file_unref (file);
  return times;
}

gboolean
dmix_mkv_first_picture (const gchar *path, gint64 *time_ns, GError **error)
{
  GArray *times = open_times (path, 0, PICTURES, error);
  const gboolean found = times && times->len > 0;

  if (!times)
    return FALSE;
  *time_ns = G_MAXINT64;
  for (guint i = 0; i < times->len; i++)
    *time_ns = MIN (*time_ns, g_array_index (times, gint64, i));
  g_array_unref (times);
  if (!found)
    dmix_error_set (error, DMIX_EXIT_INPUT, path, "there is no picture in it");
  return found;
}

static gint
by_time (gconstpointer a, gconstpointer b)
{
  const gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return (x > y) - (x < y);
}

/* None before the first presentation, where a stream begins: the first ones
 * stand closer together. */
static void
spread_start (gint64 *decoding, const gint64 *shown, guint count, gint64 first)
{
  guint late = 0;

  while (late < count && decoding[late] <= first)
    late++;
  for (guint i = 0; i < late; i++)
    decoding[i] = late < count
        ? first + (decoding[late] - first) * (gint64) i / (gint64) late
        : first;
  for (guint i = late; i > 0; i--) {
    decoding[i - 1] = MIN (decoding[i - 1], shown[i - 1]);
    if (i < count)
      decoding[i - 1] = MIN (decoding[i - 1], decoding[i]);
  }
}

GArray *
dmix_mkv_decoding_times (const gchar *path, guint64 number, GError **error)
{
  GArray *shown = open_times (path, number, G_MAXUINT, error), *decoding;
  gint64 earlier = 0, first;

  if (!shown)
    return NULL;
  decoding = g_array_copy (shown);
  g_array_sort (decoding, by_time);
  for (guint i = 0; i < shown->len; i++)
    earlier = MAX (earlier,
        g_array_index (decoding, gint64, i) - g_array_index (shown, gint64, i));
  first = shown->len ? g_array_index (decoding, gint64, 0) : 0;
  for (guint i = 0; i < shown->len; i++)
    g_array_index (decoding, gint64, i) -= earlier;
  spread_start ((gint64 *) decoding->data, (const gint64 *) shown->data,
      shown->len, first);
  g_array_unref (shown);
  return decoding;
}
