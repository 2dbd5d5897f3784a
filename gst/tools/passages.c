/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
#include "tools/passages.h"

#include <math.h>

#define WINDOW_S                                                               \
  3.0 /* each figure of the stems is of so much sound before it */

static gdouble
number (const GstStructure *s, const gchar *name)
{
  gdouble value = NAN;

  gst_structure_get_double (s, name, &value);
  return value;
}

/* A message is critical about the 3 s that end with it. Windows that touch are
 * one passage. */
void
dmix_passages_note_stems (GArray *passages, gint64 time,
    const GstStructure *message)
{
  DmixPassage now = { 0 }, *last;
  gboolean critical = FALSE;
  guint64 duration = 0;

  gst_structure_get_boolean (message, "critical", &critical);
  if (!critical)
    return;
  gst_structure_get_uint64 (message, "duration", &duration);
  now.stop = (time + (gint64) duration) / 1e9;
  now.start = MAX (0, now.stop - WINDOW_S);
  now.sii = number (message, "sii-shortterm");
  now.difference = number (message, "difference-shortterm");
  now.band = number (message, "limiting-band");
  last = passages->len
      ? &g_array_index (passages, DmixPassage, passages->len - 1)
      : NULL;
  if (!last || last->stop < now.start) {
    g_array_append_val (passages, now);
    return;
  }
  last->stop = now.stop;
  if (now.sii < last->sii) {
    last->sii = now.sii;
    last->band = now.band;
  }
  last->difference = fmin (last->difference, now.difference);
}

void
dmix_passages_note_phrase (GArray *passages, gint64 shift,
    const GstStructure *message)
{
  DmixPassage phrase = { .sii = NAN };
  guint64 start = 0, stop = 0;

  gst_structure_get_uint64 (message, "start", &start);
  gst_structure_get_uint64 (message, "stop", &stop);
  phrase.start = MAX (0, ((gint64) start + shift) / 1e9);
  phrase.stop = MAX (0, ((gint64) stop + shift) / 1e9);
  phrase.difference = number (message, "difference");
  phrase.band = number (message, "limiting-band");
  g_array_append_val (passages, phrase);
}

/* The one of the list that overlaps and has the lowest difference, or NULL. */
static const DmixPassage *
worst_within (const GArray *passages, gdouble start, gdouble stop)
{
  const DmixPassage *worst = NULL;

  for (guint i = 0; i < passages->len; i++) {
    const DmixPassage *one = &g_array_index (passages, DmixPassage, i);

    if (one->start < stop && one->stop > start
        && (!worst || one->difference < worst->difference))
      worst = one;
  }
  return worst;
}

gdouble
dmix_passages_length (const GArray *passages)
{
  gdouble sum = 0;

  for (guint i = 0; i < passages->len; i++)
    sum += g_array_index (passages, DmixPassage, i).stop
        - g_array_index (passages, DmixPassage, i).start;
  return sum;
}

JsonArray *
dmix_passages_json (const GArray *passages, const GArray *after,
    const DmixCurve *difference)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < passages->len; i++) {
    const DmixPassage *one = &g_array_index (passages, DmixPassage, i);
    JsonObject *object = json_object_new ();

    dmix_json_set_number (object, "start", one->start);
    dmix_json_set_number (object, "stop", one->stop);
    dmix_json_set_number (object, "sii", one->sii);
    dmix_json_set_number (object, "difference", one->difference);
    dmix_json_set_number (object, "band", one->band);
    if (after) {
      const DmixPassage *now = worst_within (after, one->start, one->stop);
      const gdouble lowest =
          dmix_curve_lowest (difference, one->start, one->stop);

      json_object_set_boolean_member (object, "still", now != NULL);
      dmix_json_set_number (object, "difference-after",
          isnan (lowest) && now ? now->difference : lowest);
    }
    json_array_add_object_element (array, object);
  }
  return array;
}
