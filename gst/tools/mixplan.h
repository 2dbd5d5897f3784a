/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What a mix is made of: its files, looked into, and the format they lead to. */
#pragma once

#include "tools/job.h"
#include "tools/probe.h"

/* One file of the mix, looked into. */
typedef struct
{
  const DmixInput *input; /* NULL: the film of a remix */
  const gchar *name;      /* for settings: "dialogue_0", "film" */
  DmixProbe *probe;
  const DmixStream *stream;
  GstAudioInfo format; /* of its decoder */
  GstClockTime offset; /* later by so much, ns of running time */
} DmixPart;

typedef struct
{
  GPtrArray *parts;      /* of DmixPart; the film first */
  GstAudioInfo format;   /* of the mix */
  GstClockTime duration; /* of the longest part, or NONE */
  GstClockTime zero;     /* running time of the first picture; else 0 */
} DmixPlan;

/* Looks into all files; NULL and an error where one cannot be used. */
DmixPlan *dmix_plan_new (const DmixJob *job, GError **error);
void dmix_plan_free (DmixPlan *plan);

/* Makes room for the dialogue; the film does, too. */
gboolean dmix_part_is_background (const DmixPart *part);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DmixPlan, dmix_plan_free)
