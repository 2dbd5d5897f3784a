/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Scenes: as many lines of a guide as are aligned at once.
 *
 * Lines end in pauses (pauses.h), or where they get too long, at their softest
 * moment; where nothing is said for 5 s, too. A scene has as many as make 10 s,
 * or all that are left.
 */
#ifndef DMIX_ADR_SCENE_H
#define DMIX_ADR_SCENE_H

#include "adr/adrline.h"
#include "adr/adrqueue.h"
#include "adr/pauses.h"

#include <stdint.h>

#define DMIX_ADR_SCENE_ROWS 2000
#define DMIX_ADR_CONTEXT_ROWS 300 /* of what follows a scene */

typedef struct
{
  int64_t most_rows;               /* of a line */
  double gap_rows;                 /* of a pause that ends one */
  int64_t start;                   /* first row of the scene */
  size_t line_end[DMIX_ADR_LINES]; /* rows from there */
  int line_speaks[DMIX_ADR_LINES]; /* 0: nothing is said in it */
  size_t lines;                    /* that are known */
  int64_t begun; /* first row of the line that is looked for */
  int64_t seen;  /* rows that `pauses` has seen */
  DmixPauses pauses;
} DmixAdrScene;

void dmix_adrscene_reset (DmixAdrScene *self);

/* Looks for ends of lines in what the guide has. */
void dmix_adrscene_process (DmixAdrScene *self, const DmixAdrQueue *guide);

/* The scene has all its lines. */
int dmix_adrscene_is_known (const DmixAdrScene *self,
    const DmixAdrQueue *guide);

/* The row after the lines that are known. */
int64_t dmix_adrscene_get_end (const DmixAdrScene *self);

/* Before a scene is aligned: what little may be left of the guide after it
 * joins it, for it cannot stand alone. */
void dmix_adrscene_add_rest (DmixAdrScene *self, const DmixAdrQueue *guide);

/* The next scene begins where this one ends. */
void dmix_adrscene_next (DmixAdrScene *self);

/* The powers of a row that the queue has. */
static inline const float *
dmix_adrscene_get_power (const DmixAdrQueue *queue, int64_t row)
{
  return queue->power + (size_t) (row - queue->first_row) * DMIX_MEL_BANDS;
}

#endif
