/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Ranges of a programme in which its dialogue is hard to hear: the message of each,
 * and the list of all. */
#ifndef GST_DMIX_HARD_RANGES_H
#define GST_DMIX_HARD_RANGES_H

#include <gst/gst.h>

#include "meter/loudness.h"

G_BEGIN_DECLS

typedef struct
{
  GArray *ranges; /* or NULL; at most 10000 */
} GstDmixHardRanges;

void gst_dmix_hard_ranges_clear (GstDmixHardRanges *self);

/* Adds a phrase that was read when the sound was at the stream time `now`.
 * Returns its message, or NULL if `now` is not known. */
GstStructure *gst_dmix_hard_ranges_add (GstDmixHardRanges *self,
    const DmixPhrase *phrase, GstClockTime now);

/* Sets the arrays of all ranges: hard-start, hard-stop, hard-difference,
 * hard-band. */
void gst_dmix_hard_ranges_set (const GstDmixHardRanges *self, GstStructure *s);

G_END_DECLS

#endif
