/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The mix of a job: its files, decoded, ducked, levelled and limited. */
#pragma once

#include "tools/job.h"
#include "tools/mixplan.h"
#include "tools/runner.h"

/* What was measured of the mix that was written. */
typedef struct
{
  gdouble difference; /* LU while somebody speaks; NAN: too little speech */
  gdouble deepest;    /* dB, largest ducking (negative) */
  gdouble ducked_s;   /* s with more than 1 dB of ducking */
  gdouble loudness;   /* LUFS, integrated */
  gdouble range;      /* LU */
  gdouble true_peak;  /* dBTP */
  gdouble gain;       /* dB, of --loudness; 0 without */
  gdouble limiter;    /* dB, deepest gain of the limiter; 0: never */
  guint64 frames;     /* written */
  gdouble took_s;     /* s of real time */
} DmixResult;

/* FALSE and an error without a dialogue or without a background. */
gboolean dmix_mix_check_roles (const DmixJob *job, GError **error);

/* Links all files, each with its own steps, to pads of a dmixducker that is in
 * the pipeline. */
gboolean dmix_mix_add_sources (const DmixJob *job, const DmixPlan *plan,
    GstElement *pipeline, GstElement *ducker, GError **error);

/* Tells a report (or NULL) of the files and of the time they begin at. */
void dmix_mix_list_files (const DmixPlan *plan, DmixReport *report);

/* One pass, or with a loudness two: everything ends in `sink` (taken), which
 * gets F32 in the format of the plan. */
gboolean dmix_mix_play (const DmixJob *job, const DmixPlan *plan,
    DmixContext *context, GstElement *sink, DmixResult *result, GError **error);

/* Prints the figures, or with --json posts them as "done". */
void dmix_mix_show (const DmixJob *job, const DmixPlan *plan,
    DmixContext *context, const DmixResult *result);

/* Mixes into a sound file; the caller has checked the inputs. */
gboolean dmix_mix_to_file (const DmixJob *job, DmixContext *context,
    GError **error);

/* The command. */
gboolean dmix_mix (const DmixJob *job, DmixContext *context, GError **error);
