/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The user's marks on a dialogue, sync points and protected ranges, and their
 * selection for a scene.
 */
#ifndef DMIX_ADR_MARKS_H
#define DMIX_ADR_MARKS_H

#include "adr/adrline.h"
#include "adr/adrparams.h"

#include <stdint.h>

typedef struct
{
  DmixAdrSync *sync;
  DmixAdrProtect *protect;
  size_t syncs, protects;
  double lag_s;            /* the take starts this later than the guide */
  DmixAlignAnchor *anchor; /* of the scene looked at last */
  DmixWarpRange *range;
} DmixAdrMarks;

/* Copies both. 0 if memory is short; nothing is kept then, and
 * free() does no harm. */
int dmix_adrmarks_init (DmixAdrMarks *self, const DmixAdrSync *sync,
    size_t syncs, const DmixAdrProtect *protect, size_t protects, double lag_s);
void dmix_adrmarks_free (DmixAdrMarks *self);

/* Sets anchors and protected ranges of `how` to the marks in guide rows [start,
 * end). Guide rows count from `start`, take rows from `take_row`. The arrays
 * are valid until the next call. */
void dmix_adrmarks_find (DmixAdrMarks *self, int64_t start, int64_t end,
    int64_t take_row, DmixAdrLineParams *how);

#endif
