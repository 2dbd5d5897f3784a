/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Automated dialogue replacement: a new take of a dialogue, put exactly where
 * the old one was, with its level, its colour and its room.
 *
 * Guide and take are pushed in at any pace; processing goes line by line. A
 * line ends in a pause of the guide, or after `max_line_ms` at its softest
 * moment. What comes out has as many frames as the guide and the channels of
 * the take.
 *
 *   push guide and take while wants() says so, end() each at its end
 *   next_line(): 1 if a line is ready (report tells how it went), 0 if not
 *   yet, -1 if memory is short
 *   read() until it returns 0: the sound; then the next line
 *
 * Not for real time: it needs whole lines, and memory grows with the longest
 * line (about 1 MB a second of it at 48 kHz stereo), never with the length of
 * the whole. Everything that is pushed in blocks of whatever size gives the
 * same bits. Not thread safe.
 */
#ifndef DMIX_ADR_H
#define DMIX_ADR_H

#include "adr/adrline.h"
#include "adr/adrparams.h"

#include <stddef.h>
#include <stdint.h>

typedef struct DmixAdr DmixAdr;

typedef struct
{
  unsigned index;
  int64_t start_frame, stop_frame; /* of the guide */
  DmixAdrLineInfo line;
  double offset_s; /* take time minus guide time */
  double skipped_s;
  int64_t worst_start_frame, worst_stop_frame; /* of the guide: the stretch
                                                * with line.map.certainty */
  double bridged_s;
  double gain_db;
  double
      drift_ppm; /* of the take's clock, from the lines so far; 0 if unsure */
  const double *take_s; /* the map: take second of each 5 ms */
  size_t map_points;
} DmixAdrReport;

/* NULL on bad arguments or short memory. Sync points and protected ranges are
 * copied. */
DmixAdr *dmix_adr_new (const DmixAdrShape *shape, const DmixAdrSync *sync,
    size_t syncs, const DmixAdrProtect *protect, size_t protects);
void dmix_adr_free (DmixAdr *self);

/* Leaves a channel (LFE) out of the analysis, so that an explosion in it changes
 * neither timing nor level nor colour; it is put out like the others. Call
 * before the first push. */
void dmix_adr_leave_out (DmixAdr *self, DmixAdrSide side, unsigned channel);

/* Clears both queues and starts a new dialogue; parameters stay. */
void dmix_adr_reset (DmixAdr *self);

/* Takes effect from the next line on; switching the filter on or off (match_eq
 * above 0) from the next reset on. */
void dmix_adr_set_params (DmixAdr *self, const DmixAdrParams *params);

/* in: interleaved, NULL for silence. 0 if memory is short. */
int dmix_adr_push (DmixAdr *self, DmixAdrSide side, const float *in,
    size_t frames);
int dmix_adr_end (DmixAdr *self, DmixAdrSide side);

/* Non-zero if this side is to be pushed now: the next line needs more, and
 * this side is not ahead of the other. */
int dmix_adr_wants (const DmixAdr *self, DmixAdrSide side);

/* Non-zero when the guide has ended and its last line has been read. */
int dmix_adr_is_finished (const DmixAdr *self);

int dmix_adr_next_line (DmixAdr *self, DmixAdrReport *report);

/* Writes up to `frames` frames and returns how many. */
size_t dmix_adr_read (DmixAdr *self, float *out, size_t frames);

#endif
