/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Level, colour and room of a guide.
 *
 * Gathers the spectra of speech and background of guide and take from the
 * lines that match, and derives the match of the take to the guide: a gain for
 * each line, an equalizer curve and the spectrum of the room tone.
 */
#ifndef DMIX_ADR_COLOUR_H
#define DMIX_ADR_COLOUR_H

#include "adr/adrqueue.h"
#include "adr/eqmatch.h"
#include "spectral/meanspectrum.h"

#include <stddef.h>
#include <stdint.h>

typedef struct DmixAdrColour DmixAdrColour;

/* A line: rows of the guide and where they are in the take, and the levels of
 * adrline.h. The first level is that of the first row. */
typedef struct
{
  const DmixAdrQueue *guide, *take;
  const float *guide_level, *take_level; /* dB over the floor */
  int64_t guide_row, take_row;
  size_t rows, take_rows;
  const double *map; /* take row of each guide row, from take_row */
} DmixAdrColourLine;

/* NULL on bad arguments or short memory. */
DmixAdrColour *dmix_adrcolour_new (const DmixFormat *guide,
    const DmixFormat *take);
void dmix_adrcolour_free (DmixAdrColour *self);

/* Treats a channel (LFE) of the guide (side 0) or take (1) as silent. */
void dmix_adrcolour_leave_out (DmixAdrColour *self, int side, unsigned channel);
void dmix_adrcolour_reset (DmixAdrColour *self);

/* Gathers the background of a guide's line (map may be NULL), and, with a map,
 * all that a matching take shows. */
void dmix_adrcolour_add (DmixAdrColour *self, const DmixAdrColourLine *line);

/* The gain, dB, that gives the take's speech in this line the loudness that
 * the guide's has (BS.1770 K-weighted energy of the frames in which both
 * speak, background taken off); `otherwise` if there is too little. */
double dmix_adrcolour_get_gain_db (const DmixAdrColourLine *line,
    double otherwise);

/* Third-octave gains (eqmatch.h). 0 if there is no speech yet. */
int dmix_adrcolour_get_curve (DmixAdrColour *self,
    const DmixEqMatchParams *params, double *gain_db);

/* Bin powers of the guide's background, without what the take's brings with
 * it at this gain; *bins is their number. NULL if no pause was found yet. */
const double *dmix_adrcolour_get_room (DmixAdrColour *self, double take_gain_db,
    unsigned *bins);

#endif
