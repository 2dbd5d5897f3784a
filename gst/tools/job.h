/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What to do, as plain data: made from the command line, a session file or a
 * row of a batch, and executed by dmix_commands. */
#pragma once

#include "tools/error.h"

typedef enum
{
  DMIX_ROLE_DIALOGUE,   /* is understood */
  DMIX_ROLE_BACKGROUND, /* makes room: background, music, ambience, effects */
} DmixRole;

/* One file with its part in the mix. */
typedef struct
{
  DmixRole role;
  gchar *name; /* as on the command line with its number: "music_0" */
  gchar *path;
  gint64 at_ns; /* where it begins in the mix; negative: its start is cut */
  gchar *track; /* language or number (from 1) of the sound track, or NULL */
} DmixInput;

typedef struct
{
  const gchar *command; /* "mix", "remix", ... */
  GPtrArray *inputs;    /* of DmixInput */
  gchar *video;         /* remix: the film */
  gchar *output;        /* or NULL, where the command writes none */

  gchar *preset;       /* of the main element, or NULL */
  GPtrArray *settings; /* of gchar *: "target=10", "dialogue_0::denoise=9" */

  gdouble loudness; /* LUFS to reach in two passes, NAN: leave it */
  gdouble ceiling;  /* highest true peak, dBTP */
  gchar *layout;    /* of the output, or NULL: that of the background */
  gint rate;        /* of the output, Hz, 0: from the inputs */
  gchar *codec;     /* or NULL: by the container */
  gint bitrate;     /* bit/s, 0: by codec and channels */

  gchar *track;         /* remix: which sound track, language or number */
  gboolean add;         /* remix: a further track instead of a replacement */
  gboolean drop_others; /* remix: without the other sound tracks */
  gchar *title;         /* remix: of the new track, or NULL */

  gboolean duck;        /* meter: the stems behind the ducker */
  gboolean lines;       /* meter: a line a second */
  gboolean live;        /* meter: in real time, through the loudspeaker */
  gchar *specification; /* meter, analyse: delivery specification, or NULL */
  gchar *report;        /* path of the report, or NULL */
} DmixJob;

DmixJob *dmix_job_new (const gchar *command);
void dmix_job_free (DmixJob *job);

/* Takes the strings. The name becomes ROLE_N with N counted for each role. */
void dmix_job_add_input (DmixJob *job, const gchar *role, gchar *path,
    gint64 at_ns, gchar *track);

/* All files that are read, NULL-terminated; free the array, not the names. */
const gchar **dmix_job_inputs (const DmixJob *job);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DmixJob, dmix_job_free)
