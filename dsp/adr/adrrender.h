/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Renders aligned lines: stretches the take to its map and applies level,
 * equalizer and room tone.
 */
#ifndef DMIX_ADR_RENDER_H
#define DMIX_ADR_RENDER_H

#include "adr/adrparams.h"
#include "adr/adrqueue.h"

#include <stdint.h>

typedef struct DmixAdrRender DmixAdrRender;

typedef struct
{
  int64_t row, start_frame, stop_frame; /* of the guide */
  size_t rows;
  const double *take_frame; /* rows + 1 values */
  const float *guide_level; /* rows values: dB over the floor */
  double gain_db;
  int use_take, use_guide; /* sources of the output */
  int last;                /* the last line */
} DmixAdrRenderLine;

DmixAdrRender *dmix_adrrender_new (const DmixAdrShape *shape);
void dmix_adrrender_free (DmixAdrRender *self);
void dmix_adrrender_reset (DmixAdrRender *self, const DmixAdrParams *params);

/* Sets parameters, filter response (dmix_adrrender_get_bins() values) and
 * spectrum of the room tone for the next line; NULL keeps the present one. */
void dmix_adrrender_set_params (DmixAdrRender *self,
    const DmixAdrParams *params, const float *response, const double *room,
    unsigned room_bins);
unsigned dmix_adrrender_get_bins (const DmixAdrRender *self);

/* Starts a line. Its arrays must stay valid until it has been read. */
void dmix_adrrender_set_line (DmixAdrRender *self,
    const DmixAdrRenderLine *line);

size_t dmix_adrrender_read (DmixAdrRender *self, const DmixAdrQueue *guide,
    const DmixAdrQueue *take, float *out, size_t frames);

/* The first guide frame still needed; frames of the take needed around the
 * map's place. */
int64_t dmix_adrrender_get_guide_frame (const DmixAdrRender *self);
unsigned dmix_adrrender_reach_frames (const DmixAdrRender *self);

#endif
