/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Packets, sections and PES headers of MPEG transport streams (ISO/IEC
 * 13818-1). */
#pragma once

#include "tools/track.h"

#define DMIX_TS_BYTES 188   /* of a packet */
#define DMIX_TS_PIDS 8192   /* how many packet identifiers there are */
#define DMIX_TS_CLOCK 90000 /* ticks a second */

typedef struct
{
  guint pid;
  gboolean begins; /* a PES packet or a section */
  const guint8 *payload, *end;
} DmixTsPacket;

/* Bytes from one packet to the next: 188, or 192 of discs and cameras, which
 * put 4 bytes before each; 0: no transport stream. */
guint dmix_ts_stride (const guint8 *data, gsize size);

/* at: the byte 0x47. FALSE for a packet that is damaged or scrambled. */
gboolean dmix_ts_read (const guint8 *at, DmixTsPacket *packet);

/* Presentation and decoding time of a PES packet that begins here, ticks of 33
 * bits. FALSE without a time. */
gboolean dmix_ts_read_times (const DmixTsPacket *packet, guint64 *pts,
    guint64 *dts);

/* `ticks` as a time that does not wrap: the nearest to `last`. */
gint64 dmix_ts_unwrap (guint64 ticks, gint64 last);

/*** sections ***/

/* Bytes of sections that are not complete yet. */
typedef struct
{
  GByteArray *bytes;
  gboolean going;
} DmixTsSections;

void dmix_ts_feed (DmixTsSections *sections, const DmixTsPacket *packet);

/* Takes the next complete section with a right checksum; NULL: feed more. Free
 * it. */
GByteArray *dmix_ts_take (DmixTsSections *sections);

/* An elementary stream of a programme map. */
typedef struct
{
  guint type, pid;
  const guint8 *start, *descriptors, *end;
} DmixTsEntry;

/* The first entry, or that behind `entry`; FALSE at the end, and for a section
 * that is no programme map. */
gboolean dmix_ts_first_entry (const GByteArray *map, DmixTsEntry *entry);
gboolean dmix_ts_next_entry (const GByteArray *map, DmixTsEntry *entry);

gboolean dmix_ts_is_video (const DmixTsEntry *entry);
gboolean dmix_ts_is_audio (const DmixTsEntry *entry);

/* The entry of a new sound track, with the descriptors of `old` (or NULL) that
 * are not of its codec: language, identifiers. */
void dmix_ts_put_entry (GByteArray *to, guint pid, const gchar *codec,
    const DmixTsEntry *old);

/* Sets length and checksum of a section of which all else is there. */
void dmix_ts_seal (GByteArray *section);

/*** writing ***/

/* Cuts bytes into packets of 188; counter: continuity counter of the pid, goes
 * on. stamp: 4 bytes before each packet, or NULL. */
void dmix_ts_put_section (GByteArray *to, guint pid, guint *counter,
    const GByteArray *section, const guint8 *stamp);
void dmix_ts_put_pes (GByteArray *to, guint pid, guint *counter,
    const GByteArray *pes, const guint8 *stamp);

/* Header of a PES packet with `bytes` of sound behind it. */
void dmix_ts_put_header (GByteArray *to, const gchar *codec, guint64 ticks,
    guint bytes);
