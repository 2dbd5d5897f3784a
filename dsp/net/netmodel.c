/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: weights of 8 bits are copied as they are, with rows padded to whole
 * vectors. A float16 matrix becomes the sum of two of 8 bits, the second of
 * which has what the first rounds away: 15 bits of the largest in the row.
 */
#include "net/netmodel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 32u

/* net.dmixnet as an array; see embed.py */
extern const uint8_t dmix_net_trained[];
extern const size_t dmix_net_trained_size;

static unsigned
padded (unsigned ins)
{
  return (ins + DMIX_NETLOOPS_GRAIN - 1) / DMIX_NETLOOPS_GRAIN
      * DMIX_NETLOOPS_GRAIN;
}

/* Memory of a layer, one piece: weights of the planes, then scales, bias. */
static int
make_layer (DmixNetLayer *l, unsigned blocks)
{
  const size_t stride = padded (l->ins), weights = stride * l->outs;
  const size_t floats = (size_t) l->outs * (l->planes + 1);
  int8_t *weight;
  float *scale;

  l->memory =
      calloc (1, ALIGNMENT + l->planes * weights + floats * sizeof (float));
  if (!l->memory)
    return 0;
  weight = l->memory;
  weight += (ALIGNMENT - (uintptr_t) weight % ALIGNMENT) % ALIGNMENT;
  scale = (float *) (void *) (weight + l->planes * weights);
  for (unsigned p = 0; p < l->planes; p++)
    l->plane[p] = (DmixNetRowsOfWeights){
      .outs = l->outs,
      .stride = (unsigned) stride,
      .blocks = blocks,
      .weight = weight + p * weights,
      .scale = scale + p * l->outs,
    };
  l->bias = scale + l->planes * l->outs;
  return 1;
}

/* One row of a plane: the closest to rest[], which keeps the difference. */
static void
fill_half_row (const DmixNetRowsOfWeights *plane, unsigned row, float *rest,
    unsigned ins)
{
  int8_t *weight = (int8_t *) plane->weight + (size_t) row * plane->stride;
  float *scale = (float *) plane->scale + row;
  float most = 0.0f;

  for (unsigned i = 0; i < ins; i++)
    most = fmaxf (most, fabsf (rest[i]));
  *scale = fmaxf (most, 1e-12f) / 127.0f;
  for (unsigned i = 0; i < ins; i++) {
    weight[i] = (int8_t) lrintf (rest[i] / *scale);
    rest[i] -= *scale * weight[i];
  }
}

static void
fill_row (DmixNetLayer *l, const DmixNetTensor *weights, unsigned row)
{
  const DmixNetRowsOfWeights *plane = &l->plane[0];
  float rest[DMIX_NETFILE_MOST_INS];

  if (weights->kind == DMIX_NETFILE_BYTES) {
    int8_t *to = (int8_t *) plane->weight + (size_t) row * plane->stride;
    const int8_t *from = dmix_netfile_bytes (weights, row);

    ((float *) plane->scale)[row] = dmix_netfile_scale (weights, row);
    for (unsigned i = 0; i < l->ins; i++)
      to[i] = from[i] > -127 ? from[i] : -127;
    return;
  }
  for (unsigned i = 0; i < l->ins; i++)
    rest[i] = dmix_netfile_value (weights, row, i);
  for (unsigned p = 0; p < l->planes; p++)
    fill_half_row (&l->plane[p], row, rest, l->ins);
}

/* outs = 0: as many as the file has, up to DMIX_NET_MOST_UNITS. */
static const char *
read_layer (DmixNetLayer *l, const DmixNetFile *file, const char *weights,
    const char *bias, unsigned outs, unsigned ins, unsigned blocks)
{
  const DmixNetTensor *w = dmix_netfile_find (file, weights);
  const DmixNetTensor *b = dmix_netfile_find (file, bias);

  if (!w || !b)
    return "the weight file lacks a layer of its network";
  l->outs = outs ? outs : w->outs;
  l->ins = ins;
  l->planes = w->kind == DMIX_NETFILE_HALF ? 2 : 1;
  if (w->outs != l->outs || w->ins != ins || b->outs != l->outs || b->ins != 1
      || (!outs && w->outs > DMIX_NET_MOST_UNITS))
    return "the weight file has a layer of the wrong size";
  if (!make_layer (l, blocks))
    return "no memory for the weights";
  for (unsigned o = 0; o < l->outs; o++) {
    fill_row (l, w, o);
    l->bias[o] = dmix_netfile_value (b, o, 0);
  }
  return NULL;
}

