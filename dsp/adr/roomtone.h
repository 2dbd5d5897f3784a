/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Room tone: endless noise with the spectrum of a room.
 *
 * Made of random numbers, not of loops of a recording: nothing repeats. Each
 * channel has noise of its own, each with the same spectrum. The same seed
 * gives the same noise.
 */
#ifndef DMIX_ROOM_TONE_H
#define DMIX_ROOM_TONE_H

#include "base/format.h"

#include <stddef.h>
#include <stdint.h>

typedef struct DmixRoomTone DmixRoomTone;

/* Rates up to 384000 Hz. NULL on bad arguments or short memory. Silent until
 * there is a spectrum. */
DmixRoomTone *dmix_roomtone_new (const DmixFormat *format, uint32_t seed);
void dmix_roomtone_free (DmixRoomTone *self);
void dmix_roomtone_reset (DmixRoomTone *self);

/* power[b]: mean square in the bin at b * rate / (2 * (bins - 1)), bins >= 2,
 * as from dmix_meanspectrum_get_power(). Smoothed over sixths of an octave. */
void dmix_roomtone_set_spectrum (DmixRoomTone *self, const double *power,
    unsigned bins);

/* The next frames of the noise, interleaved, are written to out. */
void dmix_roomtone_process (DmixRoomTone *self, float *out, size_t frames);

#endif
