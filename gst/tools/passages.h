/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Passages of a programme in which the dialogue is hard to hear. */
#pragma once

#include "tools/curve.h"

typedef struct
{
  gdouble start, stop;     /* s */
  gdouble sii, difference; /* lowest, 0 to 1 and LU; NAN: not measured */
  gdouble band;            /* Hz, that masks the speech most; 0: none */
} DmixPassage;

/* From messages of the meter of dmixducker: speech whose SII is poor. Times in ns
 * of the report; calls in their order. */
void dmix_passages_note_stems (GArray *passages, gint64 time,
    const GstStructure *message);

/* From messages "dialogue-hard-to-hear"; shift (ns) is added to their times. */
void dmix_passages_note_phrase (GArray *passages, gint64 shift,
    const GstStructure *message);

/* Sum of their lengths, s. */
gdouble dmix_passages_length (const GArray *passages);

/* All of them; with the passages of the result (`after`), each also says what
 * became of it: whether it is still hard, and its least difference now. */
JsonArray *dmix_passages_json (const GArray *passages, const GArray *after,
    const DmixCurve *difference);
