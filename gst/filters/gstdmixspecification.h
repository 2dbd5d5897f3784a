/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Delivery specifications: limits of loudness, dialogue and true peak, and the
 * verdict of dmixmeter. */
#ifndef GST_DMIX_SPECIFICATION_H
#define GST_DMIX_SPECIFICATION_H

#include <gst/gst.h>

#include "meter/loudness.h"

G_BEGIN_DECLS

typedef enum
{
  GST_DMIX_METER_R128,
  GST_DMIX_METER_A85,
  GST_DMIX_METER_NETFLIX,
  GST_DMIX_METER_STREAMING,
  GST_DMIX_METER_PODCAST,
  GST_DMIX_METER_R128_S1,
  GST_DMIX_METER_R128_S4,
  GST_DMIX_METER_A85_ANCHOR,
  GST_DMIX_METER_TD1008,
  GST_DMIX_METER_SPECIFICATIONS
} GstDmixMeterSpecification;

GType gst_dmix_meter_specification_get_type (void);

/* What a programme is judged by. */
typedef struct
{
  DmixLoudnessReading loudness;
  gdouble true_peak_dbtp; /* of all channels */
  /* FALSE: the dialogue is not measured; rules for dialogue then apply to the
   * whole sound, which has to be the dialogue stem. */
  gboolean with_dialogue;
  DmixDialogueReading dialogue;
} GstDmixProgramme;

/* Sets the fields "specification" (its name), "verdict" (pass, fail,
 * none) and "verdict-text" (each limit that is not met, and what to change by
 * how much) of a message. */
void gst_dmix_specification_judge (gint specification,
    const GstDmixProgramme *programme, GstStructure *message);

G_END_DECLS

#endif
