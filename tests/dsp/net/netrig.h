/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* A small network and frames by formula, as in netreference.py. */
#ifndef NETRIG_H
#define NETRIG_H

#include "net/net.h"
#include "netreference.h"

#include <glib.h>
#include <math.h>
#include <string.h>

typedef struct
{
  guint32 state; /* of the generator of numbers */
  GByteArray *bytes;
} NetRig;

static inline unsigned
net_rig_number (NetRig *rig)
{
  rig->state = rig->state * 1664525u + 1013904223u;
  return rig->state >> 24;
}

static inline void
net_rig_u32 (NetRig *rig, guint32 value)
{
  const guint32 little = GUINT32_TO_LE (value);

  g_byte_array_append (rig->bytes, (const guint8 *) &little, 4);
}

static inline void
net_rig_text (NetRig *rig, const char *text, unsigned length)
{
  guint8 padded[24] = { 0 };

  memcpy (padded, text, strlen (text));
  g_byte_array_append (rig->bytes, padded, length);
}

static inline void
net_rig_half (NetRig *rig)
{
  const unsigned sign = (net_rig_number (rig) & 128) << 8;
  const unsigned exponent = (11 + net_rig_number (rig) % 3) << 10;
  const unsigned bits = sign | exponent | net_rig_number (rig) << 2;
  const guint8 byte[] = { (guint8) bits, (guint8) (bits >> 8) };

  g_byte_array_append (rig->bytes, byte, 2);
}

static inline void
net_rig_tensor (NetRig *rig, const char *name, unsigned kind, unsigned outs,
    unsigned ins)
{
  net_rig_text (rig, name, 24);
  net_rig_u32 (rig, kind);
  net_rig_u32 (rig, outs);
  net_rig_u32 (rig, ins);
  for (unsigned row = 0; row < outs && kind == 1; row++)
    net_rig_u32 (rig, row % 2 ? 0x3a800000u : 0x3b000000u); /* 2^-10, 2^-9 */
  for (unsigned i = 0; i < outs * ins; i++) {
    if (kind == 1) {
      const int number = (int) net_rig_number (rig) - 128;
      const guint8 weight = (guint8) MAX (number, -127);

      g_byte_array_append (rig->bytes, &weight, 1);
    } else {
      net_rig_half (rig);
    }
  }
  while (rig->bytes->len % 4)
    g_byte_array_append (rig->bytes, (const guint8 *) "", 1);
}

static inline guint32
net_rig_crc (const guint8 *bytes, size_t size)
{
  guint32 crc = 0xffffffffu;

  for (size_t i = 0; i < size; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++)
      crc = crc & 1 ? 0xedb88320u ^ crc >> 1 : crc >> 1;
  }
  return ~crc;
}

/* Writes the checksum of a file into its last four bytes. */
static inline void
net_rig_seal (guint8 *bytes, size_t size)
{
  const guint32 crc = GUINT32_TO_LE (net_rig_crc (bytes, size - 4));

  memcpy (bytes + size - 4, &crc, 4);
}

/* The weight file; shape "direct" or "plain". */
static inline GByteArray *
net_rig_file (const char *shape)
{
  enum
  {
    ENTER = REFERENCE_ENTER,
    FIRST = REFERENCE_FIRST,
    SECOND = REFERENCE_SECOND,
    ROWS = DMIX_NET_ROWS
  };
  NetRig rig = { 1, g_byte_array_new () };

  net_rig_text (&rig, "dmixnet1", 8);
  net_rig_text (&rig, shape, 8);
  net_rig_u32 (&rig, 48000);
  net_rig_u32 (&rig, 1536);
  net_rig_u32 (&rig, 768);
  net_rig_u32 (&rig, ROWS);
  net_rig_u32 (&rig, 16);
  net_rig_tensor (&rig, "enter.w", 1, ENTER, 4 * ROWS);
  net_rig_tensor (&rig, "enter.b", 0, ENTER, 1);
  net_rig_tensor (&rig, "first.wi", 1, 3 * FIRST, ENTER);
  net_rig_tensor (&rig, "first.bi", 0, 3 * FIRST, 1);
  net_rig_tensor (&rig, "first.wh", 0, 3 * FIRST, FIRST);
  net_rig_tensor (&rig, "first.bh", 0, 3 * FIRST, 1);
  net_rig_tensor (&rig, "second.wi", 0, 3 * SECOND, FIRST);
  net_rig_tensor (&rig, "second.bi", 0, 3 * SECOND, 1);
  net_rig_tensor (&rig, "second.wh", 1, 3 * SECOND, SECOND);
  net_rig_tensor (&rig, "second.bh", 0, 3 * SECOND, 1);
  net_rig_tensor (&rig, "leave.w", 0, 2 * ROWS, FIRST + SECOND);
  net_rig_tensor (&rig, "leave.b", 0, 2 * ROWS, 1);
  net_rig_tensor (&rig, "speech.w", 1, 1, FIRST + SECOND);
  net_rig_tensor (&rig, "speech.b", 0, 1, 1);
  net_rig_tensor (&rig, "direct.w", 1, 2 * ROWS, 32);
  net_rig_tensor (&rig, "direct.b", 0, 2 * ROWS, 1);
  net_rig_u32 (&rig, 0);
  net_rig_seal (rig.bytes->data, rig.bytes->len);
  return rig.bytes;
}

/* Row energies of frame t; call it for t = 0, 1, 2 ... with rig = { 1 }. */
static inline void
net_rig_energies (NetRig *rig, unsigned t, float *mid, float *side)
{
  const float level = t % 20 == 19 ? 0.0f : ldexpf (1, (int) (t * 7 % 23) - 12);
  float *const part[] = { mid, side };

  for (int p = 0; p < 2; p++)
    for (unsigned r = 0; r < DMIX_NET_ROWS; r++) {
      const float number = (float) net_rig_number (rig);

      part[p][r] = (number * number + 1) / 256 * level * (p ? 0.125f : 1.0f);
    }
}

#endif
