/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: all lengths are compared with what is left of the file before they
 * are used, in size_t and with limits that no product of two exceeds. The
 * CRC is the usual reflected one (ISO 3309, polynomial 0xedb88320).
 */
#include "net/netfile.h"

#include <math.h>
#include <string.h>

enum
{
  HEAD = 36,        /* bytes before the first tensor */
  TENSOR_HEAD = 36, /* bytes before the values of a tensor */
  NAME = 24,
  SHAPE = 8,
  MOST_OUTS = 65536
};

static uint32_t
u32 (const uint8_t *at)
{
  return (uint32_t) at[0] | (uint32_t) at[1] << 8 | (uint32_t) at[2] << 16
      | (uint32_t) at[3] << 24;
}

static float
f32 (const uint8_t *at)
{
  const uint32_t bits = u32 (at);
  float value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

static float
f16 (const uint8_t *at)
{
  const unsigned bits = at[0] | (unsigned) at[1] << 8;
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  const float size = exponent == 31 ? (fraction ? NAN : INFINITY)
      : exponent                    ? ldexpf (1024 + fraction, exponent - 25)
                                    : ldexpf (fraction, -24);

  return bits & 0x8000 ? -size : size;
}

static uint32_t
crc32_of (const uint8_t *bytes, size_t size)
{
  uint32_t table[256], crc = 0xffffffffu;

  for (uint32_t i = 0; i < 256; i++) {
    uint32_t c = i;

    for (int bit = 0; bit < 8; bit++)
      c = c & 1 ? 0xedb88320u ^ c >> 1 : c >> 1;
    table[i] = c;
  }
  for (size_t i = 0; i < size; i++)
    crc = table[(crc ^ bytes[i]) & 255] ^ crc >> 8;
  return crc ^ 0xffffffffu;
}

static size_t
data_size (const DmixNetTensor *t)
{
  const size_t values = (size_t) t->outs * t->ins;

  return t->kind == DMIX_NETFILE_HALF ? 2 * values
                                      : sizeof (float) * t->outs + values;
}

static int
values_are_usable (const DmixNetTensor *t)
{
  for (unsigned o = 0; o < t->outs; o++) {
    if (t->kind == DMIX_NETFILE_BYTES
        && !(fabsf (dmix_netfile_scale (t, o)) * 128.0f
            <= DMIX_NETFILE_MOST_VALUE))
      return 0;
    for (unsigned i = 0; i < t->ins && t->kind == DMIX_NETFILE_HALF; i++)
      if (!isfinite (dmix_netfile_value (t, o, i)))
        return 0;
  }
  return 1;
}

/* Reads the tensor at `at` of a file that ends at `size`; *at goes behind. */
static const char *
read_tensor (DmixNetTensor *t, const uint8_t *bytes, size_t size, size_t *at)
{
  uint32_t kind;

  if (size - *at < TENSOR_HEAD)
    return "the weight file ends within the head of a tensor";
  memcpy (t->name, bytes + *at, NAME);
  t->name[NAME] = '\0';
  kind = u32 (bytes + *at + NAME);
  t->outs = u32 (bytes + *at + NAME + 4);
  t->ins = u32 (bytes + *at + NAME + 8);
  *at += TENSOR_HEAD;
  t->data = bytes + *at;
  if (kind > DMIX_NETFILE_BYTES)
    return "the weight file has a tensor of an unknown kind";
  t->kind = (DmixNetFileKind) kind;
  if (t->outs < 1 || t->outs > MOST_OUTS || t->ins < 1
      || t->ins > DMIX_NETFILE_MOST_INS)
    return "the weight file has a tensor of an impossible size";
  if ((data_size (t) + 3) / 4 * 4 > size - *at)
    return "the weight file ends within a tensor";
  *at += (data_size (t) + 3) / 4 * 4;
  if (!values_are_usable (t))
    return "the weight file has weights that are infinite or too large";
  return NULL;
}

const char *
dmix_netfile_read (DmixNetFile *self, const void *bytes, size_t size)
{
  const uint8_t *b = bytes;
  size_t at = HEAD, end;
  const char *fault = NULL;

  memset (self, 0, sizeof *self);
  if (!b || size < HEAD + 4 || memcmp (b, "dmixnet1", 8) != 0)
    return "this is no weight file (it does not begin with \"dmixnet1\")";
  end = size - 4;
  if (crc32_of (b, end) != u32 (b + end))
    return "the weight file is damaged or truncated (its checksum is wrong)";
  memcpy (self->shape, b + 8, SHAPE);
  self->rate_hz = u32 (b + 16);
  self->window = u32 (b + 20);
  self->hop = u32 (b + 24);
  self->rows = u32 (b + 28);
  if (u32 (b + 32) > DMIX_NETFILE_MOST_TENSORS)
    return "the weight file has too many tensors";
  for (unsigned i = 0; i < u32 (b + 32) && !fault; i++, self->tensors++)
    fault = read_tensor (&self->tensor[i], b, end, &at);
  if (!fault && at != end)
    fault = "the weight file has bytes behind its last tensor";
  return fault;
}

const DmixNetTensor *
dmix_netfile_find (const DmixNetFile *self, const char *name)
{
  for (unsigned i = 0; i < self->tensors; i++)
    if (strcmp (self->tensor[i].name, name) == 0)
      return &self->tensor[i];
  return NULL;
}

float
dmix_netfile_scale (const DmixNetTensor *tensor, unsigned row)
{
  return f32 (tensor->data + sizeof (float) * row);
}

const int8_t *
dmix_netfile_bytes (const DmixNetTensor *tensor, unsigned row)
{
  return (const int8_t *) tensor->data + sizeof (float) * tensor->outs
      + (size_t) row * tensor->ins;
}

float
dmix_netfile_value (const DmixNetTensor *tensor, unsigned row, unsigned column)
{
  if (tensor->kind == DMIX_NETFILE_BYTES)
    return dmix_netfile_scale (tensor, row)
        * (float) dmix_netfile_bytes (tensor, row)[column];
  return f16 (tensor->data + 2 * ((size_t) row * tensor->ins + column));
}
