/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Time stretching of speech to a given map, the pitch kept.
 *
 * The map gives the take frame of each output frame. The stretcher follows it
 * with as few splices as possible: the take is copied sample by sample as long
 * as it is less than `tolerance_ms` from the map, and otherwise continued at a
 * place whose waveform is similar to the natural continuation (a pitch period
 * further or back, in a voice). Where the map runs at the take's own speed, the
 * output is the take, bit by bit. All channels are spliced at the same frames.
 *
 * Frames are counted from the reset: output frame n, take frame m. All memory
 * is taken by dmix_stretch_new(). Any split of the output into blocks gives
 * the same bits, provided the take that is handed in reaches far enough.
 * Samples must be finite (dmix_sanitize_clean()). Not thread safe.
 */
#ifndef DMIX_STRETCH_H
#define DMIX_STRETCH_H

#include "base/format.h"

#include <stddef.h>
#include <stdint.h>

typedef struct DmixStretch DmixStretch;

typedef struct
{
  double tolerance_ms; /* 0 to 20 */
} DmixStretchParams;

/* A piece of the take. Before and after it is silence. */
typedef struct
{
  const float *sample; /* interleaved */
  int64_t start;       /* number of its first frame */
  size_t frames;
} DmixStretchTake;

/* The map: knot k belongs to output frame
 * (start + k) * rate / DMIX_STRETCH_KNOTS_PER_S, and between knots the map is
 * straight. Values are take frames. Before the first and after the last knot
 * it goes on at the take's own speed. */
#define DMIX_STRETCH_KNOTS_PER_S 200
typedef struct
{
  const double *take_frame;
  int64_t start;
  size_t count; /* >= 1 */
} DmixStretchMap;

/* Rates from 4000 Hz. NULL on bad arguments or short memory. */
DmixStretch *dmix_stretch_new (const DmixFormat *format);
void dmix_stretch_free (DmixStretch *self);

/* The next output frame is frame 0, and there was nothing before it. */
void dmix_stretch_reset (DmixStretch *self);
void dmix_stretch_set_params (DmixStretch *self,
    const DmixStretchParams *params);

/* The next frames of the output, interleaved, to `out`. */
void dmix_stretch_process (DmixStretch *self, const DmixStretchTake *take,
    const DmixStretchMap *map, float *out, size_t frames);

/* Frames of the take needed on each side of the map's place. */
unsigned dmix_stretch_reach_frames (const DmixStretch *self);

/* Splices since the reset. */
size_t dmix_stretch_get_splices (const DmixStretch *self);

#endif
