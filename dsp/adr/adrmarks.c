/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: anchors and protected ranges are kept in seconds and converted to
 * rows of 5 ms for each scene.
 */
#include "adr/adrmarks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROWS DMIX_MEL_ROWS_PER_S

int
dmix_adrmarks_init (DmixAdrMarks *self, const DmixAdrSync *sync, size_t syncs,
    const DmixAdrProtect *protect, size_t protects, double lag_s)
{
  int short_of = 0;

  memset (self, 0, sizeof *self);
  self->lag_s = lag_s;
  short_of |= !(self->sync = calloc (syncs + 1, sizeof *self->sync));
  short_of |= !(self->protect = calloc (protects + 1, sizeof *self->protect));
  short_of |= !(self->anchor = calloc (syncs + 1, sizeof *self->anchor));
  short_of |= !(self->range = calloc (protects + 1, sizeof *self->range));
  if (short_of) {
    dmix_adrmarks_free (self);
    return 0;
  }
  self->syncs = syncs;
  self->protects = protects;
  for (size_t k = 0; k < syncs; k++)
    self->sync[k] = sync[k];
  for (size_t k = 0; k < protects; k++)
    self->protect[k] = protect[k];
  return 1;
}

void
dmix_adrmarks_free (DmixAdrMarks *self)
{
  free (self->sync);
  free (self->protect);
  free (self->anchor);
  free (self->range);
  memset (self, 0, sizeof *self);
}

void
dmix_adrmarks_find (DmixAdrMarks *self, int64_t start, int64_t end,
    int64_t take_row, DmixAdrLineParams *how)
{
  how->anchor = self->anchor;
  how->anchors = 0;
  how->protect = self->range;
  how->protects = 0;
  for (size_t k = 0; k < self->syncs; k++) {
    const int64_t guide = llrint (self->sync[k].guide_s * ROWS);
    const int64_t take = llrint ((self->sync[k].take_s - self->lag_s) * ROWS);

    if (guide >= start && guide < end && take >= take_row)
      self->anchor[how->anchors++] = (DmixAlignAnchor){
        (long) (guide - start),
        (long) (take - take_row),
      };
  }
  for (size_t k = 0; k < self->protects; k++) {
    const int64_t from = llrint (self->protect[k].start_s * ROWS);
    const int64_t to = llrint (self->protect[k].stop_s * ROWS);

    if (to > start && from < end)
      self->range[how->protects++] = (DmixWarpRange){
        (long) (from - start),
        (long) (to - start),
      };
  }
}
