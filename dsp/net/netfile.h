/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Reads a weight file of the network (tests/train/export.py writes them): a
 * list of named matrices. It is checked as a whole before anything is used, so
 * that a broken, truncated or foreign file is an error and never a crash or a
 * value that is not finite.
 *
 * Little endian, everything aligned to 4 bytes:
 *
 *   char magic[8] "dmixnet1"; char shape[8], zero-padded
 *   uint32 rate, window, hop, rows, number of tensors
 *   each tensor: char name[24], zero-padded; uint32 kind, outs, ins, then
 *     kind 0: outs x ins float16
 *     kind 1: outs float32 scales, outs x ins int8
 *     zeros up to the next multiple of 4
 *   uint32 CRC-32 (that of zlib) of all bytes before
 *
 * Nothing is copied: the bytes must stay as long as the DmixNetFile is used.
 */
#ifndef DMIX_NETFILE_H
#define DMIX_NETFILE_H

#include <stddef.h>
#include <stdint.h>

#define DMIX_NETFILE_MOST_TENSORS 64u
#define DMIX_NETFILE_MOST_INS 4096u
#define DMIX_NETFILE_MOST_VALUE 65504.0f /* the greatest float16 */

typedef enum
{
  DMIX_NETFILE_HALF,
  DMIX_NETFILE_BYTES
} DmixNetFileKind;

typedef struct
{
  char name[25];
  DmixNetFileKind kind;
  unsigned outs, ins; /* both 1 or more */
  const uint8_t *data;
} DmixNetTensor;

typedef struct
{
  char shape[9];
  unsigned rate_hz, window, hop, rows;
  unsigned tensors;
  DmixNetTensor tensor[DMIX_NETFILE_MOST_TENSORS];
} DmixNetFile;

/* Returns NULL if the file is whole and all values are finite and no greater
 * than DMIX_NETFILE_MOST_VALUE; else a sentence about the first fault. */
const char *dmix_netfile_read (DmixNetFile *self, const void *bytes,
    size_t size);

/* Returns NULL if there is no tensor of this name. */
const DmixNetTensor *dmix_netfile_find (const DmixNetFile *self,
    const char *name);

/* DMIX_NETFILE_BYTES: the scale of a row and its values, ins of them. */
float dmix_netfile_scale (const DmixNetTensor *tensor, unsigned row);
const int8_t *dmix_netfile_bytes (const DmixNetTensor *tensor, unsigned row);

/* One value of either kind. */
float dmix_netfile_value (const DmixNetTensor *tensor, unsigned row,
    unsigned column);

#endif
