/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
#include "tools/chapters.h"
#include "tools/ebml.h"
#include "tools/graft.h"
#include "tools/mp4track.h"

#include <string.h>

#define ID_EDITION 0x45b9
#define ID_ATOM 0xb6
#define ID_ATOM_UID 0x73c4
#define ID_START 0x91
#define ID_END 0x92
#define ID_DISPLAY 0x80
#define ID_STRING 0x85
#define ID_CHAPTER_LANGUAGE 0x437c
#define CHPL_UNIT 100 /* ns */
#define MOST_OF_CHPL 255

typedef struct
{
  guint64 start; /* ns */
  gchar *title;
} DmixChapter;

static void
chapter_free (gpointer data)
{
  DmixChapter *chapter = data;

  g_free (chapter->title);
  g_free (chapter);
}

static void
add (GPtrArray *chapters, guint64 start, const guint8 *title, gsize bytes)
{
  DmixChapter *chapter = g_new0 (DmixChapter, 1);

  chapter->start = start;
  chapter->title = g_strndup ((const gchar *) title, bytes);
  g_ptr_array_add (chapters, chapter);
}

static void
read_atom (GPtrArray *chapters, const DmixElement *atom)
{
  DmixElement display, title = { 0 };

  if (dmix_ebml_find_child (atom, ID_DISPLAY, &display))
    dmix_ebml_find_child (&display, ID_STRING, &title);
  add (chapters, dmix_ebml_child_uint (atom, ID_START, 0), title.data,
      title.data ? (gsize) (title.end - title.data) : 0);
}

/* The first edition, which is the one that players use. */
static void
read_mkv (GPtrArray *chapters, const guint8 *data, gsize size)
{
  DmixElement ebml, segment, list, edition, e;

  if (!dmix_ebml_read_element (data, data + size, &ebml)
      || !dmix_ebml_read_element (ebml.end, data + size, &segment)
      || !dmix_ebml_find_child (&segment, ID_CHAPTERS, &list)
      || !dmix_ebml_find_child (&list, ID_EDITION, &edition))
    return;
  for (const guint8 *at = edition.data;
       dmix_ebml_read_element (at, edition.end, &e); at = e.end)
    if (e.id == ID_ATOM)
      read_atom (chapters, &e);
}

/* Version 1 has four bytes more before the number of chapters. */
static void
read_mp4 (GPtrArray *chapters, const guint8 *data, gsize size)
{
  const DmixBox whole = { data, data, data + size };
  const guint8 *at;
  DmixBox chpl;
  guint count;

  if (!dmix_box_path (&whole, "moov/udta/chpl", &chpl)
      || dmix_box_size (&chpl) < 9)
    return;
  at = chpl.data + (chpl.data[0] ? 8 : 4);
  for (count = *at++; count > 0 && chpl.end - at >= 9; count--) {
    const guint bytes = at[8];

    if (chpl.end - at < 9 + (gssize) bytes)
      break;
    add (chapters, GST_READ_UINT64_BE (at) * CHPL_UNIT, at + 9, bytes);
    at += 9 + bytes;
  }
}

GPtrArray *
dmix_chapters_read (const gchar *path)
{
  GPtrArray *chapters = g_ptr_array_new_with_free_func (chapter_free);
  const guint8 *data;
  gsize size;
  GMappedFile *file = dmix_graft_map (path, &data, &size, NULL);

  if (!file)
    return chapters;
  if (dmix_mkv_is (data, size))
    read_mkv (chapters, data, size);
  else if (dmix_mp4_is (data, size))
    read_mp4 (chapters, data, size);
  g_mapped_file_unref (file);
  return chapters;
}

void
dmix_chapters_put_mkv (GByteArray *to, const GPtrArray *chapters, guint64 end)
{
  GByteArray *edition, *list;

  if (chapters->len == 0)
    return;
  edition = g_byte_array_new ();
  list = g_byte_array_new ();
  for (guint i = 0; i < chapters->len; i++) {
    const DmixChapter *chapter = g_ptr_array_index (chapters, i);
    const DmixChapter *next =
        i + 1 < chapters->len ? g_ptr_array_index (chapters, i + 1) : NULL;
    GByteArray *atom = g_byte_array_new (), *display = g_byte_array_new ();

    dmix_ebml_put_uint (atom, ID_ATOM_UID, i + 1);
    dmix_ebml_put_uint (atom, ID_START, chapter->start);
    dmix_ebml_put_uint (atom, ID_END,
        next ? next->start : MAX (end, chapter->start));
    dmix_ebml_put_text (display, ID_STRING, chapter->title);
    dmix_ebml_put_text (display, ID_CHAPTER_LANGUAGE, "und");
    dmix_ebml_put_inside (atom, ID_DISPLAY, display);
    dmix_ebml_put_inside (edition, ID_ATOM, atom);
  }
  dmix_ebml_put_inside (list, ID_EDITION, edition);
  dmix_ebml_put_inside (to, ID_CHAPTERS, list);
}

void
dmix_chapters_put_mp4 (GByteArray *to, const GPtrArray *chapters)
{
  const guint count = MIN (chapters->len, MOST_OF_CHPL);
  guint box;

  if (count == 0)
    return;
  box = dmix_box_begin (to, "chpl");
  dmix_box_put (to, 1u << 24, 4);
  dmix_box_put (to, 0, 4);
  dmix_box_put (to, count, 1);
  for (guint i = 0; i < count; i++) {
    const DmixChapter *chapter = g_ptr_array_index (chapters, i);
    const guint bytes = (guint) MIN (strlen (chapter->title), 255);

    dmix_box_put (to, chapter->start / CHPL_UNIT, 8);
    dmix_box_put (to, bytes, 1);
    g_byte_array_append (to, (const guint8 *) chapter->title, bytes);
  }
  dmix_box_end (to, box);
}
