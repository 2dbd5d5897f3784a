/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What the user says about a dialogue: moments of the guide that are certain
 * moments of the take, and ranges of the guide in which the take keeps its
 * speed; and what of it concerns a scene.
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

/* Copies both. 0 if memory is short; free() then does no harm. */
int dmix_adrmarks_init (DmixAdrMarks *self, const DmixAdrSync *sync,
    size_t syncs, const DmixAdrProtect *protect, size_t protects, double lag_s);
void dmix_adrmarks_free (DmixAdrMarks *self);

/* Those of guide rows [start, end), in rows from `start` and, of the take,
 * from its row `take_row`. What `how` then points to is valid until the next
 * call. */
void dmix_adrmarks_find (DmixAdrMarks *self, int64_t start, int64_t end,
    int64_t take_row, DmixAdrLineParams *how);

#endif
