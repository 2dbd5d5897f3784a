/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The learned network, frame by frame: what of each row is dialogue, and does
 * somebody speak? Frames come every 16 ms, from spectra of 32 ms:
 *
 *   DmixNetRows *rows = dmix_netrows_new (&spectrum);
 *   DmixNet *net = dmix_net_new (NULL);
 *   each 16 ms:
 *     dmix_netrows_energy (rows, power_of_mid, mid);
 *     dmix_netrows_energy (rows, power_of_side, side);
 *     dmix_net_step (net, mid, side, &frame);
 *     dmix_netrows_gain (rows, frame.mid, gain_of_mid);
 *
 * mid is (L + R) / 2 and side (L - R) / 2, or mid the only channel. Rows and
 * model may be shared by several networks.
 *
 * The outputs are finite, and 0 to 1, for any input, and what was long ago
 * leaves no trace. All memory is taken by dmix_net_new(). Not thread safe.
 */
#ifndef DMIX_NET_H
#define DMIX_NET_H

#include "net/netmodel.h"

typedef struct DmixNet DmixNet;

typedef struct
{
  float mid[DMIX_NET_ROWS], side[DMIX_NET_ROWS]; /* gain^.3 of the dialogue */
  float speech;                                  /* probability */
} DmixNetFrame;

/* model: NULL for the trained one; it must outlive the network. Returns NULL
 * if memory is short. */
DmixNet *dmix_net_new (const DmixNetModel *model);
void dmix_net_free (DmixNet *self);

/* To silence, as new. */
void dmix_net_reset (DmixNet *self);

/* The state of `from`; both must have the same model. */
void dmix_net_take_over (DmixNet *self, const DmixNet *from);

/* mid, side: energies of the rows; side may be NULL: nothing but mid. */
void dmix_net_step (DmixNet *self, const float *mid, const float *side,
    DmixNetFrame *frame);

/* The same step without the gains, for a third less work: returns the
 * probability of speech. */
float dmix_net_listen (DmixNet *self, const float *mid, const float *side);

#endif
