/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
#include "tools/ebml.h"

#include <string.h>

guint
dmix_ebml_read_vint (const guint8 *at, const guint8 *end, guint64 *value)
{
  guint bytes = 1;

  if (at >= end || !*at)
    return 0;
  while (!(*at & (0x80 >> (bytes - 1))))
    bytes++;
  if (at + bytes > end)
    return 0;
  *value = *at & (0xff >> bytes);
  for (guint i = 1; i < bytes; i++)
    *value = *value << 8 | at[i];
  if (*value == (G_GUINT64_CONSTANT (1) << (7 * bytes)) - 1)
    *value = DMIX_EBML_UNKNOWN;
  return bytes;
}

gboolean
dmix_ebml_read_element (const guint8 *at, const guint8 *end, DmixElement *e)
{
  guint64 id = 0;
  guint bytes = 0, more;

  if (at < end)
    for (bytes = 1; bytes <= 4 && !(*at & (0x80 >> (bytes - 1))); bytes++)
      ;
  if (bytes < 1 || bytes > 4 || at + bytes > end)
    return FALSE;
  for (guint i = 0; i < bytes; i++)
    id = id << 8 | at[i];
  more = dmix_ebml_read_vint (at + bytes, end, &e->size);
  if (!more)
    return FALSE;
  e->id = (guint32) id;
  e->start = at;
  e->data = at + bytes + more;
  if (e->size != DMIX_EBML_UNKNOWN && e->size > (guint64) (end - e->data))
    e->size = (guint64) (end - e->data); /* a file that was cut */
  e->end = e->size == DMIX_EBML_UNKNOWN ? end : e->data + e->size;
  return TRUE;
}

static gboolean
is_top (guint32 id)
{
  return id == ID_CLUSTER || id == ID_CUES || id == ID_TAGS || id == ID_INFO
      || id == ID_TRACKS || id == ID_CHAPTERS || id == ID_ATTACHMENTS
      || id == ID_SEEK_HEAD;
}

/* Where a cluster of unknown size ends. */
void
dmix_ebml_find_end (DmixElement *e, const guint8 *end)
{
  DmixElement child;

  if (e->size != DMIX_EBML_UNKNOWN)
    return;
  e->end = e->data;
  while (dmix_ebml_read_element (e->end, end, &child) && !is_top (child.id)
      && child.size != DMIX_EBML_UNKNOWN)
    e->end = child.end;
  e->size = (guint64) (e->end - e->data);
}

guint64
dmix_ebml_read_uint (const DmixElement *e)
{
  guint64 value = 0;

  for (guint64 i = 0; i < MIN (e->size, 8); i++)
    value = value << 8 | e->data[i];
  return value;
}

gboolean
dmix_ebml_find_child (const DmixElement *parent, guint32 id, DmixElement *child)
{
  const guint8 *at = parent->data;

  for (; dmix_ebml_read_element (at, parent->end, child); at = child->end)
    if (child->id == id)
      return TRUE;
  return FALSE;
}

guint64
dmix_ebml_child_uint (const DmixElement *parent, guint32 id, guint64 otherwise)
{
  DmixElement child;

  return dmix_ebml_find_child (parent, id, &child)
      ? dmix_ebml_read_uint (&child)
      : otherwise;
}

/*** writing ***/

void
dmix_ebml_put_id (GByteArray *to, guint32 id)
{
  for (gint shift = 24; shift >= 0; shift -= 8)
    if (id >> shift) {
      const guint8 byte = (guint8) (id >> shift);

      g_byte_array_append (to, &byte, 1);
    }
}

void
dmix_ebml_put_be (GByteArray *to, guint64 value, guint bytes)
{
  while (bytes-- > 0) {
    const guint8 byte = (guint8) (value >> (8 * bytes));

    g_byte_array_append (to, &byte, 1);
  }
}

void
dmix_ebml_put_size (GByteArray *to, guint64 size)
{
  dmix_ebml_put_be (to, size | G_GUINT64_CONSTANT (1) << 56, 8);
}

void
dmix_ebml_put_data (GByteArray *to, guint32 id, gconstpointer data, gsize bytes)
{
  dmix_ebml_put_id (to, id);
  dmix_ebml_put_size (to, bytes);
  g_byte_array_append (to, data, (guint) bytes);
}

void
dmix_ebml_put_uint (GByteArray *to, guint32 id, guint64 value)
{
  dmix_ebml_put_id (to, id);
  dmix_ebml_put_size (to, 8);
  dmix_ebml_put_be (to, value, 8);
}

void
dmix_ebml_put_double (GByteArray *to, guint32 id, gdouble value)
{
  guint64 bits;

  memcpy (&bits, &value, 8);
  dmix_ebml_put_uint (to, id, bits);
}

void
dmix_ebml_put_text (GByteArray *to, guint32 id, const gchar *text)
{
  dmix_ebml_put_data (to, id, text, strlen (text));
}

void
dmix_ebml_put_inside (GByteArray *to, guint32 id, GByteArray *inside)
{
  dmix_ebml_put_data (to, id, inside->data, inside->len);
  g_byte_array_unref (inside);
}

void
dmix_ebml_put_element (GByteArray *to, const DmixElement *e)
{
  g_byte_array_append (to, e->start, (guint) (e->end - e->start));
}
