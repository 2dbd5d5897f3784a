/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Elements of EBML (RFC 8794), which Matroska is made of. */
#pragma once

#include "tools/error.h"

#define ID_EBML 0x1a45dfa3
#define ID_SEGMENT 0x18538067
#define ID_SEEK_HEAD 0x114d9b74
#define ID_INFO 0x1549a966
#define ID_TRACKS 0x1654ae6b
#define ID_CLUSTER 0x1f43b675
#define ID_CUES 0x1c53bb6b
#define ID_TAGS 0x1254c367
#define ID_CHAPTERS 0x1043a770
#define ID_ATTACHMENTS 0x1941a469
#define ID_FILE 0x61a7
#define ID_FILE_NAME 0x466e
#define ID_FILE_TYPE 0x4660
#define ID_FILE_DATA 0x465c
#define ID_FILE_UID 0x46ae
#define ID_VOID 0xec
#define ID_CRC 0xbf
#define ID_TIMESTAMP 0xe7
#define ID_SIMPLE_BLOCK 0xa3
#define ID_BLOCK_GROUP 0xa0
#define ID_BLOCK 0xa1
#define ID_POSITION 0xa7
#define ID_PREV_SIZE 0xab
#define ID_SCALE 0x2ad7b1
#define ID_DURATION 0x4489
#define ID_TRACK_ENTRY 0xae
#define ID_NUMBER 0xd7
#define ID_UID 0x73c5
#define ID_TYPE 0x83
#define ID_NAME 0x536e
#define ID_DEFAULT 0x88
#define ID_TAG 0x7373
#define ID_TARGETS 0x63c0
#define ID_TAG_TRACK_UID 0x63c5

#define DMIX_EBML_UNKNOWN G_MAXUINT64

typedef struct
{
  guint32 id;
  const guint8 *data; /* behind the header */
  guint64 size;       /* DMIX_EBML_UNKNOWN: to the next element of its level */
  const guint8 *start, *end;
} DmixElement;

/* Variable-size integer; bytes it takes, or 0. */
guint dmix_ebml_read_vint (const guint8 *at, const guint8 *end, guint64 *value);
gboolean dmix_ebml_read_element (const guint8 *at, const guint8 *end,
    DmixElement *e);
/* Sets the end of a cluster of unknown size. */
void dmix_ebml_find_end (DmixElement *e, const guint8 *end);
guint64 dmix_ebml_read_uint (const DmixElement *e);
gboolean dmix_ebml_find_child (const DmixElement *parent, guint32 id,
    DmixElement *child);
guint64 dmix_ebml_child_uint (const DmixElement *parent, guint32 id,
    guint64 otherwise);

void dmix_ebml_put_id (GByteArray *to, guint32 id);
void dmix_ebml_put_be (GByteArray *to, guint64 value, guint bytes);
void dmix_ebml_put_size (GByteArray *to, guint64 size);
void dmix_ebml_put_data (GByteArray *to, guint32 id, gconstpointer data,
    gsize bytes);
void dmix_ebml_put_uint (GByteArray *to, guint32 id, guint64 value);
void dmix_ebml_put_double (GByteArray *to, guint32 id, gdouble value);
void dmix_ebml_put_text (GByteArray *to, guint32 id, const gchar *text);
/* Takes `inside`. */
void dmix_ebml_put_inside (GByteArray *to, guint32 id, GByteArray *inside);
/* As it is. */
void dmix_ebml_put_element (GByteArray *to, const DmixElement *e);
