/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Sound to the rows of the network where nothing is put together again: two hops
 * of 16 ms under the root-Hann window that it was trained with. Who changes the
 * sound has these spectra from stft.h.
 *
 * Samples must be finite. All memory is taken by dmix_netsound_new().
 */
#ifndef DMIX_NETSOUND_H
#define DMIX_NETSOUND_H

typedef struct DmixNetSound DmixNetSound;

/* Rates that netrows.h takes. NULL on a bad rate or short memory. */
DmixNetSound *dmix_netsound_new (unsigned rate_hz);
void dmix_netsound_free (DmixNetSound *self);

/* Clears what is known of the noise above half the rate. */
void dmix_netsound_reset (DmixNetSound *self);
void dmix_netsound_take_over (DmixNetSound *self, const DmixNetSound *from);

/* Frames of a hop. */
unsigned dmix_netsound_hop (const DmixNetSound *self);

/* Adds the power of two hops of sound, times `weight`. */
void dmix_netsound_add (DmixNetSound *self, const float *sound, float weight);

/* Writes the energies of the DMIX_NET_ROWS rows of all that was added since the
 * last call. */
void dmix_netsound_take_rows (DmixNetSound *self, float *energy);

/* The same of the mid, with noise in rows above half the rate. */
void dmix_netsound_take_mid (DmixNetSound *self, float *energy);

#endif