static const char *
read_gru (DmixNetGru *gru, const DmixNetFile *file, const char *name,
    unsigned ins)
{
  const char *kind[] = { ".wi", ".bi", ".wh", ".bh" };
  char part[4][32];
  const DmixNetTensor *own;
  const char *fault;

  for (int k = 0; k < 4; k++) {
    strcpy (part[k], name);
    strcat (part[k], kind[k]);
  }
  own = dmix_netfile_find (file, part[2]);
  if (!own)
    return "the weight file lacks a layer of its network";
  gru->units = own->ins;
  if (gru->units > DMIX_NET_MOST_UNITS)
    return "the weight file has a layer of the wrong size";
  fault = read_layer (&gru->in, file, part[0], part[1], 3 * gru->units, ins, 1);
  return fault ? fault
               : read_layer (&gru->own, file, part[2], part[3], 3 * gru->units,
                   gru->units, 1);
}

static const char *
read_layers (DmixNetModel *self, const DmixNetFile *f)
{
  const unsigned features = DMIX_NET_KINDS * DMIX_NET_ROWS;
  const char *fault;
  unsigned both;

  if ((fault = read_layer (&self->enter, f, "enter.w", "enter.b", 0, features,
           1))
      || (fault = read_gru (&self->first, f, "first", self->enter.outs))
      || (fault = read_gru (&self->second, f, "second", self->first.units)))
    return fault;
  both = self->first.units + self->second.units;
  if ((fault = read_layer (&self->leave, f, "leave.w", "leave.b",
           2 * DMIX_NET_ROWS, both, 1))
      || (fault =
              read_layer (&self->speech, f, "speech.w", "speech.b", 1, both, 1))
      || !self->has_direct)
    return fault;
  return read_layer (&self->direct, f, "direct.w", "direct.b",
      2 * DMIX_NET_ROWS, DMIX_NET_SEEN * DMIX_NET_KINDS,
      DMIX_NET_ROWS / DMIX_NET_GROUP);
}

static const char *
read_model (DmixNetModel *self, const void *bytes, size_t size)
{
  DmixNetFile file;
  const char *fault = dmix_netfile_read (&file, bytes, size);

  if (fault)
    return fault;
  if (file.rate_hz != DMIX_NET_RATE_HZ || file.window != DMIX_NET_WINDOW
      || file.hop != DMIX_NET_HOP || file.rows != DMIX_NET_ROWS)
    return "the weight file is for another front end";
  self->has_direct = strcmp (file.shape, "direct") == 0;
  if (!self->has_direct && strcmp (file.shape, "plain") != 0)
    return "the weight file has a network of an unknown shape";
  return read_layers (self, &file);
}

DmixNetModel *
dmix_netmodel_new (const void *bytes, size_t size, const char **fault)
{
  DmixNetModel *self = calloc (1, sizeof *self);
  const char *found =
      self ? read_model (self, bytes, size) : "no memory for the weights";

  if (fault)
    *fault = found;
  if (!found)
    return self;
  dmix_netmodel_free (self);
  return NULL;
}

void
dmix_netmodel_free (DmixNetModel *self)
{
  if (!self)
    return;
  free (self->enter.memory);
  free (self->leave.memory);
  free (self->speech.memory);
  free (self->direct.memory);
  free (self->first.in.memory);
  free (self->first.own.memory);
  free (self->second.in.memory);
  free (self->second.own.memory);
  free (self);
}

const DmixNetModel *
dmix_netmodel_trained (void)
{
  static DmixNetModel *shared;
  DmixNetModel *known = __atomic_load_n (&shared, __ATOMIC_ACQUIRE), *made;

  if (known
      || !(made = dmix_netmodel_new (dmix_net_trained, dmix_net_trained_size,
               NULL)))
    return known;
  /* another thread may have been faster */
  if (!__atomic_compare_exchange_n (&shared, &known, made, 0, __ATOMIC_ACQ_REL,
          __ATOMIC_ACQUIRE)) {
    dmix_netmodel_free (made);
    return known;
  }
  return made;
}

/* What q has behind the input does not matter: the weights there are 0. */
void
dmix_netlayer_run (const DmixNetLayer *layer, const DmixNetLoops *loops,
    const float *x, int16_t *q, float *y)
{
  const float step =
      loops->quantize (q, x, layer->ins * layer->plane[0].blocks);

  memcpy (y, layer->bias, layer->outs * sizeof *y);
  for (unsigned p = 0; p < layer->planes; p++)
    loops->multiply (&layer->plane[p], q, step, y);
}
