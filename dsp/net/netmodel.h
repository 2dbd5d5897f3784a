/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The weights of a network, ready to compute with. A model does not change and
 * has no state: one serves any number of networks (net/net.h), in any thread.
 *
 * Two shapes of network are known, "plain" and "direct"; sizes are the file's:
 *
 *   a = GRU first (tanh (dense enter (features of all rows)))
 *   b = GRU second (a)
 *   gains^.3 = sigmoid (dense leave (a, b) [+ dense direct (nearby rows)])
 *   probability of speech = sigmoid (dense speech (a, b))
 *
 * "direct" has the second part of the gains: 36 groups of 4 rows, each with a
 * layer of its own that sees 8 rows, its own and 2 on either side.
 */
#ifndef DMIX_NETMODEL_H
#define DMIX_NETMODEL_H

#include "net/netfile.h"
#include "net/netloops.h"

#include <stddef.h>
#include <stdint.h>

#define DMIX_NET_ROWS 144u
#define DMIX_NET_KINDS 4u /* features of a row */
#define DMIX_NET_GROUP 4u /* rows with one layer of `direct` */
#define DMIX_NET_SEEN 8u  /* rows that it sees */
#define DMIX_NET_MOST_UNITS 1024u

/* The front end that the weights were trained with. */
#define DMIX_NET_RATE_HZ 48000u
#define DMIX_NET_WINDOW 1536u
#define DMIX_NET_HOP 768u

/* A dense layer. */
typedef struct
{
  unsigned outs, ins;
  unsigned planes; /* 2: weights of 16 bits are the sum of two of 8 bits */
  DmixNetRowsOfWeights plane[2];
  float *bias;
  void *memory;
} DmixNetLayer;

typedef struct
{
  unsigned units;
  DmixNetLayer in, own;
} DmixNetGru;

typedef struct
{
  DmixNetLayer enter, leave, speech, direct;
  DmixNetGru first, second;
  int has_direct;
} DmixNetModel;

/* bytes: a weight file, not needed any more after the call. Returns NULL if it
 * is not one of such a network, or if memory is short; `fault` (may be NULL)
 * then points to a sentence that says why. */
DmixNetModel *dmix_netmodel_new (const void *bytes, size_t size,
    const char **fault);
void dmix_netmodel_free (DmixNetModel *self);

/* The trained model that is compiled in. It is made by the first call, from
 * any thread, and stays; do not free it. NULL if memory is short. */
const DmixNetModel *dmix_netmodel_trained (void);

/* y[outs] = bias + weights * x; q: room for the rounded input, ins + 16 (with
 * groups: as many for each of them). */
void dmix_netlayer_run (const DmixNetLayer *layer, const DmixNetLoops *loops,
    const float *x, int16_t *q, float *y);

#endif
