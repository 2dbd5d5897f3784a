/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Scenes: groups of guide lines that are aligned together.
 *
 * Lines end in pauses, found by their level (pauses.h) or, in loud ambience, by
 * a speech detector (speech/voice.h), or where they get too long, at their softest
 * moment; where nothing is said for 5 s, too. A scene has as many as make 10 s,
 * or all that are left.
 */
#ifndef DMIX_ADR_SCENE_H
#define DMIX_ADR_SCENE_H

#include "adr/adrline.h"
#include "adr/adrqueue.h"
#include "adr/pauses.h"
#include "speech/voice.h"

#include <stdint.h>

#define DMIX_ADR_SCENE_ROWS 2000
#define DMIX_ADR_CONTEXT_ROWS 300 /* after a scene */

typedef struct
{
  int64_t most_rows;               /* of a line */
  double gap_rows;                 /* of a pause that ends one */
  int64_t start;                   /* first row of the scene */
  size_t line_end[DMIX_ADR_LINES]; /* rows from there */
  int line_speaks[DMIX_ADR_LINES]; /* 0: no speech in the line */
  size_t lines;                    /* complete lines */
  int64_t begun;                   /* first row of the next line */
  int64_t seen;                    /* rows processed by `pauses` */
  DmixPauses pauses;
  DmixVoice *voice; /* decides what is speech; NULL: the level does */
  int64_t heard;    /* steps processed by `voice` */
} DmixAdrScene;

void dmix_adrscene_reset (DmixAdrScene *self);

/* Hands the decision to `voice`, which the scene does not own; or NULL. */
void dmix_adrscene_set_voice (DmixAdrScene *self, DmixVoice *voice);

/* Finds ends of lines in the queued guide. */
void dmix_adrscene_process (DmixAdrScene *self, const DmixAdrQueue *guide);

/* Non-zero if the scene is complete. */
int dmix_adrscene_is_known (const DmixAdrScene *self,
    const DmixAdrQueue *guide);

/* The row after the last complete line. */
int64_t dmix_adrscene_get_end (const DmixAdrScene *self);

/* Adds a short rest of the guide to the scene, because it is too short to be
 * aligned alone. Call it before the alignment. */
void dmix_adrscene_add_rest (DmixAdrScene *self, const DmixAdrQueue *guide);

/* The next scene begins where this one ends. */
void dmix_adrscene_next (DmixAdrScene *self);

/* Mel band powers of a row in the queue. */
static inline const float *
dmix_adrscene_get_power (const DmixAdrQueue *queue, int64_t row)
{
  return queue->power + (size_t) (row - queue->first_row) * DMIX_MEL_BANDS;
}

/* Rows [first, end) of the queue. */
static inline DmixSpeechInput
dmix_adrscene_get_input (const DmixAdrQueue *queue, int64_t first, int64_t end)
{
  const size_t at = (size_t) (first - queue->first_row) * DMIX_MEL_BANDS;

  return end > first ? (DmixSpeechInput){ queue->power + at, queue->voice + at,
    (size_t) (end - first) }
                     : (DmixSpeechInput){ 0 };
}

#endif
