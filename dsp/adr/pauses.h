/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Pauses: where a line of dialogue ends.
 *
 * Watches the level of the mel band powers (melpower.h) row by row, tracks the
 * levels of background and speech, and counts the rows of each pause. For
 * cutting long dialogue into lines; cuts need not be exact.
 */
#ifndef DMIX_PAUSES_H
#define DMIX_PAUSES_H

#include "speech/melpower.h"

typedef struct
{
  double level_db, floor_db, peak_db;
  unsigned quiet_rows;  /* rows of quiet up to now */
  unsigned speech_rows; /* rows of speech since dmix_pauses_cut() */
  int known;
} DmixPauses;

void dmix_pauses_reset (DmixPauses *self);

/* The next row of DMIX_MEL_BANDS powers. */
void dmix_pauses_add (DmixPauses *self, const float *power);

/* The next row, whose speech another detector has decided. */
void dmix_pauses_count (DmixPauses *self, int speech);

/* A new line begins. */
void dmix_pauses_cut (DmixPauses *self);

#endif
